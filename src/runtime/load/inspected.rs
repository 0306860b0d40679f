//! A graph that was opened: what it takes and gives, then the proof, then a place among the workers.

use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::ladder::{Rung, long_row, prove_by};
use super::outline::Outline;
use super::probe::{Proof, Trials, prove};
use crate::language::Message;
use crate::message;
use crate::runtime::error::{LoadError, ProbeError};
use crate::runtime::graph::{Graph, Inner};
use crate::runtime::pool::row_cost::RowCost;
use crate::runtime::pool::session_growth::SessionGrowth;
use crate::runtime::pool::slots::Entry;
use crate::runtime::session::environment::{Provider, ProviderInUse};
use crate::runtime::session::executor::Executor;
use crate::runtime::session::noise::NoiseInputs;
use crate::runtime::session::plan::Plan;
use crate::runtime::session::port::Port;
use crate::runtime::session::settings::{SMALL_GRAPH_BYTES, Settings};
use crate::runtime::session::source::{Source, Stamp};
use crate::runtime::tensor::Row;

/// A graph whose ports are known, and that has not run yet.
#[derive(Debug)]
pub struct Inspected<'e> {
    pub(super) engine: &'e Engine,
    pub(super) source: Source,
    pub(super) outline: Outline,
    /// Inputs that stand for random nodes of the file.
    pub(super) noise: NoiseInputs,
    /// The input that is to be given a batch axis, if it can be.
    pub(super) scalar: Option<String>,
    /// Whether small rows may stand for those of its own size.
    pub(super) by_small_rows: bool,
    /// Those that were tried already.
    pub(super) rungs: Vec<Rung>,
    /// Its files just before it was opened.
    pub(super) stamp: Option<Stamp>,
    pub(super) settings: Settings,
    /// What opening it took.
    pub(super) opening: Duration,
    pub(super) notes: Vec<Message>,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Arc<[Port]>,
    pub(super) executor: Executor,
    pub(super) provider: ProviderInUse,
}

/// Whose graph it is, and how many of its rows may share a call.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The model's id, for metrics.
    pub model: Arc<str>,
    /// The graph's role in the model.
    pub graph: Arc<str>,
    /// The manifest's bound on rows in a call.
    pub max_batch: Option<usize>,
}

