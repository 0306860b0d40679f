//! Jobs, as the wire has them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::failure::{Missing, OpenError, Refused};
use super::follow::{Follower, Seen};
use super::job::{File, Job, JobId, Outlook, State, Submission, Submitted};
use super::live::Live;
use super::notices::{self, Notice};
use super::options::JobOptions;
use super::queue::Queue;
use super::store::{Accepted, Found, Row, Store, StoreError, Stored, Unfinished};
use super::worker::Worker;
use crate::service::Caller;

/// How often what is too old is looked for.
const SWEEPING: Duration = Duration::from_secs(60);

/// All jobs; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Jobs {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Store,
    pub(super) worker: Arc<dyn Worker>,
    pub(super) options: JobOptions,
    pub(super) board: Mutex<Board>,
    pub(super) closing: CancellationToken,
    pub(super) tasks: TaskTracker,
    /// Told when there may be something to tell callers.
    pub(super) notices: Arc<Notify>,
}

/// How much there is of jobs, for whoever watches the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Jobs that wait for their turn.
    pub waiting: usize,
    /// Jobs that run.
    pub running: usize,
    /// Bytes of requests and results that are kept.
    pub kept_bytes: u64,
    /// Webhooks that are still to be sent.
    pub webhooks_waiting: u64,
    /// Webhooks that were given up, and are listed.
    pub webhooks_dead: u64,
}

/// The jobs that aren't over.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) queue: Queue,
    pub(super) live: HashMap<JobId, Arc<Live>>,
}

impl Jobs {
    /// Those of the folder, if there is one; jobs that had not ended are begun anew. Within a runtime.
    ///
    /// # Errors
    /// [`OpenError`], where the folder can't be had.
    pub fn open(options: JobOptions, worker: Arc<dyn Worker>) -> Result<Self, OpenError> {
        let (store, unfinished) = match &options.state {
            Some(folder) => Store::in_folder(folder)?,
            None => (Store::in_memory()?, Vec::new()),
        };
        let mut board = Board {
            queue: Queue::new(options.running),
            live: HashMap::new(),
        };
        if !unfinished.is_empty() {
            tracing::info!(jobs = unfinished.len(), "jobs go on that had not ended");
        }
        for job in unfinished {
            board.add(job);
        }
        let jobs = Self {
            inner: Arc::new(Inner {
                store,
                worker,
                options,
                board: Mutex::new(board),
                closing: CancellationToken::new(),
                tasks: TaskTracker::new(),
                notices: Arc::default(),
            }),
        };
        jobs.inner.fill();
        tokio::spawn(notices::deliver(Arc::downgrade(&jobs.inner)));
        let sweeping = Arc::downgrade(&jobs.inner);
        tokio::spawn(async move {
            loop {
                sleep(SWEEPING).await;
                let Some(inner) = sweeping.upgrade() else {
                    return;
                };
                inner.sweep().await;
            }
        });
        Ok(jobs)
    }

    /// Whether jobs outlive the process.
    #[must_use]
    pub fn outlive_the_process(&self) -> bool {
        self.inner.options.state.is_some()
    }

    /// Accepts jobs, all of them or none. When this answers they are on the disk, if there is a folder.
    ///
    /// # Errors
    /// [`Refused`]; nothing of it is kept then.
    pub async fn submit(&self, submission: Submission) -> Result<Submitted, Refused> {
        let inner = &self.inner;
        if inner.closing.is_cancelled() {
            return Err(Refused::Closing);
        }
        let wanted: usize = submission.orders.iter().map(|order| order.body.len()).sum();
        let free = inner.store.files.free().unwrap_or(u64::MAX);
        if free < inner.options.reserve.saturating_add(wanted as u64) {
            return Err(Refused::DiskFull);
        }
        let caller = Caller::current();
        let accepted = inner
            .store
            .submit(caller, submission, inner.options.clone());
        let (rows, is_known) = match accepted.await? {
            Accepted::New { rows, evicted } => {
                inner.remove_files(evicted);
                let mut board = inner.board();
                for row in &rows {
                    board.add(Unfinished {
                        id: row.id.clone(),
                        caller: row.caller,
                        cost: row.cost,
                    });
                }
                drop(board);
                inner.fill();
                (rows, false)
            }
            Accepted::Known(rows) => (rows, true),
            Accepted::KeyReused => return Err(Refused::KeyReused),
            Accepted::TooMany(most) => return Err(Refused::TooMany { most }),
            Accepted::TooLarge { wanted, most } => return Err(Refused::TooLarge { wanted, most }),
        };
        let jobs = rows.into_iter().map(|row| self.job(row, None));
        Ok(Submitted {
            jobs: jobs.collect(),
            is_known,
        })
    }

