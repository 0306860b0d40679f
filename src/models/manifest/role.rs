//! What a graph's input or output means to the family that calls it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::classes::is_name_byte;
use super::family::GraphRole;

/// The meaning of one tensor, written in a manifest as its [`Display`](fmt::Display) form.
///
/// Shapes are those of one sample; the graph has a batch axis before them. All are float32, except
/// that a class axis of encoding `index` is an int64 scalar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TensorRole {
    /// `latent`: of the shape that `[latent]` states.
    Latent,
    /// `class.AXIS`: the label chosen on the axis of that name.
    Class(String),
    /// `picture`: of the layout and range that `[picture]` states.
    Image,
    /// `mean` of an encoder's distribution, of the latent's shape; or of twice its numbers, first
    /// the mean and then the logarithm of the variance, as many exports have it.
    Mean,
    /// `log_variance` of an encoder's distribution, of the latent's shape.
    LogVariance,
    /// `score`: one number, higher for an image that looks more real.
    Score,
    /// `style`: numbers that say in which style to paint.
    Style,
    /// `style_picture`: an image in that style, of the layout and range that
    /// `[input]` states.
    StyleImage,
    /// `mask`: one channel with the image's sides, white (1, or 255 of an integer) where a graph is to
    /// fill the image in.
    Mask,
    /// `inverse_mask`: the same with black and white exchanged, white where the image stays.
    InverseMask,
    /// `noise`: normal numbers that the image's own generator draws, of the input's shape.
    Noise,
    /// `sample`, of a UNet in pixel space: the noisy image, of the layout that `[picture]` states.
    Sample,
    /// `timestep`: how noisy it is, as a number of the training's schedule.
    Timestep,
    /// `prediction`: what the UNet says of the sample, of the same shape; or twice that, the second half
    /// being how uncertain it is.
    Prediction,
    /// `pixels` `[C, W]`: the row above; zeros above the first row.
    Pixels,
    /// `pixel` `[C]`: the pixel to the left; zeros before the first column.
    Pixel,
    /// `context`: `[W, F]` from the row graph, of which the pixel graph takes its column's `[F]`.
    Context,
    /// `logits` `[C, levels]`: unnormalised log-probabilities.
    Logits,
    /// `state.NAME`: what a graph hands to its own next call; zeros at first. The row graph's
    /// states begin with the image, the pixel graph's with each row.
    State(String),
    /// `column.NAME` `[F]`, of the pixel graph: as input, this column of what the row graph put
    /// out as `columns.NAME`; as output, a column of what its next call takes in by that name.
    Column(String),
    /// `columns.NAME` `[W, F]`, of the row graph: all columns of a row. As input, what the pixel
    /// graph put out in the row above; zeros above the first row.
    Columns(String),
}

/// The way a tensor goes through a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Into,
    OutOf,
}

impl TensorRole {
    /// Whether a graph has such a tensor on that side.
    pub(super) fn fits(&self, graph: GraphRole, direction: Direction) -> bool {
        use Direction::{Into, OutOf};
        use GraphRole::{Decoder, Discriminator, Encoder, Generator, Pixel, Row};
        use GraphRole::{Painter, Stylist, Translator, Upscaler, UpscalerTwo};
        match (self, direction) {
            (Self::Class(_), Into) => !matches!(graph, Painter | Stylist | Upscaler | UpscalerTwo),
            (Self::Image, _) if matches!(graph, Translator | Painter | Upscaler | UpscalerTwo) => {
                true
            }
            (Self::Latent, Into) => matches!(graph, Generator | Decoder | Translator),
            (Self::Image, OutOf) => matches!(graph, Generator | Decoder),
            (Self::Image, Into) => matches!(graph, Discriminator | Encoder | Stylist),
            (Self::Style | Self::StyleImage, Into) => graph == Painter,
            (Self::Style, OutOf) => graph == Stylist,
            (Self::Mask | Self::InverseMask, Into) => graph == Translator,
            (Self::Noise, Into) => {
                matches!(graph, Generator | Decoder | Translator | Painter)
            }
            (Self::Sample | Self::Timestep, Into) | (Self::Prediction, OutOf) => {
                graph == GraphRole::Unet
            }
            (Self::Score, OutOf) => graph == Discriminator,
            (Self::Mean | Self::LogVariance, OutOf) => graph == Encoder,
            (Self::State(_), _) => matches!(graph, Row | Pixel),
            (Self::Columns(_), _) | (Self::Pixels, Into) | (Self::Context, OutOf) => graph == Row,
            (Self::Column(_), _) | (Self::Pixel | Self::Context, Into) | (Self::Logits, OutOf) => {
                graph == Pixel
            }
            _ => false,
        }
    }

