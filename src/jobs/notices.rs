//! Telling callers that a job is over, who gave an address for that.
//!
//! What is to be told is written down in the transaction that ends the job, so a crash loses no notice. It
//! is tried at once and then less and less often, for three days; what could not be delivered by then is dead, and
//! listed for a while. A notice may come twice (a crash between its delivery and its row) under one id.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::sleep;

use super::handle::Inner;
use super::job::{JobId, State, Task};

/// The time before each attempt, as the Standard Webhooks specification recommends.
const BEFORE: [Duration; 10] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];
/// Notices that are on their way at the same time.
pub(super) const TOGETHER: usize = 16;
/// Of those, the ones of one caller, so that a receiver that hangs holds up nobody else's.
pub(super) const TOGETHER_OF_ONE: usize = 4;
/// Notices of one caller that may wait; the next ones are dead at once.
pub(super) const WAITING_OF_ONE: i64 = 2_000;
/// Notices that may wait in all.
pub(super) const WAITING: i64 = 20_000;
/// Between two attempts to write down how a delivery went.
const BETWEEN: Duration = Duration::from_secs(2);
/// How often notices are looked for that became due.
const LOOKING: Duration = Duration::from_secs(30);

/// What is to be told, and how that went.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Its id, the same at each attempt.
    pub id: String,
    /// The address.
    pub url: String,
    /// The job that is over.
    pub job: JobId,
    /// How it ended.
    pub state: State,
    /// What it asked for.
    pub task: Task,
    /// The model's id.
    pub model: String,
    /// When it was over.
    pub ended: SystemTime,
    /// Attempts that were made.
    pub attempts: u32,
    /// How far it is.
    pub delivery: Delivery,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// How far a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It will be tried.
    Pending,
    /// It was taken.
    Delivered,
    /// It was tried for the last time.
    Dead,
}

impl Delivery {
    /// As answers name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// Why a notice was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// In words, for the log and the job's caller.
    pub reason: String,
    /// Whether it is of no use to try again.
    pub is_final: bool,
}

/// Delivers what is due, for as long as the jobs are there.
pub(super) async fn deliver(jobs: Weak<Inner>) {
    let mut sending = Sending::default();
    loop {
        let Some(inner) = jobs.upgrade() else { return };
        let news = Arc::clone(&inner.notices);
        let wait = sending.begin(&inner).await;
        drop(inner);
        tokio::select! {
            Some(sent) = sending.tasks.join_next_with_id() => sending.over(&sent),
            () = news.notified() => {}
            () = sleep(wait) => {}
        }
    }
}

/// Notices that are on their way.
#[derive(Debug, Default)]
struct Sending {
    tasks: JoinSet<()>,
    ids: HashMap<Id, String>,
}

impl Sending {
    /// Sends what is due, as much as there is room for; answers with how long it is until more should be.
    async fn begin(&mut self, inner: &Arc<Inner>) -> Duration {
        let due = match inner.store.due().await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "webhooks wait");
                return LOOKING;
            }
        };
        for notice in due.notices {
            if self.tasks.len() == TOGETHER {
                break;
            }
            if self.ids.values().any(|id| *id == notice.id) {
                continue;
            }
            let id = notice.id.clone();
            let task = self.tasks.spawn(send(Arc::downgrade(inner), notice));
            self.ids.insert(task.id(), id);
        }
        due.next.unwrap_or(LOOKING).min(LOOKING)
    }

    fn over(&mut self, sent: &Result<(Id, ()), JoinError>) {
        // One that panicked stays in the list: it would do so again at once.
        if let Ok((task, ())) = sent {
            self.ids.remove(task);
        }
    }
}

/// Sends a notice, and writes down how that went.
async fn send(jobs: Weak<Inner>, notice: Notice) {
    let Some(inner) = jobs.upgrade() else { return };
    let worker = Arc::clone(&inner.worker);
    drop(inner);
    let outcome = worker.notify(&notice).await;
    let attempts = notice.attempts + 1;
    let (delivery, wait, error) = match outcome {
        Ok(()) => (Delivery::Delivered, Duration::ZERO, None),
        Err(Undelivered { reason, is_final }) => {
            let before = BEFORE.get(attempts as usize).filter(|_| !is_final);
            let delivery = before.map_or(Delivery::Dead, |_| Delivery::Pending);
            // Not the address: who knows it may be able to do more than to be told.
            tracing::info!(job = %notice.job, reason, attempts, "a webhook was not taken");
            (delivery, before.copied().unwrap_or_default(), Some(reason))
        }
    };
    // It is under way until that is written: it would be sent again at once.
    while let Some(inner) = jobs.upgrade() {
        let settled = inner
            .store
            .settle_notice(&notice.id, delivery, wait, error.clone());
        match settled.await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "a webhook may come again"),
        }
        drop(inner);
        sleep(BETWEEN).await;
    }
}
