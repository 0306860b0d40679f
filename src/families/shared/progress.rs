//! What a family says while it paints.

use super::sampled::Sampled;
use crate::imaging::Image;

/// How far the work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The image that is meant, by its sample's place; none where all images are counted
    /// together, each of them being one step.
    pub sample: Option<usize>,
    /// Steps that are over.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

/// Whoever watches an order being painted.
///
/// Every method is called from the painting task, so none may block; a watcher that is slow keeps
/// what it is told for later, or forgets it.
pub trait Progress: Send + Sync {
    /// A step is over.
    fn advanced(&self, step: Step);

    /// Whether somebody would look at the unfinished image after this step. Asked first, since
    /// making one costs a call or a copy.
    fn wants_preview(&self, _step: Step) -> bool {
        false
    }

    /// The unfinished image, as it was after that step. It may come some steps later.
    fn previewed(&self, _step: Step, _image: Image) {}

    /// The image of that sample is finished. Not said where the finished ones are chosen from.
    fn sampled(&self, _place: usize, _sampled: &Sampled) {}
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn advanced(&self, _step: Step) {}
}

/// Counts images that are painted at the same time, each in one step.
pub(in crate::families) struct Tally<'p> {
    progress: &'p dyn Progress,
    done: std::sync::atomic::AtomicUsize,
    of: usize,
    /// Whether each is an answer as it stands.
    each: bool,
}

impl<'p> Tally<'p> {
    /// Of so many samples, of which each is an answer as it stands, or some are chosen.
    pub(in crate::families) fn new(progress: &'p dyn Progress, of: usize, each: bool) -> Self {
        Self {
            progress,
            done: 0.into(),
            of,
            each,
        }
    }

    /// Notes what came of a sample.
    pub(in crate::families) fn note<E>(&self, sample: usize, painted: &Result<Sampled, E>) {
        let Ok(painted) = painted else { return };
        if self.each {
            self.progress.sampled(sample, painted);
        }
        let done = 1 + self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.progress.advanced(Step {
            sample: None,
            done,
            of: self.of,
        });
    }
}
