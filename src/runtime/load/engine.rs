//! Opening graphs: ONNX Runtime with its workers, and a first look at what a graph takes and gives.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ort::environment::Environment;
use tokio::time::Instant;

use super::diagnosis::diagnosed;
use super::inspected::Inspected;
use super::outline::Outline;
use crate::message;
use crate::models::variant;
use crate::runtime::error::LoadError;
use crate::runtime::observer::{Observer, Silent};
use crate::runtime::pool::shared::Pool;
use crate::runtime::session::environment::{LibraryError, Provider, default_threads, environment};
use crate::runtime::session::executor::{Executor, check_cuda};
use crate::runtime::session::noise::NoiseInputs;
use crate::runtime::session::settings::Settings;
use crate::runtime::session::source::{Source, Stamp};

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
    pub(super) environment: Environment,
    pub(super) provider: Provider,
    variant: Option<String>,
    /// Threads that a large graph has to itself.
    pub(super) processors: usize,
    pub(super) pool: Pool,
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
            processors: options.workers.max(options.threads),
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

    pub(super) fn open(&self, source: Source) -> Result<Inspected<'_>, LoadError> {
        // What can't be looked into has everything in it that is asked for.
        let outline = Outline::of(&source).unwrap_or_default();
        // Before opening: a change in between makes the stamp too old, which only costs sessions.
        let stamp = source.stamp().ok();
        let bytes = stamp.as_ref().map_or(0, Stamp::bytes);
        let beside = outline.weights.iter().map(|weights| weights.end).sum();
        let settings = Settings::of(bytes, beside, self.processors);
        self.open_as(source, settings, outline, stamp)
    }

    /// The same, with what is known of the file.
    pub(super) fn open_as(
        &self,
        source: Source,
        settings: Settings,
        outline: Outline,
        stamp: Option<Stamp>,
    ) -> Result<Inspected<'_>, LoadError> {
        let started = Instant::now();
        let opened = Executor::open(&self.environment, &source, (self.provider, settings));
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
            outline,
            noise: NoiseInputs::default(),
            scalar: None,
            by_small_rows: false,
            rungs: Vec::new(),
            source,
            stamp,
            settings,
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