impl Inspected<'_> {
    /// The graph's inputs, without the initializers that old exports list among them.
    #[must_use]
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The graph's outputs.
    #[must_use]
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Where the graph runs.
    #[must_use]
    pub fn provider(&self) -> ProviderInUse {
        self.provider
    }

    /// What the graph makes of each row alone; all have the open sides of the first.
    ///
    /// # Errors
    /// [`LoadError`] when a row doesn't fit or fails.
    pub fn answers(&mut self, rows: &[Row]) -> Result<Vec<Row>, LoadError> {
        let rows = self.complete(rows);
        self.answers_to(&rows)
    }

    /// The same for rows that have all tensors.
    pub(super) fn answers_to(&mut self, rows: &[Row]) -> Result<Vec<Row>, LoadError> {
        let path = self.source.path.clone();
        let unusable = |reason: ProbeError| LoadError::Unusable {
            path: path.clone(),
            reason,
        };
        let plan = Plan::learn(&self.ports(), &rows[0]);
        let plan = plan.map_err(|error| unusable(error.into()))?;
        self.executor.adopt(Arc::new(plan));
        rows.iter()
            .map(|row| {
                let answers = self.executor.run(&[row]);
                Ok(answers.map_err(|error| unusable(error.into()))?.remove(0))
            })
            .collect()
    }

    /// Runs the samples alone and together, and gives the graph its place among the workers.
    ///
    /// `samples` are at least two rows that differ, as the family will send them.
    ///
    /// # Errors
    /// [`LoadError::Unusable`] when a sample does not fit, fails, or yields NaN.
    pub fn prove(self, placement: Placement, samples: &[Row]) -> Result<Graph, LoadError> {
        let samples = &self.complete(samples)[..];
        self.rewritten(samples)?
            .on_all_processors(samples)?
            .enter(placement, samples)
    }

    /// Lets small images stand for large ones when the graph is proved, where its rows take long: what it makes
    /// of the samples themselves isn't found out then.
    #[must_use]
    pub fn by_small_rows(mut self) -> Self {
        self.by_small_rows = true;
        self
    }

    /// Proves what serves from now on.
    fn enter(mut self, placement: Placement, samples: &[Row]) -> Result<Graph, LoadError> {
        let (plan, mut proof) =
            self.proof(placement.max_batch, samples)
                .map_err(|reason| LoadError::Unusable {
                    path: self.source.path.clone(),
                    reason,
                })?;
        let first = &samples[0];
        proof.notes.splice(..0, std::mem::take(&mut self.notes));
        for name in plan.settings(samples) {
            proof.notes.push(message!(
                "input {name} has one value for a whole call, so only rows that agree on it share one",
                name
            ));
        }
        if let Err(error) = self.executor.shrink_arena(first) {
            tracing::debug!(%error, "a graph keeps the memory that it was proved with");
        }
        let bytes = self.stamp.as_ref().map(Stamp::bytes);
        let is_wide = self.settings.is_wide() && self.provider == ProviderInUse::Cpu;
        let small = !is_wide && bytes.is_some_and(|bytes| bytes <= SMALL_GRAPH_BYTES);
        let many = small && self.provider == ProviderInUse::Cpu;
        let left = if many { self.engine.workers() - 1 } else { 0 };
        // Quick graphs are small ones.
        let steady = small && !self.outline.has_loops() && !self.outline.nodes.is_empty();
        let row_cost = Arc::new(RowCost::proved(proof.row_time));
        let sample_extent = plan.extent(first);
        let pool = self.engine.pool.shared();
        let spare = self.spare(left, &plan);
        let slot = pool.enter(Entry {
            model: placement.model,
            graph: Arc::clone(&placement.graph),
            executors: vec![self.executor],
            spare,
            sizes: proof.batching.sizes().to_vec(),
            shapes: plan.key(first).shapes,
            sample: first.clone(),
            memory: proof.memory,
            row_cost: Arc::clone(&row_cost),
            steady,
            wide: is_wide,
        });
        Ok(Graph::new(Inner {
            pool,
            slot,
            name: placement.graph,
            plan,
            noise: self.noise,
            inputs: self.inputs,
            outputs: self.outputs,
            proof,
            sessions: 1 + left,
            row_cost,
            is_long: is_wide,
            sample_extent,
        }))
    }

    /// All inputs, those that nobody else sees too.
    pub(super) fn ports(&self) -> Vec<Port> {
        [&self.inputs, self.noise.ports()].concat()
    }

    /// Rows with a tensor for each of them.
    pub(super) fn complete(&self, rows: &[Row]) -> Vec<Row> {
        let rows = rows.iter().cloned();
        rows.map(|row| self.noise.fill(row)).collect()
    }

    /// How rows go into the graph, and what trying it has shown.
    fn proof(
        &mut self,
        max_batch: Option<usize>,
        samples: &[Row],
    ) -> Result<(Arc<Plan>, Proof), ProbeError> {
        let first = samples.first().ok_or(ProbeError::NoSample)?;
        let plan = Arc::new(Plan::learn(&self.ports(), first)?);
        samples.iter().try_for_each(|sample| plan.check(sample))?;
        self.executor.adopt(Arc::clone(&plan));
        let rungs = std::mem::take(&mut self.rungs);
        if let Some(row_time) = long_row(&rungs).filter(|_| self.by_small_rows) {
            let random = self.outline.random();
            let proof = prove_by(&mut self.executor, rungs, row_time, &random)?;
            return Ok((plan, proof));
        }
        let trials = Trials {
            samples: &plan.in_common(samples),
            smaller: plan.halved(first).map(|row| {
                let size = plan.extent(&row) as f64 / plan.extent(first).max(1) as f64;
                (row, size)
            }),
            alone: plan.why_alone(),
            frozen: plan.frozen(),
            max_batch,
            random: &self.outline.random(),
        };
        let proof = prove(&mut self.executor, self.provider, &trials)?;
        Ok((plan, proof))
    }

    /// The sessions that it may be given later, from files that are still those that were proved.
    fn spare(&self, left: usize, plan: &Arc<Plan>) -> SessionGrowth {
        let environment = self.engine.environment.clone();
        let (source, stamp) = (self.source.clone(), self.stamp.clone());
        let how = (Provider::Cpu, self.settings);
        let plan = Arc::clone(plan);
        let unchanged = move |source: &Source| {
            let same = source.stamp().ok() == stamp;
            same.then_some(()).ok_or_else(|| LoadError::Changed {
                path: source.path.clone(),
            })
        };
        let opener = move || {
            // Before and after: a file that is replaced while it is read may be of neither version.
            unchanged(&source)?;
            let (mut executor, _) = Executor::open(&environment, &source, how)?;
            unchanged(&source)?;
            executor.adopt(Arc::clone(&plan));
            Ok(executor)
        };
        SessionGrowth::new(left, self.opening, Arc::new(opener))
    }
}
