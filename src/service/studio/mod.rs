//! The whole engine behind one handle: models, gate, figures, and the use cases over them.

mod active;
mod advice;
mod chain;
mod deny;
mod encode;
mod examine;
mod files;
mod generate;
mod judging;
mod loading;
mod looking;
mod memory;
mod options;
mod reload;
mod score;
mod shutdown;
mod signing;
mod verify;
mod watermark;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use self::active::ActiveRequests;
pub use self::active::Occupied;
pub use self::chain::Upscaling;
pub use self::examine::Examined;
pub(super) use self::files::preview;
use self::loading::Pace;
pub use self::loading::{LoadProgress, Loading};
use self::memory::Shares;
pub use self::options::{JudgeOptions, StudioOptions, WatermarkOptions};
use self::reload::Repository;
pub use self::reload::{Change, Outcome};
pub use self::shutdown::Drained;
use super::catalogue::{Catalogue, ModelState, OpenError};
use super::deny::DenyList;
use super::failure::{Failure, SOON};
use super::gate::{Gate, GateOptions};
use super::meters::Meters;
use super::model::Model;
use super::request::{ChainModels, Generation, Limits, Signed, Signing, refused};
use crate::fields::{Draft, InvalidField, Parameter, Refusal, fields};
use crate::imaging::signing::Credentials;
use crate::imaging::verify::Trust;
use crate::memory::Budget;
use crate::message;
use crate::models::{Place, places};
use crate::runtime::{Engine, EngineOptions, Observer, default_threads};
use crate::safety::Judges;
use crate::trace::Trace;
use crate::watermark::Watermark;

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
    /// The deadline of requests that name none, and the longest that one may name.
    longest: Duration,
}

