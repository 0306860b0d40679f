//! The key that a request brings, and what it opens.

use std::sync::{Arc, PoisonError};

use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::App;
use crate::http::dialect::Spoken;
use crate::http::error::{Kind, Problem};
use crate::message;
use crate::service::{Key, Scope};

/// Where the clients of some services put it; the second is Azure's.
const API_KEYS: [&str; 2] = ["x-api-key", "api-key"];

/// The scope that a path needs; none for what everybody may see: the page, the documentation, the
/// probes, and links that are signed.
pub(super) fn scope_of(path: &str, dialect: Option<&Spoken>) -> Option<Scope> {
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    match first {
        "" | "livez" | "readyz" | "docs" | "openapi.json" | "problems" | "files" | "page" => None,
        "metrics" => Some(Scope::Metrics),
        "admin" => Some(Scope::Admin),
        _ if dialect.is_some_and(|dialect| dialect.is_admins(path)) => Some(Scope::Admin),
        _ => Some(Scope::Generate),
    }
}

/// The key that a request brings, if the server has keys at all.
///
/// # Errors
/// It brings none or a wrong one, or one that isn't good for this.
pub(super) fn check(
    app: &App,
    headers: &HeaderMap,
    needed: Option<Scope>,
) -> Result<Option<Arc<Key>>, Problem> {
    let keys = app.options().keys.read();
    let keys = keys.unwrap_or_else(PoisonError::into_inner);
    if keys.is_empty() {
        return Ok(None);
    }
    let presented = presented(headers);
    let found = presented.iter().find_map(|key| keys.find(key));
    drop(keys);
    let Some(needed) = needed else {
        return Ok(found);
    };
    let Some(key) = found else {
        let detail = if presented.is_empty() {
            message!("send a key as Authorization: Bearer or as x-api-key")
        } else {
            message!("the key that was sent is not valid here")
        };
        return Err(Problem::new(Kind::MissingKey, detail));
    };
    if key.allows(needed) {
        return Ok(Some(key));
    }
    let detail = message!("this needs a key with the scope {needed}", needed);
    Err(Problem::new(Kind::KeyNotEnough, detail))
}

/// Says in which way a key may be sent.
pub(super) fn ask(problem: Problem) -> Response {
    let asks = problem.kind == Kind::MissingKey;
    let mut response = problem.into_response();
    if asks {
        // Bearer first; Basic is what the clients of the A1111 web UI have.
        let ways = HeaderValue::from_static("Bearer realm=\"atelier\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, ways);
    }
    response
}

/// What a request brings as a key: a token, a header of its own, or a user's password. With Basic,
/// a key may stand in either place.
fn presented(headers: &HeaderMap) -> Vec<String> {
    let mut presented = Vec::new();
    let own = API_KEYS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    presented.extend(own.map(|key| key.trim().to_owned()));
    let authorization = headers.get(AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = authorization.and_then(|text| text.split_once(' ')) else {
        return presented;
    };
    // Token and Key are what the clients of Replicate and fal say.
    if ["bearer", "token", "key"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        presented.push(rest.trim().to_owned());
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest.trim()).ok();
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        if let Some((user, password)) = pair.as_deref().and_then(|pair| pair.split_once(':')) {
            presented.extend([password.to_owned(), user.to_owned()]);
        }
    }
    presented
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{dialect, dialects};

    fn scope_of(path: &str) -> Option<Scope> {
        super::scope_of(path, dialect::at(dialects::ALL, path))
    }

    fn of(name: &'static str, value: &str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        presented(&headers)
    }

    #[test]
    fn a_key_is_read_from_wherever_clients_put_it() {
        assert_eq!(of("authorization", "Bearer abc"), ["abc"]);
        assert_eq!(of("authorization", "bearer  abc"), ["abc"]);
        assert_eq!(of("x-api-key", "abc"), ["abc"]);
        assert_eq!(of("api-key", "abc"), ["abc"]);
        // me:abc
        assert_eq!(of("authorization", "Basic bWU6YWJj"), ["abc", "me"]);
        for none in ["abc", "Basic ???", "Digest abc"] {
            assert!(of("authorization", none).is_empty(), "{none}");
        }
    }

    #[test]
    fn what_is_not_for_everybody_needs_a_scope() {
        for open in [
            "/",
            "/livez",
            "/readyz",
            "/docs",
            "/docs/x.js",
            "/files/a.png",
        ] {
            assert_eq!(scope_of(open), None, "{open}");
        }
        for (path, scope) in [
            ("/generate", Scope::Generate),
            ("/v1/images/generations", Scope::Generate),
            ("/models", Scope::Generate),
            ("/sdapi/v1/options", Scope::Generate),
            ("/sdapi/v1/unload-checkpoint", Scope::Admin),
            ("/sdapi/v1/refresh-checkpoints", Scope::Admin),
            ("/admin/models/a/load", Scope::Admin),
            ("/metrics", Scope::Metrics),
            ("/nowhere", Scope::Generate),
        ] {
            assert_eq!(scope_of(path), Some(scope), "{path}");
        }
    }
}
