//! What is being painted for whom, so that a caller can ask how far it is and stop it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tokio::time::Instant;

use crate::http::error::Problem;
use crate::service::{self, Advance, Event, Failure, GeneratedImage, Watched};

/// Who asks: whoever holds the same key; without keys, whoever shares an address (as a proxy that the
/// operator trusts tells it) and an `Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    id: u64,
    authorization: Option<HeaderValue>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let caller = service::Caller::current();
        let given = parts.headers.get(AUTHORIZATION);
        Ok(Self {
            id: caller.id(),
            // A key is one caller's, in whichever way it is sent.
            authorization: given.filter(|_| caller.name().is_none()).cloned(),
        })
    }
}

/// All jobs of this dialect, the oldest first; as many as the gate has admitted at most.
#[derive(Debug, Clone, Default)]
pub(super) struct Jobs(Arc<Mutex<Vec<Arc<Job>>>>);

/// One request under way.
#[derive(Debug)]
pub(super) struct Job {
    caller: Caller,
    /// The first generation's id.
    pub(super) id: String,
    /// Its images.
    pub(super) count: usize,
    pub(super) started: Instant,
    state: Mutex<State>,
}

/// How far it is.
#[derive(Debug, Default, Clone)]
pub(super) struct State {
    /// Steps by image: those that are over, and all.
    steps: BTreeMap<Option<usize>, (usize, usize)>,
    pub(super) step: usize,
    pub(super) of: usize,
    pub(super) finished: usize,
    /// The last image that was finished.
    pub(super) last: Option<Vec<u8>>,
    pub(super) skipped: bool,
    pub(super) interrupted: bool,
    /// The generation that is under way, where it isn't the first.
    current: Option<String>,
    /// Generations behind it, and ahead of it.
    passes: (usize, usize),
}

/// A job that ends when this is dropped, also because its caller has left.
#[derive(Debug)]
pub(super) struct JobGuard {
    jobs: Jobs,
    pub(super) job: Arc<Job>,
}

impl Jobs {
    pub(super) fn enter(&self, caller: Caller, id: &str, count: usize) -> JobGuard {
        let job = Arc::new(Job {
            caller,
            id: id.to_owned(),
            count,
            started: Instant::now(),
            state: Mutex::default(),
        });
        self.all().push(Arc::clone(&job));
        JobGuard {
            jobs: self.clone(),
            job,
        }
    }

