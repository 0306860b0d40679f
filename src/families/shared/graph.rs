//! The one way in which families call graphs: a row in, a row out, and the time on the caller's
//! bill.

use std::time::Duration;

use super::program::{Failure, GraphReport};
use crate::models::GraphRole;
use crate::runtime::{CallTime, Graph, Inspected, LoadError, Placement, Row, Tensor};
use crate::trace::{Trace, Value};

/// A graph of a model, proved, among the workers.
#[derive(Debug, Clone)]
pub(in crate::families) struct ModelGraph {
    pub(in crate::families) role: GraphRole,
    graph: Graph,
}

impl ModelGraph {
    /// Proves a graph of the model `id` with rows that differ.
    pub(in crate::families) fn prove(
        inspected: Inspected,
        (id, role, max_batch): (&str, GraphRole, Option<usize>),
        rows: &[Row],
    ) -> Result<Self, LoadError> {
        let placement = Placement {
            model: id.into(),
            graph: role.name().into(),
            max_batch,
        };
        let graph = inspected.prove(placement, rows)?;
        Ok(Self { role, graph })
    }

    /// Runs it on one row.
    pub(in crate::families) async fn run(
        &self,
        row: Row,
        time: &mut CallTime,
    ) -> Result<Outputs, Failure> {
        let (row, spent) = self.graph.run_timed(row).await?;
        *time += spent;
        self.trace(spent);
        Ok(Outputs(row))
    }

    /// Tells the request's trace of a call that has just ended.
    fn trace(&self, spent: CallTime) {
        let trace = Trace::current();
        if !trace.is_recorded() {
            return;
        }
        let graph = || ("atelier.graph", Value::Text(self.role.name().into()));
        let queue = (spent.queued, spent.inference);
        trace.add("queue", queue, || vec![graph()]);
        trace.add("graph call", (spent.inference, Duration::ZERO), || {
            let rows = Value::Number(spent.rows as u64);
            vec![graph(), ("atelier.batch_size", rows)]
        });
    }

    /// Its inputs and outputs, and what proving it found.
    pub(in crate::families) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What `rows` of it would keep a worker busy for.
    pub(in crate::families) fn cost(&self, rows: usize) -> Duration {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        self.graph.row_cost().saturating_mul(rows)
    }

    /// Bytes that a call takes on one row, so many times as large as those that it was proved with.
    pub(in crate::families) fn call_bytes(&self, size: f64) -> u64 {
        self.graph.memory().call_bytes(1, size)
    }

    /// What loading found out about it.
    pub(in crate::families) fn report(&self) -> GraphReport {
        let proof = self.graph.proof();
        GraphReport {
            role: self.role,
            provider: proof.provider,
            batching: proof.batching.clone(),
            sessions: self.graph.sessions(),
            inputs: self.graph.inputs().to_vec(),
            outputs: self.graph.outputs().to_vec(),
            row_ms: proof.row_time.as_secs_f64() * 1e3,
            session_bytes: proof.memory.session_bytes,
            reproducible: proof.reproducible,
            notes: proof.notes.clone(),
        }
    }
}

/// What a graph made of a row.
#[derive(Debug)]
pub(in crate::families) struct Outputs(Row);

impl Outputs {
    /// Takes an output by its name.
    pub(in crate::families) fn take(&mut self, name: &str) -> Result<Tensor, Failure> {
        self.take_if_there(name)
            .ok_or_else(|| Failure::missing(name))
    }

    /// Takes an output that not every export has.
    pub(in crate::families) fn take_if_there(&mut self, name: &str) -> Option<Tensor> {
        self.0.take(name)
    }
}
