//! What a model was told in training, as `GET /models/{id}` shows it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::families::Training;

/// What is known of the prompts that a model was trained on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prompts)]
pub(in crate::http) struct PromptsView {
    /// Example prompts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["a black cat with white paws"]))]
    examples: Vec<String>,
    /// How many of its training captions a prompt is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2400)]
    known: Option<usize>,
    /// The likeness to the nearest of them, a cosine in its text encoder's space, under which the
    /// answer has a warning that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = -1, maximum = 1, example = 0.55)]
    far: Option<f32>,
}

impl From<Training> for PromptsView {
    fn from(training: Training) -> Self {
        Self {
            examples: training.examples,
            known: training.captions.map(|captions| captions.count),
            far: training.captions.map(|captions| captions.far),
        }
    }
}
