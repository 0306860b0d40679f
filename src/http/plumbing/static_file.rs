//! Files that stay as they are: a browser keeps them, and asks whether they still are the same.

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A file, with a name for exactly its bytes.
#[derive(Debug, Clone)]
pub(in crate::http) struct StaticFile {
    media_type: &'static str,
    bytes: Bytes,
    tag: HeaderValue,
}

impl StaticFile {
    pub(in crate::http) fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes);
        let hex: String = digest[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let tag = HeaderValue::from_str(&format!("\"{hex}\""))
            .expect("hexadecimal digits are allowed in headers");
        Self {
            media_type,
            bytes,
            tag,
        }
    }

    /// The file, or the word that the caller's copy is still good.
    pub(in crate::http) fn answer(&self, request: &HeaderMap) -> Response {
        let head = [
            (ETAG, self.tag.clone()),
            // Kept, and asked about each time: a new binary must not meet the old one's scripts.
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (
                HeaderName::from_static("x-content-type-options"),
                HeaderValue::from_static("nosniff"),
            ),
        ];
        if is_known(&self.tag, request) {
            return (StatusCode::NOT_MODIFIED, head).into_response();
        }
        let media_type = HeaderValue::from_static(self.media_type);
        (head, [(CONTENT_TYPE, media_type)], self.bytes.clone()).into_response()
    }
}

/// Whether `If-None-Match` names that tag. Compared weakly, since proxies that compress mark tags as
/// weak.
pub(in crate::http) fn is_known(tag: &HeaderValue, request: &HeaderMap) -> bool {
    let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let tag = tag.to_str().map(bare).unwrap_or_default();
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || bare(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(known: &str) -> StatusCode {
        let still = StaticFile::new("text/plain", "a word");
        let known = known.replace("TAG", still.tag.to_str().unwrap());
        let request = HeaderMap::from_iter([(IF_NONE_MATCH, known.parse().unwrap())]);
        still.answer(&request).status()
    }

    #[test]
    fn a_copy_that_is_still_good_is_not_sent_again() {
        for known in ["TAG", "W/TAG", "\"other\", TAG", "*"] {
            assert_eq!(status(known), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(status("\"other\""), StatusCode::OK);
        assert_eq!(status(""), StatusCode::OK);
    }

    #[test]
    fn other_bytes_have_another_tag() {
        let (one, other) = (
            StaticFile::new("text/plain", "a"),
            StaticFile::new("text/plain", "b"),
        );
        assert_ne!(one.tag, other.tag);
    }
}
