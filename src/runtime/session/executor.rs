//! One session and its only owner: packs rows into ONNX Runtime's tensors, runs, and unpacks.
//!
//! `Session::run` takes `&mut self` for good reason (concurrent runs of one session are not
//! safe on every provider), so an executor is moved to the worker that uses it and back.

use std::path::Path;
use std::sync::{Arc, Once};

use ort::environment::Environment;
use ort::ep::{self, ExecutionProvider as _};
use ort::session::builder::{AutoDevicePolicy, GraphOptimizationLevel, SessionBuilder};
use ort::session::{RunOptions, Session, SessionInputValue};

use super::environment::{Provider, ProviderInUse};
use super::plan::Plan;
use super::port::{Port, ports, readable};
use super::source::Source;
use super::unpack::unpack;
use crate::runtime::error::LoadError;
use crate::runtime::tensor::Row;

/// Inputs of up to so many elements are kept from call to call: making them anew would take a
/// quick graph's call a tenth longer, and next to larger ones it does not show.
const KEPT_ELEMENTS: usize = 64 * 1024;

/// Whether graphs can be opened on CUDA, without opening one.
///
/// # Errors
/// ONNX Runtime's own words, when they cannot.
pub(in crate::runtime) fn check_cuda(environment: &Environment) -> Result<(), String> {
    cuda_builder(environment)
        .map(drop)
        .map_err(|error| error.message().to_owned())
}

/// A session with its plan; whoever holds it may run it.
pub(in crate::runtime) struct Executor {
    session: Session,
    plan: Option<Arc<Plan>>,
    options: Arc<RunOptions>,
    outputs: Arc<[Port]>,
    /// Why other outputs are left alone.
    unread: Vec<String>,
    /// The inputs of the last call, if they were small: the next one fills the same buffers.
    inputs: Vec<SessionInputValue<'static>>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// What stops the call that an executor is in, from any thread.
pub(in crate::runtime) type CancelHandle = Arc<RunOptions>;

impl Executor {
    /// Opens a session on the provider that is wanted, or says why not.
    pub(in crate::runtime) fn open(
        environment: &Environment,
        source: &Source,
        wanted: Provider,
    ) -> Result<(Self, ProviderInUse), LoadError> {
        let path = &*source.path;
        let unreadable = |error: ort::Error| LoadError::Unreadable {
            path: path.to_owned(),
            reason: error.message().to_owned(),
        };
        if wanted != Provider::Cpu {
            match open_cuda(environment, source) {
                Ok(session) => return Ok((Self::of(session, path)?, ProviderInUse::Cuda)),
                Err(error) if wanted == Provider::Cuda => {
                    return Err(LoadError::Provider {
                        path: path.to_owned(),
                        provider: "cuda",
                        reason: error.message().to_owned(),
                    });
                }
                Err(error) => say_fallback(path, &error),
            }
        }
        let session = builder(environment)
            .and_then(|builder| source.commit(builder))
            .map_err(unreadable)?;
        Ok((Self::of(session, path)?, ProviderInUse::Cpu))
    }

    fn of(session: Session, path: &Path) -> Result<Self, LoadError> {
        let (outputs, unread) = readable(session.outputs());
        if outputs.is_empty() && !unread.is_empty() {
            return Err(LoadError::Port {
                path: path.to_owned(),
                reason: unread.join(", "),
            });
        }
        let options = fresh_options().map_err(|reason| LoadError::Unreadable {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Self {
            session,
            plan: None,
            options,
            outputs: outputs.into(),
            unread,
            inputs: Vec::new(),
        })
    }

    /// The graph's inputs; initializers that older exports list among them are left out by
    /// ONNX Runtime.
    pub(in crate::runtime) fn inputs(&self) -> Result<Vec<Port>, String> {
        ports(self.session.inputs())
    }

    pub(in crate::runtime) fn outputs(&self) -> Arc<[Port]> {
        Arc::clone(&self.outputs)
    }

    /// Why some outputs are left alone.
    pub(in crate::runtime) fn unread(&self) -> &[String] {
        &self.unread
    }

    pub(in crate::runtime) fn adopt(&mut self, plan: Arc<Plan>) {
        self.plan = Some(plan);
    }

    /// Stops the next or running call between two nodes of the graph; sticky.
    pub(in crate::runtime) fn brake(&self) -> CancelHandle {
        Arc::clone(&self.options)
    }

    /// Undoes a brake that was pulled, once nobody holds it any more.
    pub(in crate::runtime) fn release_brake(&mut self) -> Result<(), String> {
        self.options
            .unterminate()
            .map_err(|error| error.message().to_owned())
    }

    /// Runs rows of equal key together and answers with a row for each, in order.
    pub(in crate::runtime) fn run(&mut self, rows: &[&Row]) -> Result<Vec<Row>, String> {
        let options = Arc::clone(&self.options);
        self.run_with(&options, rows)
    }

    /// Runs a row, and gives back the memory that only larger calls needed.
    ///
    /// A session keeps what its largest call took until it is told otherwise.
    pub(in crate::runtime) fn relax(&mut self, row: &Row) -> Result<(), String> {
        let relaxing = || {
            let mut options = RunOptions::new()?;
            options.set("memory.enable_memory_arena_shrinkage", "cpu:0")?;
            Ok(options)
        };
        let options = relaxing().map_err(|error: ort::Error| error.message().to_owned())?;
        self.run_with(&options, &[row]).map(drop)
    }

    fn run_with(&mut self, options: &RunOptions, rows: &[&Row]) -> Result<Vec<Row>, String> {
        let plan = self
            .plan
            .as_deref()
            .expect("a plan is adopted before the first run");
        let inputs = plan
            .pack(rows, std::mem::take(&mut self.inputs))
            .map_err(|error| error.message().to_owned())?;
        let values = self
            .session
            .run_with_options(&inputs[..], options)
            .map_err(|error| error.message().to_owned())?;
        let samples = plan.samples(rows.len());
        let mut answers = vec![Row::new(); rows.len()];
        for port in self.outputs.iter() {
            let value = values.get(&*port.name).ok_or("an output is missing")?;
            unpack(value, port, samples, &mut answers)?;
        }
        drop(values);
        if inputs.iter().map(elements).sum::<usize>() <= KEPT_ELEMENTS {
            self.inputs = inputs;
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

fn fresh_options() -> Result<CancelHandle, String> {
    RunOptions::new()
        .map(Arc::new)
        .map_err(|error| error.message().to_owned())
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
