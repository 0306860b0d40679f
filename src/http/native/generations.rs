//! DELETE /generations/{id}: stop what is being painted.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::http::App;
use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::message;

kinds!(NoSuchGeneration: UnknownGeneration);

/// Cancel a generation
///
/// The id comes with the first event of a stream and in its `x-atelier-id` header, and it can't be
/// guessed: anybody who has it may stop the work. The caller who waits for the images learns that it was
/// cancelled, by an `error` event or by status 410. What is being computed for other requests goes
/// on. Closing the stream has the same effect.
#[utoipa::path(
    delete,
    path = "/generations/{id}",
    tag = "images",
    params(("id" = String, Path, description = "The generation's id.", example = "6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55")),
    responses(
        (status = 204, description = "It is being stopped."),
        Problems<NoSuchGeneration>,
    )
)]
pub(in crate::http) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    if app.studio().cancel(&id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let detail = message!("no generation {id} is under way", id);
    Err(Problem::new(Kind::UnknownGeneration, detail))
}
