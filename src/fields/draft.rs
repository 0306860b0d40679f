//! What a caller asks for, before anything of it has been checked.
//!
//! Each dialect of the wire, and the command line, fills in a [`Draft`]; the one constructor
//! [`Generation::parse`](crate::service::Generation::parse) turns it into the only form that passes the
//! gate. Field names in errors are those of the native dialect.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::imaging::FileFormat;

/// A request for images. Absent fields take the model's defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The model's id; the default model when absent.
    pub model: Option<String>,
    /// What to paint, in words; chooses class labels.
    pub prompt: Option<String>,
    /// Class labels by axis.
    pub class: Option<ClassChoice>,
    /// Where to start from, one for each image.
    pub latents: Option<Vec<Vec<f32>>>,
    /// How many images.
    pub n: Option<u64>,
    /// Image i is drawn from seed + i.
    pub seed: Option<u64>,
    /// A seed for each image.
    pub seeds: Option<Vec<u64>>,
    /// Latent components beyond ± this are drawn again.
    pub truncation: Option<f32>,
    /// Divides the logits of each pixel.
    pub temperature: Option<f32>,
    /// How many candidates the discriminator chooses the images from.
    pub best_of: Option<u64>,
    /// A walk from one latent to another.
    pub interpolate: Option<Walk>,
    /// A weighted sum of latents to start from.
    pub mix: Option<Vec<MixTerm>>,
    /// Whether `mix` is brought to the length of a drawn latent; where it is made of draws when
    /// absent.
    pub normalise_mix: Option<bool>,
    /// Steps along the model's directions, by their names.
    pub edit: Option<BTreeMap<String, f32>>,
    /// Whether the walk goes back to where it started.
    pub closes: Option<bool>,
    /// An image file: to reconstruct, or the upper part to complete.
    pub image: Option<Vec<u8>>,
    /// How many rows of `image`, from the top, are kept.
    pub keep_rows: Option<u64>,
    /// diffusion: what to keep away from.
    pub negative_prompt: Option<String>,
    /// diffusion: steps of the scheduler.
    pub steps: Option<u64>,
    /// diffusion: how far to move away from what the model paints without the prompt.
    pub guidance: Option<f32>,
    /// diffusion: the share of guidance's excess contrast that is taken back.
    pub guidance_rescale: Option<f32>,
    /// diffusion: the noise that DDIM adds at each step.
    pub eta: Option<f32>,
    /// diffusion: the scheduler's name.
    pub scheduler: Option<String>,
    /// diffusion: in pixels.
    pub width: Option<u64>,
    /// diffusion: in pixels.
    pub height: Option<u64>,
    /// diffusion: how much of `image` is painted anew.
    pub strength: Option<f32>,
    /// diffusion: an image file, white where `image` is painted anew.
    pub mask: Option<Vec<u8>>,
    /// Whoever watches wants to see the unfinished image after each so many steps.
    pub preview_every: Option<u64>,
    /// The files' format; PNG when absent.
    pub format: Option<FileFormat>,
    /// 1 to 100, for formats that lose something.
    pub quality: Option<u8>,
    /// What transparent pixels are laid over: `transparent`, `opaque` or a colour.
    pub background: Option<String>,
    /// How long an animation shows each image.
    pub frame: Option<Duration>,
    /// All images on one sheet.
    pub grid: Option<Grid>,
    /// When the answer is of no more use.
    pub deadline: Option<Duration>,
    /// Whether the prompt may be written into the files.
    pub keep_prompt: bool,
}

/// Which labels are wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassChoice {
    /// A label's index, on the model's only axis.
    Index(u64),
    /// A label's name, on the model's only axis.
    Name(String),
    /// `yes` or `no`, on an axis of these two labels.
    Answer(bool),
    /// By the axis's name, for models with several.
    Axes(BTreeMap<String, Self>),
}

/// A walk through latent space.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Where it starts.
    pub from: Endpoint,
    /// Where it ends.
    pub to: Endpoint,
    /// How many images, both ends included.
    pub steps: u64,
    /// The line it follows.
    pub mode: WalkMode,
}

/// An end of a walk, or a part of a mix.
#[derive(Debug, Clone, PartialEq)]
pub enum Endpoint {
    /// A latent, as plain numbers.
    Latent(Vec<f32>),
    /// The latent that a seed draws.
    Seed(u64),
    /// An image file, encoded by the model.
    Image(Vec<u8>),
    /// diffusion: a prompt, and the noise that a seed draws.
    Prompt {
        /// What to paint.
        prompt: String,
        /// The request's own if absent.
        seed: Option<u64>,
    },
}

/// A part of a mix.
#[derive(Debug, Clone, PartialEq)]
pub struct MixTerm {
    /// The latent.
    pub of: Endpoint,
    /// What it is multiplied by.
    pub weight: f32,
}

/// How images stand on a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grid {
    /// Images in a row; as square as it goes when absent.
    pub columns: Option<u64>,
}

/// A request to look at an image: to encode it, or to judge it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageDraft {
    /// The model's id; the first that can do what is asked when absent.
    pub model: Option<String>,
    /// The image file.
    pub image: Vec<u8>,
    /// The class that the image shows, for conditional models.
    pub class: Option<ClassChoice>,
    /// When the answer is of no more use.
    pub deadline: Option<Duration>,
}

/// Which line a walk follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WalkMode {
    /// The straight line.
    Linear,
    /// The arc (Shoemake 1985), on which a normal latent keeps its usual length.
    #[default]
    Spherical,
}
