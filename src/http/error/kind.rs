//! The table: one row for each way in which a request can fail.

use axum::http::StatusCode;

/// What went wrong, as the wire tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::http) enum Kind {
    UnreadableBody,
    InvalidField,
    UnknownModel,
    UnknownGeneration,
    UnknownRoute,
    WrongMethod,
    NotAcceptable,
    ReadTimeout,
    Cancelled,
    TooLarge,
    UnsupportedMedia,
    WrongSignature,
    FileGone,
    BrokenModel,
    QueueFull,
    Draining,
    DeadlinePassed,
    Internal,
}

/// What the wire says of a kind.
struct Row {
    /// The last part of its address.
    slug: &'static str,
    status: StatusCode,
    title: &'static str,
    /// When it happens, and what to do about it.
    meaning: &'static str,
    retry: Retry,
}

/// Whether the same request may succeed later.
#[derive(PartialEq)]
enum Retry {
    /// It fails each time.
    Repeats,
    /// It may succeed.
    May,
}

impl Kind {
    pub(in crate::http) const ALL: [Self; 18] = [
        Self::UnreadableBody,
        Self::InvalidField,
        Self::UnknownModel,
        Self::UnknownGeneration,
        Self::UnknownRoute,
        Self::WrongMethod,
        Self::NotAcceptable,
        Self::ReadTimeout,
        Self::Cancelled,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::WrongSignature,
        Self::FileGone,
        Self::BrokenModel,
        Self::QueueFull,
        Self::Draining,
        Self::DeadlinePassed,
        Self::Internal,
    ];

    fn row(self) -> Row {
        use Retry::{May, Repeats};
        let (slug, status, title, retry, meaning) = match self {
            Self::UnreadableBody => (
                "unreadable-body",
                StatusCode::BAD_REQUEST,
                "The body can't be read",
                Repeats,
                "The body is not JSON, or it broke off. `detail` names the line and the column.",
            ),
            Self::InvalidField => (
                "invalid-field",
                StatusCode::UNPROCESSABLE_ENTITY,
                "A field's value can't be honoured",
                Repeats,
                "A field is unknown, has the wrong type, is out of range, or means nothing to \
                 this model. `field` is its path, and `detail` says what would be right.",
            ),
            Self::UnknownModel => (
                "unknown-model",
                StatusCode::NOT_FOUND,
                "There is no such model",
                Repeats,
                "`detail` lists the models that there are; so does `GET /models`.",
            ),
            Self::UnknownGeneration => (
                "unknown-generation",
                StatusCode::NOT_FOUND,
                "There is no such generation under way",
                Repeats,
                "The id is none that this server gave, or that generation is over. Ids are a \
                 replica's own: another one knows nothing of them.",
            ),
            Self::UnknownRoute => (
                "unknown-route",
                StatusCode::NOT_FOUND,
                "There is nothing at this address",
                Repeats,
                "The path is none of this API's. `GET /docs` shows them all.",
            ),
            Self::WrongMethod => (
                "wrong-method",
                StatusCode::METHOD_NOT_ALLOWED,
                "This address doesn't take this method",
                Repeats,
                "The `Allow` header lists the methods that it takes.",
            ),
            Self::NotAcceptable => (
                "not-acceptable",
                StatusCode::NOT_ACCEPTABLE,
                "The answer has no form that Accept allows",
                Repeats,
                "The answer is JSON, or the bytes of the image where there is exactly one. \
                 `detail` says what stands against the `Accept` header that was sent.",
            ),
            Self::ReadTimeout => (
                "read-timeout",
                StatusCode::REQUEST_TIMEOUT,
                "The body took too long to arrive",
                May,
                "The whole body has to arrive within the time that `detail` names. The \
                 connection is closed.",
            ),
            // No 409, which the usual clients of image APIs take for an invitation to try again.
            Self::Cancelled => (
                "cancelled",
                StatusCode::GONE,
                "The generation was cancelled",
                May,
                "Somebody who knew its id asked for that, with `DELETE /generations/{id}`. The work \
                 was stopped where it was.",
            ),
            Self::TooLarge => (
                "too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
                Repeats,
                "`detail` names the limit, which the operator sets. Send a smaller image. The \
                 connection is closed.",
            ),
            Self::UnsupportedMedia => (
                "unsupported-media",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body has a media type that is not taken here",
                Repeats,
                "Set `Content-Type` to one that the `Accept` header of this answer lists, and \
                 send the body uncompressed.",
            ),
            Self::WrongSignature => (
                "wrong-signature",
                StatusCode::FORBIDDEN,
                "The link is none that this server made",
                Repeats,
                "A link to an image holds a signature over its name and its end. Use the link as \
                 it was handed out; one from before a restart has lost its file.",
            ),
            Self::FileGone => (
                "file-gone",
                StatusCode::GONE,
                "The file is no longer kept",
                Repeats,
                "Files are kept for an hour, and not as long where newer ones need the room. Ask \
                 for the image in the answer itself, or paint it again from its seed.",
            ),
            // Ours to mend and not the caller's, hence no 4xx; and it lasts until somebody mends
            // the model, hence no 503, which would have a balancer try its replicas in turn.
            Self::BrokenModel => (
                "broken-model",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The model can't serve",
                Repeats,
                "The model is in the repository and something is wrong with it; `detail` and \
                 `GET /models` say what. Other models are not affected.",
            ),
            Self::QueueFull => (
                "queue-full",
                StatusCode::SERVICE_UNAVAILABLE,
                "The server has as much work as it takes",
                May,
                "Come back after the seconds in `Retry-After`, which follow from the measured \
                 rate of service, or ask another replica.",
            ),
            Self::Draining => (
                "draining",
                StatusCode::SERVICE_UNAVAILABLE,
                "The server is shutting down",
                May,
                "Requests that are in the house are finished, and new ones refused. Ask another \
                 replica, or come back after the seconds in `Retry-After`.",
            ),
            Self::DeadlinePassed => (
                "deadline-passed",
                StatusCode::GATEWAY_TIMEOUT,
                "The deadline passed before the answer was ready",
                May,
                "The work was stopped where it was when `deadline_ms` had passed, or the longest \
                 time that the operator allows.",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server failed",
                // One seed paints one image, and so fails in one way.
                Repeats,
                "A fault of the server. Its log has the reason under the `request_id` of this \
                 answer; please report that.",
            ),
        };
        Row {
            slug,
            status,
            title,
            meaning,
            retry,
        }
    }

    /// The last part of its address.
    pub(in crate::http) fn slug(self) -> &'static str {
        self.row().slug
    }

    /// What the `type` of its problems says.
    pub(in crate::http) fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }

    pub(in crate::http) fn status(self) -> StatusCode {
        self.row().status
    }

    pub(in crate::http) fn title(self) -> &'static str {
        self.row().title
    }

    pub(in crate::http) fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// Whether the same request would fail again.
    pub(in crate::http) fn repeats(self) -> bool {
        self.row().retry == Retry::Repeats
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_kinds_share_an_address() {
        let slugs: HashSet<_> = Kind::ALL.into_iter().map(Kind::slug).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
    }
}
