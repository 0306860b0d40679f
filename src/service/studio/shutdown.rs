//! Leaving the stage: first quietly, then for good.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Studio;

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Requests that were still in flight at the deadline, and were cancelled.
    pub cancelled: usize,
}

impl Studio {
    /// Turns [`is_ready`](Self::is_ready) false and goes on as before: load balancers that poll need
    /// a while to look elsewhere, and what they send until then should be served.
    pub fn withdraw(&self) {
        self.inner.withdrawn.store(true, Ordering::Relaxed);
    }

    /// Refuses new requests from now on; [`is_ready`](Self::is_ready) turns false.
    pub fn close(&self) {
        self.inner.gate.close();
    }

    /// Closes, waits for those in flight, and at the deadline cancels what is left.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.close();
        let emptied = tokio::time::timeout(deadline, self.inner.gate.empty()).await;
        if emptied.is_ok() {
            return Drained { cancelled: 0 };
        }
        let cancelled = self.in_flight();
        self.inner.closing.cancel();
        self.inner.gate.empty().await;
        Drained { cancelled }
    }
}
