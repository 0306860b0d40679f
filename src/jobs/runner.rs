//! Doing jobs: from the queue to the disk.
//!
//! A job keeps its place among those that run until it is over. Where the server is full, still loading,
//! or the disk has no room for the files, it waits there and tries again: that holds back the jobs behind
//! it and nobody else, and no work is lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::handle::Inner;
use super::job::State;
use super::live::{Live, Report};
use super::store::{Begun, StoreError};
use super::worker::{Answer, Placed};
use crate::language::Language;
use crate::service::{Caller, Failure};

/// How often a job may be begun: one that was being done at so many crashes may be what causes them.
const ATTEMPTS: u32 = 10;
/// Between two attempts to write something down.
const BETWEEN: Duration = Duration::from_secs(2);
/// How often memory may be too small for a job that has the server almost to itself.
const STARVED: u32 = 5;
/// Of what is kept, the part that one job's results may take.
const SHARE: u64 = 2;

/// How a job left its place.
enum Left {
    /// It is over.
    Over,
    /// The server is leaving.
    PutBack,
}

impl Inner {
    /// Begins as many jobs as may run.
    pub(super) fn fill(self: &Arc<Self>) {
        let mut board = self.board();
        // Under the lock, so that nothing begins once it was closed.
        while !self.closing.is_cancelled()
            && let Some((caller, id)) = board.queue.pop()
        {
            match board.live.get(&id) {
                Some(live) => {
                    let (inner, live) = (Arc::clone(self), Arc::clone(live));
                    self.tasks.spawn(inner.place(live));
                }
                None => board.queue.left(caller),
            }
        }
    }

    async fn place(self: Arc<Self>, live: Arc<Live>) {
        match self.run(&live).await {
            Left::Over => {
                self.leave(&live, true);
                live.end();
                self.notices.notify_one();
            }
            Left::PutBack => {
                self.leave(&live, false);
                live.turn(false);
                if let Err(error) = self.store.put_back(&live.id).await {
                    tracing::warn!(job = %live.id, %error, "a job counts an attempt that was none");
                }
            }
        }
        self.fill();
    }

    fn leave(&self, live: &Live, is_over: bool) {
        let mut board = self.board();
        board.queue.left(live.caller);
        if is_over {
            board.live.remove(&live.id);
        }
    }

    async fn run(&self, live: &Arc<Live>) -> Left {
        let begun = loop {
            match self.store.begin(&live.id).await {
                Ok(Some(begun)) => break begun,
                Ok(None) => return Left::Over,
                Err(error) => {
                    tracing::warn!(job = %live.id, %error, "a job can't be begun");
                    if !self.waits(live, BETWEEN).await {
                        return stopped(live);
                    }
                }
            }
        };
        let attempts = begun.row.attempts;
        let placed = Arc::new(placed(begun));
        let done = if attempts > ATTEMPTS {
            Err(Failure::Internal {
                reason: format!("it was being done when the process ended, {ATTEMPTS} times"),
            })
        } else {
            match self.work(live, &placed).await {
                Some(done) => done,
                None => return stopped(live),
            }
        };
        match done {
            Ok(answer) => self.succeed(live, &placed, answer).await,
            Err(failure) => self.fail(live, &placed, failure).await,
        }
    }

