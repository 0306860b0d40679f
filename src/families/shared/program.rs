//! What every family offers to the service above it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use utoipa::ToSchema;

pub use super::failure::Failure;
use super::progress::Progress;
use super::sampled::Sampled;
use super::transform::Transform;
use crate::fields::{Checked, InvalidField, Parameter};
use crate::imaging::{Channels, Image, TensorFormat};
use crate::language::Message;
use crate::models::GraphRole;
use crate::prompts::Understood;
use crate::runtime::{Batching, CallTime, Port, ProviderInUse};

/// A loaded model as its family runs it.
pub trait Program: Debug + Send + Sync {
    /// The fields that it takes, beside those that every model takes: with such ranges, choices and
    /// defaults as it can honour.
    fn parameters(&self) -> Vec<Parameter>;

    /// Width and height of its images where a request says nothing of them; none where they follow
    /// the request's image.
    fn size(&self) -> Option<(u32, u32)>;

    /// The channels of its images.
    fn channels(&self) -> Channels;

    /// What loading found out about each of its graphs.
    fn graphs(&self) -> Vec<GraphReport>;

    /// What a person should know of it: values outside their range, say.
    fn notes(&self) -> &[Message] {
        &[]
    }

    /// Turns checked fields into an order. It may take long, where texts or images are large.
    ///
    /// # Errors
    /// [`InvalidField`], where the fields' ranges alone don't tell that it can't be honoured.
    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField>;

    /// What it makes of images that another model has painted, by checked fields without `image`;
    /// nothing where it makes none of images alone.
    ///
    /// # Errors
    /// [`InvalidField`], as for [`order`](Self::order).
    fn transform(
        self: Arc<Self>,
        _request: &mut Checked<'_>,
    ) -> Result<Option<Arc<dyn Transform>>, InvalidField> {
        Ok(None)
    }

    /// What encodes images, if it has that.
    fn encoder(&self) -> Option<&dyn Encoder> {
        None
    }

    /// What judges images, if it has that.
    fn judge(&self) -> Option<&dyn Judge> {
        None
    }

    /// Whether a prompt may say anything at all, since a text encoder reads it.
    fn reads_any_prompt(&self) -> bool {
        false
    }

    /// What it was told in training, if its folder tells that.
    fn training(&self) -> Option<Training> {
        None
    }
}

/// What to sample, with every number checked against the model.
pub trait Order: Debug + Send + Sync {
    /// How many images come of it.
    fn count(&self) -> usize;

    /// Width and height of each of them.
    fn size(&self) -> (u32, u32);

    /// Time that it would keep one worker busy, from what its graphs have cost recently.
    fn cost(&self) -> Duration;

    /// Whether several images take as long as one after the other.
    fn is_one_by_one(&self) -> bool {
        false
    }

    /// Bytes that the largest of its graph calls takes, on one row: for its images, or for such with
    /// so many times as many pixels.
    fn call_bytes(&self, times: f64) -> u64;

    /// How the prompt was taken, where it chooses labels and directions.
    fn understood(&self) -> Option<&Understood> {
        None
    }

    /// Samples its images, in their order.
    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>>;
}

/// Finds what images are in a model's latent space.
pub trait Encoder: Send + Sync {
    /// The images that it takes.
    fn format(&self) -> &TensorFormat;

    /// Time that an image would keep one worker busy.
    fn cost(&self) -> Duration;

    /// Encodes an image of that format, of these labels.
    fn encode<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>>;
}

/// Says what a model makes of images.
pub trait Judge: Send + Sync {
    /// The images that it takes.
    fn format(&self) -> &TensorFormat;

    /// Time that an image would keep one worker busy.
    fn cost(&self) -> Duration;

    /// Judges an image of that format, of these labels.
    fn score<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>>;
}

/// What is known of the prompts that a model was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Example prompts.
    pub examples: Vec<String>,
    /// What it holds prompts against.
    pub captions: Option<Captions>,
}

/// The training captions that prompts are held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Captions {
    /// How many there are.
    pub count: usize,
    /// The likeness under which a prompt is far from all of them, and is given a warning.
    pub far: f32,
}

/// What an encoder makes of an image.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The mean of the approximate posterior, flattened.
    pub mean: Vec<f32>,
    /// The logarithm of its variance, where the encoder gives one.
    pub log_variance: Option<Vec<f32>>,
    /// The call's time.
    pub time: CallTime,
}

/// What a model makes of an image.
#[derive(Debug, Clone)]
pub struct Scoring {
    /// Its verdict.
    pub verdict: Verdict,
    /// The calls' time, along the longest path.
    pub time: CallTime,
}

/// How a model judges images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The discriminator's score: higher for what looks more real to it.
    Score(f32),
    /// The probability with which the model would paint exactly this.
    Likelihood {
        /// Its natural logarithm.
        nats: f64,
        /// The numbers of the image: pixels times channels.
        dimensions: usize,
        /// The levels to which each of them was rounded.
        levels: usize,
    },
}

/// What loading found out about a graph.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GraphReport {
    /// Its role in the model.
    #[schema(value_type = String)]
    pub role: GraphRole,
    /// Where it runs.
    #[schema(value_type = String)]
    pub provider: ProviderInUse,
    /// Whether its rows share calls, and if not, why.
    #[schema(value_type = Object)]
    pub batching: Batching,
    /// Calls of it that may run at the same time.
    pub sessions: usize,
    /// The inputs as the graph declares them, the batch axis included.
    #[schema(value_type = Vec<Object>)]
    pub inputs: Vec<Port>,
    /// The outputs as the graph declares them, the batch axis included.
    #[schema(value_type = Vec<Object>)]
    pub outputs: Vec<Port>,
    /// Milliseconds that one row alone took when it was loaded.
    pub row_ms: f64,
    /// Bytes that each of its sessions holds between two calls.
    pub session_bytes: u64,
    /// Whether the same row gives the same answer each time.
    pub reproducible: bool,
    /// What a person should know.
    #[schema(value_type = Vec<String>)]
    pub notes: Vec<Message>,
}
