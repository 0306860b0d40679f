//! Whom a request means, and on behalf of which page it was sent.
//!
//! A page on the Internet can have a name that leads to a visitor's own machine (DNS rebinding), and
//! can send forms to it. The first shows in `Host`, the second in `Origin`.

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderValue, Method, Uri, Version};
use std::net::{IpAddr, SocketAddr};

use super::{OperatorsPort, PROBES};
use crate::http::error::{Kind, Problem};
use crate::http::plumbing::options::{Cors, HttpOptions};
use crate::language::Message;
use crate::message;

/// # Errors
/// The request names no host, several, or one that isn't this one; or a page of another origin had
/// it sent, and it would change something.
pub(super) fn check(request: &Request, options: &HttpOptions) -> Result<(), Problem> {
    let hosts: Vec<&HeaderValue> = request.headers().get_all(HOST).iter().collect();
    let by_wire = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some();
    let host = match hosts[..] {
        [host] => host.to_str().unwrap_or_default(),
        [] if request.version() <= Version::HTTP_10 || !by_wire => "",
        [] => return Err(bad(message!("there is no Host header"))),
        _ => return Err(bad(message!("there are several Host headers"))),
    };
    // Those who probe and scrape call the server by its address, which no page's name can be.
    let is_probe = PROBES.contains(&request.uri().path()) && is_address(host)
        || request.extensions().get::<OperatorsPort>().is_some();
    if let Some(allowed) = &options.hosts
        && !is_probe
        && !host.is_empty()
        && !allowed.iter().any(|name| matches(host, name))
    {
        let detail = message!(
            "{host} is none of the names of this server; it goes by {allowed} (see --hosts)",
            host = ?name_of(host),
            allowed = allowed.join(", ")
        );
        return Err(bad(detail));
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    match request.headers().get(ORIGIN) {
        Some(origin) if changes && !is_allowed(origin, host, &options.cors) => {
            let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
            let detail = message!("pages of {origin} may not ask here (see --cors)", origin);
            Err(Problem::new(Kind::ForeignOrigin, detail))
        }
        _ => Ok(()),
    }
}

fn bad(detail: Message) -> Problem {
    Problem::new(Kind::BadHost, detail)
}

/// Whether a host is a number and no name that somebody could have lead here.
fn is_address(host: &str) -> bool {
    let name = name_of(host).trim_start_matches('[').trim_end_matches(']');
    name.parse::<IpAddr>().is_ok()
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    let end = host.rfind(']').map_or(0, |end| end + 1);
    host[end..]
        .find(':')
        .map_or(host, |port| &host[..end + port])
}

/// Whether a `Host` is of that name; `*.example.org` stands for all names below it.
fn matches(host: &str, allowed: &str) -> bool {
    let name = name_of(host);
    match allowed.strip_prefix('*') {
        Some(end) if end.starts_with('.') => {
            name.len() > end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
        }
        _ => name.eq_ignore_ascii_case(allowed) || host.eq_ignore_ascii_case(allowed),
    }
}

/// Whether it is the service's own page, or one that the operator allows. A proxy that speaks TLS
/// may stand between, so that the scheme may differ.
fn is_allowed(origin: &HeaderValue, host: &str, cors: &Cors) -> bool {
    let own = origin.to_str().ok().and_then(|origin| {
        let uri: Uri = origin.parse().ok()?;
        let authority = uri.authority()?.as_str().to_owned();
        Some(authority.eq_ignore_ascii_case(host))
    });
    own == Some(true)
        || match cors {
            Cors::Off => false,
            Cors::Any => true,
            Cors::Origins(origins) => origins.contains(origin),
        }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn checked(headers: &[(&str, &str)], options: &HttpOptions) -> Result<(), Kind> {
        let mut request = Request::post("/generate");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        let peer = SocketAddr::from(([127, 0, 0, 1], 9000));
        request.extensions_mut().insert(ConnectInfo(peer));
        check(&request, options).map_err(|problem| problem.kind)
    }

    #[test]
    fn there_is_one_host_and_it_is_this_one() {
        let any = HttpOptions::default();
        assert_eq!(checked(&[("host", "x")], &any), Ok(()));
        assert_eq!(checked(&[], &any), Err(Kind::BadHost));
        let twice = [("host", "x"), ("host", "x")];
        assert_eq!(checked(&twice, &any), Err(Kind::BadHost));
        let loopback = HttpOptions {
            hosts: Some(vec![
                "localhost".into(),
                "[::1]".into(),
                "*.example.org".into(),
            ]),
            ..HttpOptions::default()
        };
        for own in [
            "localhost:8080",
            "LOCALHOST",
            "[::1]:8080",
            "[::1]",
            "a.example.org:1",
        ] {
            assert_eq!(checked(&[("host", own)], &loopback), Ok(()), "{own}");
        }
        for other in [
            "evil.example",
            "localhost.evil.example",
            "example.org",
            "xexample.org",
        ] {
            assert_eq!(
                checked(&[("host", other)], &loopback),
                Err(Kind::BadHost),
                "{other}"
            );
        }
    }

    #[test]
    fn a_page_of_another_origin_changes_nothing() {
        let off = HttpOptions::default();
        let from = |origin| [("host", "localhost:8080"), ("origin", origin)];
        assert_eq!(checked(&from("http://localhost:8080"), &off), Ok(()));
        assert_eq!(checked(&from("https://localhost:8080"), &off), Ok(()));
        for foreign in ["https://evil.example", "http://localhost:9090", "null"] {
            let answer = checked(&from(foreign), &off);
            assert_eq!(answer, Err(Kind::ForeignOrigin), "{foreign}");
        }
        let some = HttpOptions {
            cors: Cors::from_origins(["https://example.org"]).expect("an origin"),
            ..HttpOptions::default()
        };
        assert_eq!(checked(&from("https://example.org"), &some), Ok(()));
        assert!(checked(&from("https://evil.example"), &some).is_err());
    }
}
