//! Opening graphs: first a look at the ports, then the proof, then a place among the workers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ort::environment::Environment;
use tokio::time::Instant;

use super::diagnosis::diagnosed;
use super::outline::Outline;
use super::probe::{Proof, Trials, difference, prove};
use super::rewrite::batch_axis::with_batch_axis;
use super::rewrite::noise_inputs::{Draw, draws, with_noise_inputs, with_outputs};
use crate::language::Message;
use crate::message;
use crate::models::variant;
use crate::runtime::error::{LoadError, ProbeError};
use crate::runtime::graph::{Graph, Inner};
use crate::runtime::observer::{Observer, Silent};
use crate::runtime::pool::row_cost::RowCost;
use crate::runtime::pool::session_growth::SessionGrowth;
use crate::runtime::pool::shared::Pool;
use crate::runtime::pool::slots::Entry;
use crate::runtime::session::environment::{
    LibraryError, Provider, ProviderInUse, default_threads, environment,
};
use crate::runtime::session::executor::{Executor, check_cuda};
use crate::runtime::session::noise::NoiseInputs;
use crate::runtime::session::plan::Plan;
use crate::runtime::session::port::Port;
use crate::runtime::session::source::{Source, Stamp};
use crate::runtime::tensor::Row;

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
    /// The variant to take of graphs that lie there in several, such as `fp16`.
    pub variant: Option<String>,
    /// Calls that may run at the same time.
    pub workers: usize,
    /// Threads of ONNX Runtime's own pool, shared by all calls.
    pub threads: usize,
    /// Who counts the calls.
    pub observer: Arc<dyn Observer>,
    /// Has the process's allocator give freed memory back to the system. A worker calls it, after
    /// sessions have freed what only large calls needed.
    pub give_back: fn(),
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            library: None,
            provider: Provider::Auto,
            variant: None,
            workers: default_threads(),
            threads: 1,
            observer: Arc::new(Silent),
            give_back: || {},
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
    variant: Option<String>,
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
            variant: options.variant.clone(),
            pool: Pool::start(
                options.workers,
                Arc::clone(&options.observer),
                options.give_back,
            ),
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

    /// Bytes that the sessions of all graphs have taken from the system, in use or not. Sessions that
    /// run now are left out: their figures are their worker's.
    #[must_use]
    pub fn memory_held(&self) -> u64 {
        self.pool.shared().memory_held()
    }

    /// For how long the oldest of the calls that run has run.
    #[must_use]
    pub fn oldest_call(&self) -> Option<Duration> {
        self.pool.shared().oldest_call()
    }

    /// Bounds the memory that calls take together from now on, with what sessions keep of them. Calls
    /// wait for each other, as far as they must; one that takes more by itself runs alone.
    pub fn bound_calls(&self, bytes: u64) {
        self.pool.shared().bound_calls(bytes);
    }

    /// Bytes that calls take and sessions keep of them, as estimated, and all that they may.
    #[must_use]
    pub fn call_memory(&self) -> (u64, u64) {
        self.pool.shared().call_memory()
    }

    /// Opens a graph far enough to see what it takes and gives.
    ///
    /// Nodes that draw random numbers become inputs, where they can. They are filled in here, for
    /// each row from a generator of its own, and nobody else sees them.
    ///
    /// # Errors
    /// [`LoadError`] when ONNX Runtime refuses the file, or a port has an unusable type.
    pub fn inspect(&self, path: &Path) -> Result<Inspected<'_>, LoadError> {
        let inspected = self.open_variant(path)?;
        if inspected.outline.random().is_empty() {
            return Ok(inspected);
        }
        inspected.with_noise_inputs()
    }

    /// Opens a graph in the variant that the operator named, where it lies there in that one; else the
    /// file itself or, where that can't be opened, the most exact of its variants that can.
    fn open_variant(&self, path: &Path) -> Result<Inspected<'_>, LoadError> {
        let open = |path: PathBuf| {
            let rewritten = None;
            self.open(Source { path, rewritten })
        };
        let named = self.variant.as_deref();
        if let Some(named) = named.and_then(|named| variant::beside(path, named)) {
            return open(named);
        }
        let refused = match open(path.to_owned()) {
            Ok(inspected) => return Ok(inspected),
            Err(refused) => refused,
        };
        let opened =
            variant::others(path).find_map(|other| Some((open(other.clone()).ok()?, other)));
        let Some((mut inspected, other)) = opened else {
            return Err(refused);
        };
        let name = other.file_name().unwrap_or_default().display();
        inspected.notes.push(message!(
            "{name} is used, since the more exact file can't be opened: {refused}",
            name,
            refused
        ));
        Ok(inspected)
    }

    /// The shapes of the tensors that draws are like, and those `known` before; `None` where they
    /// can't be had.
    fn shapes(
        &self,
        model: &[u8],
        draws: &[Draw],
        known: Vec<Port>,
        source: impl Fn(Vec<u8>) -> Source,
    ) -> Option<Vec<Port>> {
        let mut known = known;
        let mut like: Vec<&str> = draws.iter().filter_map(Draw::like).collect();
        like.retain(|tensor| known.iter().all(|port| *port.name != **tensor));
        like.sort_unstable();
        like.dedup();
        if !like.is_empty() {
            let source = source(with_outputs(model, &like)?);
            let (executor, _) = Executor::open(&self.environment, &source, Provider::Cpu).ok()?;
            known.extend(executor.outputs().iter().cloned());
        }
        Some(known)
    }

    fn open(&self, source: Source) -> Result<Inspected<'_>, LoadError> {
        // Before opening: a change in between makes the stamp too old, which only costs sessions.
        let stamp = source.stamp().ok();
        let started = Instant::now();
        let opened = Executor::open(&self.environment, &source, self.provider);
        let (executor, provider) = opened.map_err(|error| match error {
            LoadError::Unreadable { path, reason } => diagnosed(&path, reason),
            error => error,
        })?;
        let opening = started.elapsed();
        let inputs = executor.inputs().map_err(|reason| LoadError::Port {
            path: source.path.clone(),
            reason,
        })?;
        Ok(Inspected {
            engine: self,
            // What can't be looked into has everything in it that is asked for.
            outline: Outline::of(&source).unwrap_or_default(),
            noise: NoiseInputs::default(),
            source,
            stamp,
            opening,
            notes: executor
                .unread()
                .iter()
                .map(|reason| message!("output {reason}, and is left alone", reason))
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
    outline: Outline,
    /// Inputs that stand for random nodes of the file.
    noise: NoiseInputs,
    /// Its files just before it was opened.
    stamp: Option<Stamp>,
    /// What opening it took.
    opening: Duration,
    notes: Vec<Message>,
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

    /// The graph with its random nodes as inputs, if all of them can be.
    fn with_noise_inputs(self) -> Result<Self, LoadError> {
        let Some(model) = std::fs::read(&self.source.path).ok() else {
            return Ok(self);
        };
        let draws = draws(&model).unwrap_or_default();
        let (engine, inputs) = (self.engine, self.inputs.clone());
        let source = |model: Vec<u8>| Source {
            path: self.source.path.clone(),
            rewritten: Some(model.into()),
        };
        let ports = [&inputs[..], &self.outputs].concat();
        let Some(known) = engine.shapes(&model, &draws, ports, source) else {
            return Ok(self);
        };
        let Some((model, noise)) = with_noise_inputs(&model, &draws, &known, &inputs) else {
            return Ok(self);
        };
        let rewritten = source(model);
        if Outline::of(&rewritten).is_ok_and(|outline| !outline.random().is_empty()) {
            // Others lie in loops and branches, and with them it stays as random as it was.
            return Ok(self);
        }
        let untouched = self.source.clone();
        // One after the other: two sessions of a large graph may not fit into memory.
        drop(self);
        let Ok(mut rewritten) = engine.open(rewritten) else {
            return engine.open(untouched);
        };
        let inputs = std::mem::take(&mut rewritten.inputs).into_iter();
        let is_noise = |port: &Port| noise.iter().any(|name| **name == *port.name);
        let (noise, inputs) = inputs.partition(is_noise);
        rewritten.inputs = inputs;
        rewritten.noise = NoiseInputs::new(noise);
        rewritten.notes.push(message!(
            "the file draws random numbers inside; they are drawn outside of it instead, so that \
             the same input gives the same image"
        ));
        Ok(rewritten)
    }

    /// Gives the scalar `input` a batch axis, so that rows that differ in it can share calls.
    ///
    /// Where the graph doesn't have the one pattern that allows it, or the rewritten graph answers
    /// the samples with other bits than the file's, the graph stays as it is.
    ///
    /// # Errors
    /// [`LoadError`] when a sample doesn't fit or fails, or the file can't be opened again.
    pub fn with_batch_axis(mut self, input: &str, samples: &[Row]) -> Result<Self, LoadError> {
        let scalar = |port: &Port| *port.name == *input && port.dims.is_empty();
        if !self.inputs.iter().any(scalar) {
            return Ok(self);
        }
        let source = self
            .source
            .bytes()
            .ok()
            .and_then(|model| with_batch_axis(&model, input))
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
        rewritten.notes.push(message!(
            "the file declares input {input} as one number for a whole call; it was given a batch axis, \
             with the same bits for {rows} rows",
            input,
            rows = samples.len()
        ));
        Ok(rewritten)
    }

    /// What the graph makes of each row alone; all have the open sides of the first.
    ///
    /// # Errors
    /// [`LoadError`] when a row doesn't fit or fails.
    pub fn answers(&mut self, rows: &[Row]) -> Result<Vec<Row>, LoadError> {
        let path = self.source.path.clone();
        let unusable = |reason: ProbeError| LoadError::Unusable {
            path: path.clone(),
            reason,
        };
        let rows = self.complete(rows);
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
    pub fn prove(mut self, placement: Placement, samples: &[Row]) -> Result<Graph, LoadError> {
        let samples = &self.complete(samples)[..];
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
        let small = matches!(&self.stamp, Some(stamp) if stamp.bytes() <= SMALL_GRAPH_BYTES);
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
            sample_extent,
        }))
    }

    /// All inputs, those that nobody else sees too.
    fn ports(&self) -> Vec<Port> {
        [&self.inputs, self.noise.ports()].concat()
    }

    /// Rows with a tensor for each of them.
    fn complete(&self, rows: &[Row]) -> Vec<Row> {
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
            let (mut executor, _) = Executor::open(&environment, &source, Provider::Cpu)?;
            unchanged(&source)?;
            executor.adopt(Arc::clone(&plan));
            Ok(executor)
        };
        SessionGrowth::new(left, self.opening, Arc::new(opener))
    }
}
