//! What a family says while it paints.

use super::sampled::Painted;
use crate::imaging::Picture;

/// How far the work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The picture that is meant, by its sheet's place; none where all pictures are counted
    /// together, each of them being one step.
    pub sheet: Option<usize>,
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

    /// Whether somebody would look at the unfinished picture after this step. Asked first, since
    /// making one costs a call or a copy.
    fn wants_preview(&self, _step: Step) -> bool {
        false
    }

    /// The unfinished picture, as it was after that step. It may come some steps later.
    fn previewed(&self, _step: Step, _picture: Picture) {}

    /// The picture of that sheet is finished. Not said where the finished ones are chosen from.
    fn painted(&self, _sheet: usize, _painted: &Painted) {}
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn advanced(&self, _step: Step) {}
}

/// Counts pictures that are painted at the same time, each in one step.
pub(in crate::families) struct Tally<'p> {
    progress: &'p dyn Progress,
    done: std::sync::atomic::AtomicUsize,
    of: usize,
    /// Whether each is an answer as it stands.
    each: bool,
}

impl<'p> Tally<'p> {
    pub(in crate::families) fn new(
        progress: &'p dyn Progress,
        order: &crate::families::Order,
    ) -> Self {
        Self {
            progress,
            done: 0.into(),
            of: order.sheets.len(),
            each: order.keep_best.is_none(),
        }
    }

    /// Notes what came of a sheet.
    pub(in crate::families) fn note<E>(&self, sheet: usize, painted: &Result<Painted, E>) {
        let Ok(painted) = painted else { return };
        if self.each {
            self.progress.painted(sheet, painted);
        }
        let done = 1 + self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.progress.advanced(Step {
            sheet: None,
            done,
            of: self.of,
        });
    }
}
