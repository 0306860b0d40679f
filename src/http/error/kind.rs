//! The table: one row for each way in which a request can fail.

use axum::http::StatusCode;

use crate::language::Text;

/// What went wrong, as the wire tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::http) enum Kind {
    BadHost,
    MissingKey,
    KeyNotEnough,
    ForeignOrigin,
    TooOften,
    UnreadableBody,
    InvalidField,
    Denied,
    Flagged,
    UnknownModel,
    UnknownGeneration,
    UnknownJob,
    UnknownRoute,
    WrongMethod,
    NotAcceptable,
    ReadTimeout,
    Cancelled,
    TooLarge,
    UnsupportedMedia,
    WrongSignature,
    FileGone,
    NoModel,
    JobGone,
    KeyReused,
    StorageFull,
    BrokenModel,
    QueueFull,
    Loading,
    Draining,
    OutOfMemory,
    DeadlinePassed,
    NoImage,
    Internal,
}

/// What the wire says of a kind.
struct Row {
    /// The last part of its address.
    slug: &'static str,
    status: StatusCode,
    title: Text,
    /// When it happens, and what to do about it.
    meaning: Text,
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
    pub(in crate::http) const ALL: [Self; 33] = [
        Self::BadHost,
        Self::MissingKey,
        Self::KeyNotEnough,
        Self::ForeignOrigin,
        Self::TooOften,
        Self::UnreadableBody,
        Self::InvalidField,
        Self::Denied,
        Self::Flagged,
        Self::UnknownModel,
        Self::UnknownGeneration,
        Self::UnknownJob,
        Self::UnknownRoute,
        Self::WrongMethod,
        Self::NotAcceptable,
        Self::ReadTimeout,
        Self::Cancelled,
        Self::TooLarge,
        Self::UnsupportedMedia,
        Self::WrongSignature,
        Self::FileGone,
        Self::NoModel,
        Self::JobGone,
        Self::KeyReused,
        Self::StorageFull,
        Self::BrokenModel,
        Self::QueueFull,
        Self::Loading,
        Self::Draining,
        Self::OutOfMemory,
        Self::DeadlinePassed,
        Self::NoImage,
        Self::Internal,
    ];

    fn row(self) -> Row {
        use Retry::{May, Repeats};
        let (slug, status, retry) = match self {
            Self::BadHost => ("bad-host", StatusCode::BAD_REQUEST, Repeats),
            Self::MissingKey => ("missing-key", StatusCode::UNAUTHORIZED, Repeats),
            Self::KeyNotEnough => ("key-not-enough", StatusCode::FORBIDDEN, Repeats),
            Self::ForeignOrigin => ("foreign-origin", StatusCode::FORBIDDEN, Repeats),
            Self::TooOften => ("too-often", StatusCode::TOO_MANY_REQUESTS, May),
            Self::UnreadableBody => ("unreadable-body", StatusCode::BAD_REQUEST, Repeats),
            Self::InvalidField => ("invalid-field", StatusCode::UNPROCESSABLE_ENTITY, Repeats),
            Self::Denied => ("denied", StatusCode::UNPROCESSABLE_ENTITY, Repeats),
            // Another seed may paint another image, but the same request paints this one.
            Self::Flagged => ("flagged", StatusCode::UNPROCESSABLE_ENTITY, Repeats),
            Self::UnknownModel => ("unknown-model", StatusCode::NOT_FOUND, Repeats),
            Self::UnknownGeneration => ("unknown-generation", StatusCode::NOT_FOUND, Repeats),
            Self::UnknownJob => ("unknown-job", StatusCode::NOT_FOUND, Repeats),
            Self::UnknownRoute => ("unknown-route", StatusCode::NOT_FOUND, Repeats),
            Self::WrongMethod => ("wrong-method", StatusCode::METHOD_NOT_ALLOWED, Repeats),
            Self::NotAcceptable => ("not-acceptable", StatusCode::NOT_ACCEPTABLE, Repeats),
            Self::ReadTimeout => ("read-timeout", StatusCode::REQUEST_TIMEOUT, May),
            // No 409, which the usual clients of image APIs take for an invitation to try again.
            Self::Cancelled => ("cancelled", StatusCode::GONE, May),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, Repeats),
            Self::UnsupportedMedia => (
                "unsupported-media",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Repeats,
            ),
            Self::WrongSignature => ("wrong-signature", StatusCode::FORBIDDEN, Repeats),
            Self::FileGone => ("file-gone", StatusCode::GONE, Repeats),
            // Another server may have some, where a balancer looks; asking here again is of no use.
            Self::NoModel => ("no-model", StatusCode::SERVICE_UNAVAILABLE, Repeats),
            Self::JobGone => ("job-gone", StatusCode::GONE, Repeats),
            Self::KeyReused => ("key-reused", StatusCode::CONFLICT, Repeats),
            Self::StorageFull => ("storage-full", StatusCode::INSUFFICIENT_STORAGE, May),
            // Ours to mend and not the caller's, hence no 4xx; and it lasts until somebody mends
            // the model, hence no 503, which would have a balancer try its replicas in turn.
            Self::BrokenModel => ("broken-model", StatusCode::INTERNAL_SERVER_ERROR, Repeats),
            Self::QueueFull => ("queue-full", StatusCode::SERVICE_UNAVAILABLE, May),
            Self::Loading => ("loading", StatusCode::SERVICE_UNAVAILABLE, May),
            Self::Draining => ("draining", StatusCode::SERVICE_UNAVAILABLE, May),
            Self::OutOfMemory => ("out-of-memory", StatusCode::SERVICE_UNAVAILABLE, May),
            Self::DeadlinePassed => ("deadline-passed", StatusCode::GATEWAY_TIMEOUT, May),
            Self::NoImage => ("no-image", StatusCode::INTERNAL_SERVER_ERROR, Repeats),
            // One seed paints one image, and so fails in one way.
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, Repeats),
        };
        let (title, meaning) = self.words();
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

    pub(in crate::http) fn title(self) -> Text {
        self.row().title
    }

    pub(in crate::http) fn meaning(self) -> Text {
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
