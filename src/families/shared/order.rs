//! What to paint, after every number has been checked against the model.

use std::sync::Arc;

use crate::families::diffusion::DiffusionOrder;
use crate::fields::WalkMode;
use crate::imaging::Image;

/// The images of one request.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// One for each image that is painted; with `best_of`, one for each candidate.
    pub samples: Vec<Sample>,
    /// Latent components beyond ± this are drawn again (Brock et al. 2019, "truncation trick").
    pub truncation: Option<f32>,
    /// Divides the logits of each pixel; 0 takes the likeliest level.
    pub temperature: f32,
    /// Keep this many of the samples, those that the discriminator scores highest.
    pub keep_best: Option<usize>,
    /// The line that [`Start::Walk`] walks.
    pub walk: Option<Walk>,
    /// The latents that [`Start::Mix`] is mixed of.
    pub mix: Option<Mix>,
    /// Moves every latent by so much, number by number; nowhere if empty.
    pub edit: Vec<f32>,
    /// The image to reconstruct, or whose upper rows are kept.
    pub image: Option<Arc<Image>>,
    /// How many rows of `image` are kept, from the top.
    pub keep_rows: usize,
    /// What a diffusion pipeline is asked for; each sample's seed and latent take the place of its own.
    pub diffusion: Option<DiffusionOrder>,
}

/// One image to paint.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Seeds this image's own generator.
    pub seed: u64,
    /// Where it starts.
    pub start: Start,
    /// The label's index for each class axis of the model.
    pub classes: Vec<usize>,
}

/// Where an image starts from.
#[derive(Debug, Clone)]
pub enum Start {
    /// Noise that its seed draws.
    Noise,
    /// This latent, flattened.
    Latent(Vec<f32>),
    /// The order's walk, this far along (0 is its start, 1 its end).
    Walk(f32),
    /// The order's mix.
    Mix,
    /// The order's image.
    Image,
}

/// A weighted sum of latents.
#[derive(Debug, Clone)]
pub struct Mix {
    /// The latents and their weights.
    pub terms: Vec<(Anchor, f32)>,
    /// Whether the sum is brought to the length that independent normal latents have.
    pub normalise: bool,
}

/// A line between two latents.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Where it starts.
    pub from: Anchor,
    /// Where it ends.
    pub to: Anchor,
    /// Which line it is.
    pub mode: WalkMode,
}

/// An end of a walk, or a part of a mix.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// This latent, flattened.
    Latent(Vec<f32>),
    /// The latent that this seed draws.
    Seed(u64),
    /// What the encoder makes of this image.
    Image(Arc<Image>),
}
