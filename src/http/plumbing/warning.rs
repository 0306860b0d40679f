//! Warnings in headers, where an answer's body has no place for them.
//!
//! Clients read headers as Latin-1, or refuse what isn't ASCII, so other letters are percent-encoded as in
//! an address: `decodeURIComponent` gives the sentence.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::language::{Language, Message};
use crate::message;

/// What is encoded: all that isn't ASCII, and the sign itself.
const BEYOND_ASCII: &AsciiSet = &CONTROLS.add(b'%');
/// Where they stand.
pub(in crate::http) const WARNING: HeaderName = HeaderName::from_static("x-atelier-warning");
/// Bytes of all of them: proxies take 4 or 8 KiB for the headers of an answer, and Node.js 16.
const MOST_BYTES: usize = 3072;
/// Letters of each.
const MOST_LETTERS: usize = 1024;

/// A header for each warning; of those that find no room, how many they are.
pub(in crate::http) fn warn<'w>(
    headers: &mut HeaderMap,
    warnings: impl IntoIterator<Item = &'w Message>,
    language: Language,
) {
    let (mut left, mut count) = (MOST_BYTES, 0);
    for warning in warnings {
        let text = on_one_line(&warning.to(language));
        let bytes = utf8_percent_encode(&text, BEYOND_ASCII).map(str::len).sum();
        match left.checked_sub(bytes).filter(|_| count == 0) {
            Some(rest) => {
                left = rest;
                add(headers, &text);
            }
            None => count += 1,
        }
    }
    if count > 0 {
        let more = message!("there are {count} more warnings", count);
        add(headers, &more.to(language));
    }
}

fn add(headers: &mut HeaderMap, text: &str) {
    let text = utf8_percent_encode(text, BEYOND_ASCII).to_string();
    let value = HeaderValue::try_from(text);
    headers.append(WARNING, value.expect("no control characters are left"));
}

/// The text without what no header may hold.
fn on_one_line(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.by_ref().take(MOST_LETTERS);
    let mut line: String = first
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if letters.next().is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(warnings: &[Message]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        warn(&mut headers, warnings, Language::English);
        let all = headers.get_all(WARNING).iter();
        all.map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn no_letter_keeps_a_warning_from_being_told() {
        assert_eq!(told(&["a\nb\0 é\u{7f}".into()]), ["a b  %C3%A9 "]);
    }

    #[test]
    fn headers_have_an_end() {
        let many = vec![Message::foreign("x".repeat(100)); 1000];
        let told = told(&many);
        assert_eq!(told.len(), 31);
        assert_eq!(told.last().unwrap(), "there are 970 more warnings");
        let long = super::tests::told(&["e".repeat(10_000).into()]);
        assert_eq!(long[0].len(), MOST_LETTERS + "%E2%80%A6".len());
    }
}
