//! Reading the repository again while requests run.
//!
//! New requests find the new models; those that run have the model that they began with, and its
//! graphs go when the last of them has ended. A folder that can't serve any more leaves its model as it
//! is: what serves is never given up for what doesn't.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::memory::Shares;
use super::{Studio, blocking};
use crate::models::{Entry, open_one, open_repository};
use crate::service::catalogue::{ModelState, Unserved, state};
use crate::service::failure::Failure;

/// The folder of models, and which of them are not wanted.
#[derive(Debug)]
pub(super) struct Repository {
    folder: PathBuf,
    /// The only model that is wanted, if one alone is.
    only: Option<String>,
    unloaded: Mutex<BTreeSet<String>>,
    /// Held while the models change, so that no change overtakes another.
    changing: Arc<tokio::sync::Mutex<()>>,
}

/// What became of a model when its folder was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub model: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What can become of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It serves as it did: its files are the same.
    Unchanged,
    /// It serves from its folder as that is now.
    Loaded {
        /// The digest of what serves.
        digest: String,
    },
    /// Its folder can't serve, and what served before goes on.
    Kept {
        /// What is wrong with the folder.
        reason: String,
    },
    /// It can't serve, and nothing did before.
    Broken {
        /// What is wrong with the folder.
        reason: String,
    },
    /// It serves no more.
    Unloaded,
}

impl Repository {
    /// Whether one model alone was loaded, whatever others there are.
    pub(super) fn is_one_model(&self) -> bool {
        self.only.is_some()
    }

    pub(super) fn new(folder: PathBuf, only: Option<String>) -> Self {
        Self {
            folder,
            only,
            unloaded: Mutex::default(),
            changing: Arc::default(),
        }
    }

