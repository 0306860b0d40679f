//! Opening graphs: first a look at the ports, then the proof, then a place among the workers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ort::environment::Environment;
use tokio::time::Instant;

use super::lift::lifted;
use super::probe::{difference, prove};
use crate::runtime::error::LoadError;
use crate::runtime::graph::{Graph, Inner};
use crate::runtime::observer::{Observer, Silent};
use crate::runtime::pool::session_growth::SessionGrowth;
use crate::runtime::pool::shared::Pool;
use crate::runtime::pool::slots::Entry;
use crate::runtime::session::environment::{
    LibraryError, Provider, ProviderInUse, default_threads, environment,
};
use crate::runtime::session::executor::{Executor, check_cuda};
use crate::runtime::session::plan::Plan;
use crate::runtime::session::port::Port;
use crate::runtime::session::source::{Source, Stamp};
use crate::runtime::tensor::Row;

/// Rows that share a call when the manifest names no bound; the benchmarks' table says why.
const MAX_BATCH: usize = 16;
/// Files above this size have one session, where others may have one for each worker: their calls
/// keep all threads busy by themselves, and their weights are not worth holding twice.
const SMALL_GRAPH_BYTES: u64 = 64 << 20;

/// How the engine is built.
#[derive(Clone)]
pub struct EngineOptions {
    /// ONNX Runtime's library; looked for when absent.
    pub library: Option<PathBuf>,
    /// Where graphs run.
    pub provider: Provider,
    /// Calls that may run at the same time.
    pub workers: usize,
    /// Threads of ONNX Runtime's own pool, shared by all calls.
    pub threads: usize,
    /// Who counts the calls.
    pub observer: Arc<dyn Observer>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            library: None,
            provider: Provider::Auto,
            workers: default_threads(),
            threads: 1,
            observer: Arc::new(Silent),
        }
    }
}

impl std::fmt::Debug for EngineOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EngineOptions")
            .field("library", &self.library)
            .field("provider", &self.provider)
            .field("workers", &self.workers)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

/// ONNX Runtime with its workers. Graphs that it opened stop working when it is dropped.
#[derive(Debug)]
pub struct Engine {
    environment: Environment,
    provider: Provider,
    pool: Pool,
}

impl Engine {
    /// Loads the library and starts the workers.
    ///
    /// # Errors
    /// [`LibraryError`] when ONNX Runtime is missing, cannot be used, or lacks the provider that
    /// was asked for by name.
    pub fn start(options: &EngineOptions) -> Result<Self, LibraryError> {
        let environment = environment(options.library.as_deref(), options.threads.max(1))?;
        if options.provider == Provider::Cuda {
            check_cuda(&environment).map_err(|reason| LibraryError::Provider {
                provider: "cuda",
                reason,
            })?;
        }
        Ok(Self {
            environment,
            provider: options.provider,
            pool: Pool::start(options.workers, Arc::clone(&options.observer)),
        })
    }

    /// How many calls may run at the same time.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.pool.workers()
    }

    /// Who counts the calls.
    #[must_use]
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.pool.shared().observer)
    }

    /// Rows that wait for a worker now, for whichever graph.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pool.shared().waiting_in_all()
    }

    /// Opens a graph far enough to see what it takes and gives.
    ///
    /// # Errors
    /// [`LoadError`] when ONNX Runtime refuses the file, or a port has an unusable type.
    pub fn inspect(&self, path: &Path) -> Result<Inspected<'_>, LoadError> {
        self.open(Source {
            path: path.to_owned(),
            rewritten: None,
        })
    }

    fn open(&self, source: Source) -> Result<Inspected<'_>, LoadError> {
        let stamp = source.stamp().ok();
        let started = Instant::now();
        let (executor, provider) = Executor::open(&self.environment, &source, self.provider)?;
        let opening = started.elapsed();
        let inputs = executor.inputs().map_err(|reason| LoadError::Port {
            path: source.path.clone(),
            reason,
        })?;
        Ok(Inspected {
            engine: self,
            source,
            stamp,
            opening,
            notes: executor
                .unread()
                .iter()
                .map(|reason| format!("output {reason}, and is left alone"))
                .collect(),
            outputs: executor.outputs(),
            inputs,
            executor,
            provider,
        })
    }
}

