//! `samples_format`: the kind of file that images come as, for one request or for all of a caller's.

use axum::http::HeaderMap;
use serde_json::Value;

use super::checkpoint;
use super::state::State;
use crate::http::error::Problem;
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::message;

/// Holds the format that a caller has set by `POST /sdapi/v1/options`.
const NAME: &str = "atelier-samples-format";

/// The text of an option, if it says anything.
pub(super) fn text<'v>(field: &str, value: Option<&'v Value>) -> Result<Option<&'v str>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(&**text).filter(|text| !text.trim().is_empty())),
        Some(_) => {
            let message = Message::parsed("expected a string");
            Err(Problem::field(field, message))
        }
    }
}

/// The format that an option names, if it says anything.
pub(super) fn read(field: &str, value: &Value) -> Result<Option<FileFormat>, Problem> {
    let Some(name) = text(field, Some(value))? else {
        return Ok(None);
    };
    known(name).map(Some).ok_or_else(|| {
        let message = message!("found {found}; expected png, jpg or webp", found = value);
        Problem::field(field, message)
    })
}

fn known(name: &str) -> Option<FileFormat> {
    let format = name.parse().ok()?;
    FileFormat::ALL.contains(&format).then_some(format)
}

/// The format that this caller has set, or that was set for all.
pub(super) fn remembered(state: &State, headers: &HeaderMap) -> Option<FileFormat> {
    let own = checkpoint::in_cookie(headers, NAME).and_then(|name| known(&name));
    own.or_else(|| state.samples_format())
}

/// The cookie that has a caller remember a format.
pub(super) fn cookie(format: FileFormat) -> String {
    checkpoint::cookie(NAME, format.name())
}
