//! The bounded workers. Each takes the next batch of whichever graph has waited longest,
//! together with a session of that graph, and owns both until the call has really returned.
//!
//! Order of arrival over all graphs is what keeps a one-call picture from queueing behind the
//! fifty steps of another: it slips in between two steps.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::batcher::{Queue, Waiting};
use super::error::RunError;
use super::executor::{Brake, Executor};
use super::observer::{BatchReport, Observer};
use super::tensor::Row;

/// Rows that may wait for one graph; the gate admits far fewer, so this is a backstop.
const QUEUE_BOUND: usize = 65_536;

/// Where the time of one row went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTime {
    /// Waiting for a worker.
    pub queued: Duration,
    /// In the call that it shared.
    pub inference: Duration,
}

/// What a caller gets back.
pub(super) type Answer = Result<(Row, CallTime), RunError>;

/// A row that waits, and who waits for it.
pub(super) struct Job {
    pub(super) row: Row,
    pub(super) key: Vec<usize>,
    pub(super) reply: oneshot::Sender<Answer>,
    pub(super) arrived: Instant,
    pub(super) sequence: u64,
}

impl Waiting for Job {
    type Key = Vec<usize>;

    fn key(&self) -> &Vec<usize> {
        &self.key
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }
}

/// What a graph brings to the pool.
pub(super) struct Entry {
    pub(super) model: Arc<str>,
    pub(super) graph: Arc<str>,
    pub(super) executors: Vec<Executor>,
    pub(super) sizes: Vec<usize>,
    /// Nanoseconds that a row costs, smoothed; shared with the graph's handle.
    pub(super) row_cost: Arc<AtomicU64>,
}

/// A caller, and since when it has waited.
struct Reply {
    sender: oneshot::Sender<Answer>,
    arrived: Instant,
}

/// A call that is running: who waits for it, and how to stop it.
struct Flight {
    replies: Vec<Reply>,
    brake: Brake,
    braked: bool,
}

/// A graph's place in the pool.
struct Slot {
    entry: Entry,
    queue: Queue<Job>,
    flights: HashMap<u64, Flight>,
}

impl Slot {
    /// When its oldest row arrived, if a session is free to run it.
    fn ready(&self) -> Option<u64> {
        if self.entry.executors.is_empty() {
            None
        } else {
            self.queue.head()
        }
    }
}

#[derive(Default)]
struct State {
    slots: HashMap<u64, Slot>,
    next: u64,
    closing: bool,
}