    /// A job of the current caller.
    ///
    /// # Errors
    /// [`Missing`].
    pub async fn find(&self, id: &JobId) -> Result<Job, Missing> {
        self.find_of(id, Caller::current().id()).await
    }

    pub(super) async fn find_of(&self, id: &JobId, caller: u64) -> Result<Job, Missing> {
        match self.inner.store.find(id, caller).await? {
            Found::There(stored) => {
                let Stored { row, answer } = *stored;
                Ok(self.job(row, answer))
            }
            Found::Gone => Err(Missing::Expired),
            Found::Nothing => Err(Missing::Unknown),
        }
    }

    /// How much there is of all callers' jobs.
    ///
    /// # Errors
    /// [`Missing::Store`].
    pub async fn figures(&self) -> Result<Figures, Missing> {
        let (kept_bytes, webhooks_waiting, webhooks_dead) = self.inner.store.figures().await?;
        let (waiting, running) = self.inner.board().queue.lengths();
        Ok(Figures {
            waiting,
            running,
            kept_bytes,
            webhooks_waiting,
            webhooks_dead,
        })
    }

    /// The current caller's jobs, the latest first: so many, of those before the one that is named.
    ///
    /// # Errors
    /// [`Missing::Store`].
    pub async fn list(&self, most: usize, before: Option<JobId>) -> Result<Vec<Job>, Missing> {
        let caller = Caller::current().id();
        let rows = self.inner.store.list(caller, most, before).await?;
        Ok(rows.into_iter().map(|row| self.job(row, None)).collect())
    }

    /// One of a job's files, by its place.
    ///
    /// # Errors
    /// [`Missing`]; a file that isn't there yet is [`Missing::Unknown`].
    pub async fn file(&self, id: &JobId, at: usize) -> Result<Arc<File>, Missing> {
        let job = self.find(id).await?;
        if let Some(file) = self.live(id).and_then(|live| live.file(at)) {
            return Ok(file);
        }
        let media_type = job.files.get(at).ok_or(Missing::Unknown)?.clone();
        let (files, id) = (Arc::clone(&self.inner.store.files), id.clone());
        let reading = tokio::task::spawn_blocking(move || files.read(&id, at));
        let bytes = reading.await.unwrap_or(Err(StoreError::Closed))?;
        Ok(Arc::new(File { media_type, bytes }))
    }

    /// Stops a job that isn't over, within one graph call, and forgets one that is.
    ///
    /// # Errors
    /// [`Missing`].
    pub async fn cancel(&self, id: &JobId) -> Result<(), Missing> {
        let caller = Caller::current().id();
        let live = self.live(id).filter(|live| live.caller == caller);
        if let Some(live) = live {
            let nothing = (Vec::new(), 0);
            // First on the disk: a crash must not have it painted after all.
            if self
                .inner
                .store
                .end(id, State::Cancelled, None, nothing)
                .await?
            {
                live.cancelled.cancel();
                let mut board = self.inner.board();
                if board.queue.remove(caller, id) {
                    board.live.remove(id);
                    drop(board);
                    live.end();
                }
                self.inner.notices.notify_one();
                return Ok(());
            }
        }
        match self.inner.store.forget(id, caller).await? {
            Some(row) => {
                self.inner.remove_files(vec![row]);
                Ok(())
            }
            None => self.find(id).await.map(drop),
        }
    }

    /// What the current caller was to be told: of one job, or whatever could not be told.
    ///
    /// # Errors
    /// [`Missing::Store`].
    pub async fn notices(&self, job: Option<&JobId>) -> Result<Vec<Notice>, Missing> {
        let caller = Caller::current().id();
        Ok(self.inner.store.notices(caller, job.cloned()).await?)
    }

    /// Follows a job of the current caller from where it was left.
    ///
    /// # Errors
    /// [`Missing`].
    pub async fn follow(&self, id: &JobId, seen: Seen) -> Result<Follower, Missing> {
        // Looked at first: one that is over by then has its end on the disk.
        let live = self.live(id);
        self.find(id).await?;
        Ok(Follower {
            jobs: self.clone(),
            id: id.clone(),
            caller: Caller::current().id(),
            live,
            seen,
        })
    }

