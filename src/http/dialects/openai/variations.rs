//! POST /v1/images/variations: images that are like a given one.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::ImagesAnswer;
use super::error::PaintProblems;
use super::files::Files;
use super::form::{FormOrJson, VariationForm};
use super::request::ImagesWire;
use super::stream::EventStream;
use super::{Route, paint};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::address::Deployment;
use crate::http::plumbing::observe::RequestId;

/// Vary an image, in OpenAI's dialect
///
/// The image is changed by as much as `strength` says.
#[utoipa::path(
    post,
    path = "/v1/images/variations",
    tag = "openai",
    request_body(content(
        (VariationForm = "multipart/form-data"),
        (ImagesWire = "application/json"),
    )),
    responses(
        (
            status = 200,
            description = "The images; with `stream`, events.",
            content((ImagesAnswer = "application/json"), (EventStream = "text/event-stream")),
        ),
        PaintProblems,
    )
)]
pub(super) async fn variations(
    State(app): State<App>,
    Extension(files): Extension<Arc<Files>>,
    Extension(id): Extension<RequestId>,
    deployment: Option<Extension<Deployment>>,
    headers: HeaderMap,
    FormOrJson(request): FormOrJson,
) -> Result<Response, Problem> {
    let request = request.at(deployment);
    paint(&app, &files, id, &headers, Route::Variations, request).await
}