    /// Does the work, as often as it takes; none where it was stopped.
    async fn work(
        &self,
        live: &Arc<Live>,
        placed: &Arc<Placed>,
    ) -> Option<Result<Answer, Failure>> {
        let mut starved = 0;
        loop {
            live.turn(true);
            let work = self
                .worker
                .run(Arc::clone(placed), Report(Arc::clone(live)));
            // On a task of its own, so that a panic is this job's alone.
            let work = AbortOnDropHandle::new(tokio::spawn(placed.caller.clone().scope(work)));
            let done = tokio::select! {
                done = work => done,
                () = live.cancelled.cancelled() => return None,
            };
            let failure = match done {
                Ok(Ok(answer)) => return Some(Ok(answer)),
                Ok(Err(failure)) => failure,
                Err(error) => Failure::Internal {
                    reason: error.to_string(),
                },
            };
            let wait = match &failure {
                Failure::Draining { .. } => {
                    self.closing.cancelled().await;
                    return None;
                }
                Failure::Full { retry_after } | Failure::Loading { retry_after, .. } => {
                    *retry_after
                }
                Failure::OutOfMemory { retry_after, .. } if starved < STARVED => {
                    starved += 1;
                    *retry_after
                }
                _ => return Some(Err(failure)),
            };
            live.turn(false);
            if !self.waits(live, wait).await {
                return None;
            }
        }
    }

    /// Waits, unless the job is cancelled or the server leaves.
    async fn waits(&self, live: &Live, wait: Duration) -> bool {
        tokio::select! {
            () = sleep(wait) => true,
            () = live.cancelled.cancelled() => false,
            () = self.closing.cancelled() => false,
        }
    }

    async fn succeed(&self, live: &Live, placed: &Placed, answer: Answer) -> Left {
        let bytes: u64 = answer
            .files
            .iter()
            .map(|file| file.bytes.len() as u64)
            .sum();
        let most = self.options.keep_bytes / SHARE;
        if bytes + answer.json.len() as u64 > most {
            let reason = format!("its results take {bytes} bytes, and {most} are kept of one job");
            return self.fail(live, placed, Failure::Internal { reason }).await;
        }
        loop {
            match self.keep(live, &answer, bytes).await {
                Ok(true) => {
                    self.sweep().await;
                    return Left::Over;
                }
                // It was cancelled in the last moment.
                Ok(false) => {
                    self.store.files.remove(&live.id, answer.files.len());
                    return Left::Over;
                }
                Err(error) => {
                    tracing::warn!(job = %live.id, %error, "a job's results can't be kept yet");
                    if !self.waits(live, BETWEEN).await {
                        return stopped(live);
                    }
                }
            }
        }
    }

    async fn keep(&self, live: &Live, answer: &Answer, bytes: u64) -> Result<bool, StoreError> {
        let (files, id, made) = (
            Arc::clone(&self.store.files),
            live.id.clone(),
            answer.files.clone(),
        );
        let keeping = tokio::task::spawn_blocking(move || files.keep(&id, &made));
        keeping.await.unwrap_or(Err(StoreError::Closed))?;
        let types = answer.files.iter().map(|file| file.media_type.clone());
        let files = (types.collect(), bytes);
        let json = Some(answer.json.clone());
        self.store
            .end(&live.id, State::Succeeded, json, files)
            .await
    }

    async fn fail(&self, live: &Live, placed: &Placed, failure: Failure) -> Left {
        let state = match failure {
            Failure::Cancelled => State::Cancelled,
            _ => State::Failed,
        };
        let problem = self.worker.problem(failure, placed);
        loop {
            let nothing = (Vec::new(), 0);
            let ended = self
                .store
                .end(&live.id, state, Some(problem.clone()), nothing);
            match ended.await {
                Ok(_) => return Left::Over,
                Err(error) => {
                    tracing::warn!(job = %live.id, %error, "a job's end can't be written down yet");
                    if !self.waits(live, BETWEEN).await {
                        return stopped(live);
                    }
                }
            }
        }
    }
}

/// How a job leaves that was stopped.
fn stopped(live: &Live) -> Left {
    if live.cancelled.is_cancelled() {
        Left::Over
    } else {
        Left::PutBack
    }
}

fn placed(begun: Begun) -> Placed {
    let row = begun.row;
    Placed {
        id: row.id,
        caller: Caller::known(row.caller, row.caller_name.as_deref()),
        task: row.task,
        body: begun.body,
        language: Language::of_tag(&row.language).unwrap_or_default(),
        request_id: row.request_id,
    }
}
