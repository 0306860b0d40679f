//! In which language the caller is answered (RFC 9110, section 12.5.4).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use crate::language::{Language, Message};

impl Language {
    /// The language that the `Accept-Language` headers like best, of those that are spoken here;
    /// English where they name none.
    pub(in crate::http) fn accepted(headers: &HeaderMap) -> Self {
        let ranges = headers
            .get_all(ACCEPT_LANGUAGE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(range);
        let mut best = (Self::default(), 0.0);
        for (language, weight) in ranges {
            // Of two that are liked as much, the first.
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// Messages in the language of an answer.
pub(in crate::http) fn spoken(messages: &[Message], language: Language) -> Vec<String> {
    let words = messages.iter().map(|message| message.to(language));
    words.collect()
}

/// `fr-CA;q=0.8`: a language and how much it is liked. `*` is content with English.
fn range(text: &str) -> Option<(Language, f32)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let tag = tag.trim();
    let language = match tag {
        "*" => Language::default(),
        _ => Language::of_tag(tag)?,
    };
    let weight = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(Some(1.0), |(_, weight)| weight.trim().parse().ok())?;
    Some((language, weight))
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::accepted(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accepted(header: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
        Language::accepted(&headers)
    }

    #[test]
    fn the_language_that_is_liked_best_is_spoken() {
        assert_eq!(accepted("fr"), Language::French);
        assert_eq!(accepted("vi-VN,vi;q=0.9,en;q=0.8"), Language::Vietnamese);
        assert_eq!(accepted("en;q=0.5, fr;q=0.7"), Language::French);
        assert_eq!(accepted("de, fr;q=0.3"), Language::French);
    }

    #[test]
    fn english_is_spoken_where_nothing_else_will_do() {
        assert_eq!(Language::accepted(&HeaderMap::new()), Language::English);
        for header in [
            "",
            "de",
            "*",
            "fr;q=0",
            "fr;q=high",
            ";;,",
            "*;q=0.5, fr;q=0.1",
        ] {
            assert_eq!(accepted(header), Language::English, "{header}");
        }
    }
}
