//! One session and its only owner: packs rows into ONNX Runtime's tensors, runs, and unpacks.
//!
//! `Session::run` takes `&mut self` for good reason (concurrent runs of one session are not
//! safe on every provider), so an executor is moved to the worker that uses it and back.
//!
//! A session keeps the memory of its largest call. The executor remembers how large that was and
//! when, so that the pool can have it given back once nothing of that size comes any more.

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider as _};
use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder};
use ort::session::{RunOptions, Session, SessionInputValue};
use tokio::time::Instant;

use super::arena::ArenaUse;
use super::environment::{Provider, ProviderInUse};
use super::failure::OnnxRuntimeError;
use super::plan::Plan;
use super::port::{Port, PortError, ports, readable};
use super::settings::Settings;
use super::source::Source;
use super::unpack::unpack;
use crate::runtime::error::{CallError, LoadError};
use crate::runtime::tensor::Row;

/// Inputs of up to so many elements are kept from call to call: making them anew would take a
/// quick graph's call a tenth longer, and next to larger ones it does not show.
const KEPT_ELEMENTS: usize = 64 * 1024;

/// How long after its last large call a session gives back what only that needed. Rows of a busy
/// graph come sooner than this, and would only have to ask for the same memory again.
const REST: Duration = Duration::from_secs(2);

/// Bytes that a session may keep: to ask for them again would hold up the next caller for more than
/// they are worth.
const LITTLE: u64 = 2 << 20;

/// Whether graphs can be opened on CUDA, without opening one.
///
/// # Errors
/// ONNX Runtime's own words, when they cannot.
pub(in crate::runtime) fn check_cuda(environment: &Environment) -> Result<(), OnnxRuntimeError> {
    Ok(cuda_builder(environment).map(drop)?)
}

/// A session with its plan; whoever holds it may run it.
pub(in crate::runtime) struct Executor {
    session: Session,
    plan: Option<Arc<Plan>>,
    options: Arc<RunOptions>,
    outputs: Arc<[Port]>,
    /// Why other outputs are left alone.
    unread: Vec<PortError>,
    /// The inputs of the last call, if they were small: the next one fills the same buffers.
    inputs: Vec<SessionInputValue<'static>>,
    /// The arena's memory as calls have stretched it; `None` when it was given back.
    stretched: Option<Stretched>,
    /// Bytes of it, as they were estimated.
    keeps: u64,
}

/// The largest call since a session gave memory back.
#[derive(Debug, Clone, Copy)]
struct Stretched {
    /// Elements of its inputs.
    elements: usize,
    /// When a call last was half as large, or larger.
    at: Instant,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// Stops the call that an executor is in, from any thread, between two nodes of the graph.
#[derive(Clone)]
pub(in crate::runtime) struct CancelHandle(Arc<RunOptions>);

impl CancelHandle {
    /// Stops the running call, or the next one: it stays in force until the executor is
    /// [`made ready again`](Executor::ready_again).
    pub(in crate::runtime) fn cancel(&self) -> Result<(), OnnxRuntimeError> {
        Ok(self.0.terminate()?)
    }
}

impl Executor {
    /// Opens a session on the provider that is wanted, or says why not.
    pub(in crate::runtime) fn open(
        environment: &Environment,
        source: &Source,
        (wanted, settings): (Provider, Settings),
    ) -> Result<(Self, ProviderInUse), LoadError> {
        let path = &*source.path;
        let unreadable = |error: ort::Error| LoadError::Unreadable {
            path: path.to_owned(),
            reason: error.into(),
        };
        if wanted != Provider::Cpu {
            match open_cuda(environment, source) {
                Ok(session) => return Ok((Self::of(session, path)?, ProviderInUse::Cuda)),
                Err(error) if wanted == Provider::Cuda => {
                    return Err(LoadError::Provider {
                        path: path.to_owned(),
                        provider: "cuda",
                        reason: error.into(),
                    });
                }
                Err(error) => say_fallback(path, &error),
            }
        }
        let session = builder(environment)
            .and_then(|builder| source.commit(settings.apply(builder)?))
            .map_err(unreadable)?;
        Ok((Self::of(session, path)?, ProviderInUse::Cpu))
    }

