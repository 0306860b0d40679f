//! How urgent a request says that it is (RFC 9218).

use axum::http::HeaderMap;

use crate::runtime::Priority;

/// The urgency from which on others may go first; the usual one is 3, and 7 is for what happens in
/// the background.
const BACKGROUND: u8 = 5;

/// `Priority: u=6` is a request that others may go before.
pub(super) fn of(headers: &HeaderMap) -> Priority {
    let urgency = headers
        .get("priority")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| {
            let mut members = text.split(',').map(str::trim);
            members.find_map(|member| member.strip_prefix("u=")?.parse::<u8>().ok())
        });
    if urgency.is_some_and(|urgency| (BACKGROUND..=7).contains(&urgency)) {
        Priority::Background
    } else {
        Priority::Interactive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_low_urgencies_stand_back() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("priority", text.parse().expect("a header"));
            of(&headers)
        };
        assert_eq!(of("u=7"), Priority::Background);
        assert_eq!(of("i, u=5"), Priority::Background);
        for usual in ["u=3", "u=0, i", "u=9", "low", ""] {
            assert_eq!(of(usual), Priority::Interactive, "{usual}");
        }
    }
}
