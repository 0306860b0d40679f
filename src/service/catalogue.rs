//! The models of a repository as they stand after loading: those that serve, and those that do
//! not, with the reason.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::failure::Failure;
use super::model::Model;
use crate::families::LoadFailure;
use crate::models::nearest::among;
use crate::models::{Entry, Place, RepositoryError, Unusable};
use crate::runtime::{Engine, LibraryError, LoadError};
use crate::safety::JudgeError;
use crate::watermark::WatermarkError;

/// Why nothing can be served at all.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The pair of graphs that images were to be marked with.
    #[error("images can't be watermarked: {0}")]
    Watermark(#[from] WatermarkError),
    /// ONNX Runtime is missing or unusable.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A judge that images were to pass.
    #[error("{} can't judge images: {source}", .folder.display())]
    Judge {
        /// Its folder.
        folder: PathBuf,
        /// Why.
        source: Box<JudgeError>,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A provider was asked for by name and a model could not have it.
    #[error("the provider that was asked for cannot be had: {0}")]
    Provider(#[source] LoadError),
    /// The default model is not there or does not serve.
    #[error(
        "the default model {model:?} can't serve{}; these do: {}",
        why.as_ref().map(|why| format!(": {why}")).unwrap_or_default(), serving.join(", ")
    )]
    DefaultModel {
        /// The id that was asked for.
        model: String,
        /// Why it doesn't serve.
        why: Option<Box<Unserved>>,
        /// Those that serve.
        serving: Vec<String>,
    },
    /// The only model that was wanted is not there.
    #[error("there is no model {model:?}{}; the models are {}", among(model, known), known.join(", "))]
    UnknownModel {
        /// The id that was asked for.
        model: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A name for a model is the id of another.
    #[error("the alias {name:?} is a model's own id")]
    AliasTaken {
        /// The name.
        name: String,
    },
    /// A name for a model means none.
    #[error("the alias {name:?} means {model:?}, and the models are {}", known.join(", "))]
    AliasOfNone {
        /// The name.
        name: String,
        /// What it means.
        model: String,
        /// The models that there are.
        known: Vec<String>,
    },
}

/// A model as it stands.
#[derive(Debug, Clone)]
pub enum ModelState {
    /// It serves.
    Sound(Arc<Model>),
    /// It is still to be loaded.
    Loading {
        /// What requests call it.
        id: String,
        /// Where it is.
        path: PathBuf,
    },
    /// It does not.
    Broken {
        /// The folder's name.
        id: String,
        /// Where it is.
        path: PathBuf,
        /// Why, in a sentence for the person who described it.
        reason: Unserved,
    },
}

/// Why a model does not serve.
#[derive(Debug, Clone, Error)]
pub enum Unserved {
    /// Its folder is no model's.
    #[error(transparent)]
    Folder(#[from] Unusable),
    /// Its graphs can't be loaded.
    #[error(transparent)]
    Load(#[from] LoadFailure),
    /// It could not be opened as it was asked for.
    #[error(transparent)]
    Open(Arc<OpenError>),
}

impl ModelState {
    /// The model, if it serves.
    #[must_use]
    pub fn sound(&self) -> Option<&Arc<Model>> {
        match self {
            Self::Sound(model) => Some(model),
            Self::Loading { .. } | Self::Broken { .. } => None,
        }
    }

    /// The folder's name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Sound(model) => model.id(),
            Self::Loading { id, .. } | Self::Broken { id, .. } => id,
        }
    }
}

/// All models of a repository, sorted by id.
///
/// It never changes: what is loaded while requests run makes another one (`with`).
#[derive(Debug, Clone)]
pub struct Catalogue {
    states: Arc<[ModelState]>,
    default: Option<Arc<Model>>,
    /// The default model that the operator named.
    named: Option<String>,
    aliases: BTreeMap<String, String>,
}

impl Catalogue {
    /// Models of which none is loaded yet.
    ///
    /// # Errors
    /// [`OpenError`] when the default model is not among them, or an alias means nothing.
    pub(super) fn loading(
        places: &[Place],
        named: Option<&str>,
        aliases: BTreeMap<String, String>,
    ) -> Result<Self, OpenError> {
        let known = || places.iter().map(|place| place.id().to_owned());
        let is_known = |id: &str| places.iter().any(|place| place.id() == id);
        if let Some(model) = named.filter(|id| !is_known(id)) {
            return Err(OpenError::UnknownModel {
                model: model.to_owned(),
                known: known().collect(),
            });
        }
        for (name, model) in &aliases {
            let (name, model) = (name.clone(), model.clone());
            if is_known(&name) {
                return Err(OpenError::AliasTaken { name });
            }
            if !is_known(&model) {
                let known = known().collect();
                return Err(OpenError::AliasOfNone { name, model, known });
            }
        }
        let loading = |place: &Place| ModelState::Loading {
            id: place.id().to_owned(),
            path: place.path().to_owned(),
        };
        Ok(Self {
            states: places.iter().map(loading).collect(),
            default: None,
            named: named.map(str::to_owned),
            aliases,
        })
    }

    /// Whether each model was tried.
    pub(super) fn is_complete(&self) -> bool {
        let mut states = self.states.iter();
        !states.any(|state| matches!(state, ModelState::Loading { .. }))
    }

    /// Refuses to go on without the default model that the operator named.
    pub(super) fn check_default(&self) -> Result<(), OpenError> {
        match &self.named {
            Some(model) if self.default.is_none() => Err(OpenError::DefaultModel {
                model: model.clone(),
                why: self.states.iter().find_map(|state| match state {
                    ModelState::Broken { id, reason, .. } if id == model => {
                        Some(Box::new(reason.clone()))
                    }
                    _ => None,
                }),
                serving: sound(&self.states)
                    .map(|model| model.id().to_owned())
                    .collect(),
            }),
            _ => Ok(()),
        }
    }

    /// Bytes that its models hold while nothing runs.
    pub(super) fn session_bytes(&self) -> u64 {
        let graphs = sound(&self.states).flat_map(|model| model.graphs());
        graphs.map(|graph| graph.session_bytes).sum()
    }

    /// The same with another state of a model, or without it.
    pub(super) fn with(&self, id: &str, state: Option<ModelState>) -> Self {
        let others = self.states.iter().filter(|other| other.id() != id);
        let mut states: Vec<ModelState> = others.cloned().chain(state).collect();
        states.sort_by(|one, other| one.id().cmp(other.id()));
        Self {
            default: default_of(&states, self.named.as_deref()),
            states: states.into(),
            named: self.named.clone(),
            aliases: self.aliases.clone(),
        }
    }

    /// Other names of models, and the ids that they mean.
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.aliases
    }

    /// All models, sorted by id.
    pub fn states(&self) -> &Arc<[ModelState]> {
        &self.states
    }

    /// The model of that id or alias, whatever its state.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&ModelState> {
        let id = self.aliases.get(id).map_or(id, String::as_str);
        self.states.iter().find(|state| state.id() == id)
    }

    /// The model that is meant when none is named, wherever it is asked from: the one that the
    /// operator named, or the first (by id) that paints whatever words say, or the first that takes a
    /// prompt, or the first.
    #[must_use]
    pub fn default_model(&self) -> Option<&Arc<Model>> {
        self.default.as_ref()
    }

    /// The model of that id, or the default one, if it serves.
    pub(super) fn serving(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        let unknown = |model: &str| Failure::UnknownModel {
            model: model.to_owned(),
            known: self
                .states
                .iter()
                .map(|state| state.id().to_owned())
                .collect(),
        };
        // What is sent empty is left out.
        let Some(id) = id.filter(|id| !id.trim().is_empty()) else {
            return match &self.default {
                Some(model) => Ok(Arc::clone(model)),
                None if self.is_complete() && sound(&self.states).next().is_none() => {
                    let broken = self.states.len();
                    Err(Failure::NoModel { broken })
                }
                // The one that the operator named may have been taken away since.
                None => match self.named.as_deref() {
                    Some(named) => self.serving(Some(named)),
                    None => Err(Failure::loading(None)),
                },
            };
        };
        match self.state(id) {
            Some(ModelState::Sound(model)) => Ok(Arc::clone(model)),
            Some(ModelState::Loading { .. }) => Err(Failure::loading(Some(id))),
            Some(ModelState::Broken { .. }) => Err(Failure::BrokenModel {
                model: id.to_owned(),
            }),
            // Another name would do no better.
            None if self.states.is_empty() => Err(Failure::NoModel { broken: 0 }),
            None => Err(unknown(id)),
        }
    }
}

