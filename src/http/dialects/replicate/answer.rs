//! A prediction as JSON.

use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::dialects::shared::{data_urls, fault};
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::base::base;
use crate::http::plumbing::time::rfc3339;
use crate::jobs::{Job, State};

/// Bytes of a prediction beside its images.
const BYTES: usize = 8 << 10;

/// What a prediction says that a job doesn't know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) model: String,
    pub(super) version: String,
    pub(super) input: Map<String, Value>,
}

/// A prediction.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplicatePrediction)]
pub(super) struct Prediction {
    /// Its id, which is the job's.
    id: String,
    /// The model, as it was asked for.
    #[schema(example = "any/digits-gan")]
    model: String,
    /// The model's digest.
    version: String,
    /// What was asked for, without files.
    #[schema(value_type = Object)]
    input: Map<String, Value>,
    /// `starting`, `processing`, `succeeded`, `failed` or `canceled`.
    #[schema(example = "starting")]
    status: &'static str,
    /// The images, as `data:` addresses.
    output: Option<Vec<String>>,
    /// Why it failed.
    error: Option<String>,
    /// How far it is, and what the caller should know.
    logs: String,
    /// How long it took.
    metrics: Metrics,
    /// When it was created.
    created_at: String,
    /// When it was begun.
    started_at: Option<String>,
    /// When it was over.
    completed_at: Option<String>,
    /// Where to ask for it.
    urls: Urls,
}

/// How long a prediction took.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ReplicateMetrics)]
struct Metrics {
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    predict_time: Option<f64>,
}

/// Where a prediction is asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplicateUrls)]
struct Urls {
    /// As it stands.
    get: String,
    /// To cancel it.
    cancel: String,
}

/// Predictions, the latest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplicatePredictions)]
pub(super) struct Page {
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) results: Vec<Prediction>,
}

impl Prediction {
    /// With its images, if it has any, as an answer.
    pub(super) async fn written(
        app: &App,
        job: &Job,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let urls = data_urls(app, job).await?;
        let expected = urls.iter().map(String::len).sum::<usize>() + BYTES;
        let output = (job.state == State::Succeeded).then_some(urls);
        let prediction = Self {
            output,
            ..Self::of(job, &base(app, headers))
        };
        json(prediction, expected).await
    }

    /// Without its images.
    pub(super) fn of(job: &Job, base: &str) -> Self {
        let note = job.note.as_deref();
        let note: Option<Note> = note.and_then(|note| serde_json::from_str(note).ok());
        let note = note.unwrap_or_else(|| Note {
            model: job.model.clone(),
            version: String::new(),
            input: Map::new(),
        });
        let url = format!("{base}/replicate/v1/predictions/{}", job.id);
        let took = job.started.zip(job.ended);
        let took = took.and_then(|(started, ended)| ended.duration_since(started).ok());
        Self {
            id: job.id.to_string(),
            model: note.model,
            version: note.version,
            input: note.input,
            status: match job.state {
                State::Queued => "starting",
                State::Running => "processing",
                State::Succeeded => "succeeded",
                State::Failed => "failed",
                State::Cancelled => "canceled",
            },
            output: None,
            error: (job.state == State::Failed).then(|| fault(job)).flatten(),
            logs: logs(job),
            metrics: Metrics {
                predict_time: took.map(|took| took.as_secs_f64()),
            },
            created_at: rfc3339(job.created),
            started_at: job.started.map(rfc3339),
            completed_at: job.ended.map(rfc3339),
            urls: Urls {
                cancel: format!("{url}/cancel"),
                get: url,
            },
        }
    }
}

/// Warnings, and how far it is in the form that clients read.
fn logs(job: &Job) -> String {
    let mut lines = job.warnings.clone();
    let progress = job.outlook.as_ref().and_then(|outlook| outlook.progress);
    if let Some((done, of)) = progress.filter(|(_, of)| *of > 0) {
        let percent = done * 100 / of;
        let bar = "#".repeat(percent / 10);
        lines.push(format!("{percent:3}%|{bar:<10}| {done}/{of}"));
    }
    lines.join("\n")
}
