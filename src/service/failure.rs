//! Why a request comes to nothing, in the terms of the service; the wire gives them codes.

use std::time::Duration;

use thiserror::Error;

use crate::families;

/// A field that cannot be honoured as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// The field's path in the native dialect, as `interpolate.from`.
    pub field: String,
    /// What is wrong with it and what would be right, as a sentence.
    pub message: String,
}

impl Invalid {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Why there are no pictures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// A field's value is at fault; the same request will always fail.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No model goes by that id.
    #[error("there is no model {model:?}; the models are {}", known.join(", "))]
    UnknownModel {
        /// The id that was asked for.
        model: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The model is there and cannot serve.
    #[error("the model {model:?} cannot serve: {reason}")]
    BrokenModel {
        /// Its id.
        model: String,
        /// Why, as `GET /models` says it.
        reason: String,
    },
    /// As many requests are in the house as may be.
    #[error("the server has as much work as it takes; try again in {} s", retry_after.as_secs())]
    Full {
        /// When there should be room, from the measured rate of service.
        retry_after: Duration,
    },
    /// The server is shutting down.
    #[error("the server is shutting down; another one will answer")]
    Draining {
        /// When to try again.
        retry_after: Duration,
    },
    /// The deadline passed before the pictures were done.
    #[error("the deadline of {} ms passed", deadline.as_millis())]
    Deadline {
        /// How long the caller would have waited.
        deadline: Duration,
    },
    /// Somebody who knew the generation's id cancelled it.
    #[error("the generation was cancelled")]
    Cancelled,
    /// The model failed; the cause is in the log, not in the answer.
    #[error("the model failed: {reason}")]
    Internal {
        /// For the log.
        reason: String,
    },
}

impl From<families::Failure> for Failure {
    fn from(failure: families::Failure) -> Self {
        Self::Internal {
            reason: failure.to_string(),
        }
    }
}
