//! Latent diffusion in the layout of Hugging Face diffusers, run from its exported ONNX graphs.
//!
//! A folder that `optimum-cli export onnx` wrote is a model as it stands: `model_index.json` names its
//! parts, each part brings its own configuration ([`Layout`]), and [`Pipeline`] and [`schedulers`] repeat
//! the Python package number for number, so that a seed gives the image that it gives there.
//!
//! A model in pixel space is one graph and a `[scheduler]` table (`pixels`).
//!
//! Every call of the UNet is one row (two with guidance), so that requests with other prompts, steps
//! and schedulers share calls, and a request that leaves is gone at its next step.

mod fields;
mod order;
mod pipeline;
mod pixel_fields;
mod pixels;
mod program;
pub mod schedulers;
mod text;

pub use self::pipeline::layout::{Kind, Layout, LayoutError};
pub use self::pipeline::parts::{Pipeline, Ready};
pub use self::pipeline::sampling::Diffused;
pub use self::schedulers::SchedulerName;
pub(in crate::families) use fields::Diffusion;
pub use order::{DiffusionOrder, NoiseEnd, PromptEnd, PromptWalk};
pub(in crate::families) use pixels::PixelDiffusion;
