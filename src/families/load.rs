//! From a model's folder to a program, by its family.

use std::sync::Arc;

use super::autoregressive::Autoregressive;
use super::diffusion::Diffusion;
use super::gan::Gan;
use super::shared::loader::{LoadFailure, Loader};
use super::shared::program::Program;
use super::style::Style;
use super::translate::Translator;
use super::upscale::Upscaler;
use super::vae::Vae;
use crate::models::{Family, ModelFolder};
use crate::runtime::Engine;

/// Loads a model: every graph is opened, bound and proved.
///
/// # Errors
/// [`LoadFailure`], with a sentence for the person who described the model.
pub fn load(engine: &Engine, folder: &ModelFolder) -> Result<Arc<dyn Program>, LoadFailure> {
    let loader = Loader { engine, folder };
    Ok(match folder.manifest.family {
        Family::Gan => Arc::new(Gan::load(&loader)?),
        Family::Vae => Arc::new(Vae::load(&loader)?),
        Family::Autoregressive => Arc::new(Autoregressive::load(&loader)?),
        Family::Translate => Arc::new(Translator::load(&loader)?),
        Family::Style => Arc::new(Style::load(&loader)?),
        Family::Upscale => Arc::new(Upscaler::load(&loader)?),
        Family::Diffusion => Arc::new(Diffusion::load(&loader)?),
    })
}
