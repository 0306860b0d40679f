//! What is known of every request: its id, its one line in the log, its place in the counters.
//!
//! The line is written once, when the request is answered or its caller has left, and holds
//! neither prompts nor images. Health checks and scrapes come every few seconds and mean
//! nothing, so theirs are at debug.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::language::Language;
use crate::memory::Held;
use crate::trace::{Parent, Trace, Value};

/// Where a request's id comes in and goes out.
pub(in crate::http) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where a caller's trace comes in, and the request's place in it goes out.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The longest id that a caller may give.
const LONGEST_ID: usize = 128;
/// Routes whose lines are at debug.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/metrics"];
/// Stands in for a status where the caller left before there was one, as in nginx.
const CLIENT_LEFT: u16 = 499;

/// The id of a request, for handlers that name it in what they send.
#[derive(Debug, Clone)]
pub(in crate::http) struct RequestId(pub(in crate::http) String);

/// The layer itself; see [`crate::http::router`] for where it stands.
pub(in crate::http) fn observe(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> impl Future<Output = Response> {
    let id = request_id(request.headers());
    let id_text = id.to_str().unwrap_or_default();
    let rendering = app.rendering(request.uri().path());
    let language = Language::accepted(request.headers());
    let held = Held::of(app.studio().body_memory());
    let mut watch = Watch::start(app, &request, id_text.to_owned());
    request
        .extensions_mut()
        .insert(RequestId(id_text.to_owned()));
    let span = tracing::debug_span!("request", request_id = id_text);
    // Boxed, or the future would hold the request three times.
    let trace = watch.trace.clone();
    let answer = trace.scope(held.scope(next.run(request).instrument(span)));
    let answer = Box::pin(answer);
    async move {
        let mut response = answer.await;
        let problem = response.extensions_mut().remove::<Problem>();
        watch.answered(response.status().as_u16(), problem.as_ref());
        if let Some(problem) = problem {
            response = problem.render(response, rendering, language, &watch.id);
        }
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, id);
        if let Some(place) = watch.trace.header() {
            let place = HeaderValue::from_str(&place).expect("it is plain ASCII");
            headers.insert(TRACEPARENT, place);
        }
        // An image must never be taken for a script, whatever a browser thinks it sees in it.
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }
}

/// The caller's id if it can stand in a log line, or a new one that sorts by time.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let usable = |id: &&HeaderValue| {
        let bytes = id.as_bytes();
        (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
    };
    headers
        .get(REQUEST_ID)
        .filter(usable)
        .cloned()
        .unwrap_or_else(|| {
            let mut text = Uuid::encode_buffer();
            let text = Uuid::now_v7().hyphenated().encode_lower(&mut text);
            HeaderValue::from_str(text).expect("a UUID is plain ASCII")
        })
}

/// A request under way. Dropping it before an answer means that the caller has left.
struct Watch {
    app: App,
    id: String,
    method: &'static str,
    route: Option<MatchedPath>,
    started: Instant,
    answered: bool,
    trace: Trace,
}

impl Watch {
    fn start(app: App, request: &Request, id: String) -> Self {
        app.meters().entered();
        let method = name_of(request.method());
        let route = request.extensions().get::<MatchedPath>().cloned();
        let path = route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let trace = if QUIET.contains(&path) {
            Trace::default()
        } else {
            let parent = request.headers().get(TRACEPARENT);
            let parent = parent.and_then(|header| Parent::read(header.to_str().ok()?));
            Trace::begin(parent)
        };
        Self {
            app,
            id,
            method,
            route,
            trace,
            started: Instant::now(),
            answered: false,
        }
    }

    fn answered(&mut self, status: u16, problem: Option<&Problem>) {
        self.answered = true;
        let elapsed = self.started.elapsed();
        let latency_ms = elapsed.as_secs_f64() * 1e3;
        // Whatever a stranger asks for must not become a label or fill the log.
        let route = self.route.as_ref().map_or("unmatched", MatchedPath::as_str);
        self.app
            .meters()
            .answered(self.method, route, status, elapsed);
        let request_id = self.id.as_str();
        let method = self.method;
        let name = || format!("{method} {route}");
        self.trace.end(name, status >= 500, || {
            let text = |text: &str| Value::Text(text.to_owned().into());
            vec![
                ("http.request.method", Value::Text(method.into())),
                ("http.route", text(route)),
                ("http.response.status_code", Value::Number(status.into())),
                ("atelier.request_id", text(request_id)),
            ]
        });
        let kind = problem.map(|problem| problem.kind);
        if let (Some(Kind::Internal), Some(problem)) = (kind, problem) {
            let cause = problem.cause.as_deref().unwrap_or_default();
            tracing::error!(
                method,
                route,
                status,
                latency_ms,
                request_id,
                cause,
                "request failed"
            );
        } else if QUIET.contains(&route) {
            tracing::debug!(method, route, status, latency_ms, request_id, "request");
        } else {
            let problem = kind.map(Kind::slug);
            tracing::info!(
                method, route, status, latency_ms, request_id, problem, "request"
            );
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.answered {
            self.answered(CLIENT_LEFT, None);
        }
        self.app.meters().left();
    }
}

/// A label for the method; a stranger's inventions share one.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(id: &str) -> HeaderValue {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(id.as_bytes()).unwrap());
        request_id(&headers)
    }

    #[test]
    fn a_callers_id_is_kept_if_it_can_stand_in_a_log() {
        assert_eq!(given("order-17/b"), "order-17/b");
        for unusable in ["", "two words", "é", &"x".repeat(LONGEST_ID + 1)] {
            let id = given(unusable);
            assert_eq!(id.len(), 36, "{unusable:?} became {id:?}");
        }
    }

    #[test]
    fn new_ids_differ_and_sort_by_time() {
        let ids: Vec<_> = (0..100).map(|_| request_id(&HeaderMap::new())).collect();
        assert!(
            ids.windows(2)
                .all(|pair| pair[0].as_bytes() < pair[1].as_bytes())
        );
    }
}
