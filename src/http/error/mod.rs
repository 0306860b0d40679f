//! Every way in which a request can fail, and what the wire says of it.
//!
//! There are two kinds of failure and one table. A [`Failure`] comes from the service and knows
//! nothing of status codes; a [`Problem`] is what the wire makes of it, or of a fault of its own
//! (a body that can't be read, a route that isn't there). [`Kind`] is the table: a row for each
//! meaning, with its status, its title, and whether trying again can help. Handlers return
//! `Result<_, Problem>`; the body is written at the outermost layer, which knows the request's id,
//! as `application/problem+json` (RFC 9457), or in the shape of the dialect whose route it is, which
//! is that dialect's own ([`ErrorBody`]).
//!
//! A failure that comes again with the same request carries `x-should-retry: false`, which the
//! usual clients of image APIs heed; one that passes carries `Retry-After`.

mod kind;
mod words;
mod page;
mod parsed;
mod rendering;
mod responses;

use std::time::Duration;

use axum::http::header::{
    ACCEPT, CONNECTION, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use kind::Kind;
pub(super) use page::{__path_problem, problem};
pub(super) use parsed::parsed;
pub(super) use rendering::{ErrorBody, Rendering};
pub(super) use responses::{Kinds, Painting, Problems, Reading, kinds};

use crate::jobs::Refused;
use crate::language::{Language, Message};
use crate::message;
use crate::service::{Failure, InvalidField};

/// The media type of every error's body.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// What a client that retries on its own should do; `false` on failures that would only repeat.
pub(super) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// A failed request, in the terms of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) kind: Kind,
    /// This occurrence, in a sentence for the caller.
    pub(super) detail: Message,
    /// The path of the field at fault.
    pub(super) field: Option<String>,
    /// When trying again makes sense.
    pub(super) retry_after: Option<Duration>,
    /// The media types that would be taken.
    pub(super) taken: Option<&'static str>,
    /// Where several requests came together: what is wrong with which of them.
    pub(super) lines: Vec<LineFault>,
    /// For the log, and never for the caller.
    pub(super) cause: Option<String>,
}

/// What is wrong with one of several requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineFault {
    /// Its line, from 1.
    pub(super) line: usize,
    /// The path of the field at fault.
    pub(super) field: Option<String>,
    /// What is wrong.
    pub(super) detail: Message,
}

impl Problem {
    /// An occurrence of `kind`.
    pub(super) fn new(kind: Kind, detail: impl Into<Message>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            field: None,
            retry_after: None,
            taken: None,
            lines: Vec::new(),
            cause: None,
        }
    }

    /// A field whose value can't be honoured.
    pub(super) fn field(path: impl Into<String>, message: impl Into<Message>) -> Self {
        InvalidField::new(path, message).into()
    }

    /// Our fault. The caller learns nothing of the cause but the request's id, which finds it.
    pub(super) fn internal(cause: impl Into<String>) -> Self {
        let detail = message!("the server failed; its log says why under this request_id");
        Self {
            cause: Some(cause.into()),
            ..Self::new(Kind::Internal, detail)
        }
    }

    /// What happened, for shapes in which people see nothing but a message.
    pub(super) fn sentence(&self, language: Language) -> String {
        match &self.field {
            Some(field) if self.kind == Kind::InvalidField && !field.is_empty() => {
                let named = message!("{field}: {why}", field).with("why", self.detail.clone());
                named.to(language)
            }
            _ => self.detail.to(language),
        }
    }

    /// Writes the body, into an answer that has all else already.
    pub(super) fn render(
        self,
        response: Response,
        rendering: Rendering,
        language: Language,
        request_id: &str,
    ) -> Response {
        let (mut parts, _) = response.into_parts();
        let body = rendering.body(self, language, request_id);
        parts.headers.remove(CONTENT_LENGTH);
        let media_type = HeaderValue::from_static(rendering.media_type());
        parts.headers.insert(CONTENT_TYPE, media_type);
        let spoken = HeaderValue::from_static(language.code());
        parts.headers.insert(CONTENT_LANGUAGE, spoken);
        let varies = HeaderValue::from_static("accept-language");
        parts.headers.append(VARY, varies);
        Response::from_parts(parts, body.into())
    }
}

