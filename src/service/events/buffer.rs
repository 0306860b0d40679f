//! Between the one who paints and the one who reads of it: neither waits for the other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Queued;
use crate::families::Step;
use crate::imaging::Image;
use crate::service::answer::{Generated, GeneratedImage};
use crate::service::failure::Failure;

/// The shortest time between two rounds of progress: faster than an eye can follow is traffic.
const ROUND: Duration = Duration::from_millis(50);

/// Holds what has not been read yet: of each image its latest step, its latest preview, and its
/// file once it is there. So it is bounded by the images that were asked for.
#[derive(Debug)]
pub(in crate::service) struct ProgressBuffer {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    queued: Option<Queued>,
    steps: BTreeMap<Option<usize>, Moved>,
    /// A round of progress that is being read.
    round: VecDeque<Moved>,
    next_round: Option<Instant>,
    images: VecDeque<(usize, GeneratedImage)>,
    end: Option<Result<Generated, Failure>>,
    is_over: bool,
}

/// The latest of an image.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) step: Step,
    pub(super) preview: Option<Image>,
}

/// What a look into the mailbox finds.
#[derive(Debug)]
pub(super) enum Letter {
    Queued(Queued),
    Moved(Moved),
    Image(usize, GeneratedImage),
    End(Box<Result<Generated, Failure>>),
    /// Nothing to read before then, unless something more urgent comes.
    Later(Instant),
    /// Nothing to read yet.
    Nothing,
    /// Nothing to read ever again.
    Over,
}

impl ProgressBuffer {
    pub(in crate::service) fn new(queued: Queued) -> Arc<Self> {
        let state = State {
            queued: Some(queued),
            ..State::default()
        };
        Arc::new(Self {
            state: Mutex::new(state),
            news: Notify::new(),
        })
    }

    pub(in crate::service) fn advanced(&self, step: Step) {
        let mut state = self.state();
        let moved = state.steps.entry(step.sample);
        let preview = None;
        moved.or_insert(Moved { step, preview }).step = step;
        drop(state);
        self.news.notify_one();
    }

    pub(in crate::service) fn previewed(&self, step: Step, image: Image) {
        let mut state = self.state();
        let moved = state.steps.entry(step.sample);
        let preview = None;
        moved.or_insert(Moved { step, preview }).preview = Some(image);
        drop(state);
        self.news.notify_one();
    }

    pub(in crate::service) fn image(&self, place: usize, image: &GeneratedImage) {
        self.state().images.push_back((place, image.clone()));
        self.news.notify_one();
    }

    /// Promises that there will be an end, whatever becomes of the holder.
    pub(in crate::service) fn ending(&self) -> Ending<'_> {
        Ending(self)
    }

    /// Waits until there may be something new.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// Takes what should be read next.
    pub(super) fn take(&self, now: Instant) -> Letter {
        let mut state = self.state();
        if let Some(queued) = state.queued.take() {
            return Letter::Queued(queued);
        }
        // What is finished is not kept waiting for the round, and steps come before it.
        let is_urgent = !state.images.is_empty() || state.end.is_some();
        let next_round = state.next_round.filter(|&next| now < next && !is_urgent);
        if state.round.is_empty() && !state.steps.is_empty() && next_round.is_none() {
            let steps = std::mem::take(&mut state.steps);
            state.round.extend(steps.into_values());
            state.next_round = Some(now + ROUND);
        }
        if let Some(moved) = state.round.pop_front() {
            return Letter::Moved(moved);
        }
        if let Some((place, image)) = state.images.pop_front() {
            return Letter::Image(place, image);
        }
        if let Some(end) = state.end.take() {
            return Letter::End(Box::new(end));
        }
        match next_round {
            _ if state.is_over => Letter::Over,
            Some(next) if !state.steps.is_empty() => Letter::Later(next),
            _ => Letter::Nothing,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the story with what came of it, or on being dropped, with a fault of ours.
#[derive(Debug)]
pub(in crate::service) struct Ending<'m>(&'m ProgressBuffer);

impl Ending<'_> {
    pub(in crate::service) fn with(self, end: Result<Generated, Failure>) {
        self.0.end(end);
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end(Err(Failure::Internal {
            reason: "the painting broke off".to_owned(),
        }));
    }
}

impl ProgressBuffer {
    /// The first end counts.
    fn end(&self, end: Result<Generated, Failure>) {
        let mut state = self.state();
        if !state.is_over {
            state.is_over = true;
            state.end = Some(end);
        }
        drop(state);
        self.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sample: usize, done: usize) -> Step {
        let sample = Some(sample);
        Step {
            sample,
            done,
            of: 9,
        }
    }

    fn mailbox() -> Arc<ProgressBuffer> {
        let mailbox = ProgressBuffer::new(Queued {
            id: "one".to_owned(),
            position: 0,
            estimated_wait: Duration::ZERO,
        });
        let first = mailbox.take(Instant::now());
        assert!(matches!(first, Letter::Queued(_)), "{first:?}");
        mailbox
    }

    fn image() -> GeneratedImage {
        GeneratedImage {
            bytes: vec![1],
            format: crate::imaging::FileFormat::Png,
            width: 1,
            height: 1,
            ..GeneratedImage::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_finds_only_the_latest_of_each_image() {
        let mailbox = mailbox();
        for done in 1..=7 {
            mailbox.advanced(step(0, done));
            mailbox.advanced(step(1, done));
        }
        let read: Vec<Option<Step>> = (0..3)
            .map(|_| match mailbox.take(Instant::now()) {
                Letter::Moved(moved) => Some(moved.step),
                _ => None,
            })
            .collect();
        assert_eq!(read, [Some(step(0, 7)), Some(step(1, 7)), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn rounds_of_progress_keep_their_distance() {
        let mailbox = mailbox();
        mailbox.advanced(step(0, 1));
        assert!(matches!(mailbox.take(Instant::now()), Letter::Moved(_)));
        mailbox.advanced(step(0, 2));
        let Letter::Later(then) = mailbox.take(Instant::now()) else {
            panic!("a round came at once after another");
        };
        tokio::time::advance(then - Instant::now()).await;
        assert!(matches!(mailbox.take(Instant::now()), Letter::Moved(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_finished_image_waits_for_no_round_and_comes_after_its_steps() {
        let mailbox = mailbox();
        mailbox.advanced(step(0, 1));
        assert!(matches!(mailbox.take(Instant::now()), Letter::Moved(_)));
        mailbox.advanced(step(0, 9));
        mailbox.image(0, &image());
        assert!(matches!(mailbox.take(Instant::now()), Letter::Moved(_)));
        assert!(matches!(mailbox.take(Instant::now()), Letter::Image(0, _)));
        assert!(matches!(mailbox.take(Instant::now()), Letter::Nothing));
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_one_end_even_if_the_painter_vanishes() {
        let mailbox = mailbox();
        drop(mailbox.ending());
        let Letter::End(end) = mailbox.take(Instant::now()) else {
            panic!("no end");
        };
        assert!(matches!(*end, Err(Failure::Internal { .. })));
        mailbox.ending().with(Err(Failure::Cancelled));
        assert!(matches!(mailbox.take(Instant::now()), Letter::Over));
    }
}