    fn of(session: Session, path: &Path) -> Result<Self, LoadError> {
        let (outputs, unread) = readable(session.outputs());
        if let ([], Some(reason)) = (&outputs[..], unread.first()) {
            return Err(LoadError::Port {
                path: path.to_owned(),
                reason: reason.clone(),
            });
        }
        let options = RunOptions::new().map_err(|error| LoadError::Unreadable {
            path: path.to_owned(),
            reason: error.into(),
        })?;
        Ok(Self {
            session,
            plan: None,
            options: Arc::new(options),
            outputs: outputs.into(),
            unread,
            inputs: Vec::new(),
            stretched: None,
            keeps: 0,
        })
    }

    /// The graph's inputs; initializers that older exports list among them are left out by
    /// ONNX Runtime.
    pub(in crate::runtime) fn inputs(&self) -> Result<Vec<Port>, PortError> {
        ports(self.session.inputs())
    }

    pub(in crate::runtime) fn outputs(&self) -> Arc<[Port]> {
        Arc::clone(&self.outputs)
    }

    /// Why some outputs are left alone.
    pub(in crate::runtime) fn unread(&self) -> &[PortError] {
        &self.unread
    }

    pub(in crate::runtime) fn adopt(&mut self, plan: Arc<Plan>) {
        self.plan = Some(plan);
    }

    /// What stops the call that it is in, or the next one.
    pub(in crate::runtime) fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(Arc::clone(&self.options))
    }

    /// Undoes a cancellation, once nobody holds its handle any more.
    pub(in crate::runtime) fn ready_again(&mut self) -> Result<(), OnnxRuntimeError> {
        Ok(self.options.unterminate()?)
    }

    /// What its arena has handed out; `None` where the library doesn't tell.
    pub(in crate::runtime) fn memory(&self) -> Option<ArenaUse> {
        ArenaUse::of(&self.session)
    }

    /// In how long it should [give memory back](Self::shrink_arena), if no larger call comes
    /// meanwhile; `None` if it has nothing to give.
    pub(in crate::runtime) fn shrinks_in(&self, now: Instant) -> Option<Duration> {
        let stretched = self.stretched?;
        Some(REST.saturating_sub(now.duration_since(stretched.at)))
    }

    /// Whether a call has stretched it so far that somebody should see to it.
    pub(in crate::runtime) fn is_stretched_far(&self) -> bool {
        self.stretched
            .is_some_and(|stretched| stretched.elements > KEPT_ELEMENTS)
    }

    /// Bytes that its arena keeps of earlier calls, as whoever ran them estimated.
    pub(in crate::runtime) fn keeps(&self) -> u64 {
        self.keeps
    }

    /// Notes how much its arena keeps from now on.
    pub(in crate::runtime) fn keep(&mut self, bytes: u64) {
        self.keeps = bytes;
    }

    /// Runs rows of equal key together and answers with a row for each, in order.
    pub(in crate::runtime) fn run(&mut self, rows: &[&Row]) -> Result<Vec<Row>, CallError> {
        let options = Arc::clone(&self.options);
        self.run_with(&options, rows)
    }

