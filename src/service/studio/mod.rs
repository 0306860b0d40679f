//! The whole engine behind one handle: models, gate, figures, and the use cases over them.

mod files;
mod house;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use self::files::files;
use self::house::House;
use super::answer::{Encoded, Generated, Timings};
use super::catalogue::{Catalogue, ModelState, OpenError};
use super::draft::{Draft, EncodeDraft};
use super::failure::{Failure, Invalid};
use super::gate::{Gate, GateOptions, Refusal};
use super::meters::Meters;
use super::model::Model;
use super::parameter::Parameter;
use super::request::{Generation, Limits, every_class, open_image, refused, sized};
use crate::families::{self, Progress, Unwatched};
use crate::runtime::{Engine, EngineOptions, Observer, Provider, default_threads};

/// When to come back to a server that is shutting down: another one should answer by then.
const RETRY_WHEN_DRAINING: Duration = Duration::from_secs(1);

/// How the studio is set up.
#[derive(Debug, Clone)]
pub struct StudioOptions {
    /// The model repository.
    pub models: PathBuf,
    /// ONNX Runtime's library; looked for when absent.
    pub library: Option<PathBuf>,
    /// Where graphs run.
    pub provider: Provider,
    /// Calls that may run at the same time.
    pub workers: usize,
    /// Threads of ONNX Runtime's pool, shared by all calls.
    pub threads: usize,
    /// Requests that may be in the house.
    pub queue: usize,
    /// The model that is meant when none is named.
    pub default_model: Option<String>,
    /// Bounds on a request.
    pub limits: Limits,
}

impl Default for StudioOptions {
    fn default() -> Self {
        let engine = EngineOptions::default();
        Self {
            models: PathBuf::from("onnx"),
            library: None,
            provider: Provider::Auto,
            workers: default_threads(),
            threads: engine.threads,
            queue: 256,
            default_model: None,
            limits: Limits::default(),
        }
    }
}

/// How a shutdown went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Requests that were still in the house at the deadline, and were cancelled.
    pub cancelled: usize,
}

