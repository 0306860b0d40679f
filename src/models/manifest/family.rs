//! The kinds of model, and the graphs that each of them calls.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A sampling algorithm: what is called, in which order, to get an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A generator turns noise into an image in one call; a discriminator may judge it.
    Gan,
    /// A decoder turns a latent into an image; an encoder may find the latent of an image.
    Vae,
    /// An image is drawn pixel by pixel, each from the ones above it and to its left.
    Autoregressive,
    /// A graph turns an image into another of the same size: a sketch into a house, grey into
    /// colours, a horse into a zebra.
    Translate,
    /// A painter paints what an image shows in the manner of a style, which it knows, is told by a
    /// vector, or sees in a second image.
    Style,
    /// A graph enlarges an image.
    Upscale,
    /// An image is freed of its noise step by step. A folder in the layout of diffusers, whose graphs do so to
    /// a latent, needs no `model.toml`; one that names this family has a single graph that does so to pixels.
    Diffusion,
}

/// By hand: a derived schema describes each variant on its own.
impl PartialSchema for Family {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.map(|family| family.to_string());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A sampling algorithm: what is called, in which order, to get an image.",
            ))
            .enum_values(Some(names))
            .build()
            .into()
    }
}

impl ToSchema for Family {}

impl Family {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Gan,
        Self::Vae,
        Self::Autoregressive,
        Self::Translate,
        Self::Style,
        Self::Upscale,
        Self::Diffusion,
    ];

    /// The graphs of this family, the indispensable ones first.
    pub fn graphs(self) -> &'static [GraphRole] {
        match self {
            Self::Gan => &[GraphRole::Generator, GraphRole::Discriminator],
            Self::Vae => &[GraphRole::Decoder, GraphRole::Encoder],
            Self::Autoregressive => &[GraphRole::Row, GraphRole::Pixel],
            Self::Translate => &[GraphRole::Translator],
            Self::Style => &[GraphRole::Painter, GraphRole::Stylist],
            Self::Upscale => &[GraphRole::Upscaler, GraphRole::UpscalerTwo],
            Self::Diffusion => &[GraphRole::Unet],
        }
    }

    /// The graphs without which this family can't paint.
    pub fn required_graphs(self) -> &'static [GraphRole] {
        match self {
            Self::Autoregressive => self.graphs(),
            _ => &self.graphs()[..1],
        }
    }

    /// Whether its images start from a latent vector.
    pub fn has_latent(self) -> bool {
        matches!(self, Self::Gan | Self::Vae)
    }

    /// Whether its images are made of an image.
    pub fn is_image_to_image(self) -> bool {
        matches!(self, Self::Translate | Self::Style | Self::Upscale)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gan => "gan",
            Self::Vae => "vae",
            Self::Autoregressive => "autoregressive",
            Self::Translate => "translate",
            Self::Style => "style",
            Self::Upscale => "upscale",
            Self::Diffusion => "diffusion",
        })
    }
}

/// What a graph does for its family.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "String", rename_all = "lowercase")]
pub enum GraphRole {
    /// gan: `latent`, classes → `image`.
    Generator,
    /// gan: `image`, classes → `score`.
    Discriminator,
    /// vae: `image`, classes → `mean`, `log_variance`.
    Encoder,
    /// vae: `latent`, classes → `image`.
    Decoder,
    /// autoregressive, once before each row: `pixels`, classes, states → `context`, states.
    Row,
    /// autoregressive, once for each pixel: `context`, `pixel`, classes, states → `logits`, states.
    Pixel,
    /// translate: `image`, classes, `latent`, `noise` → `image`.
    Translator,
    /// style: `image`, `style` or `style_image` → `image`.
    Painter,
    /// style: `image` → `style`.
    Stylist,
    /// upscale: `image` → `image`, larger.
    Upscaler,
    /// upscale: the same by another scale.
    #[serde(rename = "upscaler_2")]
    UpscalerTwo,
    /// diffusion: a prompt's tokens → their embeddings.
    #[serde(rename = "text_encoder")]
    TextEncoder,
    /// diffusion: the same for a second encoder.
    #[serde(rename = "text_encoder_2")]
    TextEncoderTwo,
    /// diffusion: a noisy latent, or a noisy image, and its timestep → what is noise in it.
    Unet,
    /// diffusion: a latent → an image.
    #[serde(rename = "vae_decoder")]
    VaeDecoder,
    /// diffusion: an image → the distribution of its latent.
    #[serde(rename = "vae_encoder")]
    VaeEncoder,
}

impl GraphRole {
    /// Whether it takes or gives an image that may be laid out in a way of its own.
    pub fn has_picture(self) -> bool {
        !matches!(self, Self::Row | Self::Pixel | Self::Unet)
    }

    /// Those that a `model.toml` may name.
    const ALL: [Self; 12] = [
        Self::Generator,
        Self::Discriminator,
        Self::Encoder,
        Self::Decoder,
        Self::Row,
        Self::Pixel,
        Self::Translator,
        Self::Painter,
        Self::Stylist,
        Self::Upscaler,
        Self::UpscalerTwo,
        Self::Unet,
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
            Self::Translator => "translator",
            Self::Painter => "painter",
            Self::Stylist => "stylist",
            Self::Upscaler => "upscaler",
            Self::UpscalerTwo => "upscaler_2",
            Self::TextEncoder => "text_encoder",
            Self::TextEncoderTwo => "text_encoder_2",
            Self::Unet => "unet",
            Self::VaeDecoder => "vae_decoder",
            Self::VaeEncoder => "vae_encoder",
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
