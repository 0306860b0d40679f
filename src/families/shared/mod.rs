//! What the families share: the program that each of them is, graphs with their bindings, latents,
//! and what goes in and comes out.

pub(in crate::families) mod balance;
pub(in crate::families) mod bound;
pub(in crate::families) mod choices;
pub(in crate::families) mod classes;
pub(in crate::families) mod enlarged;
pub(in crate::families) mod failure;
pub(in crate::families) mod format;
pub(in crate::families) mod graph;
pub(in crate::families) mod image_order;
pub(in crate::families) mod images;
pub(in crate::families) mod inpainting;
pub(in crate::families) mod judgement;
pub(in crate::families) mod latent;
pub(in crate::families) mod latent_fields;
pub(in crate::families) mod latent_order;
pub(in crate::families) mod loader;
pub(in crate::families) mod mismatch;
pub(in crate::families) mod offload;
pub(in crate::families) mod program;
pub(in crate::families) mod progress;
pub(in crate::families) mod ranges;
pub(in crate::families) mod sampled;
pub(in crate::families) mod source;
pub(in crate::families) mod starts;
pub(in crate::families) mod survey;
pub(in crate::families) mod tiles;
pub(in crate::families) mod together;
pub(in crate::families) mod transform;
