//! What every family offers to the service above it.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use thiserror::Error;
use utoipa::ToSchema;

use super::order::Order;
use super::progress::Progress;
use super::sampled::Sampled;
use crate::families::diffusion::{DiffusionTraits, Unfit};
use crate::imaging::{Image, PaintError, SizeMismatch, TensorFormat};
use crate::language::Message;
use crate::models::{Family, GraphRole, TensorRole};
use crate::runtime::{Batching, CallTime, Port, ProviderInUse, RunError};

/// A loaded model as its family runs it.
pub trait Program: Debug + Send + Sync {
    /// What this model can be asked to do.
    fn traits(&self) -> &Traits;

    /// What loading found out about each of its graphs.
    fn graphs(&self) -> Vec<GraphReport>;

    /// Holds an order against the model, where its fields' ranges alone don't tell; answers with
    /// what the caller should know.
    ///
    /// # Errors
    /// [`Unfit`] names the field that can't be honoured and what could be.
    fn check(&self, _order: &Order) -> Result<Vec<Message>, Unfit> {
        Ok(Vec::new())
    }

    /// Time that the order would keep one worker busy, from what its graphs have cost of late.
    fn cost(&self, order: &Order) -> Duration;

    /// Paints the order's images, in the order of its samples.
    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>>;

    /// Time that judging an image would keep one worker busy.
    fn score_cost(&self) -> Duration {
        Duration::ZERO
    }

    /// Judges an image that has the model's size; only asked where [`Traits::judges`].
    fn score<'a>(
        &'a self,
        _image: &'a Image,
        _classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>> {
        let output = TensorRole::Score.to_string();
        Box::pin(async { Err(Failure::Output { output }) })
    }

    /// Encodes an image that has the model's size; only asked where [`Traits::encodes`].
    fn encode<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>>;
}

/// What a model can be asked to do; the parameters that it takes follow from it.
#[derive(Debug, Clone)]
pub struct Traits {
    /// The family.
    pub family: Family,
    /// The size and channels of its images.
    pub format: TensorFormat,
    /// Whether it starts from a latent.
    pub latent: bool,
    /// Whether a discriminator can choose the best.
    pub scores: bool,
    /// Whether it encodes images.
    pub encodes: bool,
    /// Whether it samples a pixel at a time.
    pub autoregressive: bool,
    /// What it takes if it is a diffusion pipeline.
    pub diffusion: Option<DiffusionTraits>,
    /// What a person should know of it: values outside their range, say.
    pub notes: Vec<String>,
}

impl Traits {
    /// Whether it can judge an image: by its discriminator, or by how likely it would paint it.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.scores || self.autoregressive
    }
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
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Why an order came to nothing, past all checks.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Failure {
    /// A graph failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What a graph yielded is no image.
    #[error("the model's output is no image: {0}")]
    Paint(#[from] PaintError),
    /// An image does not have the model's size, though it was checked to.
    #[error(transparent)]
    Size(#[from] SizeMismatch),
    /// A graph's output is not there, or not of the size that it had when it was proved.
    #[error("the model's output {output} is missing or has changed its size")]
    Output {
        /// Its role.
        output: String,
    },
}
