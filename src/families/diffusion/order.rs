//! What a diffusion pipeline is asked for.

use std::sync::Arc;

use super::schedulers::SchedulerName;
use crate::fields::{Variation, WalkMode};
use crate::imaging::Image;

/// One image.
#[derive(Clone, Debug)]
pub struct DiffusionOrder {
    /// What to paint.
    pub prompt: String,
    /// What to avoid; absent isn't always the same as empty.
    pub negative_prompt: Option<String>,
    /// Seeds this image's generator, PyTorch's on a CPU.
    pub seed: u64,
    /// What is mixed into the noise that the seed draws.
    pub variation: Option<Variation>,
    /// The image, in pixels, whose noise the seed draws, where it isn't this one.
    pub noise_size: Option<(u32, u32)>,
    /// Steps of the scheduler.
    pub steps: usize,
    /// How far to move away from the unconditional prediction; at most 1 is none at all.
    pub guidance: f32,
    /// The share by which guidance's excess of contrast is taken back.
    pub guidance_rescale: f32,
    /// DDIM's noise between steps.
    pub eta: f32,
    /// Whether a large image goes through the autoencoder in tiles; by its size where that isn't said.
    pub vae_tiling: Option<bool>,
    /// Another scheduler than the model's own.
    pub scheduler: Option<SchedulerName>,
    /// In pixels; the model's own size when absent.
    pub width: Option<u32>,
    /// In pixels; the model's own size when absent.
    pub height: Option<u32>,
    /// The initial noise, instead of what the seed draws.
    pub latents: Option<Vec<f32>>,
    /// The image to start from.
    pub image: Option<Arc<Image>>,
    /// White where the image is to be painted anew.
    pub mask: Option<Arc<Image>>,
    /// What lies under the mask when painting starts.
    pub fill: Fill,
    /// How much of the image is painted anew, above 0 and at most 1.
    pub strength: f64,
    /// A place between two prompts and their noises, which then take the place of `prompt`, `seed`
    /// and `latents`.
    pub walk: Option<PromptWalk>,
}

/// What lies under a mask when painting starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// What the image has there.
    #[default]
    Image,
    /// Noise, on which the scheduler's own noise is laid.
    Noise,
    /// A latent of zeros.
    Empty,
}

/// A line from one prompt and its noise to another.
#[derive(Clone, Debug)]
pub struct PromptWalk {
    /// Where it starts.
    pub from: PromptEnd,
    /// Where it ends.
    pub to: PromptEnd,
    /// The line between the noises; that between the embeddings is always straight.
    pub mode: WalkMode,
    /// The place on it, from 0 to 1.
    pub at: f32,
}

/// An end of a walk between prompts.
#[derive(Clone, Debug)]
pub struct PromptEnd {
    /// What to paint.
    pub prompt: String,
    /// The noise that it is painted from.
    pub noise: NoiseEnd,
}

/// Where the noise at an end of a walk comes from.
#[derive(Clone, Debug)]
pub enum NoiseEnd {
    /// What this seed draws.
    Seed(u64),
    /// These numbers; what is drawn between steps, the order's own seed draws.
    Latent(Vec<f32>),
}

impl DiffusionOrder {
    /// The seed, where it alone paints the image again.
    pub(super) fn telling_seed(&self) -> Option<u64> {
        (self.latents.is_none() && self.walk.is_none()).then_some(self.seed)
    }

    /// A prompt, with what most models take for the rest.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            negative_prompt: None,
            seed: 0,
            variation: None,
            noise_size: None,
            steps: 30,
            guidance: 7.5,
            guidance_rescale: 0.0,
            eta: 0.0,
            vae_tiling: None,
            scheduler: None,
            width: None,
            height: None,
            latents: None,
            image: None,
            mask: None,
            fill: Fill::Image,
            strength: 0.8,
            walk: None,
        }
    }
}
