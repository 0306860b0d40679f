//! Graphs that are rewritten in memory before they are opened, where an export stands in the way of
//! what the service promises.
//!
//! - [`attention`]: what an export spells out as products and a softmax becomes one operator, which needs
//!   no memory for each pair of positions.
//! - [`batch_axis`]: a scalar input becomes one number for each row, so that rows may share calls.
//! - [`noise_inputs`]: random nodes become inputs, so that the same seed gives the same image.
//!
//! Only a pattern that is understood whole is rewritten; all else stays as the file has it.

pub(in crate::runtime) mod attention;
pub(in crate::runtime) mod batch_axis;
pub(in crate::runtime) mod noise_inputs;
mod nodes;
mod protobuf;
mod scale;
