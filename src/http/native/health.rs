//! GET /livez and /readyz: for what starts, stops and balances the process.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::service::ModelState;

/// The state of the process.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Health {
    status: Status,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "the server is shutting down")]
    reason: Option<&'static str>,
    /// Models that are still to be loaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["emoji-diffusion", "painter"]))]
    loading: Vec<String>,
    /// Seconds until all of them should be loaded, at the pace so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 4)]
    ready_in_s: Option<u64>,
    /// Models that serve.
    #[schema(example = 3)]
    models: usize,
    /// Models that are in the repository and can't serve; `GET /models` says why.
    #[schema(example = 0)]
    broken_models: usize,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
enum Status {
    /// The process runs.
    Live,
    /// It takes requests.
    Ready,
    /// Some of its models are still to be loaded.
    Loading,
    /// It is shutting down.
    Draining,
    /// None of its models serves.
    NoModels,
    /// A graph call makes no progress.
    Wedged,
}

impl Health {
    fn of(app: &App, status: Status, reason: Option<&'static str>) -> Json<Self> {
        let (mut models, mut broken_models) = (0, 0);
        for model in &*app.studio().models() {
            match model {
                ModelState::Sound(_) => models += 1,
                ModelState::Loading { .. } => {}
                ModelState::Broken { .. } => broken_models += 1,
            }
        }
        let progress = app.studio().loading();
        Json(Self {
            status,
            reason,
            ready_in_s: progress.as_ref().map(|progress| progress.left.as_secs()),
            loading: progress.map_or_else(Vec::new, |progress| progress.waiting),
            models,
            broken_models,
        })
    }
}

/// Is the process alive?
///
/// Answers as long as the process can answer at all, also while it drains and however busy it is. 503
/// says that a graph call has run on for minutes after everybody who might wait for it was gone: restart
/// it if this fails.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "server",
    responses(
        (status = 200, description = "It is.", body = Health),
        (status = 503, description = "A graph call makes no progress.", body = Health),
    )
)]
pub(in crate::http) async fn live(State(app): State<App>) -> (StatusCode, Json<Health>) {
    if app.studio().is_wedged() {
        let reason = "a graph call makes no progress";
        let body = Health::of(&app, Status::Wedged, Some(reason));
        return (StatusCode::SERVICE_UNAVAILABLE, body);
    }
    (StatusCode::OK, Health::of(&app, Status::Live, None))
}

/// Does the process take requests?
///
/// Send it no more while this is not 200: not before every model was loaded and proved, and not once it
/// drains. A model that is loaded serves while others still load.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "server",
    responses(
        (status = 200, description = "It does.", body = Health),
        (status = 503, description = "It still loads models, is shutting down, or has no model that serves.", body = Health),
    )
)]
pub(in crate::http) async fn ready(State(app): State<App>) -> (StatusCode, Json<Health>) {
    if app.studio().is_ready() {
        return (StatusCode::OK, Health::of(&app, Status::Ready, None));
    }
    let body = if app.studio().loading().is_some() && !app.studio().is_leaving() {
        let reason = "models are still being loaded; those that are loaded serve";
        Health::of(&app, Status::Loading, Some(reason))
    } else if app.studio().default_model().is_none() {
        let reason = "no model serves; GET /models says why";
        Health::of(&app, Status::NoModels, Some(reason))
    } else {
        let reason = "the server is shutting down";
        Health::of(&app, Status::Draining, Some(reason))
    };
    (StatusCode::SERVICE_UNAVAILABLE, body)
}
