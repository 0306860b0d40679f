//! POST /internal/progress: how far the task with an id of its client's is.
//!
//! The page of that program polls it, and so do clients that were made after the page.

use axum::Json;
use axum::extract::Extension;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::A1111Error;
use super::jobs::{Caller, Task};
use super::state::State;
use crate::http::dialects::shared::data_url;
use crate::http::error::{Problem, Problems, kinds};
use crate::http::plumbing::body::JsonBody;
use crate::http::wire::LooseFlag;
use crate::imaging::FileFormat;

kinds!(Reading: UnreadableBody, UnsupportedMedia, TooLarge, InvalidField);

/// Which task is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111TaskProgressRequest)]
pub(super) struct TaskProgressRequest {
    /// The `force_task_id` that it was sent with.
    #[schema(example = "task(0ab1c2)")]
    id_task: Option<String>,
    /// The number of the image that the client has: only a newer one is sent.
    #[serde(default)]
    #[schema(example = -1)]
    id_live_preview: Option<i64>,
    /// Whether an image is sent at all.
    #[serde(default)]
    #[schema(value_type = serde_json::Value, required = false)]
    live_preview: Option<LooseFlag>,
}

/// How far a task is.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = A1111TaskProgress)]
pub(super) struct TaskProgressAnswer {
    /// Whether it is being generated.
    active: bool,
    /// Always false: what waits for a worker is being generated here.
    queued: bool,
    /// Whether it is over, whatever came of it.
    completed: bool,
    /// From 0 to 1; null where it isn't being generated.
    #[schema(minimum = 0, maximum = 1)]
    progress: Option<f64>,
    /// Seconds that it should still take.
    eta: Option<f64>,
    /// The last image that was finished, as a data URL.
    live_preview: Option<String>,
    /// That image's number.
    id_live_preview: Option<i64>,
    /// Always null.
    textinfo: Option<String>,
}

/// Ask how far a task is
///
/// It tells of the caller's own request with that `force_task_id`. All three flags are false for a task that never
/// was there, or that was over more than a thousand tasks of all callers ago.
#[utoipa::path(
    post,
    path = "/internal/progress",
    operation_id = "a1111_task_progress",
    tag = "a1111",
    request_body(content = TaskProgressRequest),
    responses(
        (status = 200, description = "How far it is.", body = TaskProgressAnswer),
        Problems<Reading, A1111Error>,
    )
)]
pub(super) async fn task_progress(
    Extension(state): Extension<State>,
    caller: Caller,
    JsonBody(request): JsonBody<TaskProgressRequest>,
) -> Result<Json<TaskProgressAnswer>, Problem> {
    let id = request.id_task.unwrap_or_default();
    let job = match state.jobs().task(&caller, &id) {
        Task::Running(job) => job,
        Task::Over => {
            return Ok(Json(TaskProgressAnswer {
                completed: true,
                ..TaskProgressAnswer::default()
            }));
        }
        Task::Unknown => return Ok(Json(TaskProgressAnswer::default())),
    };
    let (progress, left) = job.outlook();
    let (finished, last) = job.last();
    let newest = i64::try_from(finished).unwrap_or(i64::MAX);
    let known = request.id_live_preview.unwrap_or(-1);
    let is_wanted = request.live_preview != Some(LooseFlag(false)) && newest > known;
    let preview = match last.filter(|_| is_wanted) {
        None => None,
        // Megabytes of base64 take longer than an async thread should be held.
        Some(file) => tokio::task::spawn_blocking(move || address(&file))
            .await
            .unwrap_or_default(),
    };
    Ok(Json(TaskProgressAnswer {
        active: true,
        progress: Some(progress),
        eta: Some(left),
        id_live_preview: preview.as_ref().map(|_| newest).or(request.id_live_preview),
        live_preview: preview,
        ..TaskProgressAnswer::default()
    }))
}

/// A file as its own address, where it is one of an image.
fn address(file: &[u8]) -> Option<String> {
    let format = FileFormat::sniff(file)?;
    Some(data_url(format.media_type(), file))
}
