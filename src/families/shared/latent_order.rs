//! What to sample from latents, after every number has been checked against the model.

use std::sync::Arc;

use crate::fields::{Variation, WalkMode};
use crate::imaging::Image;
use crate::prompts::Understood;

/// The images of one request to a model that starts from latents.
#[derive(Debug, Clone, Default)]
pub(in crate::families) struct LatentOrder {
    /// One for each image that is sampled; with `best_of`, one for each candidate.
    pub(in crate::families) samples: Vec<Sample>,
    /// Latent components beyond ± this are drawn again (Brock et al. 2019, "truncation trick").
    pub(in crate::families) truncation: Option<f32>,
    /// The line that [`Start::Walk`] walks.
    pub(in crate::families) walk: Option<Walk>,
    /// The latents that [`Start::Mix`] is mixed of.
    pub(in crate::families) mix: Option<Mix>,
    /// Moves every latent by so much, number by number; nowhere if empty.
    pub(in crate::families) edit: Vec<f32>,
    /// The image to reconstruct.
    pub(in crate::families) image: Option<Arc<Image>>,
    /// How the prompt was taken.
    pub(in crate::families) understood: Option<Understood>,
}

/// One image to sample.
#[derive(Debug, Clone)]
pub(in crate::families) struct Sample {
    /// Seeds this image's own generator.
    pub(in crate::families) seed: u64,
    /// What is mixed into the noise that the seed draws.
    pub(in crate::families) variation: Option<Variation>,
    /// Where it starts.
    pub(in crate::families) start: Start,
    /// The label's index for each class axis of the model.
    pub(in crate::families) classes: Vec<usize>,
}

/// Where an image starts from.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::families) enum Start {
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
pub(in crate::families) struct Mix {
    /// The latents and their weights.
    pub(in crate::families) terms: Vec<(Anchor, f32)>,
    /// Whether the sum is brought to the length that independent normal latents have.
    pub(in crate::families) normalise: bool,
}

/// A line between two latents.
#[derive(Debug, Clone)]
pub(in crate::families) struct Walk {
    /// Where it starts.
    pub(in crate::families) from: Anchor,
    /// Where it ends.
    pub(in crate::families) to: Anchor,
    /// Which line it is.
    pub(in crate::families) mode: WalkMode,
}

/// An end of a walk, or a part of a mix.
#[derive(Debug, Clone)]
pub(in crate::families) enum Anchor {
    /// This latent, flattened.
    Latent(Vec<f32>),
    /// The latent that this seed draws.
    Seed(u64),
    /// What the encoder makes of this image.
    Image(Arc<Image>),
}

impl Sample {
    /// The seed, where it paints the image again: a given latent or image leaves it nothing to do.
    pub(in crate::families) fn telling_seed(&self) -> Option<u64> {
        (self.start == Start::Noise).then_some(self.seed)
    }

    /// Its labels, as the answer tells them.
    pub(in crate::families) fn labels(&self) -> Vec<Option<usize>> {
        self.classes.iter().copied().map(Some).collect()
    }
}