    /// The roles that `graph` can't do without on that side.
    pub(super) fn required(graph: GraphRole, direction: Direction) -> &'static [Self] {
        use GraphRole::{Decoder, Discriminator, Encoder, Generator, Pixel, Row};
        match (graph, direction) {
            (Generator | Decoder, Direction::Into) => &[Self::Latent],
            (Generator | Decoder, Direction::OutOf) => &[Self::Image],
            (Discriminator | Encoder, Direction::Into) => &[Self::Image],
            (
                GraphRole::Translator
                | GraphRole::Painter
                | GraphRole::Upscaler
                | GraphRole::UpscalerTwo,
                _,
            )
            | (GraphRole::Stylist, Direction::Into) => &[Self::Image],
            (GraphRole::Stylist, Direction::OutOf) => &[Self::Style],
            (Discriminator, Direction::OutOf) => &[Self::Score],
            (Encoder, Direction::OutOf) => &[Self::Mean],
            (Row, Direction::Into) => &[Self::Pixels],
            (Row, Direction::OutOf) => &[],
            (Pixel, Direction::Into) => &[Self::Pixel],
            (Pixel, Direction::OutOf) => &[Self::Logits],
            (GraphRole::Unet, Direction::Into) => &[Self::Sample, Self::Timestep],
            (GraphRole::Unet, Direction::OutOf) => &[Self::Prediction],
            // Pipelines name their own tensors.
            (
                GraphRole::TextEncoder
                | GraphRole::TextEncoderTwo
                | GraphRole::VaeDecoder
                | GraphRole::VaeEncoder,
                _,
            ) => &[],
        }
    }

    /// The roles that `graph` may have on that side, as a manifest writes them.
    pub(super) fn allowed(graph: GraphRole, direction: Direction) -> String {
        let name = || "NAME".to_owned();
        let all = [
            Self::Latent,
            Self::Image,
            Self::Mean,
            Self::LogVariance,
            Self::Score,
            Self::Style,
            Self::StyleImage,
            Self::Mask,
            Self::InverseMask,
            Self::Noise,
            Self::Sample,
            Self::Timestep,
            Self::Prediction,
            Self::Pixels,
            Self::Context,
            Self::Pixel,
            Self::Logits,
            Self::Class("AXIS".to_owned()),
            Self::State(name()),
            Self::Column(name()),
            Self::Columns(name()),
        ];
        let fitting = all.iter().filter(|role| role.fits(graph, direction));
        fitting
            .map(|role| format!("{:?}", role.to_string()))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl fmt::Display for TensorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latent => f.write_str("latent"),
            Self::Class(axis) => write!(f, "class.{axis}"),
            Self::Image => f.write_str("picture"),
            Self::Mean => f.write_str("mean"),
            Self::LogVariance => f.write_str("log_variance"),
            Self::Score => f.write_str("score"),
            Self::Style => f.write_str("style"),
            Self::StyleImage => f.write_str("style_picture"),
            Self::Mask => f.write_str("mask"),
            Self::InverseMask => f.write_str("inverse_mask"),
            Self::Noise => f.write_str("noise"),
            Self::Sample => f.write_str("sample"),
            Self::Timestep => f.write_str("timestep"),
            Self::Prediction => f.write_str("prediction"),
            Self::Pixels => f.write_str("pixels"),
            Self::Pixel => f.write_str("pixel"),
            Self::Context => f.write_str("context"),
            Self::Logits => f.write_str("logits"),
            Self::State(name) => write!(f, "state.{name}"),
            Self::Column(name) => write!(f, "column.{name}"),
            Self::Columns(name) => write!(f, "columns.{name}"),
        }
    }
}

impl FromStr for TensorRole {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let unknown = || UnknownRole {
            found: text.to_owned(),
        };
        let Some((kind, name)) = text.split_once('.') else {
            return Ok(match text {
                "latent" => Self::Latent,
                "picture" | "image" => Self::Image,
                "mean" => Self::Mean,
                "log_variance" => Self::LogVariance,
                "score" => Self::Score,
                "style" => Self::Style,
                "style_picture" | "style_image" => Self::StyleImage,
                "mask" => Self::Mask,
                "inverse_mask" => Self::InverseMask,
                "noise" => Self::Noise,
                "sample" => Self::Sample,
                "timestep" => Self::Timestep,
                "prediction" => Self::Prediction,
                "pixels" => Self::Pixels,
                "pixel" => Self::Pixel,
                "context" => Self::Context,
                "logits" => Self::Logits,
                _ => return Err(unknown()),
            });
        };
        if name.is_empty()
            || !name
                .bytes()
                .all(|b| is_name_byte(b) || b.is_ascii_uppercase())
        {
            return Err(unknown());
        }
        let name = name.to_owned();
        match kind {
            "class" => Ok(Self::Class(name)),
            "state" => Ok(Self::State(name)),
            "column" => Ok(Self::Column(name)),
            "columns" => Ok(Self::Columns(name)),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for TensorRole {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, UnknownRole> {
        text.parse()
    }
}

impl From<TensorRole> for String {
    fn from(role: TensorRole) -> Self {
        role.to_string()
    }
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "found {found:?}, which is no role; the roles are latent, class.AXIS, image, mean, \
     log_variance, score, style, style_image, mask, inverse_mask, noise, sample, timestep, prediction, pixels, pixel, context, logits, state.NAME, column.NAME and columns.NAME"
)]
pub struct UnknownRole {
    found: String,
}
