//! Those who were refused, and when each of them was told to come back.
//!
//! Told only how long the queue takes, a crowd comes back all at once, and most of it in vain. So
//! everybody gets a time of their own: as far apart as requests leave, and no more at one time than
//! half of the places hold. Places are kept for those who are about to come, and whoever comes at
//! such a time is taken for one of them: nobody has to identify themselves.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Times that are remembered; who is refused beyond them is told a time at random.
const MOST: usize = 4096;
/// The longest wait that anybody is told.
const LONGEST: Duration = Duration::from_secs(600);
/// `Retry-After` counts whole seconds.
const TICK: Duration = Duration::from_secs(1);
/// How long a place is kept for somebody who is late.
const LATE: Duration = Duration::from_secs(2);
/// Times closer to each other than this count as one, however fast requests leave.
const AT_ONCE: Duration = Duration::from_millis(250);
/// Requests that leave later than expected must not cost those who come back their places.
const SLACK: f64 = 1.5;

/// How places are freed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exit {
    /// The time between two departures.
    pub(super) pace: Duration,
    /// How many places there are.
    pub(super) places: usize,
    /// Whether whoever is turned away came when told to.
    pub(super) returned: bool,
}

/// The crowd outside; a plain value that is told what time it is.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// When somebody is to come, ascending.
    expected: VecDeque<Instant>,
    /// When the last of them should find a place.
    last: Option<Instant>,
    /// For times at random, so that even those without one of their own come spread out.
    scatter: u64,
}

impl Crowd {
    /// Tells somebody when to come back, in whole seconds. Nobody is told less than `least`.
    pub(super) fn turn_away(&mut self, now: Instant, exit: Exit, least: Duration) -> Duration {
        self.forget(now);
        let pace = exit.pace.mul_f64(SLACK);
        // Who came when told to has waited already, and is not put at the end again.
        let turn = match exit.returned {
            true => now,
            false => self.last.map_or(now, |last| last.max(now)) + pace,
        };
        let mut wait = whole(least.max(turn.duration_since(now)));
        if self.expected.len() >= MOST || wait > LONGEST {
            return self.scattered();
        }
        let at_once = (exit.places / 2).max(1);
        // In this time so many have left that as many may come again.
        let apart = pace * u32::try_from(at_once).unwrap_or(u32::MAX);
        while self.around(now + wait, apart.max(AT_ONCE)) >= at_once {
            wait += TICK;
            if wait > LONGEST {
                return self.scattered();
            }
        }
        if !exit.returned {
            self.last = Some(turn.max(now + wait - TICK));
        }
        let due = now + wait;
        let at = self.expected.partition_point(|&other| other <= due);
        self.expected.insert(at, due);
        wait
    }

    /// Whether somebody who comes now was told to; they are not expected any more.
    pub(super) fn comes_back(&mut self, now: Instant) -> bool {
        self.forget(now);
        let due = self.expected.front().is_some_and(|&due| due <= now);
        if due {
            self.expected.pop_front();
        }
        due
    }

    /// The places to keep for those who will have come in this time.
    pub(super) fn places_kept(&mut self, now: Instant, within: Duration) -> usize {
        self.forget(now);
        self.expected.partition_point(|&due| due <= now + within)
    }

    fn around(&self, time: Instant, apart: Duration) -> usize {
        let from = self.expected.partition_point(|&due| due + apart <= time);
        let to = self.expected.partition_point(|&due| due < time + apart);
        to - from
    }

    fn forget(&mut self, now: Instant) {
        while self.expected.front().is_some_and(|&due| due + LATE < now) {
            self.expected.pop_front();
        }
    }

    /// In the second half of the longest wait.
    fn scattered(&mut self) -> Duration {
        // Knuth's multiplicative hash: neighbours land far from each other.
        self.scatter = self.scatter.wrapping_add(1);
        let spread = self.scatter.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        LONGEST / 2 + TICK * u32::try_from(spread % 300).unwrap_or(0)
    }
}

fn whole(wait: Duration) -> Duration {
    let up = u64::from(wait.subsec_nanos() > 0);
    Duration::from_secs(wait.as_secs() + up).max(TICK)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A departure every tenth of a second, from eight places.
    const EXIT: Exit = Exit {
        pace: Duration::from_millis(100),
        places: 8,
        returned: false,
    };

    #[tokio::test(start_paused = true)]
    async fn no_more_are_told_to_come_at_once_than_half_the_places_hold() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        let waits: Vec<u64> = (0..100)
            .map(|_| crowd.turn_away(now, EXIT, TICK).as_secs())
            .collect();
        for second in 1..=25 {
            let then = waits.iter().filter(|&&wait| wait == second).count();
            assert_eq!(then, 4, "in {second} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_kept_for_who_was_told_to_come_and_not_for_ever() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        let wait = crowd.turn_away(now, EXIT, TICK);
        assert!(!crowd.comes_back(now));
        assert_eq!(crowd.places_kept(now, wait), 1);
        assert!(crowd.comes_back(now + wait));
        assert!(!crowd.comes_back(now + wait));
        let wait = crowd.turn_away(now, EXIT, TICK);
        let much_later = now + wait + LATE + TICK;
        assert_eq!(crowd.places_kept(much_later, TICK), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_beyond_all_bounds_is_told_times_far_apart() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        let waits: Vec<Duration> = (0..3 * MOST)
            .map(|_| crowd.turn_away(now, Exit { pace: TICK, ..EXIT }, TICK))
            .collect();
        assert!(crowd.expected.len() <= MOST);
        let late: std::collections::HashSet<_> = waits[2 * MOST..].iter().collect();
        assert!(late.len() > 250, "{}", late.len());
        assert!(waits.iter().all(|&wait| wait <= LONGEST));
    }
}
