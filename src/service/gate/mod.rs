//! Admits a request, or refuses it at once: by the places that are free, by whose they are, and by
//! whether it would be done before its own deadline.
//!
//! A queue without a bound answers everybody too late. This one lets in what can be served in time,
//! and gives each of the others a time of its own to come back ([`crowd`]), from the rate at which
//! requests have really been leaving. What others have to do counts against a newcomer only as far
//! as the pool would serve it first ([`estimate`]).

mod crowd;
mod estimate;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub use self::estimate::Work;

use self::crowd::{Crowd, Exit};
use self::estimate::{Admitted, Party};
use crate::runtime::{Flow, Priority};

/// The shortest time that a refused caller is told to wait.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// One place in so many is kept for callers who have few: nobody can take all of them.
const KEPT_FOR_OTHERS: usize = 8;

/// The gate's bounds.
#[derive(Debug, Clone, Copy)]
pub struct GateOptions {
    /// Requests that may be in flight.
    pub places: usize,
    /// Calls that run at the same time, by which estimated work is divided.
    pub workers: usize,
}

/// A request at the gate.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Whose it is, as far as sharing goes.
    pub caller: u64,
    /// How large a share that gets.
    pub priority: Priority,
    /// What it asks of the workers.
    pub work: Work,
    /// When its answer is of no more use.
    pub deadline: Duration,
}

/// Why a request is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Every place is taken, or kept for somebody else.
    Places {
        /// When one should be free.
        retry_after: Duration,
    },
    /// What the pool would serve first leaves it too little time.
    Work {
        /// When there should be less.
        retry_after: Duration,
    },
    /// Even with all workers to itself it would not be done.
    TooLong {
        /// How long it would take alone.
        estimate: Duration,
    },
    /// The server is leaving.
    Draining,
}

/// The gate, with what is behind it.
#[derive(Debug)]
pub struct Gate {
    options: GateOptions,
    state: Mutex<State>,
    left: Notify,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    /// Requests that were ever admitted.
    admissions: u64,
    by_caller: HashMap<u64, usize>,
    work: Admitted,
    crowd: Crowd,
    draining: bool,
    /// Smoothed time between two departures while there was work.
    pace: Option<Duration>,
    last_departure: Option<Instant>,
}

/// A place; dropping it is leaving.
#[derive(Debug)]
pub struct Permit {
    gate: Arc<Gate>,
    flow: Flow,
    work: Duration,
    ahead: usize,
    wait: Duration,
}

impl Permit {
    /// The request's place among those who share the workers.
    #[must_use]
    pub fn flow(&self) -> Flow {
        self.flow
    }

    /// Requests that were in flight when this one came.
    #[must_use]
    pub fn ahead(&self) -> usize {
        self.ahead
    }

    /// How long others were estimated to hold it up.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.wait
    }
}

impl Gate {
    /// With nothing behind it.
    #[must_use]
    pub fn new(options: GateOptions) -> Arc<Self> {
        Arc::new(Self {
            options,
            state: Mutex::default(),
            left: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Refusal`], at once.
    pub fn admit(self: &Arc<Self>, arrival: Arrival) -> Result<Permit, Refusal> {
        let mut state = self.state();
        let permit = state.admit(arrival, self.options, Instant::now())?;
        drop(state);
        let (flow, ahead, wait) = permit;
        Ok(Permit {
            gate: Arc::clone(self),
            flow,
            work: arrival.work.time,
            ahead,
            wait,
        })
    }

    /// When somebody should come back who cannot be served now for want of something else.
    #[must_use]
    pub fn turn_away(&self) -> Duration {
        let now = Instant::now();
        let mut state = self.state();
        let exit = state.exit(self.options, false);
        state.crowd.turn_away(now, exit, SHORTEST_WAIT)
    }

    /// Requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.state().in_flight
    }

    /// Work that was admitted and isn't done, as it was estimated.
    #[must_use]
    pub fn work(&self) -> Duration {
        self.state().work.total()
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
            if self.in_flight() == 0 {
                return;
            }
            left.await;
        }
    }
}

impl State {
    fn admit(
        &mut self,
        arrival: Arrival,
        options: GateOptions,
        now: Instant,
    ) -> Result<(Flow, usize, Duration), Refusal> {
        let Arrival {
            caller,
            priority,
            work,
            deadline,
        } = arrival;
        if self.draining {
            return Err(Refusal::Draining);
        }
        let alone = work.alone(options.workers);
        if alone > deadline {
            return Err(Refusal::TooLong { estimate: alone });
        }
        let returns = self.crowd.comes_back(now);
        if !self.has_place(caller, options, returns, now) {
            let exit = self.exit(options, returns);
            let retry_after = self.crowd.turn_away(now, exit, SHORTEST_WAIT);
            return Err(Refusal::Places { retry_after });
        }
        let party: Party = (caller, priority);
        let finish = self.work.finish(party, work, options.workers);
        if self.in_flight > 0 && finish > deadline {
            let least = (finish - deadline).max(SHORTEST_WAIT);
            let exit = self.exit(options, false);
            let retry_after = self.crowd.turn_away(now, exit, least);
            return Err(Refusal::Work { retry_after });
        }
        if self.in_flight == 0 {
            // An idle spell is no measure of how fast requests leave.
            self.last_departure = Some(now);
        }
        let ahead = self.in_flight;
        self.in_flight += 1;
        self.admissions += 1;
        *self.by_caller.entry(caller).or_default() += 1;
        self.work.add(party, work.time);
        let flow = Flow {
            caller,
            priority,
            request: self.admissions,
        };
        Ok((flow, ahead, finish - alone))
    }

    /// Whether there is a place for this caller: besides those that are kept for whoever is about
    /// to come back, and those that are kept for callers who have few.
    fn has_place(
        &mut self,
        caller: u64,
        options: GateOptions,
        returns: bool,
        now: Instant,
    ) -> bool {
        let free = options.places.saturating_sub(self.in_flight);
        let few = options.places / KEPT_FOR_OTHERS;
        let kept = if returns {
            0
        } else {
            // So many places are freed before the last of these comes.
            let half = (options.places - few) / 2;
            let soon = self.pace(options) * u32::try_from(options.places).unwrap_or(u32::MAX);
            self.crowd.places_kept(now, soon).min(half)
        };
        let held = self.by_caller.get(&caller).copied().unwrap_or(0);
        let for_others = if held < few { 0 } else { few };
        free > kept + for_others
    }

    fn exit(&self, options: GateOptions, returned: bool) -> Exit {
        Exit {
            pace: self.pace(options),
            places: options.places - options.places / KEPT_FOR_OTHERS,
            returned,
        }
    }

    /// The time between two departures: as measured, or as the estimated work has it.
    fn pace(&self, options: GateOptions) -> Duration {
        self.pace.unwrap_or_else(|| {
            let requests = self.in_flight.max(1) * options.workers.max(1);
            self.work.total() / u32::try_from(requests).unwrap_or(u32::MAX)
        })
    }

    fn leave(&mut self, flow: Flow, work: Duration, now: Instant) {
        self.in_flight -= 1;
        if let Some(held) = self.by_caller.get_mut(&flow.caller) {
            *held -= 1;
            if *held == 0 {
                self.by_caller.remove(&flow.caller);
            }
        }
        self.work.remove((flow.caller, flow.priority), work);
        if let Some(last) = self.last_departure.replace(now) {
            let interval = now.saturating_duration_since(last);
            let pace = self.pace.unwrap_or(interval);
            self.pace = Some(pace - pace / 8 + interval / 8);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        self.gate.state().leave(self.flow, self.work, now);
        self.gate.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
