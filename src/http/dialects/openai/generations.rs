//! POST /v1/images/generations: images from words.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::ImagesAnswer;
use super::error::PaintProblems;
use super::files::Files;
use super::request::{ImagesRequest, ImagesWire};
use super::stream::EventStream;
use super::{Route, paint};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::address::Deployment;
use crate::http::plumbing::observe::RequestId;

/// Generate images, in OpenAI's dialect
///
/// Beside the API's own fields it takes what models here take: `seed`, `class`, `steps`,
/// `guidance_scale` and so on, at the top level (`extra_body` in the official clients). Each
/// image's `seed` generates it again.
#[utoipa::path(
    post,
    path = "/v1/images/generations",
    tag = "openai",
    request_body(
        content = ImagesWire,
        examples(
            ("1-plain" = (
                summary = "A seven",
                value = json!({"model": "digits-gan", "prompt": "seven"}),
            )),
            ("2-extensions" = (
                summary = "Two sevens that can be had again, as JPEG files behind links",
                value = json!({
                    "model": "digits-gan", "prompt": "seven", "n": 2, "seed": 7, "best_of": 8,
                    "output_format": "jpeg", "output_compression": 80, "response_format": "url",
                }),
            )),
        ),
    ),
    responses(
        (
            status = 200,
            description = "The images; with `stream`, events.",
            content((ImagesAnswer = "application/json"), (EventStream = "text/event-stream")),
        ),
        PaintProblems,
    )
)]
pub(super) async fn generations(
    State(app): State<App>,
    Extension(files): Extension<Arc<Files>>,
    Extension(id): Extension<RequestId>,
    deployment: Option<Extension<Deployment>>,
    headers: HeaderMap,
    request: ImagesRequest,
) -> Result<Response, Problem> {
    let request = request.at(deployment);
    paint(&app, &files, id, &headers, Route::Generations, request).await
}
