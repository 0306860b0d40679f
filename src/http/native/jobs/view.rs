//! A job as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::notices::{WebhookAnswer, seconds};
use crate::http::App;
use crate::http::error::ProblemBody;
use crate::jobs::{Job, Missing, Notice, Outlook, State};

/// A job as it stands. Times are seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(in crate::http) struct JobAnswer {
    /// Its id; it can't be guessed.
    #[schema(example = "6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55", format = "uuid")]
    id: String,
    /// How far it is: `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    #[schema(
        example = "queued",
        pattern = "^(queued|running|succeeded|failed|cancelled)$"
    )]
    state: &'static str,
    /// The route whose answer it will have.
    #[schema(example = "generate", pattern = "^(generate|encode|score)$")]
    route: &'static str,
    /// The model's id.
    #[schema(example = "digits-gan")]
    model: String,
    /// When it was accepted.
    #[schema(example = 1_764_000_000)]
    created: u64,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    started: Option<u64>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ended: Option<u64>,
    /// Until when it is kept, unless newer results need the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires: Option<u64>,
    /// While it isn't over.
    #[serde(flatten)]
    outlook: OutlookAnswer,
    /// What the caller should know.
    warnings: Vec<String>,
    /// Its files, once it has succeeded.
    images: Vec<JobImage>,
    /// Once it has succeeded, what the route would have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    answer: Option<Value>,
    /// Once it has failed, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<ProblemBody>)]
    problem: Option<Value>,
    /// Once it is over, how far telling its webhook is, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    webhook: Option<WebhookAnswer>,
    /// Where to ask for it again.
    #[schema(
        example = "/jobs/6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55",
        format = "uri-reference"
    )]
    url: String,
    /// Where what happens to it is told as it happens.
    #[schema(format = "uri-reference")]
    events: String,
}

/// What is to come of a job.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct OutlookAnswer {
    /// Jobs that are begun before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 3)]
    position: Option<usize>,
    /// When it should be begun, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    estimated_start: Option<u64>,
    /// When it should be over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    estimated_end: Option<u64>,
    /// How far it is, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    progress: Option<JobProgress>,
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobProgress {
    /// Steps that are over, of all its images.
    #[schema(example = 12)]
    pub(super) step: usize,
    /// Steps in all.
    #[schema(example = 60)]
    pub(super) of: usize,
}

/// A file that came of a job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobImage {
    /// Where it is.
    #[schema(
        example = "/jobs/6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55/images/0",
        format = "uri-reference"
    )]
    pub(super) url: String,
    /// Its media type.
    #[schema(example = "image/png")]
    media_type: String,
}

impl JobAnswer {
    /// Without the bytes of files.
    pub(in crate::http) fn of(job: Job) -> Self {
        let url = format!("/jobs/{}", job.id);
        let told = job
            .answer
            .as_deref()
            .and_then(|json| serde_json::from_slice(json).ok());
        let (mut answer, problem) = match job.state {
            State::Succeeded => (told, None),
            _ => (None, told),
        };
        without_files(answer.as_mut());
        let images = job.files.into_iter().enumerate();
        Self {
            state: job.state.name(),
            route: job.task.name(),
            model: job.model,
            created: seconds(job.created),
            started: job.started.map(seconds),
            ended: job.ended.map(seconds),
            expires: job.expires.map(seconds),
            outlook: job.outlook.map(Into::into).unwrap_or_default(),
            warnings: job.warnings,
            images: images
                .map(|(at, media_type)| JobImage {
                    url: image_url(&url, at),
                    media_type,
                })
                .collect(),
            answer,
            problem,
            webhook: None,
            events: format!("{url}/events"),
            id: job.id.to_string(),
            url,
        }
    }

    /// With the bytes of all files, as the route answers.
    pub(super) async fn with_files(job: Job, app: &App) -> Result<Self, Missing> {
        let (id, count) = (job.id.clone(), job.files.len());
        let mut answer = Self::of(job);
        for at in 0..count {
            let file = app.jobs().file(&id, at).await?;
            // A few megabytes of base64 take longer than an async thread should be held.
            let encoding = tokio::task::spawn_blocking(move || STANDARD.encode(&file.bytes));
            let text = encoding.await.unwrap_or_default();
            if let Some(image) = answer.image(at) {
                image.insert("b64".to_owned(), text.into());
            }
        }
        Ok(answer)
    }

    /// With how far telling of it is.
    pub(super) fn told(mut self, notices: Vec<Notice>) -> Self {
        self.webhook = notices.into_iter().next().map(WebhookAnswer::of);
        self
    }

    /// Bytes of the files in it.
    pub(super) fn file_bytes(&self) -> usize {
        let images = self.answer.as_ref().and_then(|answer| answer.get("images"));
        let images = images.and_then(Value::as_array).into_iter().flatten();
        let texts = images.filter_map(|image| image.get("b64")?.as_str());
        texts.map(str::len).sum()
    }

    fn image(&mut self, at: usize) -> Option<&mut serde_json::Map<String, Value>> {
        let images = self.answer.as_mut()?.get_mut("images")?;
        images.get_mut(at)?.as_object_mut()
    }
}

/// The worker keeps an empty text where the bytes stand.
fn without_files(answer: Option<&mut Value>) {
    let images = answer.and_then(|answer| answer.get_mut("images"));
    for image in images.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(image) = image.as_object_mut() {
            image.remove("b64");
        }
    }
}

/// Where a job's file is.
pub(super) fn image_url(job: &str, at: usize) -> String {
    format!("{job}/images/{at}")
}

impl From<Outlook> for OutlookAnswer {
    fn from(outlook: Outlook) -> Self {
        Self {
            position: Some(outlook.position),
            estimated_start: Some(seconds(outlook.start)),
            estimated_end: Some(seconds(outlook.end)),
            progress: outlook.progress.map(|(step, of)| JobProgress { step, of }),
        }
    }
}

/// The outlook alone, for events.
pub(super) fn outlook(id: &str, state: &str, outlook: Option<Outlook>) -> Value {
    let mut told = json!({ "id": id, "state": state });
    let outlook = outlook.map(OutlookAnswer::from);
    if let (Some(told), Ok(Value::Object(more))) =
        (told.as_object_mut(), serde_json::to_value(outlook))
    {
        told.extend(more);
    }
    told
}
