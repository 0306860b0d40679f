//! POST /v1/images/variations: pictures that are like a given one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::ImagesAnswer;
use super::form::{FormOrJson, ImagesForm};
use super::request::ImagesWire;
use super::{Route, paint};
use crate::http::App;
use crate::http::error::{OpenAiProblems, Problem};

/// Vary a picture, in OpenAI's dialect
///
/// The picture is painted anew by `strength`.
#[utoipa::path(
    post,
    path = "/v1/images/variations",
    tag = "openai",
    request_body(content(
        (ImagesForm = "multipart/form-data"),
        (ImagesWire = "application/json"),
    )),
    responses((status = 200, description = "The pictures.", body = ImagesAnswer), OpenAiProblems)
)]
pub(super) async fn variations(
    State(app): State<App>,
    headers: HeaderMap,
    FormOrJson(request): FormOrJson,
) -> Result<Response, Problem> {
    paint(&app, &headers, Route::Variations, request).await
}
