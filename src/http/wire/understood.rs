//! How a prompt was taken.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{Said, Understood};

/// How a prompt was taken: what it chose by which words, and what it left open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Understood)]
pub(in crate::http) struct UnderstoodAnswer {
    /// The labels that it chose, by class axis.
    #[schema(example = json!({"glasses": {"label": "no", "words": "sans lunettes"}}))]
    class: BTreeMap<String, UnderstoodLabel>,
    /// The steps that it asked for, by direction.
    #[schema(example = json!({"smile": {"steps": 1.0, "words": "more smile"}}))]
    edit: BTreeMap<String, UnderstoodSteps>,
    /// The class axes of which it says nothing; they follow the seed.
    #[schema(example = json!(["hair"]))]
    left_to_seed: Vec<String>,
    /// Its words that say nothing to this model, articles and the like left out.
    #[schema(example = json!(["forest"]))]
    not_understood: Vec<String>,
}

/// A label that a prompt chose.
#[derive(Debug, Serialize, ToSchema)]
struct UnderstoodLabel {
    /// The label.
    label: String,
    /// The words that chose it, as they were written.
    words: String,
}

/// Steps that a prompt asked for.
#[derive(Debug, Serialize, ToSchema)]
struct UnderstoodSteps {
    /// How many, within the direction's range.
    steps: f32,
    /// The words that asked for them, as they were written.
    words: String,
}

impl From<Understood> for UnderstoodAnswer {
    fn from(understood: Understood) -> Self {
        let class = understood.class.into_iter();
        let edit = understood.edit.into_iter();
        Self {
            class: class
                .map(|(axis, Said { what: label, words })| (axis, UnderstoodLabel { label, words }))
                .collect(),
            edit: edit
                .map(|(name, Said { what: steps, words })| (name, UnderstoodSteps { steps, words }))
                .collect(),
            left_to_seed: understood.left_to_seed,
            not_understood: understood.not_understood,
        }
    }
}