impl State {
    fn ready(&self) -> Option<u64> {
        self.slots
            .iter()
            .filter_map(|(&id, slot)| slot.ready().map(|head| (head, id)))
            .min()
            .map(|(_, id)| id)
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// What workers and graph handles share.
pub(super) struct Shared {
    state: Mutex<State>,
    work: Condvar,
    observer: Arc<dyn Observer>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a graph its place and returns the place's number.
    pub(super) fn enter(&self, entry: Entry) -> u64 {
        let mut state = self.state();
        let id = state.number();
        let slot = Slot {
            entry,
            queue: Queue::new(QUEUE_BOUND),
            flights: HashMap::new(),
        };
        state.slots.insert(id, slot);
        id
    }

    /// Takes a graph out; a call that still runs drops its session when it returns.
    pub(super) fn leave(&self, id: u64) {
        let slot = self.state().slots.remove(&id);
        drop(slot);
    }

    /// Queues a row.
    pub(super) fn submit(
        &self,
        id: u64,
        row: Row,
        key: Vec<usize>,
    ) -> Result<oneshot::Receiver<Answer>, RunError> {
        let (reply, answer) = oneshot::channel();
        let arrived = Instant::now();
        let mut state = self.state();
        if state.closing {
            return Err(RunError::Stopped);
        }
        let sequence = state.number();
        let slot = state.slots.get_mut(&id).ok_or(RunError::Stopped)?;
        let job = Job {
            row,
            key,
            reply,
            arrived,
            sequence,
        };
        slot.queue.push(job).map_err(|_job| RunError::QueueFull {
            graph: slot.entry.graph.to_string(),
        })?;
        drop(state);
        self.work.notify_one();
        Ok(answer)
    }

    /// A caller has left: forget its rows, and stop the calls that nobody waits for any more.
    pub(super) fn abandon(&self, id: u64) {
        let mut state = self.state();
        let Some(slot) = state.slots.get_mut(&id) else {
            return;
        };
        slot.queue.prune();
        for flight in slot.flights.values_mut() {
            if !flight.braked && flight.replies.iter().all(|reply| reply.sender.is_closed()) {
                flight.braked = true;
                if let Err(error) = flight.brake.terminate() {
                    tracing::warn!(%error, "a call that nobody waits for could not be stopped");
                }
            }
        }
    }

    /// Rows that wait for this graph.
    pub(super) fn waiting(&self, id: u64) -> usize {
        self.state()
            .slots
            .get(&id)
            .map_or(0, |slot| slot.queue.len())
    }

    /// Rows that wait for any graph.
    pub(super) fn waiting_in_all(&self) -> usize {
        let state = self.state();
        state.slots.values().map(|slot| slot.queue.len()).sum()
    }
}

/// The worker threads; dropping it stops them once their calls have returned.
#[derive(Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    pub(super) fn start(workers: usize, observer: Arc<dyn Observer>) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            observer,
        });
        let workers = (0..workers.max(1))
            .map(|number| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("atelier-worker-{number}"))
                    .spawn(move || work(&shared))
                    .expect("the system starts a handful of threads")
            })
            .collect();
        Self { shared, workers }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) fn workers(&self) -> usize {
        self.workers.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.closing = true;
        for slot in state.slots.values_mut() {
            for job in slot.queue.drain() {
                // The receiver may be gone already, which is all the same now.
                let _ = job.reply.send(Err(RunError::Stopped));
            }
            for flight in slot.flights.values_mut() {
                flight.braked = true;
                let _ = flight.brake.terminate();
            }
        }
        drop(state);
        self.shared.work.notify_all();
        for worker in self.workers.drain(..) {
            if worker.join().is_err() {
                tracing::error!("a worker had panicked");
            }
        }
    }
}

/// A batch that a worker has taken, with the session to run it.
struct Taken {
    slot: u64,
    flight: u64,
    rows: Vec<Row>,
    executor: Executor,
    model: Arc<str>,
    graph: Arc<str>,
    row_cost: Arc<AtomicU64>,
    oldest: Instant,
}

fn work(shared: &Shared) {
    while let Some(taken) = next(shared) {
        run(shared, taken);
    }
}

