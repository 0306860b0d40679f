//! What a family answers with.

use crate::imaging::Picture;
use crate::runtime::CallTime;

/// A picture, and how it came about.
#[derive(Debug, Clone)]
pub struct Painted {
    /// The picture.
    pub picture: Picture,
    /// The seed of its generator.
    pub seed: u32,
    /// The label's index for each class axis.
    pub classes: Vec<usize>,
    /// The discriminator's score, where it was asked.
    pub score: Option<f32>,
    /// What the caller should know of it, that only painting could tell.
    pub warnings: Vec<String>,
    /// Its graph calls, one after the other.
    pub time: CallTime,
}
