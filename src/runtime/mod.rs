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

mod load;
mod pool;
mod session;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod graph;
mod observer;
mod tensor;

pub use self::load::engine::{Engine, EngineOptions};
pub use self::load::inspected::{Inspected, Placement};
pub use self::load::memory::MemoryUse;
pub use self::load::probe::{Batching, Proof};
pub use self::pool::answers::CallTime;
pub use self::pool::flow::{Flow, Priority};
pub use self::session::environment::{LibraryError, Provider, ProviderInUse, default_threads};
pub use self::session::failure::OnnxRuntimeError;
pub use self::session::port::{ElementType, Port, PortError};
pub use error::{CallError, LoadError, ProbeError, RowError, RunError, WeightsError};
pub use graph::Graph;
pub use observer::{BatchReport, LookUp, Observer, Silent};
pub use tensor::{Row, Tensor};
