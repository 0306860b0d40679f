//! Where a request comes from, behind as many proxies as the operator trusts.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use ipnet::IpNet;
use tokio::task_local;

use super::Encrypted;

/// Whoever sent a request, as far as the connection and proxies that are trusted tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::http) struct Peer {
    /// The caller's own address.
    pub(in crate::http) address: Option<IpAddr>,
    /// Whether the caller came by `https`, to here or to a trusted proxy.
    pub(in crate::http) secure: bool,
    /// Whether the connection is a trusted proxy's.
    pub(in crate::http) proxied: bool,
}

task_local! {
    static CURRENT: Peer;
}

impl Peer {
    /// That of the current request; nobody's outside of any.
    pub(in crate::http) fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Runs the future as this one's request.
    pub(super) async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// What proxies write into a request counts only where the connection is one of theirs. From
    /// the last one backwards, the first address that is none of theirs is the caller's: whatever
    /// stands before it, the caller may have made up.
    pub(in crate::http) fn of(request: &Request, trusted: &[IpNet]) -> Self {
        let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let connected = connected.map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let is_proxy = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
        let Some(proxy) = connected.filter(is_proxy) else {
            return Self {
                address: connected,
                secure: request.extensions().get::<Encrypted>().is_some(),
                proxied: false,
            };
        };
        let headers = request.headers();
        let mut hops = forwarded_for(headers);
        let mut address = Some(proxy);
        while let Some(hop) = hops.pop() {
            let Some(hop) = hop else { break };
            address = Some(hop);
            if !is_proxy(&hop) {
                break;
            }
        }
        Self {
            address,
            secure: protocol(headers).is_some_and(|name| name.eq_ignore_ascii_case("https")),
            proxied: true,
        }
    }
}

/// The addresses that proxies have written down, the nearest last; none for what is no address.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let listed = values(headers, "x-forwarded-for");
    if !listed.is_empty() {
        return listed.iter().map(|hop| address(hop)).collect();
    }
    let hops = values(headers, FORWARDED.as_str());
    hops.iter()
        .map(|hop| parameter(hop, "for").and_then(|node| address(&node)))
        .collect()
}

/// By which protocol the nearest proxy was asked.
fn protocol(headers: &HeaderMap) -> Option<String> {
    values(headers, "x-forwarded-proto").pop().or_else(|| {
        let hop = values(headers, FORWARDED.as_str()).pop()?;
        parameter(&hop, "proto")
    })
}

/// A list's members, over all headers of that name.
fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let texts = headers.get_all(name).iter();
    let texts = texts.filter_map(|value| value.to_str().ok());
    let members = texts.flat_map(|text| text.split(','));
    members.map(|member| member.trim().to_owned()).collect()
}

/// A parameter of one hop of `Forwarded` (RFC 7239).
fn parameter(hop: &str, wanted: &str) -> Option<String> {
    hop.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let matches = name.eq_ignore_ascii_case(wanted);
        matches.then(|| value.trim_matches('"').to_owned())
    })
}

/// An address, with or without a port and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = || text.strip_prefix('[')?.split(']').next()?.parse().ok();
    text.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .or_else(bare)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn peer(connected: &str, headers: &[(&str, &str)]) -> (Option<String>, bool) {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        let connected: SocketAddr = format!("{connected}:9000").parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(connected));
        let trusted = ["10.0.0.0/8".parse().expect("a net")];
        let peer = Peer::of(&request, &trusted);
        (peer.address.map(|address| address.to_string()), peer.secure)
    }

    fn address_of(connected: &str, headers: &[(&str, &str)]) -> String {
        peer(connected, headers).0.expect("an address")
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        let headers = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
        ];
        let (address, secure) = peer("192.0.2.7", &headers);
        assert_eq!((address.as_deref(), secure), (Some("192.0.2.7"), false));
    }

    #[test]
    fn behind_trusted_proxies_the_caller_is_the_last_who_is_none_of_them() {
        let forged = [("x-forwarded-for", "6.6.6.6, 192.0.2.7, 10.0.0.9")];
        assert_eq!(address_of("10.0.0.1", &forged), "192.0.2.7");
        let twice = [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-for", "10.1.1.1"),
        ];
        assert_eq!(address_of("10.0.0.1", &twice), "192.0.2.7");
        let standard = [(
            "forwarded",
            "for=\"[2001:db8::7]:99\";proto=https, for=10.0.0.9",
        )];
        assert_eq!(address_of("10.0.0.1", &standard), "2001:db8::7");
    }

    #[test]
    fn a_proxy_that_names_nobody_is_the_caller_itself() {
        assert_eq!(address_of("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            address_of("10.0.0.1", &[("x-forwarded-for", "unknown")]),
            "10.0.0.1"
        );
    }

    #[test]
    fn the_protocol_is_what_the_nearest_proxy_was_asked_by() {
        let headers = [("x-forwarded-proto", "https")];
        assert!(peer("10.0.0.1", &headers).1);
        assert!(peer("10.0.0.1", &[("forwarded", "for=192.0.2.7;proto=https")]).1);
        assert!(!peer("10.0.0.1", &[]).1);
    }
}