/// Waits for a batch; `None` when the pool closes.
fn next(shared: &Shared) -> Option<Taken> {
    let mut state = shared.state();
    loop {
        if state.closing {
            return None;
        }
        let Some(id) = state.ready() else {
            state = shared
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let flight = state.number();
        let slot = state.slots.get_mut(&id).expect("a ready slot exists");
        let jobs = slot.queue.next_batch(&slot.entry.sizes);
        let Some(oldest) = jobs.first().map(|job| job.arrived) else {
            continue;
        };
        let executor = slot.entry.executors.pop().expect("a ready slot has one");
        let (rows, replies) = jobs
            .into_iter()
            .map(|job| {
                let Job {
                    row,
                    reply,
                    arrived,
                    ..
                } = job;
                (
                    row,
                    Reply {
                        sender: reply,
                        arrived,
                    },
                )
            })
            .unzip();
        let brake = executor.brake();
        let running = Flight {
            replies,
            brake,
            braked: false,
        };
        slot.flights.insert(flight, running);
        let taken = Taken {
            slot: id,
            flight,
            rows,
            executor,
            model: Arc::clone(&slot.entry.model),
            graph: Arc::clone(&slot.entry.graph),
            row_cost: Arc::clone(&slot.entry.row_cost),
            oldest,
        };
        let more = state.ready().is_some();
        drop(state);
        if more {
            shared.work.notify_one();
        }
        return Some(taken);
    }
}

fn run(shared: &Shared, mut taken: Taken) {
    let started = Instant::now();
    let mut answers = attempt(&mut taken, |rows, executor| {
        executor.run(&rows.iter().collect::<Vec<_>>())
    });
    let inference = started.elapsed();

    let mut state = shared.state();
    let flight = state
        .slots
        .get_mut(&taken.slot)
        .and_then(|slot| slot.flights.remove(&taken.flight));
    let Some(flight) = flight else {
        return; // The graph has left the pool, and its session goes with this value.
    };
    drop(state);

    if flight.braked {
        if let Err(reason) = taken.executor.release_brake() {
            tracing::error!(reason, "a stopped session could not be made ready again");
        }
    } else if answers.is_err() && taken.rows.len() > 1 {
        // One bad row must not fail the strangers that it shared a call with.
        answers = Ok(Vec::new());
    }
    let wasted = flight
        .replies
        .iter()
        .filter(|reply| reply.sender.is_closed())
        .count();
    shared.observer.batch(&BatchReport {
        model: Arc::clone(&taken.model),
        graph: Arc::clone(&taken.graph),
        rows: taken.rows.len(),
        wasted,
        queued: started.duration_since(taken.oldest),
        inference,
        succeeded: matches!(&answers, Ok(rows) if !rows.is_empty()),
    });
    if answers.is_ok() {
        smooth(&taken.row_cost, inference, taken.rows.len());
    }
    let singly = matches!(&answers, Ok(rows) if rows.is_empty());
    let results = if singly {
        one_by_one(&mut taken)
    } else {
        match answers {
            Ok(rows) => rows.into_iter().map(Ok).collect(),
            Err(reason) => vec![Err(failed(&taken.graph, &reason)); taken.rows.len()],
        }
    };
    // The session is home before the answers leave, so that a caller who sends its next row at
    // once finds it free.
    let mut state = shared.state();
    if let Some(slot) = state.slots.get_mut(&taken.slot) {
        slot.entry.executors.push(taken.executor);
    }
    drop(state);
    for (reply, result) in flight.replies.into_iter().zip(results) {
        // A caller that has left does not want its answer.
        let time = CallTime {
            queued: started.duration_since(reply.arrived),
            inference,
        };
        let _ = reply.sender.send(result.map(|row| (row, time)));
    }
}

fn one_by_one(taken: &mut Taken) -> Vec<Result<Row, RunError>> {
    let graph = Arc::clone(&taken.graph);
    (0..taken.rows.len())
        .map(|at| {
            attempt(taken, |rows, executor| executor.run(&[&rows[at]]))
                .map(|mut rows| rows.remove(0))
                .map_err(|reason| failed(&graph, &reason))
        })
        .collect()
}

/// Runs, and turns a panic into a failure of this call alone.
fn attempt(
    taken: &mut Taken,
    call: impl FnOnce(&[Row], &mut Executor) -> Result<Vec<Row>, String>,
) -> Result<Vec<Row>, String> {
    let (rows, executor) = (&taken.rows, &mut taken.executor);
    catch_unwind(AssertUnwindSafe(|| call(rows, executor)))
        .unwrap_or_else(|_panic| Err("the call panicked".to_owned()))
}

fn failed(graph: &str, reason: &str) -> RunError {
    RunError::Failed {
        graph: graph.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Moves the smoothed cost of a row an eighth of the way to what was just measured.
fn smooth(cost: &AtomicU64, inference: Duration, rows: usize) {
    let measured = u64::try_from(inference.as_nanos()).unwrap_or(u64::MAX) / rows.max(1) as u64;
    let known = cost.load(Ordering::Relaxed);
    cost.store(known - known / 8 + measured / 8, Ordering::Relaxed);
}
