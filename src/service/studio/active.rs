//! A request that was admitted: the permit that it holds, and the ways in which it can end early.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Studio;
use super::advice::longer;
use crate::fields::InvalidField;
use crate::memory::{NoRoom, Reservation};
use crate::runtime::Priority;
use crate::service::caller::Caller;
use crate::service::failure::Failure;
use crate::service::gate::{Arrival, Permit, Refusal, Work};
use crate::service::meters::Meters;
use crate::trace::Trace;

/// Those that are in flight, by their ids; never more than the gate lets in.
#[derive(Debug, Default)]
pub(super) struct ActiveRequests(Mutex<HashMap<String, CancellationToken>>);

impl ActiveRequests {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, CancellationToken>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A permit that keeps the figure of requests in flight true, also when a caller vanishes.
#[derive(Debug)]
pub(super) struct ActiveRequest {
    studio: Studio,
    permit: Option<Permit>,
    id: String,
    cancelled: CancellationToken,
    entered: Instant,
    deadline: Duration,
    memory: Option<Reservation>,
    trace: Trace,
}

impl ActiveRequest {
    /// Holds the memory that the request may need, until it is answered. `advice` says what would
    /// need less, where there is never so much.
    pub(super) fn hold(
        &mut self,
        bytes: u64,
        advice: impl FnOnce(NoRoom) -> InvalidField,
    ) -> Result<(), Failure> {
        let inner = &self.studio.inner;
        let generating = &inner.memory.generating;
        // Of the memory, too, half is for those who wait for their answer.
        let held = generating.reserved();
        let is_crowding = self.permit().flow().priority == Priority::Background
            && held > 0
            && held.saturating_add(bytes) > generating.total() / 2;
        let reserved = match is_crowding {
            true => Err(NoRoom::Now {
                wanted: bytes,
                free: 0,
            }),
            false => generating.try_reserve(bytes),
        };
        match reserved {
            Ok(memory) => {
                self.memory = Some(memory);
                Ok(())
            }
            Err(never @ NoRoom::Never { .. }) => {
                inner.meters.rejected("never_enough_memory");
                Err(Failure::Invalid(advice(never)))
            }
            Err(NoRoom::Now { .. }) => {
                inner.meters.rejected("memory");
                let retry_after = inner.gate.turn_away();
                Err(Failure::Full { retry_after })
            }
        }
    }

    /// An id that nobody can guess, and by which the request can be ended.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn permit(&self) -> &Permit {
        self.permit.as_ref().expect("it goes home at the end alone")
    }

    /// What is told of it.
    pub(super) fn trace(&self) -> &Trace {
        &self.trace
    }

    pub(super) fn meters(&self) -> &Meters {
        &self.studio.inner.meters
    }

    /// How long the request has been here.
    pub(super) fn elapsed(&self) -> Duration {
        self.entered.elapsed()
    }

    /// Awaits the work until the deadline, until somebody cancels it, or until a shutdown loses
    /// patience. The work is pinned where it was made, since a future that takes it would hold it twice.
    pub(super) async fn within<T>(
        &self,
        work: Pin<&mut impl Future<Output = Result<T, Failure>>>,
    ) -> Result<T, Failure> {
        let (studio, deadline) = (&self.studio, self.deadline);
        // Its rows are its caller's, and as old as it is itself.
        let work = self.permit().flow().scope(self.trace.clone().scope(work));
        let outcome = tokio::select! {
            outcome = timeout_at(self.entered + deadline, work) => {
                outcome.unwrap_or(Err(Failure::Deadline { deadline }))
            }
            () = self.cancelled.cancelled() => Err(Failure::Cancelled),
            () = studio.inner.closing.cancelled() => Err(Failure::draining()),
        };
        studio.counted(outcome)
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.permit.take();
        self.studio
            .inner
            .active
            .with(|active| active.remove(&self.id));
        self.studio.inner.meters.in_flight(self.studio.in_flight());
    }
}

/// A place that is taken by work which calls no graph.
#[derive(Debug)]
#[must_use = "dropping it is leaving"]
pub struct Occupied {
    _request: ActiveRequest,
}

impl Studio {
    /// Takes a place for work that calls no graph, such as reading a file.
    ///
    /// # Errors
    /// [`Failure::Full`] and [`Failure::Draining`].
    pub fn occupy(&self) -> Result<Occupied, Failure> {
        let deadline = self.longest;
        let request = self.admit(Work::NONE, deadline, |estimate| longer(estimate, deadline))?;
        Ok(Occupied { _request: request })
    }

    /// Stops a request that is in flight, by its id; tells whether there was one.
    #[must_use]
    pub fn cancel(&self, id: &str) -> bool {
        let active = self.inner.active.with(|active| active.get(id).cloned());
        active.is_some_and(|active| {
            active.cancel();
            true
        })
    }

    /// The ids of those that are in flight.
    #[must_use]
    pub fn active(&self) -> Vec<String> {
        self.inner
            .active
            .with(|active| active.keys().cloned().collect())
    }

    /// Takes a place for work on behalf of the current caller. `advice` says what of the request
    /// would be done in time, where all of it never would.
    pub(super) fn admit(
        &self,
        work: Work,
        deadline: Duration,
        advice: impl FnOnce(Duration) -> InvalidField,
    ) -> Result<ActiveRequest, Failure> {
        let caller = Caller::current();
        let admitted = self.inner.gate.admit(Arrival {
            caller: caller.id(),
            priority: caller.priority(),
            work,
            deadline,
        });
        let permit = admitted.map_err(|refusal| match refusal {
            Refusal::Places { retry_after } => {
                self.inner.meters.rejected("queue_full");
                Failure::Full { retry_after }
            }
            Refusal::Work { retry_after } => {
                self.inner.meters.rejected("too_much_work");
                Failure::Full { retry_after }
            }
            Refusal::TooLong { estimate } => {
                self.inner.meters.rejected("too_long");
                Failure::Invalid(advice(estimate))
            }
            Refusal::Draining => {
                self.inner.meters.rejected("draining");
                Failure::draining()
            }
        })?;
        self.inner.meters.in_flight(self.in_flight());
        let id = uuid::Uuid::new_v4().to_string();
        let cancelled = CancellationToken::new();
        self.inner
            .active
            .with(|active| active.insert(id.clone(), cancelled.clone()));
        Ok(ActiveRequest {
            studio: self.clone(),
            permit: Some(permit),
            id,
            cancelled,
            entered: Instant::now(),
            deadline,
            memory: None,
            trace: Trace::current(),
        })
    }
}
