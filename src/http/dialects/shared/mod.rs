//! What the dialects of other services share on the way to a [`Draft`](crate::service::Draft).
//!
//! Their clients send fields by habit or by default that a model here may not take. [`Tailor`] cuts
//! such a request to its model: what can't be honoured becomes a warning in the answer, and never
//! goes silently. Images and masks are not cut off: a model that doesn't take them refuses.

mod asked;
mod mask;
mod settings;
mod tailor;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::language::{Language, Message};

pub(in crate::http) use asked::{DialectBody, Fields};
pub(in crate::http) use mask::{MaskKind, masked};
pub(in crate::http) use settings::{Beside, Settings};
pub(in crate::http) use tailor::Tailor;

/// Where warnings go if an answer's body has no place for them.
pub(in crate::http) const WARNING: HeaderName = HeaderName::from_static("x-atelier-warning");

/// A header for each warning that can stand in one.
pub(in crate::http) fn warn(headers: &mut HeaderMap, warnings: &[Message], language: Language) {
    for warning in warnings {
        if let Ok(value) = HeaderValue::from_bytes(warning.to(language).as_bytes()) {
            headers.append(WARNING, value);
        }
    }
}
