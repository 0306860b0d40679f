//! A field that cannot be honoured as it is.

use thiserror::Error;

use crate::language::Message;

/// A field that cannot be honoured as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct InvalidField {
    /// The field's path in the native dialect, as `interpolate.from`.
    pub field: String,
    /// What is wrong with it and what would be right, as a sentence.
    pub message: Message,
}

impl InvalidField {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<Message>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}