/// A graph whose ports are known, and that has not run yet.
#[derive(Debug)]
pub struct Inspected<'e> {
    engine: &'e Engine,
    source: Source,
    /// Its files just before it was opened.
    stamp: Option<Stamp>,
    /// What opening it took.
    opening: Duration,
    notes: Vec<String>,
    inputs: Vec<Port>,
    outputs: Arc<[Port]>,
    executor: Executor,
    provider: ProviderInUse,
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

    /// Gives the scalar `input` a batch axis, so that rows that differ in it can share calls.
    ///
    /// Where the graph doesn't have the one pattern that allows it, or the rewritten graph answers
    /// the samples with other bits than the file's, the graph stays as it is.
    ///
    /// # Errors
    /// [`LoadError`] when a sample doesn't fit or fails, or the file can't be opened again.
    pub fn lifted(mut self, input: &str, samples: &[Row]) -> Result<Self, LoadError> {
        let scalar = |port: &Port| *port.name == *input && port.dims.is_empty();
        if !self.inputs.iter().any(scalar) {
            return Ok(self);
        }
        let source = std::fs::read(&self.source.path)
            .ok()
            .and_then(|model| lifted(&model, input))
            .map(|model| Source {
                path: self.source.path.clone(),
                rewritten: Some(model.into()),
            });
        let Some(source) = source else {
            return Ok(self);
        };
        let wanted = self.answers(samples)?;
        let (engine, untouched) = (self.engine, self.source.clone());
        // One after the other: two sessions of a large graph may not fit into memory.
        drop(self);
        let mut rewritten = match engine.open(source) {
            Ok(rewritten) => rewritten,
            Err(error) => {
                tracing::warn!(%error, input, "a rewritten graph can't be opened, using the file's");
                return engine.open(untouched);
            }
        };
        let same = rewritten.answers(samples).is_ok_and(|answers| {
            let mut pairs = answers.iter().zip(&wanted);
            pairs.all(|(answer, wanted)| difference(answer, wanted) == 0.0)
        });
        if !same {
            drop(rewritten);
            return engine.open(untouched);
        }
        rewritten.notes.push(format!(
            "the file declares input {input} as one number for a whole call; it was given a batch axis, \
             with the same bits for {} rows",
            samples.len()
        ));
        Ok(rewritten)
    }

    /// What the graph makes of each row alone; all have the open sides of the first.
    ///
    /// # Errors
    /// [`LoadError`] when a row doesn't fit or fails.
    pub fn answers(&mut self, rows: &[Row]) -> Result<Vec<Row>, LoadError> {
        let path = self.source.path.clone();
        let unusable = |reason: String| LoadError::Unusable {
            path: path.clone(),
            reason,
        };
        let plan = Plan::learn(&self.inputs, &rows[0]).map_err(unusable)?;
        self.executor.adopt(Arc::new(plan));
        rows.iter()
            .map(|row| Ok(self.executor.run(&[row]).map_err(unusable)?.remove(0)))
            .collect()
    }

    /// Runs the samples alone and together, and gives the graph its place among the workers.
    ///
    /// `samples` are at least two rows that differ, as the family will send them.
    ///
    /// # Errors
    /// [`LoadError::Unusable`] when a sample does not fit, fails, or yields NaN.
    pub fn prove(mut self, placement: Placement, samples: &[Row]) -> Result<Graph, LoadError> {
        let unusable = |reason: String| LoadError::Unusable {
            path: self.source.path.clone(),
            reason,
        };
        let first = samples
            .first()
            .ok_or_else(|| unusable("there is no sample to try it with".to_owned()))?;
        let plan = Arc::new(Plan::learn(&self.inputs, first).map_err(unusable)?);
        samples
            .iter()
            .try_for_each(|sample| plan.check(sample))
            .map_err(unusable)?;
        self.executor.adopt(Arc::clone(&plan));
        let most = placement.max_batch.unwrap_or(MAX_BATCH);
        let mut proof = prove(
            &mut self.executor,
            self.provider,
            &plan.in_common(samples),
            plan.why_alone(),
            most,
        )
        .map_err(unusable)?;
        proof.notes.splice(..0, std::mem::take(&mut self.notes));
        for name in plan.settings(samples) {
            proof.notes.push(format!(
                "input {name} has one value for a whole call, so only rows that agree on it share one"
            ));
        }
        self.executor.relax(first).map_err(unusable)?;
        let small = matches!(&self.stamp, Some(stamp) if stamp.bytes() <= SMALL_GRAPH_BYTES);
        let many = small && self.provider == ProviderInUse::Cpu;
        let left = if many { self.engine.workers() - 1 } else { 0 };
        // Quick graphs are small ones.
        let steady = small && !self.source.has_loops();
        let row_cost = u64::try_from(proof.row_time.as_nanos()).unwrap_or(u64::MAX);
        let row_cost = Arc::new(AtomicU64::new(row_cost));
        let pool = self.engine.pool.shared();
        let spare = self.spare(left, &plan);
        let slot = pool.enter(Entry {
            model: placement.model,
            graph: Arc::clone(&placement.graph),
            executors: vec![self.executor],
            spare,
            sizes: proof.batching.sizes().to_vec(),
            shapes: plan.key(first).shapes,
            row_cost: Arc::clone(&row_cost),
            steady,
        });
        Ok(Graph::new(Inner {
            pool,
            slot,
            name: placement.graph,
            plan,
            inputs: self.inputs,
            outputs: self.outputs,
            proof,
            sessions: 1 + left,
            row_cost,
        }))
    }

    /// The sessions that it may be given later, from files that are still those that were proved.
    fn spare(&self, left: usize, plan: &Arc<Plan>) -> SessionGrowth {
        let environment = self.engine.environment.clone();
        let (source, stamp) = (self.source.clone(), self.stamp.clone());
        let plan = Arc::clone(plan);
        let unchanged = move |source: &Source| {
            let same = source.stamp().ok() == stamp;
            same.then_some(()).ok_or_else(|| LoadError::Unreadable {
                path: source.path.clone(),
                reason: "its files have changed since it was loaded".to_owned(),
            })
        };
        let opener = move || {
            unchanged(&source)?;
            let (mut executor, _) = Executor::open(&environment, &source, Provider::Cpu)?;
            unchanged(&source)?;
            executor.adopt(Arc::clone(&plan));
            Ok(executor)
        };
        SessionGrowth::new(left, self.opening, Arc::new(opener))
    }
}
