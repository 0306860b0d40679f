//! What can go wrong with a graph: when it is opened, and when it runs.
//!
//! Texts of ONNX Runtime are carried for the log and for `models check`; the edge decides how
//! much of them a caller sees.

use std::path::PathBuf;

use thiserror::Error;

/// Why a graph cannot serve.
#[derive(Debug, Clone, Error)]
pub enum LoadError {
    /// ONNX Runtime refused the file: missing, truncated, an operator that it does not know.
    #[error("{} cannot be loaded: {reason}", path.display())]
    Unreadable {
        /// The graph's file.
        path: PathBuf,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// A provider was asked for by name, and the graph cannot run on it.
    #[error("{} cannot run on {provider}: {reason}", path.display())]
    Provider {
        /// The graph's file.
        path: PathBuf,
        /// The provider that was asked for.
        provider: &'static str,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// An input or output has a type that Atelier cannot feed or read.
    #[error("{} has a port that cannot be used: {reason}", path.display())]
    Port {
        /// The graph's file.
        path: PathBuf,
        /// Which port, and why.
        reason: String,
    },
    /// The graph loads, and its first run fails or yields numbers that are no image.
    #[error("{} does not run: {reason}", path.display())]
    Unusable {
        /// The graph's file.
        path: PathBuf,
        /// What the probe saw.
        reason: String,
    },
}

/// Why a row came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RunError {
    /// The row does not have the tensors that the graph takes.
    #[error("graph {graph} cannot take this row: {reason}")]
    Row {
        /// The graph's name.
        graph: String,
        /// Which tensor is missing or misshapen.
        reason: String,
    },
    /// ONNX Runtime reported a failure.
    #[error("graph {graph} failed: {reason}")]
    Failed {
        /// The graph's name.
        graph: String,
        /// ONNX Runtime's own words.
        reason: String,
    },
    /// The queue of this graph is at its bound.
    #[error("graph {graph} has too many rows waiting")]
    QueueFull {
        /// The graph's name.
        graph: String,
    },
    /// The workers have been told to stop.
    #[error("the workers have stopped")]
    Stopped,
}
