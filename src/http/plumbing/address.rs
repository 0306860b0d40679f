//! Addresses as people and programs put them together: `/v1/` before `/models` makes `/v1//models`,
//! and the clients of Azure put a model's name into the path.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

/// The documentation's own files, which link to each other from below this address.
const RELATIVE: &str = "/docs/";

/// Before what Azure's clients ask of a model, and before all else that they ask.
const DEPLOYMENTS: &str = "/openai/deployments/";
const AZURE: [&str; 2] = ["/openai/v1/", "/openai/"];
/// What they are answered with.
const OPENAI: &str = "/v1/";

/// The model that an Azure client names in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Deployment(pub(in crate::http) String);

/// The request at the address that is meant: without double slashes and without one at the end, and
/// an Azure client's at OpenAI's.
pub(in crate::http) fn tidy(mut request: Request) -> Request {
    if let Some(uri) = tidied(request.uri()) {
        *request.uri_mut() = uri;
    }
    if let Some((uri, deployment)) = from_azure(request.uri()) {
        *request.uri_mut() = uri;
        if let Some(deployment) = deployment {
            request.extensions_mut().insert(deployment);
        }
    }
    request
}

/// The same in OpenAI's addresses, with the model that stands in Azure's.
fn from_azure(uri: &Uri) -> Option<(Uri, Option<Deployment>)> {
    let path = uri.path();
    if let Some(rest) = path.strip_prefix(DEPLOYMENTS) {
        let (name, rest) = rest.split_once('/')?;
        let name = percent_decode_str(name).decode_utf8().ok()?;
        let deployment = Deployment(name.into_owned());
        return Some((at(uri, format!("{OPENAI}{rest}"))?, Some(deployment)));
    }
    let rest = AZURE.iter().find_map(|prefix| path.strip_prefix(prefix))?;
    Some((at(uri, format!("{OPENAI}{rest}"))?, None))
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
    at(uri, tidy)
}

/// The same address with another path.
fn at(uri: &Uri, mut path: String) -> Option<Uri> {
    if let Some(query) = uri.query() {
        path = format!("{path}?{query}");
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_addresses_are_openais() {
        for (given, meant, model) in [
            (
                "/openai/deployments/my%20cats/images/generations?api-version=1",
                "/v1/images/generations?api-version=1",
                Some("my cats"),
            ),
            ("/openai/v1/images/edits", "/v1/images/edits", None),
            ("/openai/models", "/v1/models", None),
        ] {
            let model = model.map(|name| Deployment(name.to_owned()));
            let read = from_azure(&given.parse().unwrap());
            assert_eq!(read, Some((meant.parse().unwrap(), model)), "{given}");
        }
        for other in ["/v1/models", "/openai", "/openai/deployments/cats"] {
            let deployment = from_azure(&other.parse().unwrap()).and_then(|(_, name)| name);
            assert_eq!(deployment, None, "{other}");
        }
    }

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
