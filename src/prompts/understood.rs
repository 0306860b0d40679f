//! How a prompt was taken, as the answer tells it.

use std::collections::BTreeMap;

use crate::language::Message;
use crate::message;

/// How a prompt was taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understood {
    /// The labels that it chose, by axis.
    pub class: BTreeMap<String, Said<String>>,
    /// The steps that it asked for, by direction.
    pub edit: BTreeMap<String, Said<f32>>,
    /// The axes of which nothing was said, which follow the seed.
    pub left_to_seed: Vec<String>,
    /// The words that say nothing to the model, without articles and the like.
    pub not_understood: Vec<String>,
}

impl Understood {
    /// What to tell where words say nothing to the model.
    #[must_use]
    pub fn left_unsaid(&self) -> Option<Message> {
        (!self.not_understood.is_empty()).then(|| {
            message!(
                "these words of the prompt say nothing to this model: {words}",
                words = self.not_understood.join(", ")
            )
        })
    }
}

/// Something that a prompt asks for, and the words that do.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<T> {
    /// What is asked for.
    pub what: T,
    /// The words, as they were written.
    pub words: String,
}
