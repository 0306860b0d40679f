//! From a file to a graph that serves: opened, rewritten where that helps, and proved.
//!
//! Foreign exports lie: about their batch axis, their shapes, whether the same input gives the same
//! output. A request must not be the one that finds out. So a graph is tried here before it serves,
//! what was found is said, and a file that is no use is named for what it is.

mod batch_sizes;
pub(in crate::runtime) mod diagnosis;
pub(in crate::runtime) mod engine;
pub(in crate::runtime) mod inspected;
mod ladder;
pub(in crate::runtime) mod memory;
pub(in crate::runtime) mod outline;
pub(in crate::runtime) mod pace;
pub(in crate::runtime) mod probe;
mod randomness;
pub(in crate::runtime) mod rewrite;
mod rewriting;
