//! The vector that an image starts from, and how it is drawn when nobody gives one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Field};

/// The most numbers that one latent may hold.
const MOST_NUMBERS: usize = 1 << 24;

/// The `[latent]` table of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Latent {
    /// The shape of one sample, without batch axis: `[64]`, or `[64, 1, 1]` for a convolutional
    /// generator.
    pub shape: Vec<usize>,
    #[serde(default)]
    pub distribution: Distribution,
    /// What drawn noise is multiplied by; 1 if not stated.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub scale: f32,
    /// See [`Noise`], in which it is resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<f32>,
}

/// The distribution's name in a manifest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    #[default]
    Normal,
    TruncatedNormal,
    Uniform,
}

/// A distribution with all that is needed to draw from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Noise {
    /// Mean 0, variance 1.
    Normal,
    /// Normal, and a number beyond ±`bound` (2 if not stated) is drawn again.
    TruncatedNormal { bound: f32 },
    /// Even over [-`bound`, `bound`] (1 if not stated).
    Uniform { bound: f32 },
}

impl Latent {
    /// What to draw from, before [`scale`](Self::scale).
    pub fn noise(&self) -> Noise {
        match self.distribution {
            Distribution::Normal => Noise::Normal,
            Distribution::TruncatedNormal => Noise::TruncatedNormal {
                bound: self.bound.unwrap_or(2.0),
            },
            Distribution::Uniform => Noise::Uniform {
                bound: self.bound.unwrap_or(1.0),
            },
        }
    }

    /// How many numbers one latent holds.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// What a generator of labels alone starts from: no numbers.
    pub fn nothing() -> Self {
        Self {
            shape: vec![0],
            distribution: Distribution::Normal,
            scale: 1.0,
            bound: None,
        }
    }

    /// Whether it is [`nothing`](Self::nothing): what a manifest states has at least one number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        let here = Field::of("latent");
        let numbers = self
            .shape
            .iter()
            .try_fold(1, |all: usize, &side| all.checked_mul(side));
        let sound = numbers.is_some_and(|count| (1..=MOST_NUMBERS).contains(&count));
        here.key("shape")
            .must(sound && !self.shape.is_empty(), || {
                format!(
                    "found {:?}, expected the shape of one sample without its batch axis, such as \
                 [64], of 1 to {MOST_NUMBERS} numbers",
                    self.shape
                )
            })?;
        here.key("scale").must(positive(self.scale), || {
            format!("found {}, expected a finite number above 0", self.scale)
        })?;
        let Some(bound) = self.bound else {
            return Ok(());
        };
        let here = here.key("bound");
        here.must(self.distribution != Distribution::Normal, || {
            "a normal distribution has no bound; remove it, or set distribution = \
             \"truncated_normal\""
                .to_owned()
        })?;
        here.must(positive(bound), || {
            format!("found {bound}, expected a finite number above 0")
        })
    }
}

pub(super) fn positive(number: f32) -> bool {
    number.is_finite() && number > 0.0
}

fn one() -> f32 {
    1.0
}

fn is_one(scale: &f32) -> bool {
    *scale == 1.0
}
