//! `Prefer: respond-async` (RFC 7240) and `Idempotency-Key`.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::http::error::Problem;
use crate::message;

/// The longest key.
const LONGEST: usize = 255;

/// What a caller says who doesn't wait for the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Deferred {
    /// The caller's own name for the submission.
    pub(in crate::http) key: Option<String>,
}

impl Deferred {
    /// From the headers of a request that is to become a job.
    pub(in crate::http) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(key) = headers.get("idempotency-key") else {
            return Ok(Self { key: None });
        };
        // The draft of the header has quotes around it, and most clients leave them out.
        let text = key.to_str().map(|text| text.trim().trim_matches('"'));
        match text {
            Ok(text) if (1..=LONGEST).contains(&text.len()) => Ok(Self {
                key: Some(text.to_owned()),
            }),
            _ => Err(Problem::field(
                "Idempotency-Key",
                message!("expected 1 to {most} ASCII letters", most = LONGEST),
            )),
        }
    }
}

/// Whether the caller doesn't wait: there where it says so.
#[derive(Debug)]
pub(in crate::http) struct Preferred(pub(in crate::http) Option<Deferred>);

impl<S: Sync> FromRequestParts<S> for Preferred {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}

impl Preferred {
    pub(in crate::http) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let preferences = headers.get_all("prefer").iter();
        let mut preferences = preferences
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|preference| preference.split(';').next().unwrap_or_default().trim());
        if preferences.any(|preference| preference.eq_ignore_ascii_case("respond-async")) {
            return Deferred::of(headers).map(|deferred| Self(Some(deferred)));
        }
        Ok(Self(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deferred(headers: &[(&'static str, &'static str)]) -> Option<Deferred> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(*name, value.parse().expect("a header"));
        }
        Preferred::of(&all).expect("sound headers").0
    }

    #[test]
    fn who_does_not_wait_says_so() {
        let none = Some(Deferred { key: None });
        assert_eq!(deferred(&[("prefer", "respond-async")]), none);
        assert_eq!(deferred(&[("prefer", "wait=5, Respond-Async; x=1")]), none);
        assert_eq!(deferred(&[("prefer", "wait=5")]), None);
        assert_eq!(deferred(&[("idempotency-key", "a")]), None);
    }

    #[test]
    fn a_key_may_stand_in_quotes() {
        let keyed = |key| deferred(&[("prefer", "respond-async"), ("idempotency-key", key)]);
        assert_eq!(keyed("\"a-1\""), keyed("a-1"));
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", "".parse().expect("a header"));
        assert!(Deferred::of(&headers).is_err());
    }
}
