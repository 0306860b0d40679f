//! Further sessions of a graph, opened once they have been missed for long enough.
//!
//! A session takes time to open, and holds the graph's weights once more; and most graphs are rarely
//! wanted twice at the same time. So each begins with one session, and how long workers stand idle
//! though there is work for another is added up. When that reaches what opening one takes, an idle
//! worker opens it: until then waiting was cheaper, and whatever is asked later, no more than twice
//! the least possible was spent.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::runtime::error::LoadError;
use crate::runtime::session::executor::Executor;

/// Opens one more session of a graph.
pub(in crate::runtime) type Opener = dyn Fn() -> Result<Executor, LoadError> + Send + Sync;

/// The sessions that a graph may still be given.
pub(in crate::runtime) struct SessionGrowth {
    opener: Arc<Opener>,
    left: usize,
    /// What opening one takes.
    price: Duration,
    /// For how long one was missed.
    missed: Duration,
    /// Since when a worker has stood idle while rows wait.
    since: Option<Instant>,
}

impl SessionGrowth {
    pub(in crate::runtime) fn new(left: usize, price: Duration, opener: Arc<Opener>) -> Self {
        Self {
            opener,
            left,
            price,
            missed: Duration::ZERO,
            since: None,
        }
    }

    /// From now on a worker stands idle while rows wait.
    pub(in crate::runtime) fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// No more, for a session has come home or the rows have left.
    pub(in crate::runtime) fn end(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.miss(now.duration_since(since));
        }
    }

    /// A worker might have saved so much time.
    pub(in crate::runtime) fn miss(&mut self, time: Duration) {
        self.missed = self.missed.saturating_add(time);
    }

    /// After how long one is to be opened, if it goes on as now; `None` if none will be.
    pub(in crate::runtime) fn due_in(&self, now: Instant) -> Option<Duration> {
        let missing = self.since.map(|since| now.duration_since(since));
        let missed = self.missed.saturating_add(missing.unwrap_or_default());
        let wait = self.price.saturating_sub(missed);
        (self.left > 0 && (missing.is_some() || wait.is_zero())).then_some(wait)
    }

    /// What opens the next one, counted as open from now on: the count goes down before the session
    /// exists, and up again never, so that a file which can't be opened any more is tried once.
    pub(in crate::runtime) fn take(&mut self) -> Arc<Opener> {
        self.left = self.left.saturating_sub(1);
        self.missed = Duration::ZERO;
        self.since = None;
        Arc::clone(&self.opener)
    }

    /// Opens no more.
    pub(in crate::runtime) fn give_up(&mut self) {
        self.left = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn spare(left: usize) -> SessionGrowth {
        let opener = || panic!("nothing is opened here");
        SessionGrowth::new(left, 10 * MS, Arc::new(opener))
    }

    #[test]
    fn it_is_due_when_it_was_missed_for_as_long_as_opening_takes() {
        let (mut spare, start) = (spare(1), Instant::now());
        assert_eq!(spare.due_in(start), None);
        spare.begin(start);
        spare.begin(start + 3 * MS);
        assert_eq!(spare.due_in(start + 4 * MS), Some(6 * MS));
        spare.end(start + 4 * MS);
        assert_eq!(spare.due_in(start + 50 * MS), None);
        spare.begin(start + 50 * MS);
        assert_eq!(spare.due_in(start + 56 * MS), Some(Duration::ZERO));
    }

    #[test]
    fn work_that_was_not_shared_counts_without_anybody_waiting() {
        let (mut spare, now) = (spare(1), Instant::now());
        spare.miss(9 * MS);
        assert_eq!(spare.due_in(now), None);
        spare.miss(MS);
        assert_eq!(spare.due_in(now), Some(Duration::ZERO));
    }

    #[test]
    fn each_further_one_is_counted_anew() {
        let (mut spare, now) = (spare(2), Instant::now());
        spare.miss(30 * MS);
        drop(spare.take());
        assert_eq!((spare.left, spare.due_in(now)), (1, None));
        spare.miss(10 * MS);
        drop(spare.take());
        spare.miss(30 * MS);
        assert_eq!((spare.left, spare.due_in(now)), (0, None));
    }

    #[test]
    fn after_a_failure_none_is_opened() {
        let (mut spare, now) = (spare(3), Instant::now());
        spare.give_up();
        spare.begin(now);
        assert_eq!(spare.due_in(now + 100 * MS), None);
    }
}
