//! Atelier paints images with generative models that were exported to ONNX.
//!
//! One idea carries the crate: **a graph is a function that batches itself**. Every kind of
//! generative model is a program that calls graphs, so a family is plain async Rust around
//! `Graph::run`, and requests that know nothing of each other share batches underneath.
//!
//! The rooms, in reading order. A room may use only the rooms above it:
//!
//! 1. [`language`]: what is said to people, in three languages.
//! 2. [`memory`]: how many bytes there are, and who holds how many of them.
//! 3. [`trace`]: what a request did, for whoever collects traces.
//! 4. [`imaging`]: tensors to pixels and back, files and what is written into them.
//! 5. [`models`]: what a model folder says about itself.
//! 6. [`runtime`]: ONNX Runtime, sessions, the batcher and its workers.
//! 7. [`prompts`]: words to labels, in three languages.
//! 8. [`fields`]: what a request may say.
//! 9. [`families`]: one sampling algorithm for each kind of model.
//! 10. [`safety`]: classifiers that look at every finished image.
//! 11. [`watermark`]: an invisible mark in the pixels.
//! 12. [`service`]: a validated request, the gate, and the use cases.
//! 13. [`jobs`]: work that outlives its connection.
//! 14. [`http`]: the wire.
//! 15. [`config`], [`telemetry`], [`app`], [`cli`]: assembly.

pub mod language;
pub mod memory;
pub mod trace;
pub mod imaging;
pub mod models;
pub mod runtime;
pub mod prompts;
pub mod fields;
pub mod families;
pub mod safety;
pub mod watermark;
pub mod service;
pub mod jobs;
pub mod http;

pub mod app;
pub mod cli;
pub mod config;
pub mod telemetry;
