//! POST /fal/run/{owner}/{name}: a request whose caller waits.

use std::time::Duration;

use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::error::FalError;
use super::input::{Arguments, Images, draft};
use crate::http::App;
use crate::http::dialects::shared::{
    DialectBody, ModelPath, WithSettings, accepted, awaited, problem_of,
};
use crate::http::error::{Kind, Kinds, Problem, Problems};
use crate::http::native::jobs::{Asked, Deferred, Submitting};
use crate::http::plumbing::observe::RequestId;
use crate::jobs::{JobId, Jobs, State as JobState};
use crate::language::Language;
use crate::message;
use crate::service::Caller;

/// What keeps a request from being answered with images.
pub(in crate::http) struct Running;

impl Kinds for Running {
    fn kinds() -> Vec<Kind> {
        let mut kinds = Submitting::kinds();
        kinds.extend([
            Kind::Cancelled,
            Kind::OutOfMemory,
            Kind::DeadlinePassed,
            Kind::NoImage,
        ]);
        kinds
    }
}

/// Run a request, in fal's dialect
///
/// It is a job whose end the answer waits for, as long as a request may take here; after that, or when the caller
/// hangs up, it is cancelled.
#[utoipa::path(
    post,
    path = "/fal/run/{owner}/{name}",
    tag = "fal",
    params(
        ModelPath,
    ),
    request_body = WithSettings<Arguments>,
    responses(
        (status = 200, description = "The images.", body = Images),
        Problems<Running, FalError>,
    )
)]
pub(super) async fn run(
    State(app): State<App>,
    Path(ModelPath { owner, name }): Path<ModelPath>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    body: DialectBody<Arguments>,
) -> Result<Response, Problem> {
    let asked = Asked::new(Deferred::of(&headers)?, language, request_id);
    let builder = draft(&app, (&owner, &name), body).await?;
    let job = accepted(&app, builder, asked).await?;
    let patience: Duration = app.studio().limits().deadline;
    let mut guard = Abandoned::new(&app, &job.id);
    let job = awaited(&app, job.id.as_str(), patience).await?;
    if job.state.is_over() {
        guard.is_over = true;
    }
    match job.state {
        JobState::Succeeded => Images::written(&app, &job).await,
        JobState::Failed => Err(problem_of(&job)),
        JobState::Cancelled => {
            let detail = message!("the generation was cancelled");
            Err(Problem::new(Kind::Cancelled, detail))
        }
        JobState::Queued | JobState::Running => {
            let detail = message!(
                "the deadline of {deadline} ms passed",
                deadline = patience.as_millis()
            );
            Err(Problem::new(Kind::DeadlinePassed, detail))
        }
    }
}

/// Cancels a job that nobody waits for any more: its caller has hung up, or was told that it took too long.
struct Abandoned {
    jobs: Jobs,
    id: JobId,
    caller: Caller,
    is_over: bool,
}

impl Abandoned {
    fn new(app: &App, id: &JobId) -> Self {
        Self {
            jobs: app.jobs().clone(),
            id: id.clone(),
            caller: Caller::current(),
            is_over: false,
        }
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (jobs, id) = (self.jobs.clone(), self.id.clone());
        // Beside the request, whose own task ends here.
        tokio::spawn(self.caller.clone().scope(async move {
            // One that has ended meanwhile is there to be asked for, as all are.
            if jobs.find(&id).await.is_ok_and(|job| !job.state.is_over()) {
                let _gone = jobs.cancel(&id).await;
            }
        }));
    }
}
