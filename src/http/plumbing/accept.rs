//! Which form of an answer the caller prefers (RFC 9110, section 12.5.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;

/// What the `Accept` headers of a request say; all is acceptable if there are none.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::http) struct Accept {
    ranges: Vec<Range>,
}

/// `image/png`, `image/*` or `*/*`, with its weight in thousandths.
#[derive(Debug, Clone, PartialEq)]
struct Range {
    main: String,
    sub: String,
    weight: u16,
}

impl Accept {
    /// Reads the headers. Parts that are no media range are passed over, as RFC 9110 has it for
    /// fields that only state preferences.
    pub(in crate::http) fn of(headers: &HeaderMap) -> Self {
        let ranges = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::parse)
            .collect();
        Self { ranges }
    }

    /// The offer that the caller prefers, if any is acceptable.
    ///
    /// The highest weight wins; then the offer that was named more exactly; then the first one.
    pub(in crate::http) fn choose<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let mut best = None;
        let mut best_rank = (0, Exactness::All);
        for &offer in offers {
            let rank = self.rank(offer);
            if rank.0 > 0 && (best.is_none() || rank > best_rank) {
                (best, best_rank) = (Some(offer), rank);
            }
        }
        best
    }

    /// An offer's weight, which is that of the range that names it most exactly.
    fn rank(&self, offer: &str) -> (u16, Exactness) {
        if self.ranges.is_empty() {
            return (1000, Exactness::All);
        }
        self.ranges
            .iter()
            .filter_map(|range| Some((range.names(offer)?, range.weight)))
            .max_by_key(|&(exactness, _)| exactness)
            .map_or((0, Exactness::All), |(exactness, weight)| {
                (weight, exactness)
            })
    }
}

impl<S: Sync> FromRequestParts<S> for Accept {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// How a range names a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exactness {
    /// `*/*`
    All,
    /// `image/*`
    Kind,
    /// `image/png`
    Type,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = parts.next()?.split_once('/')?;
        let mut weight = 1000;
        for parameter in parts {
            if let Some((name, value)) = parameter.split_once('=')
                && name.trim().eq_ignore_ascii_case("q")
            {
                weight = thousandths(value.trim())?;
            }
        }
        if main.is_empty() || sub.is_empty() || (main == "*" && sub != "*") {
            return None;
        }
        Some(Self {
            main: main.to_ascii_lowercase(),
            sub: sub.to_ascii_lowercase(),
            weight,
        })
    }

    fn names(&self, offer: &str) -> Option<Exactness> {
        let (main, sub) = offer.split_once('/')?;
        match (self.main.as_str(), self.sub.as_str()) {
            ("*", "*") => Some(Exactness::All),
            (wanted, "*") if wanted == main => Some(Exactness::Kind),
            (wanted, exactly) if wanted == main && exactly == sub => Some(Exactness::Type),
            _ => None,
        }
    }
}

/// `0`, `1`, or either with up to three decimals; never above 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, fraction) {
        ("0", _) => Some(fraction),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: [&str; 4] = ["application/json", "image/png", "image/jpeg", "image/webp"];

    fn chosen(header: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, header.parse().unwrap());
        Accept::of(&headers).choose(&OFFERS)
    }

    #[test]
    fn json_where_the_caller_does_not_care() {
        let none = Accept::of(&HeaderMap::new());
        assert_eq!(none.choose(&OFFERS), Some("application/json"));
        assert_eq!(chosen("*/*"), Some("application/json"));
        let page = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(chosen(page), Some("application/json"));
    }

    #[test]
    fn the_type_that_is_named() {
        assert_eq!(chosen("image/png"), Some("image/png"));
        assert_eq!(chosen("IMAGE/WebP"), Some("image/webp"));
        assert_eq!(chosen("image/*"), Some("image/png"));
        assert_eq!(chosen("image/jpeg;foo=bar;q=0.2"), Some("image/jpeg"));
    }

    #[test]
    fn weights_decide_before_all_else() {
        assert_eq!(chosen("image/png;q=0.5, image/webp"), Some("image/webp"));
        assert_eq!(chosen("image/*;q=0.1, */*;q=0.9"), Some("application/json"));
        assert_eq!(chosen("image/png;q=0.1, image/*"), Some("image/jpeg"));
    }

    #[test]
    fn of_equal_weights_the_exact_name_wins() {
        let img = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8";
        assert_eq!(chosen(img), Some("image/webp"));
        assert_eq!(chosen("*/*, image/png"), Some("image/png"));
    }

    #[test]
    fn a_weight_of_0_refuses() {
        assert_eq!(chosen("image/png;q=0"), None);
        assert_eq!(chosen("image/*, image/png;q=0.0"), Some("image/jpeg"));
        assert_eq!(chosen("*/*, application/json;q=0"), Some("image/png"));
    }

    #[test]
    fn what_is_not_offered_is_not_chosen() {
        assert_eq!(chosen("text/html"), None);
        assert_eq!(chosen("image/avif, image/gif"), None);
    }

    #[test]
    fn headers_may_come_apart() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, "text/html".parse().unwrap());
        headers.append(ACCEPT, "image/jpeg".parse().unwrap());
        assert_eq!(Accept::of(&headers).choose(&OFFERS), Some("image/jpeg"));
    }

    #[test]
    fn nonsense_is_passed_over() {
        for nonsense in [
            "image/png;q=2",
            "image/png;q=0.1234",
            "image/png;q=x",
            "*/png",
        ] {
            let with_json = format!("{nonsense}, application/json");
            assert_eq!(chosen(&with_json), Some("application/json"), "{nonsense}");
        }
    }
}
