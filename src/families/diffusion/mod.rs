//! Latent diffusion in the layout of Hugging Face diffusers, run from its exported ONNX graphs.
//!
//! A folder that `optimum-cli export onnx` wrote is a model as it stands: `model_index.json` names its
//! parts, each part brings its own configuration ([`Layout`]), and [`Pipeline`] and [`schedulers`] repeat
//! the Python package number for number, so that a seed gives the picture that it gives there.
//!
//! Every call of the UNet is one row (two with guidance), so that requests with other prompts, steps
//! and schedulers share calls, and a request that leaves is gone at its next step.

mod denoiser;
mod guidance;
mod known;
mod layout;
mod drawing;
mod load;
mod masks;
mod order;
mod painting;
mod pipeline;
mod previews;
mod program;
pub mod schedulers;
mod text;
mod tokenizer;
mod vae;

pub use layout::{Kind, Layout, LayoutError};
pub use order::{
    DiffusionOrder, DiffusionTraits, Familiar, NoiseEnd, PromptEnd, PromptWalk, Unfit,
};
pub use painting::Diffused;
pub use pipeline::{Pipeline, Ready};
