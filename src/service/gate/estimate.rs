//! When a request would be done, if it were admitted now.

use std::collections::HashMap;
use std::time::Duration;

use crate::runtime::Priority;

/// Callers that share the workers, and at which priority: those whose requests wait in one line.
pub(super) type Party = (u64, Priority);

/// What a request would ask of the workers.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Time that it would keep one worker busy.
    pub time: Duration,
    /// Its parts that can run at the same time: images, since the steps of one follow each other.
    pub strands: usize,
}

impl Work {
    /// Next to nothing.
    pub const NONE: Self = Self {
        time: Duration::ZERO,
        strands: 1,
    };

    /// One thing after the other.
    #[must_use]
    pub fn one(time: Duration) -> Self {
        Self { time, strands: 1 }
    }

    /// How long it would take with all workers to itself.
    #[must_use]
    pub fn alone(self, workers: usize) -> Duration {
        divided(self.time, self.strands.min(workers))
    }

    /// As many strands as would be done within the deadline; none if not even one would.
    #[must_use]
    pub fn strands_within(self, deadline: Duration, workers: usize) -> usize {
        let strand = divided(self.time, self.strands);
        if strand > deadline {
            return 0;
        }
        let all_day = deadline.mul_f64(workers.max(1) as f64).as_secs_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is clamped to the strands there are"
        )]
        let fitting = (all_day / strand.as_secs_f64().max(1e-9)) as usize;
        fitting.max(workers.max(1)).min(self.strands)
    }
}

/// Work that was admitted and isn't done, by whose it is.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    by_party: HashMap<Party, Duration>,
    total: Duration,
}

impl Admitted {
    pub(super) fn add(&mut self, party: Party, time: Duration) {
        *self.by_party.entry(party).or_default() += time;
        self.total += time;
    }

    pub(super) fn remove(&mut self, party: Party, time: Duration) {
        self.total = self.total.saturating_sub(time);
        let Some(left) = self.by_party.get_mut(&party) else {
            return;
        };
        *left = left.saturating_sub(time);
        if left.is_zero() {
            self.by_party.remove(&party);
        }
    }

    pub(super) fn total(&self) -> Duration {
        self.total
    }

    /// When `work` of this party would be done. Its own earlier requests go first; of everybody
    /// else's work, the pool serves meanwhile what is due to them beside that, and no more.
    pub(super) fn finish(&self, party: Party, work: Work, workers: usize) -> Duration {
        let own = self.by_party.get(&party).copied().unwrap_or_default() + work.time;
        let weight = |(_, priority): Party| f64::from(priority.weight());
        let others = self.by_party.iter().filter(|(other, _)| **other != party);
        let others: Duration = others
            .map(|(&other, &theirs)| theirs.min(own.mul_f64(weight(other) / weight(party))))
            .sum();
        divided(own + others, workers).max(work.alone(workers))
    }
}

fn divided(time: Duration, by: usize) -> Duration {
    time / u32::try_from(by.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const A: Party = (1, Priority::Interactive);
    const B: Party = (2, Priority::Interactive);

    fn work(seconds: u32, strands: usize) -> Work {
        Work {
            time: SECOND * seconds,
            strands,
        }
    }

    #[test]
    fn steps_of_one_image_follow_each_other_whatever_workers_there_are() {
        assert_eq!(work(8, 1).alone(4), SECOND * 8);
        assert_eq!(work(8, 8).alone(4), SECOND * 2);
    }

    #[test]
    fn what_would_fit_is_counted_in_images() {
        // Three seconds for each image, on two workers.
        assert_eq!(work(192, 64).strands_within(SECOND * 60, 2), 40);
        assert_eq!(work(192, 64).strands_within(SECOND * 3, 2), 2);
        assert_eq!(work(192, 64).strands_within(SECOND * 2, 2), 0);
    }

    #[test]
    fn much_work_of_another_counts_no_more_than_it_is_served() {
        let mut admitted = Admitted::default();
        admitted.add(A, SECOND * 1000);
        assert_eq!(admitted.finish(B, work(1, 1), 1), SECOND * 2);
        assert_eq!(admitted.finish(A, work(1, 1), 1), SECOND * 1001);
    }

    #[test]
    fn a_background_request_waits_for_its_small_share() {
        let mut admitted = Admitted::default();
        admitted.add(A, SECOND * 1000);
        let later = (2, Priority::Background);
        assert_eq!(admitted.finish(later, work(1, 1), 1), SECOND * 9);
    }
}
