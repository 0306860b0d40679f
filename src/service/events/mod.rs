//! What happens to a generation while it is painted, as a stream of events in no dialect.
//!
//! [`Studio::watch`](super::Studio::watch) answers with [`Watched`], whose [`next`](Watched::next)
//! gives one [`Event`] after the other: first [`Event::Queued`], then steps and images as they
//! come, and at last [`Event::Done`] or [`Event::Failed`]. A reader that is slow misses steps and
//! previews, which are kept in their latest state only, and never an image or the end. Dropping
//! [`Watched`] stops the painting within one graph call.

mod buffer;
mod watched;

use std::time::Duration;

pub(super) use self::buffer::ProgressBuffer;
pub use self::watched::Watched;
use super::answer::{Generated, GeneratedImage};
use super::failure::Failure;
use crate::imaging::FileFormat;

/// Something that has happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// It has been admitted.
    Queued(Queued),
    /// It has come further.
    Progress(Advance),
    /// An image is finished.
    Image {
        /// Its place in the answer.
        index: usize,
        /// The file.
        image: GeneratedImage,
    },
    /// All is done. The images have come before, so there is none in it.
    Done(Generated),
    /// It came to nothing.
    Failed(Failure),
}

/// What is known of a generation when it is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id, by which [`Studio::cancel`](super::Studio::cancel) stops it.
    pub id: String,
    /// Requests in flight before it.
    pub position: usize,
    /// How long their work should take, from what such work has cost recently.
    pub estimated_wait: Duration,
}

/// How far a generation has come.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The image that is meant, by its place; none where all of them are counted together.
    /// Where the best of many are chosen, places count all candidates.
    pub image: Option<usize>,
    /// Steps that are over.
    pub step: usize,
    /// Steps in all.
    pub of: usize,
    /// The unfinished image, of this step or of one shortly before.
    pub preview: Option<Preview>,
}

/// An unfinished image as a file.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its format: the one that was asked for, or of an animation, the still one of its kind.
    pub format: FileFormat,
}
