//! ONNX Runtime behind one primitive: [`Graph::run`] takes the named tensors of one sample and
//! answers with the named tensors that the graph makes of them.
//!
//! Nobody above this room knows of batches. Rows of equal shape that arrive while the workers
//! are busy run together in the next call; when a worker is free, a row runs at once, since
//! nothing waits on a timer. Dropping the future takes the row out of the queue, and stops a
//! running call as soon as all of its callers have left.
//!
//! ```text
//! Graph::run ─► batcher::Queue (one for each graph, pure) ─► pool (bounded workers)
//!                                                            └► Executor (one session, one owner)
//! ```
//!
//! This is the only room that names `ort`.

mod answers;
mod batcher;
mod engine;
mod environment;
mod error;
mod executor;
mod graph;
mod lift;
mod observer;
mod pace;
mod plan;
mod pool;
mod port;
mod probe;
mod slots;
mod source;
mod spare;
mod stopwatch;
mod tensor;
mod unpack;
mod worker;

pub use answers::CallTime;
pub use engine::{Engine, EngineOptions, Inspected, Placement};
pub use environment::{LibraryError, Provider, ProviderInUse, default_threads};
pub use error::{LoadError, RunError};
pub use graph::Graph;
pub use observer::{BatchReport, LookUp, Observer, Silent};
pub use port::{ElementType, Port};
pub use probe::{Batching, Proof};
pub use tensor::{Row, Tensor};
