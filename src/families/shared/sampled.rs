//! What a family answers with.

use std::sync::Arc;

use super::judgement::Judgement;
use super::source::Source;
use crate::imaging::Image;
use crate::language::Message;
use crate::runtime::CallTime;

/// An image, and how it came about.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// The image.
    pub image: Image,
    /// The seed of its generator, where it paints the image again.
    pub seed: Option<u64>,
    /// The label's index for each class axis, where it shows one.
    pub labels: Vec<Option<usize>>,
    /// The discriminator's score, where it was asked.
    pub score: Option<f32>,
    /// What somebody made that it was painted from, as far as the model looks that up.
    pub sources: Arc<[Source]>,
    /// What safety judges say of it, where there are any.
    pub judged: Vec<Judgement>,
    /// What the caller should know of it, that only painting could tell.
    pub warnings: Vec<Message>,
    /// Its graph calls, one after the other.
    pub time: CallTime,
}
