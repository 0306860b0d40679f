//! What is being painted for whom, so that a caller can ask how far it is and stop it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use tokio::time::Instant;

use crate::http::error::Problem;
use crate::message;
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

/// Tasks that are over of which it is known still that they were there, of all callers together.
const MOST_OVER: usize = 1000;
/// Bytes of a task's id.
const LONGEST_TASK: usize = 256;

/// All jobs of this dialect.
#[derive(Debug, Clone, Default)]
pub(super) struct Jobs(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    /// The oldest first; as many as the gate has admitted at most.
    running: Vec<Arc<Job>>,
    /// Tasks that are over, the oldest first, whatever came of them.
    over: VecDeque<(Caller, String)>,
}

/// What is known of a task.
#[derive(Debug)]
pub(super) enum Task {
    /// It is being generated, or waits for its turn.
    Running(Arc<Job>),
    /// It was there.
    Over,
    /// None of the caller's, or too long ago.
    Unknown,
}

/// The id of a task as its client gave it; empty is none.
///
/// # Errors
/// A [`Problem`] where it is longer than is kept.
pub(super) fn task_id(given: Option<String>) -> Result<Option<String>, Problem> {
    match given.filter(|id| !id.is_empty()) {
        Some(id) if id.len() > LONGEST_TASK => Err(Problem::field(
            "force_task_id",
            message!(
                "{count} bytes; expected at most {most}",
                count = id.len(),
                most = LONGEST_TASK
            ),
        )),
        id => Ok(id),
    }
}

/// One request under way.
#[derive(Debug)]
pub(super) struct Job {
    caller: Caller,
    /// Its client's own id of it.
    pub(super) task: Option<String>,
    /// The first generation's id.
    pub(super) id: String,
    /// Its images.
    pub(super) count: usize,
    started: Instant,
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
    pub(super) last: Option<Arc<[u8]>>,
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
    pub(super) fn enter(
        &self,
        (caller, task): (Caller, Option<String>),
        id: &str,
        count: usize,
    ) -> JobGuard {
        let job = Arc::new(Job {
            caller,
            task,
            id: id.to_owned(),
            count,
            started: Instant::now(),
            state: Mutex::default(),
        });
        self.all().running.push(Arc::clone(&job));
        JobGuard {
            jobs: self.clone(),
            job,
        }
    }

    /// The caller's oldest job.
    pub(super) fn of(&self, caller: &Caller) -> Option<Arc<Job>> {
        let all = self.all();
        let mut running = all.running.iter();
        running.find(|job| job.caller == *caller).cloned()
    }

    /// The caller's task of that id; the newest, where ids were used again.
    pub(super) fn task(&self, caller: &Caller, id: &str) -> Task {
        let all = self.all();
        let is_it = |job: &&Arc<Job>| job.caller == *caller && job.task.as_deref() == Some(id);
        if let Some(job) = all.running.iter().rfind(is_it) {
            return Task::Running(Arc::clone(job));
        }
        let mut over = all.over.iter();
        match over.any(|(whose, task)| whose == caller && task == id) {
            true => Task::Over,
            false => Task::Unknown,
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
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
        let job = &self.job;
        let mut all = self.jobs.all();
        all.running.retain(|running| running.id != job.id);
        if let Some(task) = &job.task {
            if all.over.len() == MOST_OVER {
                all.over.pop_front();
            }
            all.over.push_back((job.caller.clone(), task.clone()));
        }
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
        state.last = Some(Arc::from(file));
    }

    /// How many images are finished, and the last of them.
    pub(super) fn last(&self) -> (usize, Option<Arc<[u8]>>) {
        let state = self.state();
        (state.finished, state.last.clone())
    }

    /// How far it is, from 0 to 1, and the seconds that it should still take. What has begun is never at 0, which
    /// means that there is none.
    pub(super) fn outlook(&self) -> (f64, f64) {
        let progress = self.progress().max(0.01);
        let elapsed = self.started.elapsed().as_secs_f64();
        (progress, elapsed * (1.0 - progress) / progress)
    }

    /// From 0 to 1.
    fn progress(&self) -> f64 {
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
        let first = jobs.enter((caller("a"), None), "1", 1);
        let second = jobs.enter((caller("a"), None), "2", 1);
        let seen = |name: &str| jobs.of(&caller(name)).map(|job| job.id.clone());
        assert_eq!(seen("a").as_deref(), Some("1"));
        assert_eq!(seen("b"), None);
        drop(first);
        assert_eq!(seen("a").as_deref(), Some("2"));
        drop(second);
        assert_eq!(seen("a"), None);
    }

    #[tokio::test]
    async fn a_task_is_known_by_its_id_until_a_thousand_others_are_over() {
        let jobs = Jobs::default();
        let named = |name: &str| (caller("a"), Some(name.to_owned()));
        let first = jobs.enter(named("first"), "1", 1);
        let asked = |whose: &str, id: &str| jobs.task(&caller(whose), id);
        assert!(matches!(asked("a", "first"), Task::Running(job) if job.id == "1"));
        assert!(matches!(asked("b", "first"), Task::Unknown));
        drop(first);
        assert!(matches!(asked("a", "first"), Task::Over));
        assert!(matches!(asked("b", "first"), Task::Unknown));
        for number in 0..MOST_OVER {
            drop(jobs.enter(named(&number.to_string()), "2", 1));
        }
        assert!(matches!(asked("a", "first"), Task::Unknown));
        assert!(matches!(asked("a", "0"), Task::Over));
    }

    #[tokio::test]
    async fn progress_counts_what_follows_the_first_generation() {
        let guard = Jobs::default().enter((caller("a"), None), "1", 2);
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
        let guard = Jobs::default().enter((caller("a"), None), "1", 2);
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
