//! `stream: true`: images as server-sent events, unfinished ones among them.

use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::Route;
use super::answer::background;
use super::error::OpenAiError;
use super::prepared::PreparedRequest;
use crate::http::error::{ErrorBody, Problem};
use crate::http::plumbing::language::spoken;
use crate::http::wire::Base64Text;
use crate::language::Language;
use crate::service::{Event, GeneratedImage, Preview, Watched, warn_once};

/// Nothing is silent for longer: proxies close what they take for dead.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Images larger than this are written as text on the blocking pool.
const OFFLOAD_BYTES: usize = 256 << 10;

/// An unfinished image, as `image_generation.partial_image` or `image_edit.partial_image`, or a
/// finished one, as `image_generation.completed` or `image_edit.completed`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiEvent)]
pub(super) struct StreamedImage {
    /// Which event it is.
    #[serde(rename = "type")]
    #[schema(example = "image_generation.completed")]
    kind: &'static str,
    /// The file, as base64 text.
    #[schema(value_type = String, content_encoding = "base64")]
    b64_json: Base64Text,
    /// In seconds since 1970-01-01T00:00:00Z.
    created_at: u64,
    /// The image's size.
    #[schema(example = "28x28")]
    size: String,
    /// As in the request.
    #[schema(example = "auto")]
    quality: String,
    /// `transparent` or `opaque`.
    background: &'static str,
    /// `png`, `jpeg` or `webp`.
    output_format: &'static str,
    /// For an unfinished image: how many have come before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    partial_image_index: Option<usize>,
    /// For a finished image. Nothing is counted here, and clients expect it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    usage: Option<Usage>,
    /// For a finished image: the seed that generates it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seed: Option<u64>,
    /// Its place among the images.
    index: usize,
    /// For a finished image: what could not be honoured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<String>,
}

/// Events as `text/event-stream` has them; the data of each is an `OpenAiEvent`, or an error.
#[derive(ToSchema)]
#[schema(
    as = OpenAiEventStream,
    value_type = String,
    example = "event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"iVBORw0KGgo\"}\n\n"
)]
#[expect(dead_code, reason = "streams, as the OpenAPI document shows them")]
pub(super) struct EventStream(String);

/// Tokens, of which there are none.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = OpenAiUsage)]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    input_tokens_details: UsageDetails,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = OpenAiUsageDetails)]
struct UsageDetails {
    text_tokens: u64,
    image_tokens: u64,
}

/// What comes last where there was no image.
#[derive(Debug, Serialize)]
struct Fault {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    error: OpenAiError,
}

/// What is sent.
enum StreamItem {
    Image(Box<StreamedImage>),
    Fault(Fault),
}

/// Turns what happens into what is sent.
struct EventWriter {
    route: Route,
    prepared: PreparedRequest,
    request_id: String,
    /// In which warnings and errors are given.
    language: Language,
    /// Unfinished images that each image has had.
    sent: Vec<usize>,
}

/// Answers with the events as they come. Who closes the answer stops the painting.
pub(super) fn stream(
    watched: Watched,
    route: Route,
    mut prepared: PreparedRequest,
    request_id: String,
    language: Language,
) -> Response {
    let warnings = watched.generation().warnings();
    prepared.warnings.extend_from_slice(warnings);
    let mut writer = EventWriter {
        route,
        request_id,
        language,
        sent: vec![0; watched.generation().count()],
        prepared,
    };
    let id = HeaderValue::from_str(watched.id());
    let messages = watched.into_stream().filter_map(move |event| {
        let sent = writer.item(event);
        async move { Some(Ok::<_, Infallible>(sent?.written().await)) }
    });
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("ping");
    let mut response = Sse::new(messages).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    if let Ok(id) = id {
        headers.insert(HeaderName::from_static("x-atelier-id"), id);
    }
    // What nginx and its kin heed: events are passed on as they come.
    let no = HeaderValue::from_static("no");
    headers.insert(HeaderName::from_static("x-accel-buffering"), no);
    response
}

impl EventWriter {
    fn item(&mut self, event: Event) -> Option<StreamItem> {
        match event {
            Event::Queued(_) | Event::Done(_) => None,
            Event::Progress(advance) => {
                let preview = advance.preview?;
                self.unfinished(advance.image.unwrap_or_default(), preview)
            }
            Event::Image { index, image } => Some(self.finished(index, image)),
            Event::Failed(failure) => {
                let problem = self.prepared.names.rename(Problem::from(failure));
                if let Some(cause) = &problem.cause {
                    let request_id = self.request_id.as_str();
                    tracing::error!(request_id, cause, "generation failed");
                }
                let error = OpenAiError::of(problem, self.language, &self.request_id);
                let kind = "error";
                Some(StreamItem::Fault(Fault { kind, error }))
            }
        }
    }

    /// At most as many as were asked for.
    fn unfinished(&mut self, index: usize, preview: Preview) -> Option<StreamItem> {
        let sent = self.sent.get_mut(index)?;
        if *sent >= self.prepared.partial_images {
            return None;
        }
        let place = *sent;
        *sent += 1;
        let kind = match self.route {
            Route::Edits => "image_edit.partial_image",
            _ => "image_generation.partial_image",
        };
        let size = self.prepared.size.clone();
        let event = StreamedImage {
            partial_image_index: Some(place),
            ..self.event(kind, index, preview.bytes, size)
        };
        Some(StreamItem::Image(Box::new(event)))
    }

    fn finished(&self, index: usize, image: GeneratedImage) -> StreamItem {
        let kind = match self.route {
            Route::Edits => "image_edit.completed",
            _ => "image_generation.completed",
        };
        let size = format!("{}x{}", image.width, image.height);
        let mut warnings = self.prepared.warnings.clone();
        warn_once(&mut warnings, &image.warnings);
        let event = StreamedImage {
            usage: Some(Usage::default()),
            seed: image.seed,
            warnings: spoken(&warnings, self.language),
            ..self.event(kind, index, image.bytes, size)
        };
        StreamItem::Image(Box::new(event))
    }

    fn event(
        &self,
        kind: &'static str,
        index: usize,
        file: Vec<u8>,
        size: String,
    ) -> StreamedImage {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let quality = self.prepared.quality.clone();
        StreamedImage {
            kind,
            b64_json: Base64Text(file),
            created_at: now.map_or(0, |since| since.as_secs()),
            size,
            quality: quality.unwrap_or_else(|| "auto".to_owned()),
            background: background(self.prepared.opaque),
            output_format: self.prepared.format.name(),
            partial_image_index: None,
            usage: None,
            seed: None,
            index,
            warnings: Vec::new(),
        }
    }
}

impl StreamItem {
    /// As a message; large images are written as text on the blocking pool.
    async fn written(self) -> Message {
        let image = match self {
            Self::Fault(fault) => return written(fault.kind, &fault),
            Self::Image(image) => image,
        };
        if image.b64_json.0.len() <= OFFLOAD_BYTES {
            return written(image.kind, &image);
        }
        tokio::task::spawn_blocking(move || written(image.kind, &image))
            .await
            .unwrap_or_default()
    }
}

fn written(name: &str, data: &impl Serialize) -> Message {
    let data = serde_json::to_string(data).expect("events are plain strings and numbers");
    Message::default().event(name).data(data)
}