fn sound(states: &[ModelState]) -> impl Iterator<Item = &Arc<Model>> {
    states.iter().filter_map(ModelState::sound)
}

/// The named one, or else the one that a first request most likely means, which is a prompt about
/// anything at all. Which that is, is known when all are loaded: what a request means must not depend on
/// when it came.
fn default_of(states: &[ModelState], named: Option<&str>) -> Option<Arc<Model>> {
    let sound = || sound(states);
    let is_loading = |state: &ModelState| matches!(state, ModelState::Loading { .. });
    // The first that reads any prompt is the one, whatever comes behind it.
    let certain = states.iter().take_while(|state| !is_loading(state));
    let certain = certain.filter_map(ModelState::sound);
    let mut certain = certain.filter(|model| model.reads_any_prompt());
    let loading = states.iter().any(is_loading);
    let default = match named {
        Some(id) => sound().find(|model| model.id() == id),
        None if loading => certain.next(),
        None => sound()
            .find(|model| model.reads_any_prompt())
            .or_else(|| sound().find(|model| model.parameter("prompt").is_some()))
            .or_else(|| sound().next()),
    };
    default.cloned()
}

pub(super) fn state(engine: &Engine, entry: Entry) -> Result<ModelState, OpenError> {
    let folder = match entry {
        Entry::Broken { id, path, reason } => {
            let reason = Unserved::Folder(reason);
            return Ok(ModelState::Broken { id, path, reason });
        }
        Entry::Sound(folder) => folder,
    };
    let (id, path) = (folder.id.clone(), folder.path.clone());
    match Model::load(engine, folder) {
        Ok(model) => Ok(ModelState::Sound(Arc::new(model))),
        // Nobody who asked for CUDA by name wants to learn from the bill that it was the CPU.
        Err(LoadFailure::Graph(error @ LoadError::Provider { .. })) => {
            Err(OpenError::Provider(error))
        }
        Err(failure) => {
            let reason = Unserved::Load(failure);
            Ok(ModelState::Broken { id, path, reason })
        }
    }
}
