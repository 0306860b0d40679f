//! Admits a request, or refuses it at once: bounded by count, by estimated work, and by whether
//! it could be done before its own deadline.
//!
//! A queue without a bound answers everybody too late. This one keeps the house small enough
//! that those inside are served in time, and tells the others when to come back, from the rate
//! at which requests have really been leaving.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The shortest and longest time that a refused caller is told to wait.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The bounds of the house.
#[derive(Debug, Clone, Copy)]
pub struct GateOptions {
    /// Requests that may be in the house.
    pub places: usize,
    /// Calls that run at the same time, by which estimated work is divided.
    pub workers: usize,
}

/// Why a request is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Every place is taken.
    Places {
        /// When one should be free.
        retry_after: Duration,
    },
    /// There is more work in the house than its deadline leaves time for.
    Work {
        /// When there should be less.
        retry_after: Duration,
    },
    /// The house is closing.
    Draining,
}

/// The door, with what is behind it.
#[derive(Debug)]
pub struct Gate {
    options: GateOptions,
    state: Mutex<State>,
    left: Notify,
}

#[derive(Debug)]
struct State {
    in_house: usize,
    work: Duration,
    draining: bool,
    /// Smoothed time between two departures while the house was busy.
    pace: Option<Duration>,
    last_departure: Option<Instant>,
}

/// A place in the house; dropping it is leaving.
#[derive(Debug)]
pub struct Permit {
    gate: Arc<Gate>,
    work: Duration,
    ahead: usize,
    wait: Duration,
}

impl Permit {
    /// Requests that were in the house when this one came.
    #[must_use]
    pub fn ahead(&self) -> usize {
        self.ahead
    }

    /// How long their work was estimated to take.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.wait
    }
}

impl Gate {
    /// An empty house.
    #[must_use]
    pub fn new(options: GateOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            state: Mutex::new(State {
                in_house: 0,
                work: Duration::ZERO,
                draining: false,
                pace: None,
                last_departure: None,
            }),
            left: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a request that would keep one worker busy for `work`.
    ///
    /// An empty house admits anything: an estimate may be wrong, and then it is corrected.
    ///
    /// # Errors
    /// [`Refusal`], at once.
    pub fn admit(self: &Arc<Self>, work: Duration, deadline: Duration) -> Result<Permit, Refusal> {
        let mut state = self.state();
        if state.draining {
            return Err(Refusal::Draining);
        }
        let workers = u32::try_from(self.options.workers.max(1)).unwrap_or(u32::MAX);
        if state.in_house >= self.options.places {
            // Half the house will have left by then, so that those who wait do not all return
            // for one place.
            let leaving = u32::try_from(state.in_house.div_ceil(2)).unwrap_or(u32::MAX);
            let pace = state.pace.unwrap_or(state.work / workers / leaving.max(1));
            return Err(Refusal::Places {
                retry_after: bounded(pace.saturating_mul(leaving)),
            });
        }
        let wait = state.work / workers;
        if state.in_house > 0 && wait > deadline {
            return Err(Refusal::Work {
                retry_after: bounded(wait - deadline),
            });
        }
        if state.in_house == 0 {
            // An idle spell is no measure of how fast the house works.
            state.last_departure = Some(Instant::now());
        }
        let ahead = state.in_house;
        state.in_house += 1;
        state.work += work;
        drop(state);
        Ok(Permit {
            gate: Arc::clone(self),
            work,
            ahead,
            wait,
        })
    }

    /// Requests in the house.
    #[must_use]
    pub fn in_house(&self) -> usize {
        self.state().in_house
    }

    /// Whether new requests are admitted at all.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state().draining
    }

    /// Refuses everybody from now on.
    pub fn close(&self) {
        self.state().draining = true;
    }

    /// Waits until the last request has left.
    pub async fn empty(&self) {
        loop {
            let left = self.left.notified();
            tokio::pin!(left);
            // Registered before the look, so that a departure in between is not missed.
            left.as_mut().enable();
            if self.in_house() == 0 {
                return;
            }
            left.await;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.gate.state();
        state.in_house -= 1;
        state.work = state.work.saturating_sub(self.work);
        if let Some(last) = state.last_departure.replace(now) {
            let interval = now.saturating_duration_since(last);
            let pace = state.pace.unwrap_or(interval);
            state.pace = Some(pace - pace / 8 + interval / 8);
        }
        drop(state);
        self.gate.left.notify_waiters();
    }
}

fn bounded(wait: Duration) -> Duration {
    wait.clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn gate(places: usize) -> Arc<Gate> {
        Gate::new(GateOptions { places, workers: 1 })
    }

    #[tokio::test]
    async fn a_full_house_refuses_and_a_departure_makes_room() {
        let gate = gate(1);
        let permit = gate.admit(SECOND, SECOND).expect("the house is empty");
        assert!(matches!(
            gate.admit(SECOND, SECOND),
            Err(Refusal::Places { .. })
        ));
        drop(permit);
        assert!(gate.admit(SECOND, SECOND).is_ok());
    }

    #[tokio::test]
    async fn work_that_cannot_be_done_in_time_is_refused() {
        let gate = gate(8);
        let _busy = gate
            .admit(SECOND * 30, SECOND * 60)
            .expect("the house is empty");
        let refusal = gate
            .admit(SECOND, SECOND * 10)
            .expect_err("30 s of work wait");
        assert_eq!(
            refusal,
            Refusal::Work {
                retry_after: SECOND * 20
            }
        );
        assert!(gate.admit(SECOND, SECOND * 40).is_ok());
    }

    #[tokio::test]
    async fn a_permit_says_who_was_before_it_and_for_how_long() {
        let gate = gate(8);
        let first = gate.admit(SECOND * 3, SECOND * 60);
        let first = first.expect("the house is empty");
        assert_eq!((first.ahead(), first.wait()), (0, Duration::ZERO));
        let second = gate.admit(SECOND, SECOND * 60).expect("there is room");
        assert_eq!((second.ahead(), second.wait()), (1, SECOND * 3));
    }

    #[tokio::test]
    async fn an_empty_house_admits_whatever_is_estimated() {
        assert!(gate(1).admit(SECOND * 3600, SECOND).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_follows_the_measured_pace() {
        let gate = gate(4);
        let mut house: Vec<Permit> = Vec::new();
        for _ in 0..4 {
            house.push(gate.admit(SECOND, SECOND * 60).expect("there is room"));
        }
        for _ in 0..64 {
            tokio::time::advance(SECOND * 3).await;
            house.remove(0);
            house.push(gate.admit(SECOND, SECOND * 60).expect("one has left"));
        }
        let refusal = gate
            .admit(SECOND, SECOND * 60)
            .expect_err("the house is full");
        // Two of four leave in two intervals of three seconds.
        let Refusal::Places { retry_after } = refusal else {
            panic!("{refusal:?}");
        };
        assert!(retry_after.abs_diff(SECOND * 6) < SECOND, "{retry_after:?}");
    }

    #[tokio::test]
    async fn a_closed_house_refuses_and_empties() {
        let gate = gate(2);
        let permit = gate.admit(SECOND, SECOND).expect("the house is open");
        gate.close();
        assert_eq!(gate.admit(SECOND, SECOND).err(), Some(Refusal::Draining));
        let leaving = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.empty().await }
        });
        drop(permit);
        leaving.await.expect("the wait ends");
        assert_eq!(gate.in_house(), 0);
    }
}
