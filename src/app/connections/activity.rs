//! What a connection is doing, and since when: kept without a lock, since every request changes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// It waits for a request.
    Idle,
    /// A request's head has begun to arrive.
    Head,
    /// A request is being answered.
    Busy,
}

/// Shared by a connection's stream, its requests, and whoever looks for an idle one.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    /// Milliseconds since `born`, and in the lowest two bits what the connection does.
    word: Arc<AtomicU64>,
    born: Instant,
}

impl Activity {
    /// Idle from now on. All that are compared with each other must have the same `born`.
    pub(super) fn begun(born: Instant) -> Self {
        let activity = Self {
            word: Arc::default(),
            born,
        };
        activity.set(Doing::Idle);
        activity
    }

    pub(super) fn set(&self, doing: Doing) {
        let since = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX >> 2);
        let doing = match doing {
            Doing::Idle => 0,
            Doing::Head => 1,
            Doing::Busy => 2,
        };
        self.word.store(since << 2 | doing, Ordering::Relaxed);
    }

    /// What it does, and since when.
    pub(super) fn get(&self) -> (Doing, Instant) {
        let word = self.word.load(Ordering::Relaxed);
        let doing = match word & 3 {
            0 => Doing::Idle,
            1 => Doing::Head,
            _ => Doing::Busy,
        };
        (doing, self.born + Duration::from_millis(word >> 2))
    }

    /// The first bytes of a request have come.
    pub(super) fn bytes_came(&self) {
        if self.get().0 == Doing::Idle {
            self.set(Doing::Head);
        }
    }
}

/// A request that is being answered: until it is dropped, with the last of its answer.
#[derive(Debug)]
pub(super) struct Answering(Activity);

impl Answering {
    pub(super) fn begun(activity: &Activity) -> Self {
        activity.set(Doing::Busy);
        Self(activity.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set(Doing::Idle);
    }
}
