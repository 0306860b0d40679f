//! The bounded workers. Each takes the next batch of the caller who was served least, together
//! with a session of its graph, and owns both until the call has really returned.
//!
//! Of one caller's graphs, the one whose next row arrived first is run. That is what keeps a
//! one-call image from queueing behind the fifty steps of another: it slips in between two steps.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::answers::{Answer, Reply};
use super::batcher::Queue;
use super::flow::{Flow, Place};
use super::slots::{Entry, Job, Slot, State};
use super::worker::{work, work_long};
use crate::runtime::error::RunError;
use crate::runtime::observer::Observer;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::plan::Key;
use crate::runtime::tensor::Row;

/// Rows that may wait for one graph; the gate admits far fewer, so this is a backstop.
const QUEUE_BOUND: usize = 65_536;

/// What a caller gets for its row.
pub(in crate::runtime) struct Ticket {
    /// Where it waits.
    pub(in crate::runtime) place: Place,
    pub(in crate::runtime) answer: oneshot::Receiver<Answer>,
    /// Whether no worker was told of it, so that the caller has to [`lead`](super::worker::lead).
    pub(in crate::runtime) quick: bool,
}

/// What workers and graph handles share.
pub(in crate::runtime) struct Shared {
    state: Mutex<State>,
    /// Calls that may run at the same time.
    pub(in crate::runtime) workers: usize,
    pub(in crate::runtime) work: Condvar,
    /// For those that run long calls.
    pub(in crate::runtime) long_work: Condvar,
    pub(in crate::runtime) observer: Arc<dyn Observer>,
    /// Has the process's allocator give freed memory back to the system.
    pub(in crate::runtime) give_back: fn(),
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub(in crate::runtime) fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a graph its place and returns the place's number.
    pub(in crate::runtime) fn enter(&self, entry: Entry) -> u64 {
        let mut state = self.state();
        let id = state.number();
        let slot = Slot {
            entry,
            queue: Queue::new(QUEUE_BOUND),
            flights: Vec::new(),
            opened: 0,
        };
        state.slots.insert(id, slot);
        id
    }

    /// Takes a graph out; a call that still runs drops its session when it returns.
    pub(in crate::runtime) fn leave(&self, id: u64) {
        let mut state = self.state();
        // First of all: no worker finds its rows from now on, and no row is queued behind them.
        let mut slot = state.slots.remove(&id);
        let sessions = slot.iter().flat_map(|slot| &slot.entry.executors);
        let kept = sessions.map(Executor::keeps).sum();
        state.memory.leave(kept);
        let opened = slot.as_ref().map_or(0, |slot| slot.opened);
        state.memory.closed(opened);
        let rows = slot
            .as_mut()
            .map(|slot| slot.queue.drain(&mut state.shares));
        drop(state);
        // After the lock is gone: closing sessions takes long, and callers who still wait wake up.
        drop((rows, slot));
    }

    /// Queues a row.
    pub(in crate::runtime) fn submit(
        &self,
        id: u64,
        flow: Flow,
        row: Row,
        key: Key,
    ) -> Result<Ticket, RunError> {
        // Before the lock, so that waiting for it counts as queueing.
        let (reply, answer) = Reply::awaited();
        let mut state = self.state();
        // Under the lock under which the pool closes: a row is refused here or answered there, and
        // none is left in between.
        if state.closing {
            return Err(RunError::Stopped);
        }
        // Under the lock under which it is queued: the order of the numbers is that of the queue.
        let place = flow.place(state.number());
        let State { slots, shares, .. } = &mut *state;
        let slot = slots.get_mut(&id).ok_or(RunError::Stopped)?;
        let long = slot.entry.is_long(&key);
        let job = Job {
            row,
            key,
            reply,
            place,
        };
        let pushed = slot.queue.push(job, shares);
        pushed.map_err(|_job| RunError::QueueFull {
            graph: slot.entry.graph.to_string(),
        })?;
        let quick = !long && slot.is_quick();
        // The lock first, or the worker that wakes up runs into it. No wake-up is lost by that: a
        // worker looks for rows under the lock before it waits, and waiting releases it.
        drop(state);
        if long {
            self.long_work.notify_one();
        } else if !quick {
            self.work.notify_one();
        }
        Ok(Ticket {
            place,
            answer,
            quick,
        })
    }

