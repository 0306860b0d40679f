//! A job that isn't over, as it is in memory: how far it is, and its followers.
//!
//! Of each image the latest step is kept and nothing before it, so that a job takes no more memory the
//! longer it runs, and a slow follower misses steps but neither an image nor the end. What
//! happens has a number that only grows, also from one process to the next: by it a follower goes on
//! where it was.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::job::{File, JobId};
use super::store::Unfinished;

/// Things that can happen in a millisecond, for numbers that begin with the time.
const EACH_MILLISECOND: u32 = 16;

/// A job that isn't over.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) id: JobId,
    pub(super) caller: u64,
    pub(super) cost: Duration,
    pub(super) cancelled: CancellationToken,
    state: Mutex<LiveState>,
    news: Notify,
}

#[derive(Debug)]
struct LiveState {
    /// The number of what happened last.
    latest: u64,
    /// When it was queued or begun, the last time.
    turned: u64,
    running: Option<SystemTime>,
    /// Images that are to come.
    expected: usize,
    steps: BTreeMap<Option<usize>, (u64, Step)>,
    files: BTreeMap<usize, (u64, Arc<File>)>,
    is_over: bool,
}

/// How far an image is, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its place; none where all are counted together.
    pub image: Option<usize>,
    /// Steps that are over.
    pub done: usize,
    /// Steps in all.
    pub of: usize,
}

/// What a follower hasn't been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Queued,
    Running,
    Progress(Step),
    Image(usize),
}

impl Live {
    pub(super) fn new(job: Unfinished) -> Arc<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or_default();
        let first = ms << EACH_MILLISECOND;
        Arc::new(Self {
            id: job.id,
            caller: job.caller,
            cost: job.cost,
            cancelled: CancellationToken::new(),
            state: Mutex::new(LiveState {
                latest: first,
                turned: first,
                running: None,
                expected: 0,
                steps: BTreeMap::new(),
                files: BTreeMap::new(),
                is_over: false,
            }),
            news: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, LiveState> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, under a number of its own.
    fn change(&self, act: impl FnOnce(&mut LiveState, u64)) {
        let mut state = self.state();
        state.latest += 1;
        let latest = state.latest;
        act(&mut state, latest);
        drop(state);
        self.news.notify_waiters();
    }

    /// It is begun, or begun anew, or it waits again.
    pub(super) fn turn(&self, running: bool) {
        self.change(|state, now| {
            state.turned = now;
            state.running = running.then(SystemTime::now);
            state.steps.clear();
            state.files.clear();
        });
    }

    /// Nothing more will happen.
    pub(super) fn end(&self) {
        self.change(|state, _| state.is_over = true);
    }

    /// Since when it runs.
    pub(super) fn running(&self) -> Option<SystemTime> {
        self.state().running
    }

    /// Steps that are over, and steps in all.
    pub(super) fn progress(&self) -> Option<(usize, usize)> {
        let state = self.state();
        if let Some((_, all)) = state.steps.get(&None) {
            return Some((all.done, all.of));
        }
        let (_, (_, first)) = state.steps.first_key_value()?;
        let done = state.steps.values().map(|(_, step)| step.done).sum();
        Some((done, first.of * state.expected.max(state.steps.len())))
    }

    /// A file that is there already.
    pub(super) fn file(&self, at: usize) -> Option<Arc<File>> {
        self.state()
            .files
            .get(&at)
            .map(|(_, file)| Arc::clone(file))
    }

    /// The earliest thing after `seen`, once there is one; none when it is over.
    pub(super) async fn after(&self, seen: u64) -> Option<(u64, News)> {
        loop {
            let mut news = pin!(self.news.notified());
            // Registered before the look, so that nothing in between is missed.
            news.as_mut().enable();
            {
                let state = self.state();
                if let Some(next) = state.after(seen) {
                    return Some(next);
                }
                if state.is_over {
                    return None;
                }
            }
            news.await;
        }
    }
}

impl LiveState {
    fn after(&self, seen: u64) -> Option<(u64, News)> {
        let turn = match self.running {
            Some(_) => News::Running,
            None => News::Queued,
        };
        let steps = self.steps.values();
        let steps = steps.map(|(at, step)| (*at, News::Progress(*step)));
        let files = self.files.iter();
        let files = files.map(|(image, (at, _))| (*at, News::Image(*image)));
        [(self.turned, turn)]
            .into_iter()
            .chain(steps)
            .chain(files)
            .filter(|(at, _)| *at > seen)
            .min_by_key(|(at, _)| *at)
    }
}

/// What a worker tells of a job while it does it.
#[derive(Debug, Clone)]
pub struct Report(pub(super) Arc<Live>);

impl Report {
    /// So many files are to come.
    pub fn expects(&self, files: usize) {
        self.0.change(|state, _| state.expected = files);
    }

    /// A step is over.
    pub fn step(&self, step: Step) {
        self.0.change(|state, now| {
            state.steps.insert(step.image, (now, step));
        });
    }

    /// A file is there.
    pub fn file(&self, at: usize, file: Arc<File>) {
        self.0.change(|state, now| {
            state.files.insert(at, (now, file));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live() -> Arc<Live> {
        Live::new(Unfinished {
            id: JobId::from("a"),
            caller: 1,
            cost: Duration::ZERO,
        })
    }

    fn step(image: usize, done: usize) -> Step {
        Step {
            image: Some(image),
            done,
            of: 9,
        }
    }

    #[tokio::test]
    async fn a_slow_follower_finds_the_latest_of_each_image_and_goes_on_where_it_was() {
        let live = live();
        let report = Report(Arc::clone(&live));
        live.turn(true);
        for done in 1..=3 {
            report.step(step(0, done));
            report.step(step(1, done));
        }
        let (seen, first) = live.after(0).await.unwrap();
        assert_eq!(first, News::Running);
        let (seen, second) = live.after(seen).await.unwrap();
        assert_eq!(second, News::Progress(step(0, 3)));
        report.step(step(0, 4));
        let (seen, third) = live.after(seen).await.unwrap();
        assert_eq!(third, News::Progress(step(1, 3)));
        let (seen, _) = live.after(seen).await.unwrap();
        live.end();
        assert_eq!(live.after(seen).await, None);
    }

    #[tokio::test]
    async fn a_job_that_waits_again_has_made_nothing() {
        let live = live();
        let report = Report(Arc::clone(&live));
        live.turn(true);
        report.step(step(0, 1));
        live.turn(false);
        assert_eq!(live.progress(), None);
        let (_, news) = live.after(0).await.unwrap();
        assert_eq!(news, News::Queued);
    }

    #[test]
    fn progress_counts_images_that_have_not_begun() {
        let live = live();
        let report = Report(Arc::clone(&live));
        report.expects(3);
        report.step(step(0, 9));
        report.step(step(1, 3));
        assert_eq!(live.progress(), Some((12, 27)));
    }
}