#[derive(Debug)]
struct Inner {
    // Fields are dropped in this order: graphs leave the pool before its workers stop.
    /// The models as they stand now. Requests keep the one that they began with.
    catalogue: RwLock<Arc<Catalogue>>,
    watermark: RwLock<Option<Watermark>>,
    /// Those who look at images before they leave, if any do.
    judges: Option<Arc<Judges>>,
    aliases: BTreeMap<String, String>,
    repository: Repository,
    engine: Engine,
    gate: Arc<Gate>,
    active: ActiveRequests,
    meters: Arc<Meters>,
    limits: Limits,
    credentials: RwLock<Option<Arc<Credentials>>>,
    trust: RwLock<Trust>,
    deny: RwLock<Arc<DenyList>>,
    memory: Shares,
    /// Bytes that the whole process should stay within.
    most_memory: Option<u64>,
    /// Bytes that graph calls and the models have together; endless until they are loaded.
    graphs: AtomicU64,
    pace: Mutex<Pace>,
    /// Images that are unpacked at the same time: as many as there are processors to do it.
    decoders: Semaphore,
    /// Turns to look at files for what they say.
    verifiers: Semaphore,
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
        let (studio, loading) = Self::start(options)?;
        loading.run()?;
        Ok(studio)
    }

    /// Loads ONNX Runtime and looks which models there are; they serve once [`Loading::run`] has come
    /// to them.
    ///
    /// # Errors
    /// [`OpenError`] as [`open`](Self::open), for what is known before a model is loaded.
    pub fn start(options: &StudioOptions) -> Result<(Self, Loading), OpenError> {
        let mut places = places(&options.models)?;
        let mut aliases = options.aliases.clone();
        let named = options.default_model.as_deref();
        // The only model is the default, and what it can't do is for whoever wants it to say.
        let only = options.only.as_deref();
        let only = only.map(|name| aliases.get(name).map_or(name, String::as_str).to_owned());
        if let Some(only) = &only {
            let known = places.iter().map(|place| place.id().to_owned()).collect();
            places.retain(|place| place.id() == only);
            if places.is_empty() {
                let model = only.clone();
                return Err(OpenError::UnknownModel { model, known });
            }
            aliases.retain(|_, model| model == only);
        }
        let named = named.filter(|_| only.is_none());
        let catalogue = Catalogue::loading(&places, named, aliases)?;
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
        let files = places.iter().map(Place::bytes).sum();
        let memory = Shares::before_models(options.memory, files);
        engine.bound_calls(memory.calls());
        let watermark = options.watermark.as_ref();
        let watermark = watermark
            .map(|watermark| Watermark::open(&engine, &watermark.folder, watermark.keys.clone()));
        let watermark = watermark.transpose()?;
        let judges = judging::open(&engine, &options.judges, &meters)?;
        let mut limits = options.limits.clone();
        limits.decode.budget = memory.decoding.clone();
        let gate = Gate::new(GateOptions {
            places: options.queue,
            workers: engine.workers(),
        });
        let studio = Self {
            longest: options.limits.deadline,
            inner: Arc::new(Inner {
                aliases: catalogue.aliases().clone(),
                repository: Repository::new(options.models.clone(), only),
                catalogue: RwLock::new(Arc::new(catalogue)),
                watermark: RwLock::new(watermark),
                judges,
                engine,
                gate,
                active: ActiveRequests::default(),
                meters,
                limits,
                credentials: RwLock::new(options.credentials.clone()),
                trust: RwLock::new(options.trust.clone()),
                deny: RwLock::new(Arc::new(options.deny.clone())),
                graphs: AtomicU64::new(u64::MAX),
                most_memory: options.memory,
                memory,
                pace: Mutex::new(Pace::of(places.len(), files)),
                decoders: Semaphore::new(default_threads()),
                // Fewer than may unpack: a crowd with large files to check would keep images waiting.
                verifiers: Semaphore::new(default_threads().div_ceil(2)),
                closing: CancellationToken::new(),
                withdrawn: AtomicBool::new(false),
            }),
        };
        let loading = Loading::of(&studio, places);
        Ok((studio, loading))
    }

    /// Shares out what the models have left, once they are loaded.
    fn settle_memory(&self) {
        let inner = &self.inner;
        inner.memory.settle_beside_models(inner.most_memory);
        let calls = inner.memory.calls();
        let judges = inner.judges.as_ref();
        let judges = judges.map_or(0, |judges| judges.session_bytes());
        let graphs = calls
            .saturating_add(self.catalogue().session_bytes())
            .saturating_add(judges);
        inner.graphs.store(graphs, Ordering::Relaxed);
        inner.engine.bound_calls(calls);
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
    /// [`Failure::UnknownModel`], [`Failure::BrokenModel`] or [`Failure::NoModel`].
    pub fn serving(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        self.counted(self.serving_now(id))
    }

    fn serving_now(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        let serving = self.catalogue().serving(id);
        serving.map_err(|failure| match failure {
            Failure::Loading { model, .. } => Failure::Loading {
                model,
                retry_after: self.loading().map_or(SOON, |progress| progress.left),
            },
            other => other,
        })
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

    /// Whether requests should be sent here: not before all models were tried, and not from the moment
    /// that a shutdown begins.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let catalogue = self.catalogue();
        !self.is_leaving() && catalogue.is_complete() && catalogue.default_model().is_some()
    }

    /// Whether a shutdown has begun.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.inner.withdrawn.load(Ordering::Relaxed) || !self.inner.gate.is_open()
    }

    /// The same engine for callers who aren't waiting: requests may take so long.
    #[must_use]
    pub fn patient(&self, longest: Duration) -> Self {
        Self {
            longest,
            ..self.clone()
        }
    }

    /// Validates a request.
    ///
    /// # Errors
    /// [`Failure::Invalid`], [`Failure::UnknownModel`] or [`Failure::BrokenModel`].
    pub async fn parse(&self, draft: Draft) -> Result<Arc<Generation>, Failure> {
        self.parse_signed(draft, Signed::AtOnce).await
    }

    /// The same, for callers who add something to the files before they are signed.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub async fn parse_signed(
        &self,
        draft: Draft,
        when: Signed,
    ) -> Result<Arc<Generation>, Failure> {
        let started = Instant::now();
        let parsed = self.parse_untraced(draft, when).await;
        let lasted = (started.elapsed(), Duration::ZERO);
        Trace::current().add("parse", lasted, Vec::new);
        parsed
    }

    async fn parse_untraced(&self, draft: Draft, when: Signed) -> Result<Arc<Generation>, Failure> {
        self.counted(self.permitted(&draft))?;
        let signing = self.credentials();
        let signing = signing.map(|credentials| Signing::of(&draft, credentials));
        let watermark = self.watermark();
        let model = self.serving(draft.model.as_deref())?;
        let further = ChainModels::find(&draft, &self.catalogue());
        let further = further.map_err(|fault| match self.loading() {
            // The one that is meant may be among those.
            Some(progress) => Failure::Loading {
                model: None,
                retry_after: progress.left,
            },
            None => refused(fault),
        });
        let further = self.counted(further)?;
        let limits = Limits {
            deadline: self.longest,
            ..self.inner.limits.clone()
        };
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
        let parsed = parsed.map(|generation| match watermark {
            Some(watermark) => generation.watermarked(watermark),
            None => generation,
        });
        let parsed = parsed.map(|generation| match &self.inner.judges {
            Some(judges) => generation.judged(judges),
            None => generation,
        });
        let parsed = parsed.map(|generation| match signing {
            Some(signing) => generation.signed(signing, when),
            None => generation,
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
            // The others were not looked at.
            [] if self.inner.repository.is_one_model() => message!("another model may"),
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

    /// A turn to look at a file for what it says.
    async fn verifier(&self) -> SemaphorePermit<'_> {
        let turn = self.inner.verifiers.acquire().await;
        turn.expect("the semaphore is never closed")
    }

    /// Counts a failure by its reason on its way out.
    fn counted<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &result {
            let reason = match failure {
                Failure::Invalid(_) => "invalid",
                Failure::Denied(_) => "denied",
                Failure::Flagged(_) => "flagged",
                Failure::UnknownModel { .. } => "unknown_model",
                Failure::NoModel { .. } => "no_model",
                Failure::BrokenModel { .. } => "broken_model",
                Failure::Full { .. } => "queue_full",
                Failure::Draining { .. } => "draining",
                Failure::Loading { .. } => "loading",
                Failure::OutOfMemory { .. } => "out_of_memory",
                Failure::Deadline { .. } => "deadline",
                Failure::Cancelled => "cancelled",
                Failure::NotFinite { .. } => "not_finite",
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