    /// Gives back the memory that earlier calls needed and nothing needs now.
    ///
    /// ONNX Runtime shrinks an arena only at the end of a call. So there is one, on `row`, which is
    /// cancelled before it begins: it computes nothing, and ends in the shrinking all the same.
    pub(in crate::runtime) fn shrink_arena(&mut self, row: &Row) -> Result<(), CallError> {
        self.stretched = None;
        self.keeps = 0;
        let spare = self
            .memory()
            .map(|arena| arena.held.saturating_sub(arena.in_use));
        if spare.is_some_and(|spare| spare < LITTLE) {
            return Ok(());
        }
        let mut options = RunOptions::new().map_err(OnnxRuntimeError::from)?;
        options
            .set("memory.enable_memory_arena_shrinkage", "cpu:0")
            .and_then(|()| options.terminate())
            .map_err(OnnxRuntimeError::from)?;
        self.inputs.clear();
        // That it was cancelled is what was wanted.
        let _cancelled = self.run_with(&options, &[row]);
        self.inputs.clear();
        self.stretched = None;
        Ok(())
    }

    fn run_with(&mut self, options: &RunOptions, rows: &[&Row]) -> Result<Vec<Row>, CallError> {
        let plan = self
            .plan
            .as_deref()
            .expect("a plan is adopted before the first run");
        let inputs = plan
            .pack(rows, std::mem::take(&mut self.inputs))
            .map_err(OnnxRuntimeError::from)?;
        let elements = inputs.iter().map(elements).sum();
        // Before the call: one that fails for want of memory has stretched the arena as well.
        self.stretched = Some(match self.stretched {
            Some(known) if elements < known.elements / 2 => known,
            known => Stretched {
                elements: known.map_or(elements, |known| known.elements.max(elements)),
                at: Instant::now(),
            },
        });
        let values = self
            .session
            .run_with_options(&inputs[..], options)
            .map_err(OnnxRuntimeError::from)?;
        let samples = plan.samples(rows.len());
        let mut answers = vec![Row::new(); rows.len()];
        for port in self.outputs.iter() {
            let missing = || CallError::Missing {
                output: port.name.to_string(),
            };
            let value = values.get(&*port.name).ok_or_else(missing)?;
            unpack(value, port, samples, &mut answers)?;
        }
        drop(values);
        if elements <= KEPT_ELEMENTS {
            self.inputs = inputs;
        }
        // A long call, and a long copying of what it gave, end now and not when they began.
        if let Some(stretched) = &mut self.stretched
            && elements >= stretched.elements / 2
        {
            stretched.at = Instant::now();
        }
        Ok(answers)
    }
}

fn elements(input: &SessionInputValue<'_>) -> usize {
    input
        .dtype()
        .tensor_shape()
        .map_or(0, |shape| shape.num_elements())
}

fn builder(environment: &Environment) -> Result<SessionBuilder, ort::Error> {
    // The CPU provider is left to ONNX Runtime: registering it by hand turns its arena off.
    // Without the device policy, newer libraries look for an NPU first.
    Ok(Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_auto_device(AutoDevicePolicy::PreferCPU)?)
}

fn open_cuda(environment: &Environment, source: &Source) -> Result<Session, ort::Error> {
    source.commit(cuda_builder(environment)?)
}

fn cuda_builder(environment: &Environment) -> Result<SessionBuilder, ort::Error> {
    if !library_has_cuda() {
        return Err(ort::Error::new(
            "this ONNX Runtime library was built without CUDA",
        ));
    }
    Ok(
        builder(environment)?.with_execution_providers([ep::CUDA::default()
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .build()
            .error_on_failure()])?,
    )
}

/// Whether the library was compiled with CUDA, which says nothing of this machine's devices.
fn library_has_cuda() -> bool {
    matches!(ep::CUDA::is_available(), Ok(true))
}

/// Says that a graph runs on the CPU though CUDA was preferred: once where no graph could do
/// otherwise, and for each graph where that is a surprise.
fn say_fallback(path: &Path, error: &ort::Error) {
    static ONCE: Once = Once::new();
    if library_has_cuda() {
        tracing::warn!(path = %path.display(), error = error.message(), "graph runs on the CPU, since CUDA failed");
    } else {
        ONCE.call_once(|| tracing::info!("graphs run on the CPU: {}", error.message()));
    }
}
