//! What can go wrong with a graph: when it is opened, and when it runs.
//!
//! Each says all of it in one sentence, since reasons are shown to people in `GET /models` and in
//! the log; its cause is there as a value, too, for whoever acts on it. Words of ONNX Runtime are
//! carried where it gives nothing else, and the edge decides how much of them a caller sees.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::session::failure::OnnxRuntimeError;
use super::session::port::{PortError, show};
use crate::models::ForeignFile;

/// Why a graph cannot serve.
#[derive(Debug, Clone, Error)]
pub enum LoadError {
    /// ONNX Runtime refused the file: truncated, or against its rules.
    #[error("{} cannot be loaded: {reason}", path.display())]
    Unreadable {
        /// The graph's file.
        path: PathBuf,
        /// What it said.
        #[source]
        reason: OnnxRuntimeError,
    },
    /// The file is not there, or the system doesn't let it be read.
    #[error("{} cannot be loaded: {}", path.display(), plainly(source))]
    File {
        /// The graph's file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The file is no ONNX graph, and it is known what it is.
    #[error("{} {kind}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        #[source]
        kind: ForeignFile,
    },
    /// A file that holds weights of the graph can't be used.
    #[error("{} keeps weights in {weights}, which {reason}", path.display())]
    Weights {
        /// The graph's file.
        path: PathBuf,
        /// The name by which the graph calls the file.
        weights: String,
        /// What is wrong with it.
        #[source]
        reason: WeightsError,
    },
    /// The graph has an operator that ONNX Runtime doesn't have.
    #[error("{} needs the operator {operator} of {domain}, which ONNX Runtime does not have; export the model with standard operators alone", path.display())]
    Operator {
        /// The graph's file.
        path: PathBuf,
        /// The operator.
        operator: String,
        /// Whose it is.
        domain: String,
    },
    /// The files have changed since the graph was proved.
    #[error("{} has changed since it was loaded", path.display())]
    Changed {
        /// The graph's file.
        path: PathBuf,
    },
    /// A provider was asked for by name, and the graph cannot run on it.
    #[error("{} cannot run on {provider}: {reason}", path.display())]
    Provider {
        /// The graph's file.
        path: PathBuf,
        /// The provider that was asked for.
        provider: &'static str,
        /// What ONNX Runtime said.
        #[source]
        reason: OnnxRuntimeError,
    },
    /// An input or output has a type that Atelier cannot feed or read.
    #[error("{} has a port that cannot be used: {reason}", path.display())]
    Port {
        /// The graph's file.
        path: PathBuf,
        /// Which port, and why.
        #[source]
        reason: PortError,
    },
    /// The graph loads, and its first run fails or yields numbers that are no image.
    #[error("{} does not run: {reason}", path.display())]
    Unusable {
        /// The graph's file.
        path: PathBuf,
        /// What the probe saw.
        #[source]
        reason: ProbeError,
    },
}

/// What is wrong with a file of weights beside a graph.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WeightsError {
    /// It isn't there.
    #[error("is not there; put it beside the graph under this name")]
    Missing,
    /// It ends before the weights do.
    #[error("has {bytes} bytes of the {needed} that the graph needs; download or copy it again")]
    Short {
        /// Those that it has.
        bytes: u64,
        /// Those that it should have at least.
        needed: u64,
    },
    /// It is something else.
    #[error(transparent)]
    Foreign(#[from] ForeignFile),
}

/// Why a graph that was opened is no use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProbeError {
    /// There is nothing to try it with.
    #[error("there is no sample to try it with")]
    NoSample,
    /// A sample doesn't fit its inputs.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It yields numbers that no image has.
    #[error("output {output} holds NaN or infinite numbers for an ordinary input")]
    NotFinite {
        /// The output.
        output: String,
    },
}

/// Why a row can't go into a graph.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowError {
    /// A tensor isn't in it.
    #[error("tensor {tensor} is missing")]
    Missing {
        /// The tensor.
        tensor: String,
    },
    /// A tensor has a shape that the graph doesn't take.
    #[error(
        "tensor {tensor} has shape {shape:?} where the graph takes {}",
        show(takes)
    )]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What one row may have.
        takes: Vec<Option<usize>>,
    },
    /// Nobody feeds an input.
    #[error(
        "input {input} ({}) is bound to nothing; bind it in [graphs.…].inputs",
        show(declared)
    )]
    Unbound {
        /// The input.
        input: String,
        /// Its axes.
        declared: Vec<Option<usize>>,
    },
    /// A sample doesn't fit what the graph declares, with a batch axis or without.
    #[error(
        "input {input} is declared as {}, which a sample of shape {shape:?} does not fit",
        show(declared)
    )]
    Misfit {
        /// The input.
        input: String,
        /// Its axes.
        declared: Vec<Option<usize>>,
        /// The sample's.
        shape: Vec<usize>,
    },
}

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CallError {
    /// ONNX Runtime failed.
    #[error(transparent)]
    OnnxRuntime(#[from] OnnxRuntimeError),
    /// An output isn't there.
    #[error("output {output} is missing")]
    Missing {
        /// The output.
        output: String,
    },
    /// An output doesn't divide among the rows.
    #[error("output {output} has shape {shape:?} for {rows} rows")]
    Undivided {
        /// The output.
        output: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The rows of the call.
        rows: usize,
    },
    /// The code around the call panicked; the call alone is lost.
    #[error("the call panicked")]
    Panicked,
}

/// What the system said, in a stranger's words where they are known.
fn plainly(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => error.to_string(),
    }
}

impl CallError {
    /// Whether memory ran out, so that a smaller request would have come through.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        matches!(
            self,
            Self::OnnxRuntime(OnnxRuntimeError::OutOfMemory { .. })
        )
    }
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
        #[source]
        reason: RowError,
    },
    /// The call that the row was in failed.
    #[error("graph {graph} failed: {reason}")]
    Failed {
        /// The graph's name.
        graph: String,
        /// How.
        #[source]
        reason: CallError,
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

impl RunError {
    /// Whether memory ran out, so that a smaller request would have come through.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::Failed { reason, .. } if reason.is_out_of_memory())
    }
}
