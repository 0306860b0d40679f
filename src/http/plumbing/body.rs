//! Reading a body within its limits, and parsing it so that a fault has a path.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::options::HttpOptions;
use super::surrogates;
use crate::http::App;
use crate::http::error::{Kind, Problem, parsed};
use crate::language::Message;
use crate::memory::{Held, NoRoom};
use crate::message;

/// Bodies above this are parsed on the blocking pool: numbers and base64 parse at some 200 bytes
/// a microsecond at worst, and an async thread computes for half a millisecond at most.
pub(in crate::http) const OFFLOAD_BYTES: usize = 96 << 10;

/// Bytes of each body that are not counted: of as many as there may be connections, all together
/// are few.
const UNCOUNTED: usize = 64 << 10;
/// Counting is not done for each part, but for so many bytes.
const COUNTED_AT_ONCE: usize = 256 << 10;
/// A body is there as it came, put together, and parsed.
const COPIES: u64 = 3;
/// When to come back after a body found no memory.
const AFTER_STARVING: Duration = Duration::from_secs(5);

/// What is read on of a body that was refused, at most.
const LINGERED: usize = 32 << 20;
const LINGERING: Duration = Duration::from_secs(2);

const JSON: &str = "application/json";
/// What some editors and shells put before a text, to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What the clients of another cloud's OpenAI put into each address; there is one version here.
const VERSION: &str = "api-version";

/// A JSON object as the body.
#[derive(Debug)]
pub(in crate::http) struct JsonBody<T>(pub(in crate::http) T);

impl<T> FromRequest<App> for JsonBody<T>
where
    T: DeserializeOwned + Send + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        // In a box that is gone once the body is here: the handler's future, which lives as long as
        // the request, would be made large enough for it.
        let bytes = Box::pin(json_bytes(request, app)).await?;
        offload(bytes, parse).await.map(Self)
    }
}

/// The bytes of a body that calls itself JSON.
pub(in crate::http) async fn json_bytes(request: Request, app: &App) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(unsupported(request.headers(), JSON));
    }
    check_query(request.uri())?;
    read(request, app.options()).await
}

/// The media type of a body, without its parameters, in small letters.
pub(in crate::http) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

/// Whether the body calls itself JSON, or something built on it.
pub(in crate::http) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media| media == JSON || media.ends_with("+json"))
}

/// Says which media types would be taken.
pub(in crate::http) fn unsupported(headers: &HeaderMap, taken: &'static str) -> Problem {
    let found = media_type(headers);
    let detail = match found {
        Some(found) => message!(
            "the body must be {taken}, not {found}; set Content-Type",
            taken,
            found
        ),
        None => message!(
            "the body must be {taken}, and its type isn't stated; set Content-Type",
            taken
        ),
    };
    Problem {
        taken: Some(taken),
        ..Problem::new(Kind::UnsupportedMedia, detail)
    }
}

/// Bodies come as they are: unpacking one would undo the limit on its size.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            let detail = message!("the body must not be compressed; leave Content-Encoding out");
            Err(Problem::new(Kind::UnsupportedMedia, detail))
        }
        _ => Ok(()),
    }
}

/// Fields in the address would go unread, and nobody would know.
fn check_query(uri: &Uri) -> Result<(), Problem> {
    let query = uri.query().unwrap_or_default();
    let mut fields = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .filter(|name| !name.is_empty() && *name != VERSION);
    let Some(field) = fields.next() else {
        return Ok(());
    };
    let detail = message!("stands in the address; fields go into the JSON body");
    Err(Problem::field(field, detail))
}

