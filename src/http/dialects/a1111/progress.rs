//! GET /sdapi/v1/progress, POST /sdapi/v1/interrupt and /skip: the caller's own work.

use axum::Json;
use axum::extract::{Extension, Query, State as Shared};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::error::A1111Error;
use super::jobs::{Caller, Task};
use super::state::State;
use crate::http::App;
use crate::http::error::{Problem, Problems, kinds};
use crate::http::wire::Base64Text;
use crate::message;

kinds!(WrongQuery: InvalidField);

/// How far the caller's oldest request is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Progress)]
pub(super) struct ProgressAnswer {
    /// From 0 to 1; 0 where nothing is being generated.
    #[schema(minimum = 0, maximum = 1)]
    progress: f64,
    /// Seconds that it should still take.
    eta_relative: f64,
    state: StateAnswer,
    /// The last image that was finished, in base64.
    #[schema(value_type = Option<String>)]
    current_image: Option<Base64Text>,
    /// Always null.
    textinfo: Option<String>,
    /// The client's own id of it (`force_task_id`), where it gave one.
    current_task: Option<String>,
}

/// The same in detail.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = A1111State)]
struct StateAnswer {
    skipped: bool,
    interrupted: bool,
    /// Always false.
    stopping_generation: bool,
    /// The generation's id; empty where nothing is being generated.
    job: String,
    /// Images in all.
    job_count: usize,
    /// Always "0".
    job_timestamp: &'static str,
    /// Images that are finished.
    job_no: usize,
    sampling_step: usize,
    sampling_steps: usize,
}

/// What may stand in the address.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct ProgressQuery {
    /// `true` leaves `current_image` out.
    #[param(required = false)]
    skip_current_image: bool,
    /// The request that was sent with this `force_task_id`, and not the oldest.
    #[param(required = false, example = "task(0ab1c2)")]
    id_task: String,
}

/// Whether the address asks for no image; scripts write `True`, too.
fn skips_image(fields: &[(String, String)]) -> Result<bool, Problem> {
    let field = "skip_current_image";
    let said = fields.iter().rfind(|(name, _)| name == field);
    match said.map(|(_, value)| value.to_ascii_lowercase()).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => {
            let message = message!("found {found}; expected true or false", found = ?other);
            Err(Problem::field(field, message))
        }
    }
}

/// Ask how far the images are
///
/// It tells of the caller's own requests to `txt2img` and `img2img` (those with the same key, or where
/// there are no keys, from the same address with the same `Authorization`): of the oldest, or of the one with that
/// `id_task`.
#[utoipa::path(
    get,
    path = "/sdapi/v1/progress",
    operation_id = "a1111_progress",
    tag = "a1111",
    params(ProgressQuery),
    responses(
        (status = 200, description = "How far they are.", body = ProgressAnswer),
        Problems<WrongQuery, A1111Error>,
    )
)]
pub(super) async fn progress(
    Extension(state): Extension<State>,
    Query(fields): Query<Vec<(String, String)>>,
    caller: Caller,
) -> Result<Json<ProgressAnswer>, Problem> {
    let skips_image = skips_image(&fields)?;
    let task = fields.iter().rfind(|(name, _)| name == "id_task");
    let job = match task.filter(|(_, id)| !id.is_empty()) {
        None => state.jobs().of(&caller),
        Some((_, id)) => match state.jobs().task(&caller, id) {
            Task::Running(job) => Some(job),
            Task::Over | Task::Unknown => None,
        },
    };
    let Some(job) = job else {
        return Ok(Json(ProgressAnswer {
            progress: 0.0,
            eta_relative: 0.0,
            state: StateAnswer {
                job_timestamp: "0",
                ..StateAnswer::default()
            },
            current_image: None,
            textinfo: None,
            current_task: None,
        }));
    };
    let (progress, left) = job.outlook();
    let now = job.state().clone();
    Ok(Json(ProgressAnswer {
        progress,
        eta_relative: left,
        current_image: now
            .last
            .filter(|_| !skips_image)
            .map(|file| Base64Text(file.to_vec())),
        state: StateAnswer {
            skipped: now.skipped,
            interrupted: now.interrupted,
            stopping_generation: false,
            job: job.id.clone(),
            job_count: job.count,
            job_timestamp: "0",
            job_no: now.finished.min(job.count),
            sampling_step: now.step,
            sampling_steps: now.of,
        },
        textinfo: None,
        current_task: job.task.clone(),
    }))
}

/// Stop generating
///
/// Stops the caller's oldest request, which is answered with the images that are finished.
#[utoipa::path(
    post,
    path = "/sdapi/v1/interrupt",
    operation_id = "a1111_interrupt",
    tag = "a1111",
    responses((status = 200, description = "It is being stopped, if there was one.", body = Object))
)]
pub(super) async fn interrupt(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    caller: Caller,
) -> Json<Value> {
    if let Some(job) = state.jobs().of(&caller) {
        job.state().interrupted = true;
        // It may have ended by itself in between, which is as well.
        let _stopped = app.studio().cancel(&job.current());
    }
    Json(json!({}))
}

/// Skip the image in progress
///
/// The images of a request are generated side by side here, so this stops all that are unfinished, as
/// `interrupt` does.
#[utoipa::path(
    post,
    path = "/sdapi/v1/skip",
    operation_id = "a1111_skip",
    tag = "a1111",
    responses((status = 200, description = "It is being stopped, if there was one."))
)]
pub(super) async fn skip(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    caller: Caller,
) -> Json<Value> {
    if let Some(job) = state.jobs().of(&caller) {
        job.state().skipped = true;
        // It may have ended by itself in between, which is as well.
        let _stopped = app.studio().cancel(&job.current());
    }
    Json(Value::Null)
}
