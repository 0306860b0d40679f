//! The whole engine behind one handle: models, gate, figures, and the use cases over them.

mod active;
mod advice;
mod chain;
mod encode;
mod files;
mod generate;
mod looking;
mod memory;
mod options;
mod reload;
mod score;
mod shutdown;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use self::active::ActiveRequests;
pub use self::active::Occupied;
pub use self::chain::Upscaling;
pub(super) use self::files::preview;
use self::memory::Shares;
pub use self::options::StudioOptions;
use self::reload::Repository;
pub use self::reload::{Change, Outcome};
pub use self::shutdown::Drained;
use super::catalogue::{Catalogue, ModelState, OpenError};
use super::failure::Failure;
use super::gate::{Gate, GateOptions};
use super::meters::Meters;
use super::model::Model;
use super::request::{ChainModels, Generation, Limits, refused};
use crate::fields::{Draft, InvalidField, Parameter, Refusal, fields};
use crate::memory::Budget;
use crate::message;
use crate::runtime::{Engine, EngineOptions, Observer, default_threads};
use crate::trace::Trace;

/// Bytes of text, numbers and files that are read on the spot. What reads more goes to a blocking
/// thread: tokenizing a text takes a millisecond for a few thousand bytes, and decoding an image
/// takes longer than an async thread should be held.
const BYTES_AT_ONCE: usize = 1024;

/// What one node of a graph may take: a call that nobody waits for is stopped after it.
const STOPPING: Duration = Duration::from_secs(120);

/// The engine; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Studio {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // Fields are dropped in this order: graphs leave the pool before its workers stop.
    /// The models as they stand now. Requests keep the one that they began with.
    catalogue: RwLock<Arc<Catalogue>>,
    aliases: BTreeMap<String, String>,
    repository: Repository,
    engine: Engine,
    gate: Arc<Gate>,
    active: ActiveRequests,
    meters: Arc<Meters>,
    limits: Limits,
    memory: Shares,
    /// Bytes that graph calls and the models have together.
    graphs: u64,
    /// Images that are unpacked at the same time: as many as there are processors to do it.
    decoders: Semaphore,
    closing: CancellationToken,
    withdrawn: AtomicBool,
}

impl Studio {
    /// Loads ONNX Runtime and all models; blocks for as long as that takes.
    ///
    /// # Errors
    /// [`OpenError`] when nothing could be served: no library, no repository, no such default
    /// model, or a provider that was asked for by name and is missing.
    pub fn open(options: &StudioOptions) -> Result<Self, OpenError> {
        let meters = Meters::new();
        let observer: Arc<dyn Observer> = meters.clone();
        let engine = Engine::start(&EngineOptions {
            library: options.library.clone(),
            provider: options.provider,
            variant: options.variant.clone(),
            workers: options.workers,
            threads: options.threads,
            observer,
            give_back: options.give_back,
        })?;
        let catalogue = match &options.only {
            Some(id) => {
                let id = options.aliases.get(id).unwrap_or(id);
                let mut aliases = options.aliases.clone();
                aliases.retain(|_, model| model == id);
                Catalogue::open_only(&engine, &options.models, id)?.with_aliases(aliases)?
            }
            None => Catalogue::open(&engine, &options.models, options.default_model.as_deref())?
                .with_aliases(options.aliases.clone())?,
        };
        let memory = Shares::beside_models(options.memory);
        engine.bound_calls(memory.calls);
        let graphs = memory.calls.saturating_add(catalogue.session_bytes());
        let mut limits = options.limits.clone();
        limits.decode.budget = memory.decoding.clone();
        let gate = Gate::new(GateOptions {
            places: options.queue,
            workers: engine.workers(),
        });
        Ok(Self {
            inner: Arc::new(Inner {
                aliases: catalogue.aliases().clone(),
                repository: Repository::of(options, &catalogue),
                catalogue: RwLock::new(Arc::new(catalogue)),
                engine,
                gate,
                active: ActiveRequests::default(),
                meters,
                limits,
                graphs,
                memory,
                decoders: Semaphore::new(default_threads()),
                closing: CancellationToken::new(),
                withdrawn: AtomicBool::new(false),
            }),
        })
    }

    /// The models as they stand now.
    fn catalogue(&self) -> Arc<Catalogue> {
        let now = self.inner.catalogue.read();
        Arc::clone(&now.unwrap_or_else(PoisonError::into_inner))
    }

    /// All models, sorted by id, the broken ones too.
    #[must_use]
    pub fn models(&self) -> Arc<[ModelState]> {
        Arc::clone(self.catalogue().states())
    }

    /// What requests for a model may hold, within the operator's bounds.
    #[must_use]
    pub fn parameters(&self, model: &Model) -> Vec<Parameter> {
        let most = self.inner.limits.images;
        let all = model.parameters().iter().cloned();
        let all = all.map(|parameter| parameter.within_images(most));
        let all = all.filter_map(|parameter| self.with_further_models(parameter));
        all.collect()
    }