/// The head of the answer, with the problem itself for the layer that renders it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        let headers = response.headers_mut();
        if self.kind.repeats() {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds, rounded up: coming back too early is one more refusal.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, seconds.max(1).into());
        }
        if let Some(taken) = self.taken {
            headers.insert(ACCEPT, HeaderValue::from_static(taken));
        }
        if matches!(self.kind, Kind::ReadTimeout | Kind::TooLarge) {
            // The rest of the body may still be on its way, so the connection is of no more use.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<InvalidField> for Problem {
    fn from(invalid: InvalidField) -> Self {
        Self {
            field: Some(invalid.field),
            ..Self::new(Kind::InvalidField, invalid.message)
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let detail = failure.message();
        match failure {
            Failure::Invalid(invalid) => invalid.into(),
            Failure::Denied(denial) => Self {
                field: Some(denial.field),
                ..Self::new(Kind::Denied, detail)
            },
            Failure::Flagged(_) => Self::new(Kind::Flagged, detail),
            Failure::UnknownModel { .. } => Self {
                field: Some("model".to_owned()),
                ..Self::new(Kind::UnknownModel, detail)
            },
            Failure::NoModel { .. } => Self::new(Kind::NoModel, detail),
            Failure::BrokenModel { .. } => Self::new(Kind::BrokenModel, detail),
            Failure::Full { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(Kind::QueueFull, detail)
            },
            Failure::Loading { retry_after, .. } => Self {
                retry_after: Some(retry_after),
                ..Self::new(Kind::Loading, detail)
            },
            Failure::Draining { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(Kind::Draining, detail)
            },
            Failure::OutOfMemory { retry_after, .. } => Self {
                retry_after: Some(retry_after),
                ..Self::new(Kind::OutOfMemory, detail)
            },
            Failure::Deadline { .. } => Self::new(Kind::DeadlinePassed, detail),
            Failure::Cancelled => Self::new(Kind::Cancelled, detail),
            Failure::NotFinite { .. } => Self::new(Kind::NoImage, detail),
            Failure::Internal { reason } => Self::internal(reason),
        }
    }
}

/// When to come back after as many jobs waited as may.
const AFTER_JOBS: Duration = Duration::from_secs(10);
/// When to come back after the disk was full.
const AFTER_A_FULL_DISK: Duration = Duration::from_secs(60);

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMany { most } => Self {
                retry_after: Some(AFTER_JOBS),
                ..Self::new(
                    Kind::QueueFull,
                    message!(
                        "{most} jobs may wait here, and so many do; try again later",
                        most
                    ),
                )
            },
            Refused::TooLarge { wanted, most } => {
                let detail = message!(
                    "the requests take {wanted} bytes beside those that wait, and {most} are kept of all requests",
                    wanted,
                    most
                );
                Self::new(Kind::TooLarge, detail)
            }
            Refused::KeyReused => {
                let detail = message!("this Idempotency-Key was sent before, with another request");
                Self::new(Kind::KeyReused, detail)
            }
            Refused::DiskFull => Self {
                retry_after: Some(AFTER_A_FULL_DISK),
                ..Self::new(
                    Kind::StorageFull,
                    message!("the server's disk has no room for another job; try again later"),
                )
            },
            Refused::Closing => Failure::draining().into(),
            Refused::Store(error) => Self::internal(causes(&error)),
        }
    }
}

/// An error with all that is behind it, for the log.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

/// Why a request failed (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// What kind of problem it is: an address on this server that explains it. Stable, so that
    /// programs can tell problems apart by it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid-field", format = "uri-reference")]
    kind: String,
    /// The kind in words, the same at each occurrence.
    #[schema(example = "A field's value can't be honoured")]
    title: String,
    /// The HTTP status, again.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    status: u16,
    /// This occurrence: what is wrong, and where it can be said, what would be right.
    #[schema(example = "found 0; ask for 1 to 64 images")]
    detail: String,
    /// The path of the field at fault, such as `interpolate.from.image` or `latents[1][3]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "n", nullable = false)]
    field: Option<String>,
    /// Where several requests came as lines: what is wrong with which of them. There may be more than are
    /// listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<LineError>,
    /// The request's id, which stands in the server's log and in the `x-request-id` header too.
    #[schema(example = "019ab5f0-6c1e-7d43-9f0a-2f6a4f0f6b1c")]
    request_id: String,
}

/// What is wrong with one of several requests.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
struct LineError {
    /// The line, from 1.
    #[schema(example = 3, minimum = 1)]
    line: usize,
    /// The path of the field at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "n", nullable = false)]
    field: Option<String>,
    /// What is wrong, and where it can be said, what would be right.
    #[schema(example = "found 0; ask for 1 to 64 images")]
    detail: String,
}

impl ErrorBody for ProblemBody {
    const MEDIA_TYPE: &'static str = PROBLEM_JSON;

    fn of(problem: Problem, language: Language, request_id: &str) -> Self {
        Self {
            kind: problem.kind.uri(),
            title: problem.kind.title().to(language).to_owned(),
            status: problem.kind.status().as_u16(),
            detail: problem.detail.to(language),
            field: problem.field,
            errors: problem
                .lines
                .into_iter()
                .map(|fault| LineError {
                    line: fault.line,
                    field: fault.field,
                    detail: fault.detail.to(language),
                })
                .collect(),
            request_id: request_id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(problem: impl Into<Problem>) -> Response {
        problem.into().into_response()
    }

    fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    }

    #[test]
    fn waits_are_whole_seconds_and_never_none() {
        for (millis, seconds) in [(0, "1"), (20, "1"), (1000, "1"), (1001, "2")] {
            let retry_after = Duration::from_millis(millis);
            let response = answered(Failure::Full { retry_after });
            assert_eq!(header(&response, "retry-after"), Some(seconds));
            assert_eq!(header(&response, "x-should-retry"), None);
        }
    }

    #[test]
    fn only_what_repeats_says_so() {
        let repeats = answered(InvalidField::new("n", "found 0"));
        assert_eq!(header(&repeats, "x-should-retry"), Some("false"));
        let deadline = Duration::from_millis(1);
        let passes = answered(Failure::Deadline { deadline });
        assert_eq!(header(&passes, "x-should-retry"), None);
    }

    #[test]
    fn causes_stay_inside() {
        let reason = "NaN at node 7".to_owned();
        let problem = Problem::from(Failure::Internal { reason });
        assert_eq!(problem.cause.as_deref(), Some("NaN at node 7"));
        assert!(!problem.detail.to_string().contains("NaN"));
    }
}
