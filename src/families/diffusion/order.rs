//! What a diffusion pipeline is asked for, and what of it can't be.

use std::sync::Arc;

use super::schedulers::{SchedulerError, SchedulerName};
use crate::fields::WalkMode;
use crate::imaging::Image;
use crate::language::Message;

/// One image.
#[derive(Clone, Debug)]
pub struct DiffusionOrder {
    /// What to paint.
    pub prompt: String,
    /// What to keep away from; absent isn't always the same as empty.
    pub negative_prompt: Option<String>,
    /// Seeds this image's generator, PyTorch's on a CPU.
    pub seed: u64,
    /// Steps of the scheduler.
    pub steps: usize,
    /// How far to move away from the unconditional prediction; at most 1 is none at all.
    pub guidance: f32,
    /// The share by which guidance's excess of contrast is taken back.
    pub guidance_rescale: f32,
    /// DDIM's noise between steps.
    pub eta: f32,
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
    /// How much of the image is painted anew, above 0 and at most 1.
    pub strength: f64,
    /// A place between two prompts and their noises, which then take the place of `prompt`, `seed`
    /// and `latents`.
    pub walk: Option<PromptWalk>,
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
    /// A prompt, with what most models take for the rest.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            negative_prompt: None,
            seed: 0,
            steps: 30,
            guidance: 7.5,
            guidance_rescale: 0.0,
            eta: 0.0,
            scheduler: None,
            width: None,
            height: None,
            latents: None,
            image: None,
            mask: None,
            strength: 0.8,
            walk: None,
        }
    }
}

/// What a pipeline takes, and what it does where nothing is said.
#[derive(Clone, Debug)]
pub struct DiffusionTraits {
    /// Steps of the scheduler.
    pub steps: usize,
    /// How far to move away from the unconditional prediction.
    pub guidance: f32,
    /// How much of a given image is painted anew.
    pub strength: f64,
    /// Sides are multiples of this, in pixels.
    pub side_step: u32,
    /// Whether it can start from an image.
    pub encodes: bool,
    /// Whether it walks between prompts: not where it needs an image to paint on.
    pub walks: bool,
    /// Whether a negative prompt says anything to it.
    pub negates: bool,
    /// Numbers in a latent of its own size.
    pub latent: usize,
    /// Prompts that show what it paints.
    pub examples: Vec<String>,
    /// What it holds prompts against, if its folder tells what it was trained on.
    pub familiar: Option<Familiar>,
}

/// The training captions that prompts are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Familiar {
    /// How many there are.
    pub captions: usize,
    /// The likeness under which a prompt is far from all of them, and is given a warning.
    pub far: f32,
}

/// A field of an order that this model can't honour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Unfit {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong with it and what would be right.
    pub message: Message,
}

impl Unfit {
    pub(super) fn new(field: &'static str, message: impl Into<Message>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

impl From<SchedulerError> for Unfit {
    fn from(error: SchedulerError) -> Self {
        let field = match error {
            SchedulerError::TooManySteps { .. } | SchedulerError::TooFewSteps => "steps",
            SchedulerError::NoSteps { .. } => "strength",
            _ => "scheduler",
        };
        Self::new(field, error.to_string())
    }
}