    /// The model of that id, whatever its state.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<ModelState> {
        self.catalogue().state(id).cloned()
    }

    /// The model that is meant when none is named.
    #[must_use]
    pub fn default_model(&self) -> Option<Arc<Model>> {
        self.catalogue().default_model().cloned()
    }

    /// Other names of models, and the ids that they mean.
    #[must_use]
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.inner.aliases
    }

    /// The model that a request means: of that id or alias, or the default one.
    ///
    /// # Errors
    /// [`Failure::UnknownModel`] or [`Failure::BrokenModel`].
    pub fn serving(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        self.counted(self.catalogue().serving(id))
    }

    /// Calls that may run at the same time.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.inner.engine.workers()
    }

    /// Bounds on a request.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// What is counted.
    #[must_use]
    pub fn meters(&self) -> &Arc<Meters> {
        &self.inner.meters
    }

    /// The memory that bodies are read into.
    #[must_use]
    pub fn body_memory(&self) -> &Budget {
        &self.inner.memory.bodies
    }

    /// Bytes that are reserved for requests, and all that may be.
    #[must_use]
    pub fn memory(&self) -> (u64, u64) {
        (self.inner.memory.reserved(), self.inner.memory.total())
    }

    /// Bytes that graph calls take and sessions keep of them, as estimated, and all that they may.
    #[must_use]
    pub fn call_memory(&self) -> (u64, u64) {
        self.inner.engine.call_memory()
    }

    /// Requests that were admitted and are not answered yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.inner.gate.in_flight()
    }

    /// Rows that wait for a worker now, for whichever graph.
    #[must_use]
    pub fn rows_waiting(&self) -> usize {
        self.inner.engine.waiting()
    }

    /// Whether a graph call makes no progress: it runs on though every request that could wait for it
    /// has ended, and was to be stopped between two nodes.
    #[must_use]
    pub fn is_wedged(&self) -> bool {
        let longest = self.inner.limits.deadline + STOPPING;
        self.inner
            .engine
            .oldest_call()
            .is_some_and(|call| call > longest)
    }

    /// Whether requests should be sent here: false from the moment that a shutdown begins.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let leaving = self.inner.withdrawn.load(Ordering::Relaxed) || !self.inner.gate.is_open();
        !leaving && self.catalogue().default_model().is_some()
    }

    /// Validates a request.
    ///
    /// # Errors
    /// [`Failure::Invalid`], [`Failure::UnknownModel`] or [`Failure::BrokenModel`].
    pub async fn parse(&self, draft: Draft) -> Result<Arc<Generation>, Failure> {
        let started = Instant::now();
        let parsed = self.parse_untraced(draft).await;
        let lasted = (started.elapsed(), Duration::ZERO);
        Trace::current().add("parse", lasted, Vec::new);
        parsed
    }

    async fn parse_untraced(&self, draft: Draft) -> Result<Arc<Generation>, Failure> {
        let model = self.serving(draft.model.as_deref())?;
        let further = ChainModels::find(&draft, &self.catalogue());
        let further = self.counted(further.map_err(refused))?;
        let limits = self.inner.limits.clone();
        let deadline = limits.deadline_of(draft.deadline);
        let bytes: usize = fields()
            .filter_map(|field| field.read(&draft))
            .map(|value| value.bytes())
            .sum();
        let parsed = if bytes <= BYTES_AT_ONCE {
            Generation::parse(&draft, (Arc::clone(&model), further), &limits)
        } else {
            let model = Arc::clone(&model);
            let parsing = async {
                let _decoder = self.decoder().await;
                blocking(move || Generation::parse(&draft, (model, further), &limits)).await
            };
            let parsed = timeout(deadline, parsing).await;
            self.counted(parsed.unwrap_or(Err(Failure::Deadline { deadline })))?
        };
        let parsed = parsed.map_err(|refusal| match refusal {
            Refusal::Invalid(invalid) => invalid,
            Refusal::NotTaken(field) => self.not_taken(field, &model),
        });
        self.counted(parsed.map(Arc::new).map_err(Failure::Invalid))
    }

    /// Says which of the models that are loaded take a field.
    fn not_taken(&self, field: String, model: &Model) -> InvalidField {
        let all = self.models();
        let others = all.iter().filter_map(|state| match state {
            ModelState::Sound(other) if other.parameter(&field).is_some() => Some(other.id()),
            _ => None,
        });
        let others: Vec<&str> = others.collect();
        let takers = match &others[..] {
            [] => message!("no model here does"),
            others => message!("these do: {names}", names = others.join(", ")),
        };
        let own: Vec<&str> = model.parameters().iter().map(|own| &*own.name).collect();
        let message = message!(
            "the model {id} (family {family}) does not take it; {takers}. This model takes {own}",
            id = model.id(),
            family = model.manifest().family,
            own = own.join(", ")
        );
        InvalidField::new(field, message.with("takers", takers))
    }

    /// A turn to unpack images.
    async fn decoder(&self) -> SemaphorePermit<'_> {
        let turn = self.inner.decoders.acquire().await;
        turn.expect("the semaphore is never closed")
    }

    /// Counts a failure by its reason on its way out.
    fn counted<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &result {
            let reason = match failure {
                Failure::Invalid(_) => "invalid",
                Failure::UnknownModel { .. } => "unknown_model",
                Failure::BrokenModel { .. } => "broken_model",
                Failure::Full { .. } => "queue_full",
                Failure::Draining { .. } => "draining",
                Failure::OutOfMemory { .. } => "out_of_memory",
                Failure::Deadline { .. } => "deadline",
                Failure::Cancelled => "cancelled",
                Failure::Internal { .. } => "internal",
            };
            self.inner.meters.rejected(reason);
        }
        result
    }
}

/// Runs what would hold up an async thread on a blocking one.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::Internal {
            reason: error.to_string(),
        })
}
