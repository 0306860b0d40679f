//! A request's stay in the house: the permit that it holds, and the ways in which it can end early.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Studio;
use crate::service::failure::Failure;
use crate::service::gate::{Permit, Refusal};
use crate::service::meters::Meters;

/// Those who are in the house, by their ids; never more than the gate lets in.
#[derive(Debug, Default)]
pub(super) struct ActiveRequests(Mutex<HashMap<String, CancellationToken>>);

impl ActiveRequests {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, CancellationToken>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A permit that keeps the figure of requests in the house true, also when a caller vanishes.
#[derive(Debug)]
pub(super) struct ActiveRequest {
    studio: Studio,
    permit: Option<Permit>,
    id: String,
    cancelled: CancellationToken,
    entered: Instant,
    deadline: Duration,
}

impl ActiveRequest {
    /// An id that nobody can guess, and by which the stay can be ended.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn permit(&self) -> &Permit {
        self.permit.as_ref().expect("it goes home at the end alone")
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
            .guests
            .with(|guests| guests.remove(&self.id));
        self.studio.inner.meters.house(self.studio.in_house());
    }
}

impl Studio {
    /// Stops a request that is in the house, by its id; tells whether there was one.
    #[must_use]
    pub fn cancel(&self, id: &str) -> bool {
        let guest = self.inner.guests.with(|guests| guests.get(id).cloned());
        guest.is_some_and(|guest| {
            guest.cancel();
            true
        })
    }

    /// The ids of those who are in the house.
    #[must_use]
    pub fn guests(&self) -> Vec<String> {
        self.inner
            .guests
            .with(|guests| guests.keys().cloned().collect())
    }

    pub(super) fn admit(
        &self,
        cost: Duration,
        deadline: Duration,
    ) -> Result<ActiveRequest, Failure> {
        let permit = self
            .inner
            .gate
            .admit(cost, deadline)
            .map_err(|refusal| match refusal {
                Refusal::Places { retry_after } => {
                    self.inner.meters.rejected("queue_full");
                    Failure::Full { retry_after }
                }
                Refusal::Work { retry_after } => {
                    self.inner.meters.rejected("too_much_work");
                    Failure::Full { retry_after }
                }
                Refusal::Draining => {
                    self.inner.meters.rejected("draining");
                    Failure::draining()
                }
            })?;
        self.inner.meters.house(self.in_house());
        let id = uuid::Uuid::new_v4().to_string();
        let cancelled = CancellationToken::new();
        self.inner
            .guests
            .with(|guests| guests.insert(id.clone(), cancelled.clone()));
        Ok(ActiveRequest {
            studio: self.clone(),
            permit: Some(permit),
            id,
            cancelled,
            entered: Instant::now(),
            deadline,
        })
    }
}
