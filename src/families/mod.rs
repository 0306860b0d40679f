//! One sampling algorithm for each kind of model, written as its paper writes it.
//!
//! A family is plain async Rust around [`Graph::run`](crate::runtime::Graph::run): no queue, no
//! batch and no HTTP in it. It draws its noise from one generator for each image, calls its
//! graphs, and hands back images. Whatever other requests share those calls, the same seed
//! paints the same image, and dropping the future stops the work.
//!
//! - [`Program`]: what every family offers; [`load()`] makes one of a model's folder.
//! - [`Order`]: what to paint, with every number already checked, and how.
//! - [`Progress`]: what is said while it is painted.
//! - [`Transform`]: what makes an image of an image; [`Chain`] has another model's images go through it.
//! - `gan`, `vae`, `autoregressive`, `translate`, `style`, `upscale`: the algorithms.
//! - [`diffusion`]: latent diffusion in the layout of diffusers, diffusion of pixels by one graph, and the
//!   schedulers of both.
//! - [`noise`]: PyTorch's random numbers.

mod autoregressive;
mod chain;
pub mod diffusion;
mod gan;
pub mod noise;
mod shared;
mod style;
mod translate;
mod upscale;
mod vae;

use std::sync::Arc;

use self::shared::loader::Loader;
use crate::models::{Family, ModelFolder};
use crate::runtime::Engine;

pub use self::chain::{Chain, Lanczos};
pub use self::shared::classes::every_class;
pub use self::shared::enlarged::within_bounds;
pub use self::shared::images::resized;
pub use self::shared::judgement::{Judgement, worst_of};
pub use self::shared::loader::LoadFailure;
pub use self::shared::mismatch::{Mismatch, Ports, StyleImageFault, TrialError};
pub(crate) use self::shared::offload::{in_place, pixels_of};
pub use self::shared::program::{
    Captions, Encoder, Encoding, Failure, GraphReport, Judge, Order, Program, Scoring, Training,
    Verdict,
};
pub use self::shared::progress::{Progress, Step, Unwatched};
pub use self::shared::ranges::{RangeFault, narrow};
pub use self::shared::sampled::Sampled;
pub use self::shared::source::{Source, SourceCollection, all_of};
pub use self::shared::transform::{Shape, Told, Transform};

/// Loads a model: every graph is opened, bound and proved.
///
/// # Errors
/// [`LoadFailure`], with a sentence for the person who described the model.
pub fn load(engine: &Engine, folder: &ModelFolder) -> Result<Arc<dyn Program>, LoadFailure> {
    let loader = Loader { engine, folder };
    Ok(match folder.manifest.family {
        Family::Gan => Arc::new(gan::Gan::load(&loader)?),
        Family::Vae => Arc::new(vae::Vae::load(&loader)?),
        Family::Autoregressive => Arc::new(autoregressive::Autoregressive::load(&loader)?),
        Family::Translate => Arc::new(translate::Translator::load(&loader)?),
        Family::Style => Arc::new(style::Style::load(&loader)?),
        Family::Upscale => Arc::new(upscale::Upscaler::load(&loader)?),
        Family::Diffusion if folder.manifest.is_pipeline() => {
            Arc::new(diffusion::Diffusion::load(&loader)?)
        }
        Family::Diffusion => Arc::new(diffusion::PixelDiffusion::load(&loader)?),
    })
}
