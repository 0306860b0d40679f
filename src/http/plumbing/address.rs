//! Addresses as people and programs put them together: `/v1/` before `/models` makes `/v1//models`.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The documentation's own files, which link to each other from below this address.
const RELATIVE: &str = "/docs/";

/// The request at the address that is meant: without double slashes and without one at the end.
pub(in crate::http) fn tidy(mut request: Request) -> Request {
    if let Some(uri) = tidied(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// Nothing where the address is as it should be, which nearly all are.
fn tidied(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let ends = path.len() > 1 && path.ends_with('/') && path != RELATIVE;
    if !ends && !path.contains("//") {
        return None;
    }
    let mut tidy: String = path
        .split('/')
        .filter(|part| !part.is_empty())
        .flat_map(|part| ["/", part])
        .collect();
    if tidy.is_empty() || format!("{tidy}/") == RELATIVE {
        tidy.push('/');
    }
    if let Some(query) = uri.query() {
        tidy = format!("{tidy}?{query}");
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(tidy).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_left_out() {
        for (given, meant) in [
            ("/v1//models", "/v1/models"),
            ("/v1/models/", "/v1/models"),
            ("//", "/"),
            ("//v1///models//?a=/b/", "/v1/models?a=/b/"),
            ("/docs//", "/docs/"),
            ("http://host//v1/models/", "http://host/v1/models"),
        ] {
            let tidy = tidied(&given.parse().unwrap());
            assert_eq!(tidy, Some(meant.parse().unwrap()), "{given}");
        }
        for plain in ["/", "/v1/models", "/docs/", "/docs/index.css", "*"] {
            assert_eq!(tidied(&plain.parse().unwrap()), None, "{plain}");
        }
    }
}
