//! A generation as server-sent events.

use std::convert::Infallible;
use std::time::{Duration, UNIX_EPOCH};

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::ImageAnswer;
use super::form::ID;
use crate::http::error::{ErrorBody, Problem, ProblemBody};
use crate::http::plumbing::language::spoken;
use crate::http::wire::{Base64Text, ChainLinkAnswer, TimingsMs, UnderstoodAnswer};
use crate::language::Language;
use crate::service::{Advance, Event, Generated, Preview, Queued, Watched};

/// Nothing is silent for longer: proxies close what they take for dead.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// What nginx and its kin heed: events are passed on as they come.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// Images larger than this are written as text on the blocking pool.
const OFFLOAD_BYTES: usize = 256 << 10;

/// Answers with the events as they come. Who closes the answer drops `watched`, which stops the
/// painting.
pub(super) fn stream(
    watched: Watched,
    request_id: String,
    language: Language,
) -> Result<Response, Problem> {
    let id = watched.id().to_owned();
    let header = HeaderValue::from_str(&id)
        .map_err(|_error| Problem::internal("an id that is no header"))?;
    let messages = watched.into_stream().then(move |event| {
        let (id, request_id) = (id.clone(), request_id.clone());
        async move { Ok::<_, Infallible>(message(event, id, &request_id, language).await) }
    });
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let mut response = Sse::new(messages).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    headers.insert(ID, header);
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

async fn message(event: Event, id: String, request_id: &str, language: Language) -> Message {
    match event {
        Event::Queued(queued) => written("queued", &QueuedEvent::from(queued)),
        Event::Progress(advance) => written("progress", &ProgressEvent::new(id, advance)),
        Event::Image { index, image } => {
            let large = image.bytes.len() > OFFLOAD_BYTES;
            let image = image.into();
            let event = ImageEvent { id, index, image };
            if !large {
                return written("image", &event);
            }
            tokio::task::spawn_blocking(move || written("image", &event))
                .await
                .unwrap_or_default()
        }
        // The request's own line was written when the stream began.
        Event::Done(generated) => {
            let total_ms = generated.timings.total.as_secs_f64() * 1e3;
            tracing::info!(request_id, total_ms, "stream done");
            written("done", &DoneEvent::new(generated, language))
        }
        Event::Failed(failure) => {
            let problem = Problem::from(failure);
            match &problem.cause {
                Some(cause) => tracing::error!(request_id, cause, "stream failed"),
                None => {
                    let problem = problem.kind.slug();
                    tracing::info!(request_id, problem, "stream failed");
                }
            }
            written("error", &ProblemBody::of(problem, language, request_id))
        }
    }
}

fn written(name: &str, data: &impl Serialize) -> Message {
    let data = serde_json::to_string(data).expect("events are plain strings and numbers");
    Message::default().event(name).data(data)
}

/// Events as `text/event-stream` has them: lines of `event:` and `data:`, with an empty line after
/// each event.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    example = "event: queued\ndata: {\"id\":\"6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55\",\"position\":0,\"estimated_wait_ms\":0}\n\n"
)]
#[expect(dead_code, reason = "streams, as the OpenAPI document shows them")]
pub(in crate::http) struct EventStream(String);

/// `queued`: the request has been admitted.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct QueuedEvent {
    /// The generation's id, for `DELETE /generations/{id}`; it can't be guessed.
    #[schema(example = "6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55", format = "uuid")]
    id: String,
    /// Requests in flight before this one. They share calls with it, so it need not wait for
    /// all of them.
    #[schema(example = 3)]
    position: usize,
    /// What their work should take, from what such work has cost recently.
    #[schema(example = 250, minimum = 0)]
    estimated_wait_ms: u64,
}

/// `progress`: a step is over. Steps that follow each other quickly are told together, so not
/// every number comes; the last one does.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProgressEvent {
    /// The generation's id.
    #[schema(format = "uuid")]
    id: String,
    /// Steps that are over: of the scheduler, rows of an autoregressive image, or images of a
    /// model that makes each in one call.
    #[schema(example = 12)]
    step: usize,
    /// Steps in all.
    #[schema(example = 30)]
    of: usize,
    /// Which image is meant; absent where the images are counted together.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    image: Option<usize>,
    /// With `preview_every`: the unfinished image, of this step or of one shortly before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    preview: Option<PreviewData>,
}

/// An unfinished image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preview)]
struct PreviewData {
    /// The file, as base64 text.
    #[schema(value_type = String, content_encoding = "base64")]
    b64: Base64Text,
    /// The file's media type.
    #[schema(example = "image/png")]
    media_type: &'static str,
}

/// `image`: an image is finished.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ImageEvent {
    /// The generation's id.
    #[schema(format = "uuid")]
    id: String,
    /// Its place among the images. They come in the order in which they are finished.
    #[schema(example = 0)]
    index: usize,
    /// The image, as a JSON answer has it in `images`.
    image: ImageAnswer,
}

/// `done`: all images have come. What a JSON answer has beside them.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DoneEvent {
    /// The generation's id.
    #[schema(format = "uuid")]
    id: String,
    /// When it was done, in seconds since 1970-01-01T00:00:00Z.
    #[schema(example = 1_764_000_000)]
    created: u64,
    /// The model's id.
    #[schema(example = "digits-gan")]
    model: String,
    /// A digest of exactly what generated the images.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// The further models that the images went through, in their order; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    chain: Vec<ChainLinkAnswer>,
    /// How the prompt was taken, where it chooses classes and directions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    understood: Option<UnderstoodAnswer>,
    /// Where the time went, in milliseconds.
    timings_ms: TimingsMs,
    /// What the caller should know.
    warnings: Vec<String>,
}

impl From<Queued> for QueuedEvent {
    fn from(queued: Queued) -> Self {
        let wait = queued.estimated_wait.as_millis();
        Self {
            id: queued.id,
            position: queued.position,
            estimated_wait_ms: u64::try_from(wait).unwrap_or(u64::MAX),
        }
    }
}

impl ProgressEvent {
    fn new(id: String, advance: Advance) -> Self {
        Self {
            id,
            step: advance.step,
            of: advance.of,
            image: advance.image,
            preview: advance.preview.map(Into::into),
        }
    }
}

impl From<Preview> for PreviewData {
    fn from(preview: Preview) -> Self {
        Self {
            b64: Base64Text(preview.bytes),
            media_type: preview.format.media_type(),
        }
    }
}

impl DoneEvent {
    fn new(generated: Generated, language: Language) -> Self {
        let created = generated.created.duration_since(UNIX_EPOCH);
        Self {
            id: generated.id,
            created: created.map_or(0, |since| since.as_secs()),
            model: generated.model,
            digest: generated.digest,
            chain: generated.chain.into_iter().map(Into::into).collect(),
            understood: generated.understood.map(Into::into),
            timings_ms: generated.timings.into(),
            warnings: spoken(&generated.warnings, language),
        }
    }
}