    /// Held while the models change.
    pub(super) fn changing(&self) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(&self.changing)
    }

    fn unloaded<T>(&self, act: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        act(&mut self.unloaded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn entries(&self, id: Option<&str>) -> Result<Vec<Entry>, Failure> {
        let entries = match id.or(self.only.as_deref()) {
            Some(id) => open_one(&self.folder, id).map(|entry| entry.into_iter().collect()),
            None => open_repository(&self.folder),
        };
        entries.map_err(|error| Failure::Internal {
            reason: error.to_string(),
        })
    }
}

impl Studio {
    /// Reads the whole repository again: loads what is new or has changed, and lets go of what is gone.
    /// Models that were unloaded stay so.
    ///
    /// # Errors
    /// The repository can't be read.
    pub async fn reload_all(&self) -> Result<Vec<Change>, Failure> {
        let studio = self.clone();
        self.change(move || {
            let unloaded = studio
                .inner
                .repository
                .unloaded(|unloaded| unloaded.clone());
            let entries = studio.inner.repository.entries(None)?;
            let found: BTreeSet<String> =
                entries.iter().map(|entry| entry.id().to_owned()).collect();
            let wanted = entries
                .into_iter()
                .filter(|entry| !unloaded.contains(entry.id()));
            let mut changes: Vec<Change> = wanted.map(|entry| studio.take(entry)).collect();
            for state in &*studio.models() {
                if !found.contains(state.id()) {
                    changes.push(studio.let_go(state.id()));
                }
            }
            Ok(changes)
        })
        .await
    }

    /// Loads a model's folder as it is now, whether or not the model serves already.
    ///
    /// # Errors
    /// [`Failure::UnknownModel`] where there is no such folder, and the repository can't be read.
    pub async fn load(&self, id: &str) -> Result<Change, Failure> {
        let (studio, id) = (self.clone(), self.own_id(id));
        self.change(move || {
            let entry = studio.inner.repository.entries(Some(&id))?.pop();
            let Some(entry) = entry.filter(|entry| entry.id() == id) else {
                return match studio.model(&id) {
                    Some(_) => Ok(studio.let_go(&id)),
                    None => Err(studio.unknown(&id)),
                };
            };
            studio
                .inner
                .repository
                .unloaded(|unloaded| unloaded.remove(&id));
            Ok(studio.take(entry))
        })
        .await
    }

    /// Loads all models that were unloaded.
    ///
    /// # Errors
    /// As [`load`](Self::load); the models before it are loaded all the same.
    pub async fn load_unloaded(&self) -> Result<Vec<Change>, Failure> {
        let unloaded = self.inner.repository.unloaded(|unloaded| unloaded.clone());
        let mut changes = Vec::new();
        for id in unloaded {
            changes.push(self.load(&id).await?);
        }
        Ok(changes)
    }

    /// Lets go of a model: it takes no more requests, and those that run end first.
    ///
    /// # Errors
    /// [`Failure::UnknownModel`].
    pub async fn unload(&self, id: &str) -> Result<Change, Failure> {
        let (studio, id) = (self.clone(), self.own_id(id));
        self.change(move || {
            if studio.model(&id).is_none() {
                return Err(studio.unknown(&id));
            }
            studio
                .inner
                .repository
                .unloaded(|unloaded| unloaded.insert(id.clone()));
            Ok(studio.let_go(&id))
        })
        .await
    }

    /// One change after the other, beside the async threads: reading and proving a model takes long.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let _turn = self.inner.repository.changing.lock().await;
        blocking(change).await?
    }

    fn take(&self, entry: Entry) -> Change {
        let model = entry.id().to_owned();
        let served = match self.model(&model) {
            Some(ModelState::Sound(served)) => Some(served),
            _ => None,
        };
        if let (Some(served), Entry::Sound(folder)) = (&served, &entry)
            && served.digest() == folder.digest
        {
            let outcome = Outcome::Unchanged;
            return Change { model, outcome };
        }
        let path = match &entry {
            Entry::Sound(folder) => folder.path.clone(),
            Entry::Broken { path, .. } => path.clone(),
        };
        let loaded = state(&self.inner.engine, entry).unwrap_or_else(|error| ModelState::Broken {
            id: model.clone(),
            path,
            reason: Unserved::Open(Arc::new(error)),
        });
        let outcome = match (&loaded, &served) {
            (ModelState::Loading { .. }, _) => Outcome::Unchanged,
            (ModelState::Sound(new), _) => {
                let digest = new.digest().to_owned();
                tracing::info!(model, digest, "a model was loaded");
                Outcome::Loaded { digest }
            }
            (ModelState::Broken { reason, .. }, Some(_)) => {
                tracing::warn!(
                    model,
                    %reason,
                    "a model's folder can't serve; what served goes on"
                );
                let reason = reason.to_string();
                let outcome = Outcome::Kept { reason };
                return Change { model, outcome };
            }
            (ModelState::Broken { reason, .. }, None) => {
                tracing::warn!(model, %reason, "a model cannot serve");
                Outcome::Broken {
                    reason: reason.to_string(),
                }
            }
        };
        self.put(&model, Some(loaded));
        Change { model, outcome }
    }

    fn let_go(&self, id: &str) -> Change {
        tracing::info!(model = id, "a model was let go");
        self.put(id, None);
        Change {
            model: id.to_owned(),
            outcome: Outcome::Unloaded,
        }
    }

    /// Puts a model's state in the place of the one that it had. Several loaders may do so at a time, so
    /// the next catalogue is made of the present one under the lock.
    pub(super) fn put(&self, id: &str, state: Option<ModelState>) {
        let now = self.inner.catalogue.write();
        let mut now = now.unwrap_or_else(PoisonError::into_inner);
        let next = Arc::new(now.with(id, state));
        // Models that came have taken memory from the calls, and those that go give it back.
        let graphs = self.inner.graphs.load(Ordering::Relaxed);
        if graphs != u64::MAX {
            let calls = Shares::calls_beside(graphs, next.session_bytes());
            self.inner.engine.bound_calls(calls);
        }
        let before = std::mem::replace(&mut *now, next);
        drop(now);
        // After the lock is gone: closing sessions takes long.
        drop(before);
    }

    /// The id that an alias stands for.
    fn own_id(&self, name: &str) -> String {
        self.aliases()
            .get(name)
            .map_or(name, String::as_str)
            .to_owned()
    }

    fn unknown(&self, id: &str) -> Failure {
        let known = self.models();
        Failure::UnknownModel {
            model: id.to_owned(),
            known: known.iter().map(|state| state.id().to_owned()).collect(),
        }
    }
}
