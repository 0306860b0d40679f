//! Loading the models of a repository while the service runs.
//!
//! A model serves as soon as it is loaded, whatever else is still to be. One loader begins with the
//! largest, which would else be waited for when all others are done, and the others with the smallest,
//! so that a large model keeps no small one waiting.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::Studio;
use crate::models::Place;
use crate::service::catalogue::{ModelState, OpenError, state};

/// What a model costs however small it is, in bytes that would take as long.
const EACH: u64 = 16 << 20;
/// Bytes a second, until some were loaded: reading, opening and proving of a large graph.
const USUAL_PACE: u64 = 100 << 20;

/// The models that are still to be loaded.
#[derive(Debug)]
#[must_use = "nothing serves before it has run"]
pub struct Loading {
    studio: Studio,
    places: Vec<Place>,
    /// No model changes in any other way meanwhile.
    turn: OwnedMutexGuard<()>,
}

/// How far loading is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadProgress {
    /// The models that are still to be loaded, sorted by id.
    pub waiting: Vec<String>,
    /// How long it should still take.
    pub left: Duration,
}

/// What was loaded of how much, in bytes of files.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    done: u64,
    all: u64,
}

impl Pace {
    /// Of so many models, whose files have so many bytes.
    pub(super) fn of(models: usize, files: u64) -> Self {
        Self {
            since: Instant::now(),
            done: 0,
            all: files.saturating_add(EACH.saturating_mul(models as u64)),
        }
    }

    /// At the pace so far, or a usual one where nothing is done yet.
    fn left(&self) -> Duration {
        let (done, took) = (self.done, self.since.elapsed());
        let rest = self.all.saturating_sub(done);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let left = match done {
            0 => Duration::from_secs_f64(rest as f64 / USUAL_PACE as f64).saturating_sub(took),
            _ => took.mul_f64(rest as f64 / done as f64),
        };
        left.max(Duration::from_secs(1))
    }
}

fn weight(place: &Place) -> u64 {
    place.bytes().saturating_add(EACH)
}

impl Loading {
    pub(super) fn of(studio: &Studio, places: Vec<Place>) -> Self {
        let changing = studio.inner.repository.changing();
        Self {
            studio: studio.clone(),
            places,
            turn: changing.try_lock_owned().expect("nobody else knows it yet"),
        }
    }

    /// Loads one after the other on as many threads as calls run on later; blocks until all were
    /// tried. A broken model stops no other.
    ///
    /// # Errors
    /// [`OpenError`] when the default model can't serve, or a provider was asked for by name and is
    /// missing.
    pub fn run(self) -> Result<(), OpenError> {
        let Self {
            studio,
            places,
            turn: _turn,
        } = self;
        let mut places: Vec<(u64, Place)> = places
            .into_iter()
            .map(|place| (weight(&place), place))
            .collect();
        places.sort_by_key(|(weight, _)| *weight);
        let waiting = Mutex::new(VecDeque::from(places));
        let is_alone = studio.workers() == 1;
        let load = |largest_first: bool| -> Result<(), OpenError> {
            let next = || match (&mut lock(&waiting), largest_first) {
                (waiting, true) => waiting.pop_back(),
                (waiting, false) => waiting.pop_front(),
            };
            while let Some((weight, place)) = next() {
                studio.load_place(place, weight).inspect_err(|_| {
                    // Nothing will be served, so the rest need not be loaded.
                    lock(&waiting).clear();
                })?;
            }
            Ok(())
        };
        thread::scope(|scope| {
            let loaders = 0..studio.workers();
            let load = &load;
            let loaders: Vec<_> = loaders
                .map(|loader| scope.spawn(move || load(loader == 0 && !is_alone)))
                .collect();
            let ended = loaders.into_iter().map(|loader| {
                let ended = loader.join();
                ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            ended.collect::<Result<Vec<()>, OpenError>>()
        })?;
        studio.settle_memory();
        studio.catalogue().check_default()
    }
}

impl Studio {
    fn load_place(&self, place: Place, weight: u64) -> Result<(), OpenError> {
        let began = Instant::now();
        let id = place.id().to_owned();
        let state = state(&self.inner.engine, place.open())?;
        if let ModelState::Sound(model) = &state {
            let ms = began.elapsed().as_millis();
            tracing::info!(model = model.id(), ms, "loaded");
        }
        self.put(&id, Some(state));
        lock(&self.inner.pace).done += weight;
        Ok(())
    }

    /// How far loading is; none once all models were tried.
    #[must_use]
    pub fn loading(&self) -> Option<LoadProgress> {
        let models = self.models();
        let waiting: Vec<String> = models
            .iter()
            .filter(|state| matches!(state, ModelState::Loading { .. }))
            .map(|state| state.id().to_owned())
            .collect();
        (!waiting.is_empty()).then(|| LoadProgress {
            waiting,
            left: lock(&self.inner.pace).left(),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_follows_the_pace_so_far() {
        let mut pace = Pace {
            since: Instant::now(),
            done: 0,
            all: 10 * USUAL_PACE,
        };
        assert_eq!(pace.left(), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(pace.left(), Duration::from_secs(1), "it can't be known");
        pace.done = 6 * USUAL_PACE;
        assert_eq!(pace.left(), Duration::from_secs(20));
    }
}
