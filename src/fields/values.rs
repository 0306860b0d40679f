//! The values of those fields that are more than a number, a text or a file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// Noise that is mixed into that of an image's seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// What draws it.
    pub seed: u64,
    /// How far to move towards it, above 0 and at most 1.
    pub strength: f32,
}

/// In which style to paint.
#[derive(Debug, Clone, PartialEq)]
pub enum StyleChoice {
    /// A style's name, or a word for it.
    Name(String),
    /// How much of each style, by its name.
    Weights(BTreeMap<String, f32>),
    /// An image file in that style.
    Image(Vec<u8>),
}

/// How images are enlarged in the end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpscaleChoice {
    /// The upscaler's id, or `lanczos`; the first upscaler that does the scale when absent.
    pub model: Option<String>,
    /// How many times larger each side becomes; the upscaler's own scale when absent.
    pub scale: Option<u64>,
}

/// In what manner images are painted over in the end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RestyleChoice {
    /// The model's id; the first that paints in styles when absent.
    pub model: Option<String>,
    /// The style; the model's own when absent.
    pub style: Option<StyleChoice>,
    /// How much of it is taken on; as much as the model usually does when absent.
    pub strength: Option<f32>,
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
        /// What the image should show.
        prompt: String,
        /// The request's own if absent.
        seed: Option<u64>,
    },
}

impl Endpoint {
    /// The path of what it is told by, as an end of a walk: a latent is the end itself.
    #[must_use]
    pub fn in_walk(&self, end: &str) -> String {
        match self {
            Self::Latent(_) => end.to_owned(),
            _ => self.within(end),
        }
    }

    /// The path of what it is told by, as a part of a mix.
    #[must_use]
    pub fn in_mix(&self, at: usize) -> String {
        self.within(&format!("mix[{at}]"))
    }

    fn within(&self, path: &str) -> String {
        let key = match self {
            Self::Latent(_) => "latent",
            Self::Seed(_) => "seed",
            Self::Image(_) => "image",
            Self::Prompt { .. } => "prompt",
        };
        format!("{path}.{key}")
    }
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
    /// Images in a row; about as many as rows when absent.
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
