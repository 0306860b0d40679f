//! What the dialects share whose requests are answered later: they are jobs.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::time::timeout;
use utoipa::IntoParams;

use super::DraftBuilder;
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::http::native::jobs::{Asked, Question, accept_one, missing};
use crate::jobs::{Job, JobId, Seen};
use crate::language::Message;
use crate::service::{ModelState, Studio};

/// The model in an address: one that goes by all of it, or by the name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct ModelPath {
    /// Anything, or the first part of an alias.
    #[param(example = "any")]
    pub(in crate::http) owner: String,
    /// The model's id.
    #[param(example = "digits-gan")]
    pub(in crate::http) name: String,
}

/// Makes a job of a draft.
pub(in crate::http) async fn accepted(
    app: &App,
    mut builder: DraftBuilder,
    asked: Asked,
) -> Result<Job, Problem> {
    let question = Question::Generate(Box::new(builder.finished()));
    let asked = Asked {
        warnings: std::mem::take(&mut builder.warnings),
        ..asked
    };
    let submitted = accept_one(app, question, asked).await;
    let submitted = submitted.map_err(|problem| builder.names.rename(problem))?;
    let job = submitted.jobs.into_iter().next();
    job.ok_or_else(|| Problem::internal("a submission without jobs"))
}

/// A job of the caller.
pub(in crate::http) async fn found(app: &App, id: &str) -> Result<Job, Problem> {
    let id = JobId::from(id);
    let job = app.jobs().find(&id).await;
    job.map_err(|error| missing(&id, &error))
}

/// The job once it is over, or as it is when patience ends.
pub(in crate::http) async fn awaited(
    app: &App,
    id: &str,
    patience: Duration,
) -> Result<Job, Problem> {
    let id = JobId::from(id);
    let to_the_end = async {
        let mut follower = app.jobs().follow(&id, Seen::Until(0)).await?;
        while follower.next().await?.is_some() {}
        Ok(())
    };
    if let Ok(ended) = timeout(patience, to_the_end).await {
        ended.map_err(|error| missing(&id, &error))?;
    }
    found(app, id.as_str()).await
}

/// Cancels a job that isn't over; one that is, stays.
pub(in crate::http) async fn cancelled(app: &App, id: &str) -> Result<Job, Problem> {
    let job = found(app, id).await?;
    if job.state.is_over() {
        return Ok(job);
    }
    let id = JobId::from(id);
    let cancelled = app.jobs().cancel(&id).await;
    cancelled.map_err(|error| missing(&id, &error))?;
    found(app, id.as_str()).await
}

/// A file as its own address.
pub(in crate::http) fn data_url(media_type: &str, file: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(file))
}

/// A job's files as `data:` addresses, which clients read without asking again.
pub(in crate::http) async fn data_urls(app: &App, job: &Job) -> Result<Vec<String>, Problem> {
    let mut urls = Vec::with_capacity(job.files.len());
    for at in 0..job.files.len() {
        let file = app.jobs().file(&job.id, at).await;
        let file = file.map_err(|error| missing(&job.id, &error))?;
        // Megabytes of base64 take longer than an async thread should be held.
        let url = tokio::task::spawn_blocking(move || data_url(&file.media_type, &file.bytes));
        urls.push(url.await.unwrap_or_default());
    }
    Ok(urls)
}

/// What went wrong with a job, as its problem says.
pub(in crate::http) fn fault(job: &Job) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_slice(job.answer.as_deref()?).ok()?;
    Some(problem.get("detail")?.as_str()?.to_owned())
}

/// The same with its status and its field: what the route itself would have answered.
pub(in crate::http) fn problem_of(job: &Job) -> Problem {
    stored_problem(job.answer.as_deref().unwrap_or_default())
}

fn stored_problem(json: &[u8]) -> Problem {
    #[derive(Deserialize)]
    struct Stored {
        #[serde(rename = "type")]
        kind: String,
        detail: String,
        field: Option<String>,
    }
    let Ok(stored) = serde_json::from_slice::<Stored>(json) else {
        return Problem::internal("a job that failed without a problem");
    };
    let mut kinds = Kind::ALL.iter().copied();
    let kind = kinds.find(|kind| kind.uri() == stored.kind);
    let problem = Problem::new(
        kind.unwrap_or(Kind::Internal),
        Message::foreign(stored.detail),
    );
    Problem {
        field: stored.field,
        ..problem
    }
}

/// The model of an address `owner/name`: one that goes by all of it, or by the name.
pub(in crate::http) fn model_of(studio: &Studio, owner: &str, name: &str) -> String {
    let whole = format!("{owner}/{name}");
    let is_known = studio.model(&whole).is_some() || studio.aliases().contains_key(&whole);
    if is_known { whole } else { name.to_owned() }
}

/// The model of a version, by its digest or its id.
pub(in crate::http) fn model_of_version(studio: &Studio, version: &str) -> String {
    let models = studio.models();
    let sound = models.iter().filter_map(ModelState::sound);
    let found = sound
        .into_iter()
        .find(|model| version_of(model.digest()) == version);
    found.map_or_else(|| version.to_owned(), |model| model.id().to_owned())
}

/// A digest without the name of its hash.
pub(in crate::http) fn version_of(digest: &str) -> &str {
    digest.rsplit(':').next().unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_problem_is_what_the_route_would_have_answered() {
        let stored = r#"{"type": "/problems/deadline-passed", "title": "…", "status": 504,
            "detail": "the deadline of 9 ms passed", "field": "deadline_ms", "request_id": "r"}"#;
        let problem = stored_problem(stored.as_bytes());
        assert_eq!(problem.kind, Kind::DeadlinePassed);
        assert_eq!(problem.field.as_deref(), Some("deadline_ms"));
        assert_eq!(problem.detail, "the deadline of 9 ms passed");
        assert_eq!(stored_problem(b"").kind, Kind::Internal);
    }
}