/// The whole body, unless it is too large or too slow.
pub(in crate::http) async fn read(
    request: Request,
    options: &HttpOptions,
) -> Result<Bytes, Problem> {
    check_encoding(request.headers())?;
    let limit = options.max_body_bytes;
    let declared = declared_length(request.headers());
    let waits_for_permission = request.headers().contains_key(EXPECT);
    let mut body = request.into_body();
    // Whether it is not the caller who is slow.
    let starved = AtomicBool::new(false);
    let reading = async {
        if declared.is_some_and(|length| length > limit as u64) {
            // A caller that asked first has not begun to send.
            if !waits_for_permission {
                linger(std::mem::take(&mut body));
            }
            return Err(too_large(limit));
        }
        if let Some(length) = declared {
            let most = Held::current().could_hold(length.saturating_mul(COPIES));
            most.map_err(no_room)?;
        }
        let mut bytes = Gathered::default();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                let detail = message!("the body broke off: {error}", error);
                Problem::new(Kind::UnreadableBody, detail)
            })?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.length + data.len() > limit {
                linger(std::mem::take(&mut body));
                return Err(too_large(limit));
            }
            starved.store(true, Ordering::Relaxed);
            bytes.add(data).await?;
            starved.store(false, Ordering::Relaxed);
        }
        Ok(bytes.together())
    };
    tokio::time::timeout(options.body_timeout, reading)
        .await
        .unwrap_or_else(|_| {
            if starved.load(Ordering::Relaxed) {
                let detail = message!("there was no memory for the body; try again");
                return Err(Problem {
                    retry_after: Some(AFTER_STARVING),
                    ..Problem::new(Kind::QueueFull, detail)
                });
            }
            let seconds = options.body_timeout.as_secs_f64();
            let detail = message!("the body did not arrive within {seconds} s", seconds);
            Err(Problem::new(Kind::ReadTimeout, detail))
        })
}

/// A body as far as it has come in; what is beyond the first few kilobytes is counted against the
/// memory for bodies before the next part is read, so that bodies which are never finished take no
/// more than that.
#[derive(Default)]
struct Gathered {
    parts: Vec<Bytes>,
    length: usize,
    counted: usize,
}

impl Gathered {
    async fn add(&mut self, part: Bytes) -> Result<(), Problem> {
        self.length += part.len();
        self.parts.push(part);
        let beyond = self.length.saturating_sub(UNCOUNTED);
        if beyond > self.counted {
            let more = (beyond - self.counted).next_multiple_of(COUNTED_AT_ONCE);
            let held = Held::current();
            held.could_hold((self.counted + more) as u64 * COPIES)
                .map_err(no_room)?;
            held.more(more as u64 * COPIES).await.map_err(no_room)?;
            self.counted += more;
        }
        Ok(())
    }

    /// Without a copy where it came in one part.
    fn together(mut self) -> Bytes {
        if self.parts.len() == 1 {
            return self.parts.remove(0);
        }
        let mut whole = Vec::with_capacity(self.length);
        for part in self.parts {
            whole.extend_from_slice(&part);
        }
        whole.into()
    }
}

fn no_room(no_room: NoRoom) -> Problem {
    let detail = message!("the body is too large: {why}").with("why", no_room.message());
    Problem::new(Kind::TooLarge, detail)
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Problem {
    let detail = message!(
        "the body is larger than {limit} bytes, the most that is taken",
        limit
    );
    Problem::new(Kind::TooLarge, detail)
}

/// Throws away what still comes while the answer leaves, up to a bound. A caller that is in the middle of
/// sending would otherwise find its connection reset, and never see the answer that says why.
fn linger(mut body: Body) {
    let reading = async move {
        let mut left = LINGERED;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let Some(rest) = left.checked_sub(length) else {
                return;
            };
            left = rest;
        }
    };
    tokio::spawn(tokio::time::timeout(LINGERING, reading));
}

/// Parses on this thread or, where that would hold it up, on the blocking pool.
pub(in crate::http) async fn offload<T>(
    bytes: Bytes,
    parse: impl FnOnce(&[u8]) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem>
where
    T: Send + 'static,
{
    if bytes.len() <= OFFLOAD_BYTES {
        return parse(&bytes);
    }
    tokio::task::spawn_blocking(move || parse(&bytes))
        .await
        .unwrap_or_else(|error| Err(Problem::internal(format!("parsing a body: {error}"))))
}

/// Parses a JSON object. The path of a fault is worked out only where there is one.
pub(in crate::http) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // A derived struct reads itself from an array, too; nobody means that.
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
        return Err(Problem::field(
            "",
            message!("the body is an array; expected an object"),
        ));
    }
    serde_json::from_slice(bytes).or_else(|_| match surrogates::mended(bytes) {
        Some(mended) => serde_json::from_slice(&mended).or_else(|_| explain(&mended)),
        None => explain(bytes),
    })
}

