//! How often somebody may ask for images.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// Callers after which those who have been silent are forgotten.
const REMEMBERED: usize = 10_000;
const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// So many at once, of which each comes back after its part of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Limit(NonZeroU32);

impl Limit {
    /// None for zero.
    #[must_use]
    pub fn new(count: u32) -> Option<Self> {
        NonZeroU32::new(count).map(Self)
    }

    fn within(self, time: Duration) -> Quota {
        Quota::with_period(time / self.0.get())
            .expect("a day has more nanoseconds than any count")
            .allow_burst(self.0)
    }
}

/// The limits of a caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Requests in a minute.
    pub per_minute: Option<Limit>,
    /// Requests in a day.
    pub per_day: Option<Limit>,
}

/// A caller has asked too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Requests that the limit allows.
    pub limit: u32,
    /// In how much time.
    pub window: Duration,
    /// When one more is allowed.
    pub retry_after: Duration,
}

/// What is left to a caller who may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests that the limit allows.
    pub limit: u32,
    /// In how much time.
    pub window: Duration,
    /// Requests that are left of it.
    pub remaining: u32,
}

type Limiter = RateLimiter<u64, DashMapStateStore<u64>, DefaultClock, StateInformationMiddleware>;

/// The callers with the same limits, and how often each has asked.
#[derive(Debug)]
pub struct Rates {
    /// The longest window first: what it refuses is not counted in the others.
    limiters: Vec<(Limit, Duration, Limiter)>,
    clock: DefaultClock,
}

impl Rates {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let windows = [(limits.per_day, DAY), (limits.per_minute, MINUTE)];
        let limiters = windows.into_iter().filter_map(|(limit, window)| {
            let limit = limit?;
            let limiter = RateLimiter::dashmap(limit.within(window))
                .with_middleware::<StateInformationMiddleware>();
            Some((limit, window, limiter))
        });
        Self {
            limiters: limiters.collect(),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request of this caller, and says what is left where there is a limit.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn count(&self, caller: u64) -> Result<Option<Left>, TooMany> {
        let mut left = None;
        for (limit, window, limiter) in &self.limiters {
            if limiter.len() > REMEMBERED {
                limiter.retain_recent();
            }
            let snapshot = limiter.check_key(&caller).map_err(|not_until| TooMany {
                limit: limit.0.get(),
                window: *window,
                retry_after: not_until.wait_time_from(self.clock.now()),
            })?;
            left = Some(Left {
                limit: limit.0.get(),
                window: *window,
                remaining: snapshot.remaining_burst_capacity(),
            });
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_as_many_as_the_limit_says() {
        let rates = Rates::new(Limits {
            per_minute: Limit::new(3),
            per_day: None,
        });
        let remaining: Vec<u32> = (0..3)
            .map(|_| {
                rates
                    .count(1)
                    .expect("it is within")
                    .expect("a limit")
                    .remaining
            })
            .collect();
        assert_eq!(remaining, [2, 1, 0]);
        let refused = rates.count(1).expect_err("three are all");
        assert_eq!(refused.limit, 3);
        assert!(refused.retry_after > Duration::from_secs(15), "{refused:?}");
        assert!(
            refused.retry_after <= Duration::from_secs(20),
            "{refused:?}"
        );
        assert!(rates.count(2).is_ok());
    }

    #[test]
    fn a_quota_for_the_day_holds_besides() {
        let rates = Rates::new(Limits {
            per_minute: Limit::new(100),
            per_day: Limit::new(2),
        });
        assert!(rates.count(1).is_ok() && rates.count(1).is_ok());
        assert_eq!(rates.count(1).expect_err("two are all").window, DAY);
    }

    #[test]
    fn without_limits_nobody_is_counted() {
        let rates = Rates::new(Limits::default());
        assert!((0..1000).all(|_| rates.count(1) == Ok(None)));
    }
}