    /// A caller has left: forget its row, or stop its call if nobody else waits for that.
    pub(in crate::runtime) fn abandon(&self, id: u64, place: Place) {
        let mut state = self.state();
        let State { slots, shares, .. } = &mut *state;
        let Some(slot) = slots.get_mut(&id) else {
            return;
        };
        // A row goes from the queue into a flight under this lock, so it is in one of the two.
        if slot.queue.remove(place, shares).is_some() {
            return;
        }
        // The one who leaves has closed its receiver by now, so that the last of a call sees itself
        // gone as well, and stops it.
        for flight in &mut slot.flights {
            if !flight.cancelled && flight.replies.iter().all(Reply::is_abandoned) {
                flight.cancelled = true;
                if let Err(error) = flight.cancel.cancel() {
                    tracing::warn!(%error, "a call that nobody waits for could not be stopped");
                }
            }
        }
    }

    /// Rows that wait for this graph.
    pub(in crate::runtime) fn waiting(&self, id: u64) -> usize {
        self.state()
            .slots
            .get(&id)
            .map_or(0, |slot| slot.queue.len())
    }

    /// Bytes that the sessions at rest have taken from the system.
    pub(in crate::runtime) fn memory_held(&self) -> u64 {
        let state = self.state();
        let sessions = state.slots.values().flat_map(|slot| &slot.entry.executors);
        sessions
            .filter_map(|session| Some(session.memory()?.held))
            .sum()
    }

    /// Bounds what calls may take together from now on.
    pub(in crate::runtime) fn bound_calls(&self, bytes: u64) {
        self.state().memory.bound(bytes);
    }

    /// Bytes that calls take and sessions keep of them, as estimated, and all that there are.
    pub(in crate::runtime) fn call_memory(&self) -> (u64, u64) {
        let state = self.state();
        (state.memory.used(), state.memory.total())
    }

    /// For how long the oldest of the calls that run has run.
    pub(in crate::runtime) fn oldest_call(&self) -> Option<Duration> {
        let state = self.state();
        let flights = state.slots.values().flat_map(|slot| &slot.flights);
        let begun = flights.map(|flight| flight.begun).min()?;
        Some(begun.elapsed())
    }

    /// Rows that wait for any graph.
    pub(in crate::runtime) fn waiting_in_all(&self) -> usize {
        let state = self.state();
        state.slots.values().map(|slot| slot.queue.len()).sum()
    }
}

/// The worker threads; dropping it stops them once their calls have returned.
#[derive(Debug)]
pub(in crate::runtime) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(in crate::runtime) fn start(
        workers: usize,
        observer: Arc<dyn Observer>,
        give_back: fn(),
    ) -> Self {
        let workers = workers.max(1);
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            workers,
            work: Condvar::new(),
            long_work: Condvar::new(),
            observer,
            give_back,
        });
        let spawn = |name: String, work: Box<dyn FnOnce(&Shared) + Send>| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name(name)
                .spawn(move || work(&shared))
                .expect("the system starts a handful of threads")
        };
        let mut threads: Vec<_> = (0..workers)
            .map(|number| {
                let name = format!("atelier-worker-{number}");
                spawn(name, Box::new(move |shared| work(shared, number)))
            })
            .collect();
        threads.extend((0..workers).map(|number| {
            let name = format!("atelier-long-{number}");
            spawn(name, Box::new(work_long))
        }));
        Self { shared, threads }
    }

    pub(in crate::runtime) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(in crate::runtime) fn workers(&self) -> usize {
        self.shared.workers
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Closing comes first: whoever takes the lock after this queues no row and begins no call.
        let mut state = self.shared.state();
        state.closing = true;
        let State { slots, shares, .. } = &mut *state;
        for slot in slots.values_mut() {
            for job in slot.queue.drain(shares) {
                job.reply.send(Err(RunError::Stopped));
            }
            for flight in &mut slot.flights {
                flight.cancelled = true;
                // One that can't be cancelled is waited for below all the same.
                let _runs_on = flight.cancel.cancel();
            }
        }
        // All of them: each has to see that the pool closes. One that is about to wait holds the lock
        // until it does, and so has seen it or hears this.
        drop(state);
        self.shared.work.notify_all();
        self.shared.long_work.notify_all();
        // Sessions must not go while a call is inside of them, so every call is waited for.
        for worker in self.threads.drain(..) {
            if worker.join().is_err() {
                tracing::error!("a worker had panicked");
            }
        }
    }
}
