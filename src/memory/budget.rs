//! Bytes that are promised before they are allocated.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::language::Message;
use crate::message;

/// So many bytes, and how many of them are promised; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: AtomicU64,
    reserved: Mutex<u64>,
    freed: Condvar,
    news: Notify,
}

/// Bytes that are promised; dropping it gives them back.
#[derive(Debug)]
#[must_use = "dropping it gives the bytes back"]
pub struct Reservation {
    budget: Budget,
    bytes: u64,
}

/// Why bytes are not promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoRoom {
    /// There are not so many in all.
    #[error("{}", self.message())]
    Never {
        /// Bytes that were asked for.
        wanted: u64,
        /// Bytes that there are.
        total: u64,
    },
    /// Others hold them.
    #[error("{}", self.message())]
    Now {
        /// Bytes that were asked for.
        wanted: u64,
        /// Bytes that are free.
        free: u64,
    },
}

impl NoRoom {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match *self {
            Self::Never { wanted, total } => message!(
                "this needs {wanted} MiB of memory, and requests have {total} MiB",
                wanted = mib(wanted),
                total = total >> 20
            ),
            Self::Now { wanted, free } => message!(
                "this needs {wanted} MiB of memory, and {free} MiB are free at the moment",
                wanted = mib(wanted),
                free = free >> 20
            ),
        }
    }
}

fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

impl Budget {
    /// Of so many bytes.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self(Arc::new(Inner {
            total: AtomicU64::new(total),
            reserved: Mutex::default(),
            freed: Condvar::new(),
            news: Notify::new(),
        }))
    }

    /// As if memory were endless.
    #[must_use]
    pub fn endless() -> Self {
        Self::new(u64::MAX)
    }

    /// All its bytes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    /// Changes how many there are in all. What is promised stays so, also where it is more.
    pub fn resize(&self, total: u64) {
        let held = self.lock();
        self.0.total.store(total, Ordering::Relaxed);
        drop(held);
        // Whoever waits may fit in now, or never.
        self.0.freed.notify_all();
        self.0.news.notify_waiters();
    }

    /// Those that are promised.
    #[must_use]
    pub fn reserved(&self) -> u64 {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        // No code that can panic runs under this lock.
        self.0
            .reserved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Promises the bytes, if they are free now.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn try_reserve(&self, bytes: u64) -> Result<Reservation, NoRoom> {
        self.take(&mut self.lock(), bytes)
    }

    /// Promises the bytes as soon as they are free, which whoever asks has to bound in time.
    ///
    /// # Errors
    /// [`NoRoom::Never`].
    pub async fn reserve(&self, bytes: u64) -> Result<Reservation, NoRoom> {
        loop {
            let news = self.0.news.notified();
            tokio::pin!(news);
            // Registered before the look, so that nothing freed in between is missed.
            news.as_mut().enable();
            match self.try_reserve(bytes) {
                Err(NoRoom::Now { .. }) => news.await,
                done => return done,
            }
        }
    }

    /// Promises the bytes, once they are free; holds up this thread, for so long at most.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn reserve_blocking(&self, bytes: u64, patience: Duration) -> Result<Reservation, NoRoom> {
        let end = Instant::now() + patience;
        let mut reserved = self.lock();
        loop {
            match self.take(&mut reserved, bytes) {
                Err(NoRoom::Now { .. }) if Instant::now() < end => {
                    let left = end.saturating_duration_since(Instant::now());
                    let waited = self.0.freed.wait_timeout(reserved, left);
                    (reserved, _) = waited.unwrap_or_else(PoisonError::into_inner);
                }
                done => return done,
            }
        }
    }

    fn take(&self, reserved: &mut u64, wanted: u64) -> Result<Reservation, NoRoom> {
        let total = self.total();
        if wanted > total {
            return Err(NoRoom::Never { wanted, total });
        }
        let free = total.saturating_sub(*reserved);
        if wanted > free {
            return Err(NoRoom::Now { wanted, free });
        }
        *reserved += wanted;
        Ok(Reservation {
            budget: self.clone(),
            bytes: wanted,
        })
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::endless()
    }
}

/// Whether it is the same one.
impl PartialEq for Budget {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.total(), other.total()) == (u64::MAX, u64::MAX)
    }
}

impl Eq for Budget {}

impl Reservation {
    /// How many bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes another one of the same budget in.
    pub fn merge(&mut self, mut other: Self) {
        debug_assert!(self.budget == other.budget, "bytes of one budget");
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        *self.budget.lock() -= self.bytes;
        self.budget.0.freed.notify_all();
        self.budget.0.news.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_fits_is_told_from_what_does_not_fit_now() {
        let budget = Budget::new(100);
        let held = budget.try_reserve(60).expect("100 are free");
        let now = budget.try_reserve(50).expect_err("40 are free");
        assert_eq!(
            now,
            NoRoom::Now {
                wanted: 50,
                free: 40
            }
        );
        let never = budget.try_reserve(101).expect_err("there are 100");
        assert_eq!(
            never,
            NoRoom::Never {
                wanted: 101,
                total: 100
            }
        );
        drop(held);
        assert!(budget.try_reserve(100).is_ok());
        assert_eq!(budget.reserved(), 0);
    }

    #[tokio::test]
    async fn who_waits_gets_what_is_given_back() {
        let budget = Budget::new(10);
        let held = budget.try_reserve(8).expect("10 are free");
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.reserve(5).await.expect("it fits").bytes() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(held);
        assert_eq!(waiting.await.expect("it ends"), 5);
    }

    #[tokio::test]
    async fn a_budget_that_shrinks_keeps_its_promises_and_tells_who_waits() {
        let budget = Budget::new(10);
        let held = budget.try_reserve(8).expect("10 are free");
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.reserve(6).await.err() }
        });
        tokio::task::yield_now().await;
        budget.resize(5);
        let never = NoRoom::Never {
            wanted: 6,
            total: 5,
        };
        assert_eq!(waiting.await.expect("it ends"), Some(never));
        assert_eq!((budget.reserved(), budget.total()), (8, 5));
        drop(held);
        assert!(budget.try_reserve(5).is_ok());
    }

    #[test]
    fn a_thread_waits_as_long_as_it_is_told() {
        let budget = Budget::new(10);
        let held = budget.try_reserve(8).expect("10 are free");
        let late = budget.reserve_blocking(5, Duration::ZERO);
        assert!(matches!(late, Err(NoRoom::Now { .. })));
        let giving = std::thread::spawn(move || drop(held));
        assert!(budget.reserve_blocking(5, Duration::from_secs(60)).is_ok());
        giving.join().expect("it ends");
    }

    #[test]
    fn reservations_that_are_merged_are_given_back_once() {
        let budget = Budget::new(10);
        let mut held = budget.try_reserve(4).expect("10 are free");
        held.merge(budget.try_reserve(6).expect("6 are free"));
        assert_eq!((held.bytes(), budget.reserved()), (10, 10));
        drop(held);
        assert_eq!(budget.reserved(), 0);
    }
}
