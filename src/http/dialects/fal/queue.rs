//! The queue: submitting, asking, fetching and cancelling.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::FalError;
use super::input::{Arguments, Images, draft};
use crate::http::App;
use crate::http::dialects::shared::{
    DialectBody, ModelPath, WithSettings, accepted, cancelled, fault, found, problem_of,
};
use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::http::native::jobs::{Asked, Deferred, Submitting};
use crate::http::plumbing::base::base;
use crate::http::plumbing::observe::RequestId;
use crate::jobs::State as JobState;
use crate::language::{Language, Message};
use crate::message;

kinds!(
    /// What keeps a request from being shown.
    Showing: MissingKey, KeyNotEnough, UnknownJob, JobGone, Cancelled, InvalidField, Internal, BrokenModel,
    OutOfMemory, DeadlinePassed, NoImage
);

/// Who should be told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Told {
    /// Not sent in this dialect; `POST /jobs?webhook=…` has them.
    fal_webhook: Option<String>,
}

/// A request in an address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RequestPath {
    /// As it was submitted to.
    #[serde(rename = "owner")]
    _owner: String,
    /// As it was submitted to.
    #[serde(rename = "name")]
    _name: String,
    /// The request's id.
    id: String,
}

/// A request that was queued.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalQueued)]
pub(super) struct Queued {
    /// Its id, which is the job's.
    request_id: String,
    /// Where its result will be.
    response_url: String,
    /// Where to ask how far it is.
    status_url: String,
    /// Where it is cancelled.
    cancel_url: String,
    /// Jobs that are begun before it.
    queue_position: usize,
    /// `IN_QUEUE`.
    status: &'static str,
}

/// How far a request is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalStatus)]
pub(super) struct Status {
    /// `IN_QUEUE`, `IN_PROGRESS` or `COMPLETED`.
    #[schema(example = "IN_QUEUE")]
    status: &'static str,
    /// The request's id.
    request_id: String,
    /// Jobs that are begun before it.
    queue_position: usize,
    /// What the caller should know, and how far it is.
    logs: Vec<Log>,
    /// How long it took, once it is over.
    metrics: Metrics,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
}

/// A line of a request's log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalLog)]
struct Log {
    /// The line.
    message: String,
}

/// How long a request took.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = FalMetrics)]
struct Metrics {
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    inference_time: Option<f64>,
}

/// Queue a request, in fal's dialect
///
/// It is a job, which can be asked for here and under `/jobs`.
#[utoipa::path(
    post,
    path = "/fal/queue/{owner}/{name}",
    tag = "fal",
    params(
        ModelPath,
        Told,
    ),
    request_body = WithSettings<Arguments>,
    responses(
        (status = 200, description = "It is queued.", body = Queued),
        Problems<Submitting, FalError>,
    )
)]
pub(super) async fn submit(
    State(app): State<App>,
    Path(ModelPath { owner, name }): Path<ModelPath>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    parts: Parts,
    body: DialectBody<Arguments>,
) -> Result<Json<Queued>, Problem> {
    let told = Query::<Told>::try_from_uri(&parts.uri)
        .map_err(|error| Problem::field("", Message::parsed(error.body_text())))?;
    if told.fal_webhook.is_some() {
        let detail = message!("nobody is told of the end here; leave it out, and ask");
        return Err(Problem::field("fal_webhook", detail));
    }
    let asked = Asked::new(Deferred::of(&parts.headers)?, language, request_id);
    let builder = draft(&app, (&owner, &name), body).await?;
    let job = accepted(&app, builder, asked).await?;
    let base = base(&app, &parts.headers);
    let url = format!("{base}/fal/queue/{owner}/{name}/requests/{}", job.id);
    Ok(Json(Queued {
        request_id: job.id.to_string(),
        status_url: format!("{url}/status"),
        cancel_url: format!("{url}/cancel"),
        response_url: url,
        queue_position: job.outlook.map_or(0, |outlook| outlook.position),
        status: "IN_QUEUE",
    }))
}

/// Ask how far a request is, in fal's dialect
///
/// One that failed or was cancelled is `COMPLETED`, with an `error`.
#[utoipa::path(
    get,
    path = "/fal/queue/{owner}/{name}/requests/{id}/status",
    tag = "fal",
    params(RequestPath),
    responses(
        (status = 200, description = "How far it is.", body = Status),
        Problems<Showing, FalError>,
    )
)]
pub(super) async fn status(
    State(app): State<App>,
    Path(RequestPath { id, .. }): Path<RequestPath>,
) -> Result<Json<Status>, Problem> {
    let job = found(&app, &id).await?;
    let took = job.started.zip(job.ended);
    let took = took.and_then(|(started, ended)| ended.duration_since(started).ok());
    let mut logs = job.warnings.clone();
    let progress = job.outlook.as_ref().and_then(|outlook| outlook.progress);
    logs.extend(progress.map(|(done, of)| format!("{done}/{of}")));
    Ok(Json(Status {
        status: match job.state {
            JobState::Queued => "IN_QUEUE",
            JobState::Running => "IN_PROGRESS",
            _ => "COMPLETED",
        },
        queue_position: job.outlook.as_ref().map_or(0, |outlook| outlook.position),
        logs: logs.into_iter().map(|message| Log { message }).collect(),
        metrics: Metrics {
            inference_time: took.map(|took| took.as_secs_f64()),
        },
        error: match job.state {
            JobState::Failed => fault(&job),
            JobState::Cancelled => Some("cancelled".to_owned()),
            _ => None,
        },
        request_id: id,
    }))
}

/// Fetch a request's result, in fal's dialect
///
/// Images come as `data:` addresses. While the request is under way the answer is 422.
#[utoipa::path(
    get,
    path = "/fal/queue/{owner}/{name}/requests/{id}",
    tag = "fal",
    params(RequestPath),
    responses(
        (status = 200, description = "The images.", body = Images),
        Problems<Showing, FalError>,
    )
)]
pub(super) async fn result(
    State(app): State<App>,
    Path(RequestPath { id, .. }): Path<RequestPath>,
) -> Result<Response, Problem> {
    let job = found(&app, &id).await?;
    match job.state {
        JobState::Succeeded => Images::written(&app, &job).await,
        JobState::Failed => Err(problem_of(&job)),
        JobState::Cancelled => {
            let detail = message!("the generation was cancelled");
            Err(Problem::new(Kind::Cancelled, detail))
        }
        JobState::Queued | JobState::Running => {
            let detail = message!("the job {id} is still under way", id);
            Err(Problem::field("", detail))
        }
    }
}

/// Cancel a request, in fal's dialect
///
/// One that is over stays as it is.
#[utoipa::path(
    put,
    path = "/fal/queue/{owner}/{name}/requests/{id}/cancel",
    tag = "fal",
    params(RequestPath),
    responses(
        (status = 202, description = "It is cancelled, unless it was over.", body = CancelAnswer),
        Problems<Showing, FalError>,
    )
)]
pub(super) async fn cancel(
    State(app): State<App>,
    Path(RequestPath { id, .. }): Path<RequestPath>,
) -> Result<(StatusCode, Json<CancelAnswer>), Problem> {
    let job = cancelled(&app, &id).await?;
    let status = match job.state {
        JobState::Cancelled => "CANCELLATION_REQUESTED",
        _ => "ALREADY_COMPLETED",
    };
    Ok((StatusCode::ACCEPTED, Json(CancelAnswer { status })))
}

/// What became of a cancellation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalCancelled)]
pub(super) struct CancelAnswer {
    /// `CANCELLATION_REQUESTED` or `ALREADY_COMPLETED`.
    status: &'static str,
}
