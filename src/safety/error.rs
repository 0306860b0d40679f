//! Why a judge can't be one.

use thiserror::Error;

use crate::families::Failure;
use crate::models::JudgeManifestError;
use crate::runtime::LoadError;

/// Why a judge can't be one, in a sentence for whoever described it.
#[derive(Debug, Clone, Error)]
pub enum JudgeError {
    /// Its description.
    #[error(transparent)]
    Manifest(#[from] JudgeManifestError),
    /// Its graph doesn't load or run.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It takes something else than one image.
    #[error("the graph takes {found}; a judge takes one image of float32 and nothing else")]
    Inputs {
        /// Its inputs.
        found: String,
    },
    /// Its image is laid out otherwise.
    #[error("the graph's input {port} has the shape {found}; as picture says it is {wanted}")]
    Shape {
        /// The input.
        port: String,
        /// Its axes.
        found: String,
        /// What picture says.
        wanted: String,
    },
    /// Nobody says how large its images are.
    #[error(
        "the graph takes images of any size; say with picture.width and picture.height which it is given"
    )]
    NoSize,
    /// None of its outputs goes by that name.
    #[error("the graph has no output {name:?}; it has {known}")]
    NoOutput {
        /// The name.
        name: String,
        /// What there is.
        known: String,
    },
    /// It gives several things, and nobody says which are the scores.
    #[error("the graph gives {known}; say with output which of them is the scores")]
    Outputs {
        /// What there is.
        known: String,
    },
    /// It doesn't give a number for each label.
    #[error(
        "the graph's output {port} has the shape {found}; expected [batch, {labels}], a number for each label"
    )]
    Scores {
        /// The output.
        port: String,
        /// Its axes.
        found: String,
        /// How many labels there are.
        labels: usize,
    },
    /// What comes out is no probability.
    #[error(
        "the graph gives {found} for a trial picture, which is no probability; scores should be softmax or \
         sigmoid where it gives logits"
    )]
    NoProbability {
        /// The number.
        found: f32,
    },
    /// An image could not be given to it.
    #[error(transparent)]
    Given(#[from] Failure),
}