fn explain<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if let Err(error) = std::str::from_utf8(bytes) {
        let place = error.valid_up_to();
        let detail = message!(
            "not UTF-8 from byte {place} on; JSON has no other encoding",
            place
        );
        return Err(Problem::new(Kind::UnreadableBody, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data => {
                let says = without_place(&error);
                let path = match twice(&says) {
                    // The path ends where the object with both begins.
                    Some(name) if path == "." => name.to_owned(),
                    Some(name) => format!("{path}.{name}"),
                    None => path.trim_matches('.').to_owned(),
                };
                Problem::field(path, parsed(says))
            }
            // Of a choice that is no text, the parser says that the JSON breaks off there.
            _ if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() => {
                Problem::field(path.trim_matches('.'), message!("expected text"))
            }
            _ => unreadable(&error),
        }
    })?;
    reader.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let detail = message!("not JSON: {why}").with("why", Message::parsed(error.to_string()));
    Problem::new(Kind::UnreadableBody, detail)
}

/// The field that a parser has found twice in an object.
fn twice(says: &str) -> Option<&str> {
    says.strip_prefix("duplicate field `")?.strip_suffix('`')
}

/// A path says more than a line and a column.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Fields {
        n: Option<u8>,
        deep: Option<Deep>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Deep {
        list: Vec<u8>,
    }

    fn fault(text: &str) -> (Kind, Option<String>, String) {
        let problem = parse::<Fields>(text.as_bytes()).unwrap_err();
        (problem.kind, problem.field, problem.detail.to_string())
    }

    fn field_at_fault(text: &str) -> String {
        let (kind, field, _) = fault(text);
        assert_eq!(kind, Kind::InvalidField, "{text}");
        field.expect("an invalid field has a path")
    }

    #[test]
    fn faults_have_paths() {
        assert_eq!(field_at_fault(r#"{"n": "a"}"#), "n");
        assert_eq!(field_at_fault(r#"{"m": 1}"#), "m");
        assert_eq!(
            field_at_fault(r#"{"deep": {"list": [1, -2]}}"#),
            "deep.list[1]"
        );
        assert_eq!(field_at_fault(r#"{"deep": {"lisp": 1}}"#), "deep.lisp");
        assert_eq!(field_at_fault(r#"{"deep": {}}"#), "deep");
        assert_eq!(field_at_fault("[3]"), "");
        assert_eq!(field_at_fault("3"), "");
    }

    #[test]
    fn faults_say_what_is_wrong_without_a_place() {
        let (_, _, detail) = fault(r#"{"m": 1}"#);
        assert_eq!(detail, "unknown field `m`, expected `n` or `deep`");
    }

    #[test]
    fn what_is_no_json_is_unreadable() {
        for text in ["", "{", r#"{"n": 1} x"#, "prompt=cat", "[1", "\u{1}"] {
            assert_eq!(fault(text).0, Kind::UnreadableBody, "{text:?}");
        }
    }

    #[test]
    fn another_encoding_is_named() {
        let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&[0xff, 0xfe][..], &utf_16].concat();
        for (bytes, place) in [(&with_mark[..], 0), (b"{\"n\": \"\xe9\"}", 7)] {
            let problem = parse::<Fields>(bytes).unwrap_err();
            let says = format!("not UTF-8 from byte {place} on");
            assert!(problem.detail.to_string().starts_with(&says), "{problem:?}");
        }
    }

    #[test]
    fn what_editors_and_cut_texts_leave_behind_is_passed_over() {
        let read = |text: &str| parse::<serde_json::Value>(text.as_bytes()).unwrap();
        assert_eq!(read("\u{feff}{\"n\": 1}")["n"], 1);
        assert_eq!(
            read(r#"{"prompt": "a cat \ud83d"}"#)["prompt"],
            "a cat \u{fffd}"
        );
        assert_eq!(field_at_fault(r#"{"n": "\ud83d"}"#), "n");
    }

    #[test]
    fn all_fields_may_be_absent_or_null() {
        assert_eq!(parse::<Fields>(b"{}").unwrap(), Fields::default());
        assert_eq!(
            parse::<Fields>(br#" {"n": null}"#).unwrap(),
            Fields::default()
        );
    }
}
