//! What the links that are handed out begin with.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::HOST;

use super::access::Peer;
use crate::http::App;

/// What links begin with: the operator's word, or the address that this caller used, where that is known
/// to be this server's; otherwise they begin with nothing, and lead on from wherever the caller asked.
pub(in crate::http) fn base(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.options().public_url {
        return url.clone();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let listed = app.options().hosts.is_some();
    let scheme = if Peer::current().secure {
        "https"
    } else {
        "http"
    };
    host.filter(|host| is_plain(host) && (listed || is_address(host)))
        .map(|host| format!("{scheme}://{host}"))
        .unwrap_or_default()
}

fn is_plain(host: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(known)
}

/// Whether it can mean no other machine than the one that was reached.
fn is_address(host: &str) -> bool {
    let ip = |host: &str| host.parse::<IpAddr>().is_ok();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    host.parse::<SocketAddr>().is_ok()
        || ip(host.trim_matches(['[', ']']))
        || name.eq_ignore_ascii_case("localhost")
}
