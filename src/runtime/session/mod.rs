//! One session of ONNX Runtime and its only owner: inputs packed, run, and taken apart.

pub(in crate::runtime) mod environment;
pub(in crate::runtime) mod executor;
pub(in crate::runtime) mod plan;
pub(in crate::runtime) mod port;
pub(in crate::runtime) mod source;
pub(in crate::runtime) mod stopwatch;
pub(in crate::runtime) mod unpack;
