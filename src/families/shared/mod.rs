//! What the families share: the program that each of them is, graphs with their bindings, latents,
//! and what goes in and comes out.

pub(in crate::families) mod bound;
pub(in crate::families) mod format;
pub(in crate::families) mod latent;
pub(in crate::families) mod loader;
pub(in crate::families) mod order;
pub(in crate::families) mod program;
pub(in crate::families) mod progress;
pub(in crate::families) mod sampled;
pub(in crate::families) mod starts;
pub(in crate::families) mod survey;
pub(in crate::families) mod together;
