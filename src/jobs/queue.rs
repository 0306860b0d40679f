//! Whose job is next: callers take turns, and each caller's own jobs keep their order.
//!
//! Plain state, so that a test can step it by hand.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::job::JobId;

/// Jobs that wait, and how many of whose run.
#[derive(Debug)]
pub(super) struct Queue {
    /// Jobs that may run at the same time.
    places: usize,
    lines: HashMap<u64, VecDeque<Waiting>>,
    /// Callers who have jobs waiting; the first is next.
    turns: VecDeque<u64>,
    running: HashMap<u64, usize>,
}

#[derive(Debug, Clone)]
struct Waiting {
    id: JobId,
    cost: Duration,
}

/// What has to be done before a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ahead {
    pub(super) jobs: usize,
    pub(super) work: Duration,
}

impl Queue {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places: places.max(1),
            lines: HashMap::new(),
            turns: VecDeque::new(),
            running: HashMap::new(),
        }
    }

    /// Adds a job at the end of its caller's line.
    pub(super) fn push(&mut self, caller: u64, id: JobId, cost: Duration) {
        let line = self.lines.entry(caller).or_default();
        if line.is_empty() {
            self.turns.push_back(caller);
        }
        line.push_back(Waiting { id, cost });
    }

    /// The job that should run now, if one may. Its place is taken until [`left`](Self::left).
    pub(super) fn pop(&mut self) -> Option<(u64, JobId)> {
        let running: usize = self.running.values().sum();
        let free = self.places.saturating_sub(running);
        // Of several places the last is for a caller who has no job running: work of hours shuts
        // nobody out.
        let may = |caller: &u64| match free {
            0 => false,
            1 if self.places > 1 => !self.running.contains_key(caller),
            _ => true,
        };
        let at = self.turns.iter().position(may)?;
        let caller = self.turns.remove(at)?;
        let line = self.lines.get_mut(&caller)?;
        let next = line.pop_front()?;
        if line.is_empty() {
            self.lines.remove(&caller);
        } else {
            self.turns.push_back(caller);
        }
        *self.running.entry(caller).or_default() += 1;
        Some((caller, next.id))
    }

    /// Jobs that wait, and jobs that run.
    pub(super) fn lengths(&self) -> (usize, usize) {
        let waiting = self.lines.values().map(VecDeque::len).sum();
        (waiting, self.running.values().sum())
    }

    /// A job of that caller has stopped running.
    pub(super) fn left(&mut self, caller: u64) {
        if let Some(running) = self.running.get_mut(&caller) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&caller);
            }
        }
    }

    /// Takes a job out of its line; tells whether it was there.
    pub(super) fn remove(&mut self, caller: u64, id: &JobId) -> bool {
        let Some(line) = self.lines.get_mut(&caller) else {
            return false;
        };
        let before = line.len();
        line.retain(|waiting| waiting.id != *id);
        let was_there = line.len() < before;
        if line.is_empty() {
            self.lines.remove(&caller);
            self.turns.retain(|other| *other != caller);
        }
        was_there
    }

    /// What is served before a job that waits, if everybody takes turns.
    pub(super) fn ahead(&self, caller: u64, id: &JobId) -> Option<Ahead> {
        let own = self.lines.get(&caller)?;
        let at = own.iter().position(|waiting| waiting.id == *id)?;
        let turn = self.turns.iter().position(|other| *other == caller)?;
        let mut ahead = Ahead {
            jobs: 0,
            work: Duration::ZERO,
        };
        for (place, other) in self.turns.iter().enumerate() {
            // Those whose turn is earlier are served once more.
            let rounds = at + usize::from(place < turn);
            let line = self.lines.get(other).into_iter().flatten();
            for waiting in line.take(rounds) {
                ahead.jobs += 1;
                ahead.work += waiting.cost;
            }
        }
        Some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(places: usize, jobs: &[(u64, &str)]) -> Queue {
        let mut queue = Queue::new(places);
        for (caller, id) in jobs {
            queue.push(*caller, JobId::from(*id), Duration::from_secs(1));
        }
        queue
    }

    fn popped(queue: &mut Queue) -> Option<String> {
        queue.pop().map(|(_, id)| id.to_string())
    }

    #[test]
    fn callers_take_turns() {
        let mut queue = queue(9, &[(1, "a"), (1, "b"), (1, "c"), (2, "x")]);
        let all: Vec<String> = std::iter::from_fn(|| popped(&mut queue)).collect();
        assert_eq!(all, ["a", "x", "b", "c"]);
    }

    #[test]
    fn the_last_place_is_for_a_caller_who_has_none() {
        let mut queue = queue(2, &[(1, "a"), (1, "b")]);
        assert_eq!(popped(&mut queue).as_deref(), Some("a"));
        assert_eq!(popped(&mut queue), None);
        queue.push(2, JobId::from("x"), Duration::ZERO);
        assert_eq!(popped(&mut queue).as_deref(), Some("x"));
        queue.left(1);
        assert_eq!(popped(&mut queue).as_deref(), Some("b"));
    }

    #[test]
    fn one_place_is_for_everybody() {
        let mut queue = queue(1, &[(1, "a"), (1, "b")]);
        assert_eq!(popped(&mut queue).as_deref(), Some("a"));
        assert_eq!(popped(&mut queue), None);
        queue.left(1);
        assert_eq!(popped(&mut queue).as_deref(), Some("b"));
    }

    #[test]
    fn what_is_ahead_counts_the_turns_of_others() {
        let queue = queue(9, &[(1, "a"), (1, "b"), (2, "x"), (2, "y"), (2, "z")]);
        let ahead = |caller, id| queue.ahead(caller, &JobId::from(id)).unwrap().jobs;
        assert_eq!([ahead(1, "a"), ahead(1, "b")], [0, 2]);
        assert_eq!([ahead(2, "x"), ahead(2, "y"), ahead(2, "z")], [1, 3, 4]);
        assert_eq!(queue.ahead(1, &JobId::from("x")), None);
    }

    #[test]
    fn what_was_taken_out_takes_no_turn() {
        let mut queue = queue(9, &[(1, "a"), (2, "x")]);
        assert!(queue.remove(1, &JobId::from("a")));
        assert!(!queue.remove(1, &JobId::from("a")));
        assert_eq!(popped(&mut queue).as_deref(), Some("x"));
        assert_eq!(popped(&mut queue), None);
    }
}
