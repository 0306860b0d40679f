//! One session of ONNX Runtime and its only owner: inputs packed, run, and taken apart.
//!
//! ONNX Runtime takes tensors with a batch axis, answers in words, and keeps memory for itself. All
//! of that stays behind [`executor::Executor`], which takes rows and answers with rows.

pub(in crate::runtime) mod arena;
pub(in crate::runtime) mod environment;
pub(in crate::runtime) mod executor;
pub(in crate::runtime) mod failure;
pub(in crate::runtime) mod noise;
pub(in crate::runtime) mod plan;
pub(in crate::runtime) mod port;
pub(in crate::runtime) mod settings;
pub(in crate::runtime) mod source;
pub(in crate::runtime) mod stopwatch;
pub(in crate::runtime) mod unpack;
