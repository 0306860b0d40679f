//! GET /jobs/{id}/events: what happens to a job, as it happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};

use super::view::{JobAnswer, image_url, outlook};
use super::{NoJob, missing};
use crate::http::App;
use crate::http::error::{Problem, Problems};
use crate::http::native::generate::events::EventStream;
use crate::jobs::{Event, Follower, JobId, Seen, State as JobState};

/// Nothing is silent for longer: proxies close what they take for dead.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// What nginx and its kin heed: events are passed on as they come.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// The id of the last event.
const END: &str = "end";

/// Follow a job
///
/// Server-sent events whose data is JSON: `queued` and `running` (with `position`, `estimated_start`,
/// `estimated_end`), `progress` after steps (`step`, `of` and `image`, its place), `image` for each
/// image that is finished (`index`, `url`), and at last `succeeded`, `failed` or `cancelled` with the job as
/// `GET /jobs/{id}` gives it, without the bytes of images. Each event has an id; who comes back with it as
/// `Last-Event-ID`, as browsers do, goes on behind it, and after the last event is answered with 204.
/// Leaving changes nothing for the job.
#[utoipa::path(
    get,
    path = "/jobs/{id}/events",
    tag = "jobs",
    params(
        ("id" = String, Path, description = "The job's id."),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was read."),
    ),
    responses(
        (status = 200, description = "The events.", content((EventStream = "text/event-stream"))),
        (status = 204, description = "`Last-Event-ID` was the last one."),
        Problems<NoJob>,
    )
)]
pub(in crate::http) async fn events(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = JobId::from(&*id);
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen = match last.map(str::trim) {
        Some(END) => Seen::End,
        Some(number) => Seen::Until(number.parse().unwrap_or(0)),
        None => Seen::Until(0),
    };
    let follower = app.jobs().follow(&id, seen).await;
    let follower = follower.map_err(|error| missing(&id, &error))?;
    if seen == Seen::End {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let url = format!("/jobs/{id}");
    let messages = stream::unfold((follower, url), next);
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let mut response = Sse::new(messages).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

async fn next(
    (mut follower, url): (Follower, String),
) -> Option<(Result<Message, Infallible>, (Follower, String))> {
    // One that was forgotten meanwhile has nothing more to tell.
    let (seen, event) = follower.next().await.ok()??;
    let (name, data) = told(&url, event);
    let id = match seen {
        Seen::Until(number) => number.to_string(),
        Seen::End => END.to_owned(),
    };
    let message = Message::default().id(id).event(name).data(data.to_string());
    Some((Ok(message), (follower, url)))
}

fn told(url: &str, event: Event) -> (&'static str, Value) {
    let id = url.rsplit('/').next().unwrap_or_default();
    match event {
        Event::Queued(next) => {
            let name = JobState::Queued.name();
            (name, outlook(id, name, next))
        }
        Event::Running(next) => {
            let name = JobState::Running.name();
            (name, outlook(id, name, next))
        }
        Event::Progress(step) => {
            let mut data = json!({ "id": id, "step": step.done, "of": step.of });
            if let Some(image) = step.image {
                data["image"] = image.into();
            }
            ("progress", data)
        }
        Event::Image(index) => {
            let data = json!({ "id": id, "index": index, "url": image_url(url, index) });
            ("image", data)
        }
        Event::Ended(job) => {
            let name = job.state.name();
            let data = serde_json::to_value(JobAnswer::of(*job)).unwrap_or_default();
            (name, data)
        }
    }
}
