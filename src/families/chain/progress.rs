//! Progress over all of a chain: the first model's steps, and then a step for each call of a link.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::families::{Progress, Sampled, Step};
use crate::imaging::Image;

/// An image of the first model, and its place.
pub(super) type Handed = (usize, Sampled);

/// Counts the steps of the first model and the links together.
pub(super) struct ChainProgress<'p> {
    progress: &'p dyn Progress,
    /// Calls of the links for each image.
    calls: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    /// Of each image, the first model's steps, as far as it has told.
    first: Vec<usize>,
    /// Of each image, the links' calls that are over.
    linked: Vec<usize>,
    /// The first model's steps that are over, and all, where it counts its images together.
    together: Option<(usize, usize)>,
}

impl<'p> ChainProgress<'p> {
    pub(super) fn new(progress: &'p dyn Progress, (images, calls): (usize, usize)) -> Self {
        let counts = Counts {
            first: vec![0; images],
            linked: vec![0; images],
            together: None,
        };
        Self {
            progress,
            calls,
            counts: Mutex::new(counts),
        }
    }

    /// What the first model tells: its images are handed on to the links.
    pub(super) fn handing(&self, hand: mpsc::Sender<Handed>) -> Handing<'_, 'p> {
        Handing { chain: self, hand }
    }

    /// A link's call for that image is over.
    pub(super) fn link_called(&self, place: usize) {
        let mut counts = self.counts();
        let Some(linked) = counts.linked.get_mut(place) else {
            return;
        };
        *linked = (*linked + 1).min(self.calls);
        let step = self.linked_step(&counts, place);
        drop(counts);
        self.progress.advanced(step);
    }

    /// An image is through. It may have taken fewer calls than were foreseen: an image that turns out
    /// to be opaque takes half of them.
    pub(super) fn linked(&self, place: usize, sampled: &Sampled) {
        let mut counts = self.counts();
        let room = counts.linked.get_mut(place);
        let fewer = room.is_some_and(|linked| std::mem::replace(linked, self.calls) < self.calls);
        let step = self.linked_step(&counts, place);
        drop(counts);
        if fewer {
            self.progress.advanced(step);
        }
        self.progress.sampled(place, sampled);
    }

    fn linked_step(&self, counts: &Counts, place: usize) -> Step {
        match counts.together {
            Some((done, of)) => self.together(counts, (done, of)),
            None => Step {
                sample: Some(place),
                done: counts.first[place] + counts.linked[place],
                of: counts.first[place] + self.calls,
            },
        }
    }

    fn together(&self, counts: &Counts, (done, of): (usize, usize)) -> Step {
        Step {
            sample: None,
            done: done + counts.linked.iter().sum::<usize>(),
            of: of + self.calls * counts.linked.len(),
        }
    }

    /// A step of the first model as a step of the whole.
    fn whole(&self, step: Step) -> Step {
        let mut counts = self.counts();
        match step.sample {
            None => {
                counts.together = Some((step.done, step.of));
                self.together(&counts, (step.done, step.of))
            }
            Some(place) => {
                if let Some(first) = counts.first.get_mut(place) {
                    *first = step.of;
                }
                let of = step.of + self.calls;
                Step { of, ..step }
            }
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // No code that can panic runs under this lock.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens to the first model.
pub(super) struct Handing<'c, 'p> {
    chain: &'c ChainProgress<'p>,
    hand: mpsc::Sender<Handed>,
}

impl Progress for Handing<'_, '_> {
    fn advanced(&self, step: Step) {
        self.chain.progress.advanced(self.chain.whole(step));
    }

    fn wants_preview(&self, step: Step) -> bool {
        self.chain.progress.wants_preview(self.chain.whole(step))
    }

    fn previewed(&self, step: Step, image: Image) {
        self.chain.progress.previewed(self.chain.whole(step), image);
    }

    fn sampled(&self, place: usize, sampled: &Sampled) {
        // There is room for every image, and the receiver lives as long as the sampling.
        drop(self.hand.try_send((place, sampled.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Told(Mutex<Vec<(Option<usize>, usize, usize)>>);

    impl Progress for Told {
        fn advanced(&self, step: Step) {
            let told = (step.sample, step.done, step.of);
            self.0.lock().expect("nobody panics with it").push(told);
        }
    }

    fn step(sample: Option<usize>, done: usize, of: usize) -> Step {
        Step { sample, done, of }
    }

    #[test]
    fn calls_of_links_follow_the_steps_of_each_image() {
        let told = Told::default();
        let chain = ChainProgress::new(&told, (2, 2));
        let (hand, _handed) = mpsc::channel(2);
        let handing = chain.handing(hand);
        handing.advanced(step(Some(1), 1, 1));
        chain.link_called(1);
        chain.link_called(1);
        let told = told.0.into_inner().expect("nobody panics with it");
        assert_eq!(told, [(Some(1), 1, 3), (Some(1), 2, 3), (Some(1), 3, 3)]);
    }

    #[test]
    fn images_that_are_counted_together_stay_so() {
        let told = Told::default();
        let chain = ChainProgress::new(&told, (2, 1));
        let (hand, _handed) = mpsc::channel(2);
        let handing = chain.handing(hand);
        handing.advanced(step(None, 1, 2));
        chain.link_called(0);
        handing.advanced(step(None, 2, 2));
        chain.link_called(1);
        let told = told.0.into_inner().expect("nobody panics with it");
        let done: Vec<usize> = told.iter().map(|(_, done, _)| *done).collect();
        assert_eq!(done, [1, 2, 3, 4]);
        assert!(
            told.iter()
                .all(|(sample, _, of)| sample.is_none() && *of == 4)
        );
    }
}
