//! What a use case answers with, in no dialect.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::families::{Judgement, Source, Verdict};
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::prompts::Understood;
use crate::service::request::Signing;
use crate::watermark::Payload;

/// The images of a request.
#[derive(Debug, Clone)]
pub struct Generated {
    /// This generation's id, unguessable.
    pub id: String,
    /// When it was done.
    pub created: SystemTime,
    /// The model's id.
    pub model: String,
    /// The model's digest.
    pub digest: String,
    /// What the images went through behind that model, in its order.
    pub chain: Vec<ChainLink>,
    /// The images, in the order of their seeds (or of their scores with `best_of`).
    pub images: Vec<GeneratedImage>,
    /// How the prompt was taken, where it chooses labels and directions.
    pub understood: Option<Understood>,
    /// Where the time went.
    pub timings: Timings,
    /// What the caller should know.
    pub warnings: Vec<Message>,
}

/// A further model that a request's images went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    /// The model's id, or the filter's name.
    pub model: String,
    /// The model's digest; a filter has none.
    pub digest: Option<String>,
    /// What it did.
    pub task: ChainTask,
    /// How many times larger each side became, where it enlarged.
    pub scale: Option<u64>,
}

/// What a further model does to images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainTask {
    /// It paints them over.
    Restyle,
    /// It enlarges them.
    Upscale,
}

impl ChainTask {
    /// As answers and files name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restyle => "restyle",
            Self::Upscale => "upscale",
        }
    }
}

impl fmt::Display for ChainLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.task.name(), self.model)?;
        if let Some(scale) = self.scale {
            write!(f, " ×{scale}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, " {digest}"),
            None => Ok(()),
        }
    }
}

/// One file: an image, a sheet of them, or an animation.
#[derive(Debug, Clone, Default)]
pub struct GeneratedImage {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: FileFormat,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The seed that paints it again.
    pub seed: Option<u64>,
    /// The labels that it was painted as, axis and label, where they are those of all its images.
    pub class: Vec<(String, String)>,
    /// The discriminator's score, where one was asked.
    pub score: Option<f32>,
    /// What it was painted from that somebody made; of a sheet or an animation, all of its images.
    pub sources: Arc<[Source]>,
    /// What safety judges say of it, where there are any; of a sheet or an animation, the worst of all its images.
    pub judged: Vec<Judgement>,
    /// The images of a sheet, row by row.
    pub cells: Vec<Cell>,
    /// The images of an animation, how many.
    pub frames: Option<usize>,
    /// What its pixels carry, where they are marked.
    pub watermark: Option<Payload>,
    /// What the caller should know of it, as far as only painting could tell.
    pub warnings: Vec<Message>,
    /// What it is to be signed with, where the caller wanted to do that themselves.
    pub unsigned: Option<Arc<Signing>>,
}

/// Adds those warnings that have not been given yet: images of one prompt give the same.
pub(crate) fn warn_once(given: &mut Vec<Message>, more: &[Message]) {
    for warning in more {
        if !given.contains(warning) {
            given.push(warning.clone());
        }
    }
}

/// One image of a sheet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// The seed that paints it again.
    pub seed: Option<u64>,
    /// The labels that it was painted as: axis and label.
    pub class: Vec<(String, String)>,
    /// The discriminator's score, where one was asked.
    pub score: Option<f32>,
}

/// Where the time of a request went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Rows waiting for a worker, on the request's longest path.
    pub queue: Duration,
    /// Graph calls, on the request's longest path.
    pub inference: Duration,
    /// Pixels to files.
    pub encode: Duration,
    /// From admission to answer.
    pub total: Duration,
}

/// What an image is in a model's latent space.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The model's id.
    pub model: String,
    /// The model's digest.
    pub digest: String,
    /// The mean of the approximate posterior, flattened.
    pub mean: Vec<f32>,
    /// The logarithm of its variance, where the encoder gives one.
    pub log_variance: Option<Vec<f32>>,
    /// The latent's shape.
    pub shape: Vec<usize>,
    /// Where the time went.
    pub timings: Timings,
    /// What the caller should know: the image was resized, say.
    pub warnings: Vec<Message>,
}

/// What a model makes of an image.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The model's id.
    pub model: String,
    /// The model's digest.
    pub digest: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Where the time went.
    pub timings: Timings,
    /// What the caller should know: the image was resized, say.
    pub warnings: Vec<Message>,
}
