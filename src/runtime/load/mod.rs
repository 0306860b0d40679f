//! From a file to a graph that serves: opened, rewritten where that helps, and proved.

pub(in crate::runtime) mod engine;
pub(in crate::runtime) mod lift;
pub(in crate::runtime) mod pace;
pub(in crate::runtime) mod probe;