/// The engine; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Studio {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // Fields are dropped in this order: graphs leave the pool before its workers stop.
    catalogue: Catalogue,
    engine: Engine,
    gate: Arc<Gate>,
    meters: Arc<Meters>,
    limits: Limits,
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
            workers: options.workers,
            threads: options.threads,
            observer,
        })?;
        let catalogue =
            Catalogue::open(&engine, &options.models, options.default_model.as_deref())?;
        let gate = Gate::new(GateOptions {
            places: options.queue,
            workers: engine.workers(),
        });
        Ok(Self {
            inner: Arc::new(Inner {
                catalogue,
                engine,
                gate,
                meters,
                limits: options.limits.clone(),
                closing: CancellationToken::new(),
                withdrawn: AtomicBool::new(false),
            }),
        })
    }

    /// All models, sorted by id, the broken ones too.
    #[must_use]
    pub fn models(&self) -> &[ModelState] {
        self.inner.catalogue.states()
    }

    /// What requests for a model may hold, within the operator's bounds.
    #[must_use]
    pub fn parameters(&self, model: &Model) -> Vec<Parameter> {
        let most = self.inner.limits.images;
        let all = model.parameters().iter().cloned();
        all.map(|parameter| parameter.within(most)).collect()
    }

    /// The model of that id, whatever its state.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&ModelState> {
        self.inner.catalogue.state(id)
    }

    /// The model that is meant when none is named.
    #[must_use]
    pub fn default_model(&self) -> Option<&Arc<Model>> {
        self.inner.catalogue.default_model()
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

    /// Requests in the house.
    #[must_use]
    pub fn in_house(&self) -> usize {
        self.inner.gate.in_house()
    }

    /// Rows that wait for a worker now, for whichever graph.
    #[must_use]
    pub fn rows_waiting(&self) -> usize {
        self.inner.engine.waiting()
    }

    /// Whether requests should be sent here: false from the moment that a shutdown begins.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let leaving = self.inner.withdrawn.load(Ordering::Relaxed) || !self.inner.gate.is_open();
        !leaving && self.inner.catalogue.default_model().is_some()
    }

    /// Validates a request.
    ///
    /// # Errors
    /// [`Failure::Invalid`], [`Failure::UnknownModel`] or [`Failure::BrokenModel`].
    pub async fn parse(&self, draft: Draft) -> Result<Generation, Failure> {
        let model = self.inner.catalogue.serving(draft.model.as_deref());
        let model = self.counted(model)?;
        let limits = self.inner.limits.clone();
        let parsed = if carries_picture(&draft) {
            // Decoding a picture takes longer than an async thread should be held.
            let parse = move || Generation::parse(&draft, model, &limits);
            blocking(parse).await?
        } else {
            Generation::parse(&draft, model, &limits)
        };
        self.counted(parsed.map_err(refused))
    }

    /// Paints, and makes files of the pictures.
    ///
    /// # Errors
    /// [`Failure`]: refused at the gate, past the deadline, or failed.
    pub async fn generate(&self, generation: Generation) -> Result<Generated, Failure> {
        self.generate_watched(generation, &Unwatched).await
    }

    /// [`generate`](Self::generate), with somebody watching.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub async fn generate_watched(
        &self,
        generation: Generation,
        progress: &dyn Progress,
    ) -> Result<Generated, Failure> {
        let started = Instant::now();
        let model = Arc::clone(generation.model());
        let cost = model.cost(generation.order());
        let deadline = generation.deadline();
        let house = self.admit(cost, deadline)?;
        let painting = model.program().paint(generation.order(), progress);
        let painted = self.within(started, deadline, painting).await?;
        let time = painted
            .iter()
            .map(|painted| painted.time)
            .max_by_key(|time| time.queued + time.inference)
            .unwrap_or_default();

        let encoding = Instant::now();
        let warnings = generation.warnings().to_vec();
        let images = self.counted(files(generation, painted).await)?;
        let encode = encoding.elapsed();
        self.inner.meters.encoded(model.id(), images.len(), encode);
        drop(house);
        Ok(Generated {
            id: uuid::Uuid::new_v4().to_string(),
            created: SystemTime::now(),
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            images,
            timings: Timings {
                queue: time.queued,
                inference: time.inference,
                encode,
                total: started.elapsed(),
            },
            warnings,
        })
    }

    /// Finds what a picture is in a model's latent space.
    ///
    /// # Errors
    /// [`Failure`], as for [`generate`](Self::generate).
    pub async fn encode(&self, draft: EncodeDraft) -> Result<Encoded, Failure> {
        let started = Instant::now();
        let model = self.counted(self.encoder(draft.model.as_deref()))?;
        let classes = every_class(&model, draft.class.as_ref());
        let classes = self.counted(classes.map_err(refused))?;
        let limits = self.inner.limits.clone();
        let deadline = draft
            .deadline
            .unwrap_or(limits.deadline)
            .min(limits.deadline);
        let house = self.admit(Duration::ZERO, deadline)?;
        let opening = {
            let model = Arc::clone(&model);
            move || {
                let mut warnings = Vec::new();
                let picture = open_image("image", &draft.image, &limits.decode)?;
                let picture = sized("image", &picture, &model, &mut warnings);
                Ok::<_, Invalid>((picture, warnings))
            }
        };
        let (picture, warnings) = self.counted(blocking(opening).await?.map_err(refused))?;
        let encoding = model.program().encode(&picture, &classes);
        let encoding = self.within(started, deadline, encoding).await?;
        drop(house);
        let latent = model.manifest().latent.as_ref();
        Ok(Encoded {
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            mean: encoding.mean,
            log_variance: encoding.log_variance,
            shape: latent
                .map(|latent| latent.shape.clone())
                .unwrap_or_default(),
            timings: Timings {
                queue: encoding.time.queued,
                inference: encoding.time.inference,
                encode: Duration::ZERO,
                total: started.elapsed(),
            },
            warnings,
        })
    }

    /// Turns [`is_ready`](Self::is_ready) false and goes on as before: load balancers that poll need
    /// a while to look elsewhere, and what they send until then should be served.
    pub fn withdraw(&self) {
        self.inner.withdrawn.store(true, Ordering::Relaxed);
    }

    /// Refuses new requests from now on; [`is_ready`](Self::is_ready) turns false.
    pub fn close(&self) {
        self.inner.gate.close();
    }

    /// Closes, waits for those in the house, and at the deadline cancels what is left.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.close();
        let emptied = tokio::time::timeout(deadline, self.inner.gate.empty()).await;
        if emptied.is_ok() {
            return Drained { cancelled: 0 };
        }
        let cancelled = self.in_house();
        self.inner.closing.cancel();
        self.inner.gate.empty().await;
        Drained { cancelled }
    }

    /// The model that is asked to encode: the named one, or the first that can.
    fn encoder(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        let sound = self.models().iter().filter_map(|state| match state {
            ModelState::Sound(model) if model.traits().encodes => Some(model),
            _ => None,
        });
        let encoders: Vec<&Arc<Model>> = sound.collect();
        let names = || {
            let names: Vec<&str> = encoders.iter().map(|model| model.id()).collect();
            if names.is_empty() {
                "no model here has one".to_owned()
            } else {
                format!("these have one: {}", names.join(", "))
            }
        };
        let Some(id) = id else {
            return encoders
                .first()
                .map(|&model| Arc::clone(model))
                .ok_or_else(|| {
                    Invalid::new(
                        "model",
                        format!("encoding needs an encoder, and {}", names()),
                    )
                    .into()
                });
        };
        let model = self.inner.catalogue.serving(Some(id))?;
        if model.traits().encodes {
            return Ok(model);
        }
        Err(Invalid::new("model", format!("{id} has no encoder; {}", names())).into())
    }

    fn admit(&self, cost: Duration, deadline: Duration) -> Result<House<'_>, Failure> {
        let permit = self
            .inner
            .gate
            .admit(cost, deadline)
            .map_err(|refusal| match refusal {
                Refusal::Places { retry_after } => {
                    self.inner.meters.rejected("queue_full");
                    Failure::Full { retry_after }
                }
                Refusal::Work { retry_after } => {
                    self.inner.meters.rejected("too_much_work");
                    Failure::Full { retry_after }
                }
                Refusal::Draining => {
                    self.inner.meters.rejected("draining");
                    draining()
                }
            })?;
        Ok(House::enter(self, permit))
    }

    /// Awaits a family's work until the deadline, or until a shutdown loses patience.
    async fn within<T>(
        &self,
        started: Instant,
        deadline: Duration,
        work: impl Future<Output = Result<T, families::Failure>>,
    ) -> Result<T, Failure> {
        let outcome = tokio::select! {
            outcome = timeout_at(started + deadline, work) => outcome,
            () = self.inner.closing.cancelled() => return self.counted(Err(draining())),
        };
        self.counted(match outcome {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(failure)) => Err(Failure::Internal {
                reason: failure.to_string(),
            }),
            Err(_elapsed) => Err(Failure::Deadline { deadline }),
        })
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
                Failure::Deadline { .. } => "deadline",
                Failure::Internal { .. } => "internal",
            };
            self.inner.meters.rejected(reason);
        }
        result
    }
}

fn draining() -> Failure {
    Failure::Draining {
        retry_after: RETRY_WHEN_DRAINING,
    }
}

fn carries_picture(draft: &Draft) -> bool {
    use super::draft::Endpoint;
    let walk = draft.interpolate.as_ref();
    let ends = walk.map(|walk| [&walk.from, &walk.to]);
    draft.image.is_some()
        || ends.is_some_and(|ends| ends.iter().any(|end| matches!(end, Endpoint::Image(_))))
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
