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
    /// Whether one image would do where several are wanted.
    pub one_would_do: bool,
}

impl InvalidField {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<Message>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            one_would_do: false,
        }
    }

    /// A fault of `n`: all of the images would be the same.
    pub fn all_alike(message: impl Into<Message>) -> Self {
        Self {
            one_would_do: true,
            ..Self::new("n", message)
        }
    }
}