    /// Begins no more jobs, and accepts none. What waits stays on the disk.
    pub fn close(&self) {
        self.inner.closing.cancel();
    }

    /// Waits until nothing is written any more, for so long at most; tells how many jobs are not over.
    pub async fn settle(&self, patience: Duration) -> usize {
        self.close();
        self.inner.tasks.close();
        let settled = timeout(patience, self.inner.tasks.wait()).await;
        if settled.is_err() {
            tracing::warn!("jobs are left that had not settled");
        }
        self.inner.board().live.len()
    }

    fn live(&self, id: &JobId) -> Option<Arc<Live>> {
        self.inner.board().live.get(id).cloned()
    }

    fn job(&self, row: Row, answer: Option<Vec<u8>>) -> Job {
        let outlook = (row.state == State::Queued)
            .then(|| self.outlook(&row.id))
            .flatten();
        let live = self.live(&row.id).and_then(|live| live.running());
        let state = match (row.state, live) {
            (State::Queued, Some(_)) => State::Running,
            (state, _) => state,
        };
        Job {
            id: row.id,
            task: row.task,
            model: row.model,
            state,
            created: row.created,
            started: row.started.filter(|_| state != State::Queued),
            ended: row.ended,
            expires: row.ended.map(|ended| ended + self.inner.options.keep),
            warnings: row.warnings,
            outlook,
            answer,
            files: row.files,
            note: row.note,
        }
    }

    /// What is to come of a job that isn't over.
    pub(super) fn outlook(&self, id: &JobId) -> Option<Outlook> {
        let workers = u32::try_from(self.inner.worker.workers().max(1)).unwrap_or(u32::MAX);
        let now = SystemTime::now();
        let board = self.inner.board();
        let live = board.live.get(id)?;
        let progress = live.progress();
        if let Some(start) = live.running() {
            let end = now + left(live, start, now);
            return Some(Outlook {
                position: 0,
                start,
                end,
                progress,
            });
        }
        let ahead = board.queue.ahead(live.caller, id);
        let (position, work) = ahead.map_or((0, Duration::ZERO), |ahead| (ahead.jobs, ahead.work));
        let running = board.live.values().filter_map(|other| {
            let start = other.running()?;
            Some(left(other, start, now))
        });
        let start = now + (work + running.sum::<Duration>()) / workers;
        Some(Outlook {
            position,
            start,
            end: start + live.cost,
            progress,
        })
    }
}

/// How long a job that runs should take yet: by how far it is, or by what such work has cost.
fn left(live: &Live, start: SystemTime, now: SystemTime) -> Duration {
    let elapsed = now.duration_since(start).unwrap_or_default();
    match live.progress() {
        Some((done, of)) if done > 0 && of > 0 => {
            elapsed.mul_f64(of.saturating_sub(done) as f64 / done as f64)
        }
        _ => live.cost.saturating_sub(elapsed),
    }
}

impl Inner {
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        // No code that can panic runs under this lock.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what is too old, and what has no room beside newer results.
    pub(super) async fn sweep(&self) {
        match self
            .store
            .sweep(self.options.keep, self.options.keep_bytes)
            .await
        {
            Ok(forgotten) if forgotten.is_empty() => {}
            Ok(forgotten) => {
                tracing::debug!(jobs = forgotten.len(), "jobs are forgotten");
                self.remove_files(forgotten);
                if let Err(error) = self.store.shrink().await {
                    tracing::warn!(%error, "the store keeps its size");
                }
            }
            Err(error) => tracing::warn!(%error, "old jobs stay"),
        }
    }

    /// Removes the files of jobs that are forgotten.
    pub(super) fn remove_files(&self, rows: Vec<Row>) {
        let rows: Vec<Row> = rows
            .into_iter()
            .filter(|row| !row.files.is_empty())
            .collect();
        if rows.is_empty() {
            return;
        }
        let files = Arc::clone(&self.store.files);
        tokio::task::spawn_blocking(move || {
            for row in rows {
                files.remove(&row.id, row.files.len());
            }
        });
    }
}

impl Board {
    fn add(&mut self, job: Unfinished) {
        let live = Live::new(job);
        self.queue.push(live.caller, live.id.clone(), live.cost);
        self.live.insert(live.id.clone(), live);
    }
}
