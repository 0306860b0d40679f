//! One sampling algorithm for each kind of model, written as its paper writes it.
//!
//! A family is plain async Rust around [`Graph::run`](crate::runtime::Graph::run): no queue, no
//! batch and no HTTP in it. It draws its noise from one generator for each picture, calls its
//! graphs, and hands back pictures. Whatever other requests share those calls, the same seed
//! paints the same picture, and dropping the future stops the work.
//!
//! - [`Program`]: what every family offers; [`load()`] makes one of a model's folder.
//! - [`Order`]: what to paint, with every number already checked.
//! - [`Progress`]: what is said while it is painted.
//! - `gan`, `vae`, `autoregressive`: the algorithms.
//! - [`diffusion`]: latent diffusion in the layout of diffusers, and its schedulers.
//! - [`noise`]: PyTorch's random numbers. [`text`]: words to class labels.

mod autoregressive;
mod bound;
pub mod diffusion;
mod format;
mod gan;
mod latent;
mod load;
mod loader;
pub mod noise;
mod order;
mod painted;
mod program;
mod progress;
mod starts;
pub mod text;
mod together;
mod vae;

pub use load::load;
pub use loader::LoadFailure;
pub use order::{Anchor, Mix, Order, Sheet, Start, Walk, WalkMode};
pub use painted::Painted;
pub use program::{Encoding, Failure, GraphTruth, Program, Scoring, Traits, Verdict};
pub use progress::{Progress, Step, Unwatched};
