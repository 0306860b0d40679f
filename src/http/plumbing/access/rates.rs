//! How often each caller asks for images, and what the answers say of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::http::error::{Kind, Problem};
use crate::message;
use crate::service::{Key, Left, RateLimits, Rates, TooMany};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The rates of all callers.
#[derive(Debug)]
pub(in crate::http) struct CallerRates {
    /// For those without a key, and those whose key states no limit of its own.
    usual: Arc<Rates>,
    /// By what keys state; of as many kinds as there are keys at most.
    stated: Mutex<HashMap<RateLimits, Arc<Rates>>>,
}

impl CallerRates {
    pub(in crate::http) fn new(usual: RateLimits) -> Self {
        Self {
            usual: Arc::new(Rates::new(usual)),
            stated: Mutex::default(),
        }
    }

    /// Counts a request.
    pub(super) fn count(&self, caller: u64, key: Option<&Key>) -> Result<Option<Left>, TooMany> {
        match key.map(|key| key.limits) {
            Some(limits) if limits != RateLimits::default() => {
                let mut stated = self.stated.lock().unwrap_or_else(PoisonError::into_inner);
                let rates = stated.entry(limits);
                let rates = Arc::clone(rates.or_insert_with(|| Arc::new(Rates::new(limits))));
                drop(stated);
                rates.count(caller)
            }
            _ => self.usual.count(caller),
        }
    }
}

/// Says what is left (draft-ietf-httpapi-ratelimit-headers).
pub(super) fn tell(left: Left, headers: &mut HeaderMap) {
    let policy = policy(left.limit, left.window.as_secs());
    let limit = format!("\"requests\";r={}", left.remaining);
    insert(headers, POLICY, &policy);
    insert(headers, LIMIT, &limit);
}

/// The answer to somebody who has asked too often.
pub(super) fn refused(too_many: TooMany) -> Response {
    let TooMany {
        limit,
        window,
        retry_after,
    } = too_many;
    let detail = message!(
        "{limit} requests are allowed in {seconds} s",
        limit,
        seconds = window.as_secs()
    );
    let problem = Problem {
        retry_after: Some(retry_after),
        ..Problem::new(Kind::TooOften, detail)
    };
    let mut response = problem.into_response();
    let headers = response.headers_mut();
    insert(headers, POLICY, &policy(limit, window.as_secs()));
    let seconds = retry_after.as_secs() + 1;
    insert(headers, LIMIT, &format!("\"requests\";r=0;t={seconds}"));
    response
}

fn policy(limit: u32, seconds: u64) -> String {
    format!("\"requests\";q={limit};w={seconds}")
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("plain ASCII"));
}
