//! POST /v1/images/edits: an image, painted anew in whole or under a mask.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::ImagesAnswer;
use super::error::PaintProblems;
use super::files::Files;
use super::form::{EditForm, FormOrJson};
use super::request::ImagesWire;
use super::stream::EventStream;
use super::{Route, paint};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::address::Deployment;
use crate::http::plumbing::observe::RequestId;

/// Edit an image, in OpenAI's dialect
///
/// Where the mask is transparent, the image is regenerated; in a mask without a transparent pixel,
/// where it is white, and `warnings` says so. Without a mask the image's own transparency is one,
/// and an opaque image is changed as a whole, by as much as `strength` says. A model that generates from the top down,
/// pixel after pixel, takes masks that keep the upper rows.
#[utoipa::path(
    post,
    path = "/v1/images/edits",
    tag = "openai",
    request_body(content(
        (EditForm = "multipart/form-data"),
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
pub(super) async fn edits(
    State(app): State<App>,
    Extension(files): Extension<Arc<Files>>,
    Extension(id): Extension<RequestId>,
    deployment: Option<Extension<Deployment>>,
    headers: HeaderMap,
    FormOrJson(request): FormOrJson,
) -> Result<Response, Problem> {
    let request = request.at(deployment);
    paint(&app, &files, id, &headers, Route::Edits, request).await
}
