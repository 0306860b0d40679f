//! The kinds of model, and the graphs that each of them calls.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A sampling algorithm: what is called, in which order, to get a picture.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A generator turns noise into a picture in one call; a discriminator may judge it.
    Gan,
    /// A decoder turns a latent into a picture; an encoder may find the latent of a picture.
    Vae,
    /// A picture is drawn pixel by pixel, each from the ones above it and to its left.
    Autoregressive,
}

impl Family {
    /// The graphs of this family, the indispensable ones first.
    pub fn graphs(self) -> &'static [GraphRole] {
        match self {
            Self::Gan => &[GraphRole::Generator, GraphRole::Discriminator],
            Self::Vae => &[GraphRole::Decoder, GraphRole::Encoder],
            Self::Autoregressive => &[GraphRole::Row, GraphRole::Pixel],
        }
    }

    /// The graphs without which this family can't paint.
    pub fn required_graphs(self) -> &'static [GraphRole] {
        match self {
            Self::Gan | Self::Vae => &self.graphs()[..1],
            Self::Autoregressive => self.graphs(),
        }
    }

    /// Whether its pictures start from a latent vector.
    pub fn has_latent(self) -> bool {
        matches!(self, Self::Gan | Self::Vae)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gan => "gan",
            Self::Vae => "vae",
            Self::Autoregressive => "autoregressive",
        })
    }
}

/// What a graph does for its family.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "String", rename_all = "lowercase")]
pub enum GraphRole {
    /// gan: `latent`, classes → `picture`.
    Generator,
    /// gan: `picture`, classes → `score`.
    Discriminator,
    /// vae: `picture`, classes → `mean`, `log_variance`.
    Encoder,
    /// vae: `latent`, classes → `picture`.
    Decoder,
    /// autoregressive, once before each row: `pixels`, classes, states → `context`, states.
    Row,
    /// autoregressive, once for each pixel: `context`, `pixel`, classes, states → `logits`, states.
    Pixel,
}

impl GraphRole {
    const ALL: [Self; 6] = [
        Self::Generator,
        Self::Discriminator,
        Self::Encoder,
        Self::Decoder,
        Self::Row,
        Self::Pixel,
    ];

    /// Its key under `[graphs]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Discriminator => "discriminator",
            Self::Encoder => "encoder",
            Self::Decoder => "decoder",
            Self::Row => "row",
            Self::Pixel => "pixel",
        }
    }
}

impl fmt::Display for GraphRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// By way of a string and not as an enum, so that errors below a graph can tell its key.
impl TryFrom<String> for GraphRole {
    type Error = UnknownGraph;

    fn try_from(found: String) -> Result<Self, UnknownGraph> {
        let mut all = Self::ALL.into_iter();
        all.find(|role| role.name() == found)
            .ok_or(UnknownGraph { found })
    }
}

/// A key under `[graphs]` that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no family has a graph {found:?}; the graphs are {}",
    GraphRole::ALL.map(GraphRole::name).join(", ")
)]
pub struct UnknownGraph {
    found: String,
}
