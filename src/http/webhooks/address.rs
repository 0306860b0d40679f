//! Which addresses anybody on the internet could reach: those that lead into nobody's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is a public one.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation();
    // Shared by providers, of protocols, of the old relays, for measuring, reserved.
    let is_reserved = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !is_special && !is_reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // Those that stand for an IPv4 address lead where that one leads.
    let embedded = match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = embedded {
        return is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    // All that is handed out to networks; of it, tunnels and what stands in documents.
    let is_global = parts[0] & 0xe000 == 0x2000;
    let is_special = parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8);
    let is_document = parts[0] == 0x3fff && parts[1] < 0x1000;
    is_global && !is_special && !is_document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().expect("an address"))
    }

    #[test]
    fn what_anybody_could_reach_is_public() {
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn what_only_this_machine_or_its_networks_reach_is_not() {
        for address in [
            "0.0.0.0",
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "::7f00:1",
            "::101:101",
            "::ffff:0:7f00:1",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "fec0::1",
            "100::1",
            "5f00::1",
            "3fff::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }
}