    /// The caller's oldest job.
    pub(super) fn of(&self, caller: &Caller) -> Option<Arc<Job>> {
        let all = self.all();
        all.iter().find(|job| job.caller == *caller).cloned()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobGuard {
    /// Goes on with another generation, and follows it.
    ///
    /// # Errors
    /// As [`follow`](Self::follow).
    pub(super) async fn go_on(&self, watched: Watched) -> Result<Vec<GeneratedImage>, Problem> {
        self.job.goes_on(watched.id());
        self.follow(watched).await
    }

    /// The images, in their order; those that are finished if the caller interrupts.
    ///
    /// # Errors
    /// The [`Problem`] that kept them from being made.
    pub(super) async fn follow(
        &self,
        mut watched: Watched,
    ) -> Result<Vec<GeneratedImage>, Problem> {
        let mut images = Vec::new();
        while let Some(event) = watched.next().await {
            match event {
                Event::Queued(_) | Event::Done(_) => {}
                Event::Progress(advance) => self.job.advanced(&advance),
                Event::Image { index, image } => {
                    self.job.finished(&image.bytes);
                    images.push((index, image));
                }
                Event::Failed(failure) => {
                    if !(self.job.is_stopped() && failure == Failure::Cancelled) {
                        return Err(failure.into());
                    }
                }
            }
        }
        images.sort_by_key(|&(index, _)| index);
        Ok(images.into_iter().map(|(_, image)| image).collect())
    }
}

impl Drop for JobGuard {
    fn drop(&mut self) {
        let id = &self.job.id;
        self.jobs.all().retain(|job| job.id != *id);
    }
}

impl Job {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the generation that is under way.
    pub(super) fn current(&self) -> String {
        self.state()
            .current
            .clone()
            .unwrap_or_else(|| self.id.clone())
    }

    /// Says that so many more generations, of an image each, follow the first.
    pub(super) fn will_go_on(&self, generations: usize) {
        self.state().passes.1 = generations;
    }

    /// Goes on with another generation.
    fn goes_on(&self, id: &str) {
        let mut state = self.state();
        state.current = Some(id.to_owned());
        state.steps.clear();
        let (behind, ahead) = state.passes;
        state.passes = (behind + 1, ahead.saturating_sub(1));
    }

    /// Whether the caller has stopped it.
    pub(super) fn is_stopped(&self) -> bool {
        let state = self.state();
        state.interrupted || state.skipped
    }

    pub(super) fn advanced(&self, advance: &Advance) {
        let mut state = self.state();
        (state.step, state.of) = (advance.step, advance.of);
        state
            .steps
            .insert(advance.image, (advance.step, advance.of));
    }

    pub(super) fn finished(&self, file: &[u8]) {
        let mut state = self.state();
        state.finished += 1;
        state.last = Some(file.to_vec());
    }

    /// From 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        let state = self.state();
        let share = |&(step, of): &(usize, usize)| step as f64 / of.max(1) as f64;
        let together = state.steps.get(&None).map(share);
        let each: f64 = state.steps.values().map(share).sum();
        let (behind, ahead) = state.passes;
        let images = if behind == 0 { self.count.max(1) } else { 1 };
        let share = together.unwrap_or(each / images as f64).clamp(0.0, 1.0);
        (behind as f64 + share) / (behind + 1 + ahead) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(name: &str) -> Caller {
        Caller {
            id: 1,
            authorization: HeaderValue::from_str(name).ok(),
        }
    }

    #[tokio::test]
    async fn callers_see_their_own_jobs_while_they_last() {
        let jobs = Jobs::default();
        let first = jobs.enter(caller("a"), "1", 1);
        let second = jobs.enter(caller("a"), "2", 1);
        let seen = |name: &str| jobs.of(&caller(name)).map(|job| job.id.clone());
        assert_eq!(seen("a").as_deref(), Some("1"));
        assert_eq!(seen("b"), None);
        drop(first);
        assert_eq!(seen("a").as_deref(), Some("2"));
        drop(second);
        assert_eq!(seen("a"), None);
    }

    #[tokio::test]
    async fn progress_counts_what_follows_the_first_generation() {
        let guard = Jobs::default().enter(caller("a"), "1", 2);
        guard.job.will_go_on(2);
        let advance = |step| Advance {
            image: Some(0),
            step,
            of: 4,
            preview: None,
        };
        guard.job.advanced(&advance(4));
        assert!((guard.job.progress() - 0.5 / 3.0).abs() < 1e-9);
        guard.job.goes_on("2");
        assert_eq!(guard.job.current(), "2");
        guard.job.advanced(&advance(2));
        assert!((guard.job.progress() - 1.5 / 3.0).abs() < 1e-9);
        guard.job.goes_on("3");
        guard.job.advanced(&advance(4));
        assert_eq!(guard.job.progress(), 1.0);
    }

    #[tokio::test]
    async fn progress_counts_all_images() {
        let guard = Jobs::default().enter(caller("a"), "1", 2);
        let advance = |image, step| Advance {
            image,
            step,
            of: 4,
            preview: None,
        };
        assert_eq!(guard.job.progress(), 0.0);
        guard.job.advanced(&advance(Some(0), 4));
        guard.job.advanced(&advance(Some(1), 2));
        assert_eq!(guard.job.progress(), 0.75);
        guard.job.advanced(&advance(None, 1));
        assert_eq!(guard.job.progress(), 0.25);
    }
}
