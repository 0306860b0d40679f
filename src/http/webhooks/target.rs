//! Where a webhook may go: hosts by their names, networks by their addresses.

use std::net::IpAddr;

use axum::http::Uri;
use ipnet::IpNet;
use thiserror::Error;

use super::address::is_public;
use crate::language::Message;
use crate::message;

/// The longest address.
const LONGEST: usize = 2048;

/// The operator's list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Names, in small letters; `*.example.org` is all names below that one.
    names: Vec<String>,
    networks: Vec<IpNet>,
}

/// Something that is neither a host nor a network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no host; expected a name, such as hooks.example.org or *.example.org, or a network, such as 10.1.0.0/16"
)]
pub struct InvalidHost(String);

impl Allowed {
    /// From the operator's words.
    ///
    /// # Errors
    /// [`InvalidHost`], the first that is none.
    pub fn read<I>(hosts: I) -> Result<Self, InvalidHost>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut allowed = Self::default();
        for host in hosts {
            let host = host.as_ref().trim();
            let address = host.parse::<IpAddr>().map(IpNet::from);
            if let Ok(network) = host.parse::<IpNet>().or(address) {
                allowed.networks.push(network);
                continue;
            }
            let bare = host.strip_prefix("*.").unwrap_or(host);
            if !is_name(bare) {
                return Err(InvalidHost(host.to_owned()));
            }
            allowed.names.push(host.to_ascii_lowercase());
        }
        Ok(allowed)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.networks.is_empty()
    }

    fn names_it(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        is_name(&host)
            && self.names.iter().any(|name| match name.strip_prefix('*') {
                Some(end) => host.ends_with(end) && host.len() > end.len(),
                None => host == *name,
            })
    }

    fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Whether a connection may go there.
    pub(super) fn reaches(&self, address: IpAddr, is_encrypted: bool) -> bool {
        self.holds(address) || (is_encrypted && is_public(address))
    }
}

fn is_name(host: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.bytes().all(letter)
}

/// Why a webhook doesn't go to an address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(in crate::http) struct Refused(pub(in crate::http) Message);

/// An address of a host on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) is_encrypted: bool,
    /// As the `Host` header has it.
    pub(super) authority: String,
    pub(super) path: String,
}

impl Target {
    /// From what the caller wrote.
    pub(super) fn read(url: &str, allowed: &Allowed) -> Result<Self, Refused> {
        let refused = |message| Err(Refused(message));
        if allowed.is_empty() {
            return refused(message!(
                "webhooks are off here; the operator allows hosts with --webhook-allow"
            ));
        }
        let uri = Some(url).filter(|url| url.len() <= LONGEST);
        let uri: Option<Uri> = uri.and_then(|url| url.parse().ok());
        let parts = uri.as_ref().and_then(|uri| {
            let is_encrypted = match uri.scheme_str()? {
                "https" => true,
                "http" => false,
                _ => return None,
            };
            Some((is_encrypted, uri.authority()?))
        });
        let (Some(uri), Some((is_encrypted, authority))) = (&uri, parts) else {
            return refused(message!(
                "expected an address such as https://hooks.example.org/done"
            ));
        };
        if authority.as_str().contains('@') {
            return refused(message!("an address must not hold a name and a password"));
        }
        let host = authority.host().trim_matches(['[', ']']);
        let is_listed = match host.parse::<IpAddr>() {
            Ok(address) => allowed.holds(address),
            Err(_) => allowed.names_it(host),
        };
        if !is_listed {
            return refused(message!("webhooks to {host} are not allowed here", host));
        }
        let usual = if is_encrypted { 443 } else { 80 };
        Ok(Self {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(usual),
            is_encrypted,
            authority: authority.to_string(),
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Allowed {
        Allowed::read([
            "hooks.example.org",
            "*.example.net",
            "10.1.0.0/16",
            "127.0.0.1",
        ])
        .unwrap()
    }

    fn listed(url: &str) -> bool {
        Target::read(url, &allowed()).is_ok()
    }

    #[test]
    fn only_hosts_on_the_list_are_asked() {
        for url in [
            "https://hooks.example.org/done?x=1",
            "https://HOOKS.example.org.:8443",
            "https://a.b.example.net/",
            "http://127.0.0.1:9000/",
            "http://10.1.2.3/",
        ] {
            assert!(listed(url), "{url}");
        }
        for url in [
            "https://example.org/",
            "https://example.net/",
            "https://evilexample.net/",
            "https://hooks.example.org.evil.com/",
            "https://hooks.example.org@evil.com/",
            "https://evil.com/?hooks.example.org",
            "http://10.2.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.2.0.1]/",
            "https://evil.com%2f.example.net/",
            "https://evil.com\\.example.net/",
            "https://evil.com#.example.net/",
            "https://a@b.example.net/",
            "http://2130706433/",
            "ftp://hooks.example.org/",
            "hooks.example.org",
            "/done",
            "",
        ] {
            assert!(!listed(url), "{url}");
        }
        assert!(Target::read("https://hooks.example.org/", &Allowed::default()).is_err());
    }

    #[test]
    fn a_name_on_the_list_leads_into_no_network_that_is_not() {
        let reaches = |address: &str, encrypted| {
            allowed().reaches(address.parse().expect("an address"), encrypted)
        };
        assert!(reaches("1.1.1.1", true));
        assert!(!reaches("1.1.1.1", false));
        assert!(reaches("10.1.0.9", false) && reaches("::ffff:10.1.0.9", true));
        assert!(!reaches("10.2.0.9", true));
        assert!(!reaches("169.254.169.254", true));
    }

    #[test]
    fn the_list_holds_hosts_and_networks() {
        for wrong in ["", "*", "https://a.org", "a b", "a.org/x", "10.0.0.0/99"] {
            assert!(Allowed::read([wrong]).is_err(), "{wrong}");
        }
    }
}
