//! POST /sdapi/v1/interrogate: what no model here does.

use serde::Deserialize;
use utoipa::ToSchema;

use super::error::PaintProblems;
use crate::http::error::Problem;
use crate::http::plumbing::body::JsonBody;
use crate::message;

/// An image to describe.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111InterrogateRequest)]
pub(super) struct InterrogateRequest {
    /// The file in base64.
    #[serde(rename = "image")]
    _image: Option<String>,
    /// What is to describe it.
    #[schema(example = "clip")]
    model: Option<String>,
}

/// Describe an image in words
///
/// Always refused: no model here finds words for images.
#[utoipa::path(
    post,
    path = "/sdapi/v1/interrogate",
    operation_id = "a1111_interrogate",
    tag = "a1111",
    request_body = InterrogateRequest,
    responses(PaintProblems)
)]
pub(super) async fn interrogate(
    JsonBody(request): JsonBody<InterrogateRequest>,
) -> Result<(), Problem> {
    let model = request.model.unwrap_or_else(|| "clip".to_owned());
    let message = message!(
        "there is no {name}: no model here describes images in words",
        name = ?model
    );
    Err(Problem::field("model", message))
}
