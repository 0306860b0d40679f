//! The one primitive: a graph is a function from a row to a row, and batches itself.

use std::sync::Arc;
use std::time::Duration;

use super::error::RunError;
use super::load::memory::MemoryUse;
use super::load::probe::Proof;
use super::pool::answers::CallTime;
use super::pool::flow::{Flow, Place};
use super::pool::row_cost::RowCost;
use super::pool::shared::{Shared, Ticket};
use super::pool::worker::lead;
use super::session::noise::NoiseInputs;
use super::session::plan::Plan;
use super::session::port::Port;
use super::tensor::Row;

/// A loaded graph; cloning it is cheap, and the last clone unloads it.
#[derive(Debug, Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) pool: Arc<Shared>,
    pub(super) slot: u64,
    pub(super) name: Arc<str>,
    pub(super) plan: Arc<Plan>,
    pub(super) noise: NoiseInputs,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Arc<[Port]>,
    pub(super) proof: Proof,
    pub(super) sessions: usize,
    pub(super) row_cost: Arc<RowCost>,
    /// Whether its calls keep all processors busy.
    pub(super) is_long: bool,
    /// How large the rows are that it was proved with.
    pub(super) sample_extent: usize,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.pool.leave(self.slot);
    }
}

/// Tells the pool when the caller leaves before its answer has come.
struct Leaving<'a> {
    inner: &'a Inner,
    place: Place,
    answered: bool,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.inner.pool.abandon(self.inner.slot, self.place);
        }
    }
}

impl Graph {
    pub(super) fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Runs the graph on one row, together with whatever other rows wait for it.
    ///
    /// Dropping the future cancels: a row that waits is forgotten, and a call whose callers
    /// have all left is stopped between two nodes of the graph.
    ///
    /// # Errors
    /// [`RunError`] when the row does not fit, the queue is full, or ONNX Runtime fails.
    pub async fn run(&self, row: Row) -> Result<Row, RunError> {
        self.run_timed(row).await.map(|(row, _)| row)
    }

    /// [`run`](Self::run), and where the time went.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_timed(&self, row: Row) -> Result<(Row, CallTime), RunError> {
        let inner = &*self.inner;
        let row = inner.noise.fill(row);
        inner.plan.check(&row).map_err(|reason| RunError::Row {
            graph: inner.name.to_string(),
            reason,
        })?;
        let key = inner.plan.key(&row);
        let Ticket {
            place,
            answer,
            quick,
        } = inner.pool.submit(inner.slot, Flow::current(), row, key)?;
        let mut leaving = Leaving {
            inner,
            place,
            answered: false,
        };
        // Dropped before `leaving`, so that by then the pool sees that nobody listens.
        let answer = answer;
        if quick {
            // Whoever is about to send a row does so now. The row is queued already, so that whoever
            // of them is polled first runs all of them; and if this future is dropped meanwhile,
            // `leaving` takes its row out, and the others lead their own.
            tokio::task::yield_now().await;
            lead(&inner.pool, inner.slot, place);
        }
        let result = answer.await;
        // From here on there is nothing to take back.
        leaving.answered = true;
        result.unwrap_or(Err(RunError::Stopped))
    }

    /// Its role in its model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The inputs as the graph declares them.
    #[must_use]
    pub fn inputs(&self) -> &[Port] {
        &self.inner.inputs
    }

    /// The outputs as the graph declares them.
    #[must_use]
    pub fn outputs(&self) -> &[Port] {
        &self.inner.outputs
    }

    /// What the probe found when the graph was loaded.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.inner.proof
    }

    /// What each of its sessions holds, and what its calls take.
    #[must_use]
    pub fn memory(&self) -> MemoryUse {
        self.inner.proof.memory
    }

    /// How large a row may be for a call on it alone to fit into what calls may take.
    #[must_use]
    pub fn largest_size(&self) -> f64 {
        let (_, total) = self.inner.pool.call_memory();
        self.memory().largest(total)
    }

    /// How many times as large a row is as those that the graph was proved with, as
    /// [`MemoryUse::call_bytes`] takes it: by the elements of its images, where the graph takes images
    /// of any size, so height times width.
    #[must_use]
    pub fn size_of(&self, row: &Row) -> f64 {
        self.inner.plan.extent(row) as f64 / self.inner.sample_extent.max(1) as f64
    }

    /// How many sessions it may have, and so how many calls may run at the same time; all but the
    /// first are opened once they are missed.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.inner.sessions
    }

    /// Whether its calls run one at a time, since each keeps all processors busy.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.inner.is_long
    }

    /// What a row has cost recently, queueing left out; what it was proved to, after a while without.
    #[must_use]
    pub fn row_cost(&self) -> Duration {
        self.inner.row_cost.expected()
    }

    /// Rows that wait for it now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inner.pool.waiting(self.inner.slot)
    }
}
