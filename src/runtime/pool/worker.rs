//! What a worker does all day: takes a batch with the session to run it, runs it, answers.
//!
//! A quick batch needs no worker: [`lead`] runs it on the thread of a caller who waits for it.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, LockResult, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answers::{CallTime, Reply, send_all};
use super::batcher::Sharing;
use super::flow::Place;
use super::row_cost::RowCost;
use super::shared::Shared;
use super::slots::{Flight, State};
use crate::runtime::error::{CallError, RunError};
use crate::runtime::observer::BatchReport;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::plan::Key;
use crate::runtime::tensor::Row;

/// Works until the pool closes.
pub(in crate::runtime) fn work(shared: &Shared, number: usize) {
    // Whether this thread may have memory to give back.
    let mut kept = true;
    while let Some(taken) = next(shared, number, &mut kept) {
        run(shared, taken);
        // What the call freed lies in this thread's heap, and goes back when it has rested.
        kept = true;
    }
}

/// Runs long calls until the pool closes.
///
/// Were they run by the workers, quick rows would wait for whole steps of a large model, or for
/// images of megapixels. Of a graph whose calls keep all processors busy by threads of their own, one runs at a
/// time: a second one would help nobody.
pub(in crate::runtime) fn work_long(shared: &Shared) {
    let mut kept = false;
    while let Some(taken) = next_long(shared, &mut kept) {
        run(shared, taken);
        kept = true;
        // Workers may have waited for its memory, or are to see to what its session keeps.
        shared.work.notify_one();
    }
}

fn next_long(shared: &Shared, kept: &mut bool) -> Option<InFlightBatch> {
    let mut state = shared.state();
    loop {
        if state.closing {
            return None;
        }
        let Some(id) = state.ready_long(shared.workers) else {
            if state.is_short(shared.workers) {
                // A worker that has nothing to do has sessions shrink for it.
                shared.work.notify_one();
            }
            state = give_back_after_rest(shared, state, (&shared.long_work, None), kept);
            continue;
        };
        let Some(taken) = take(&mut state, id, (1, true)) else {
            continue;
        };
        // A row's wake-up is lost when nobody who hears it may run one more.
        let more = state.ready_long(shared.workers).is_some();
        drop(state);
        if more {
            shared.long_work.notify_one();
        }
        return Some(taken);
    }
}

/// Runs the batch that a caller's row is in, on the caller's own thread.
///
/// For a call of some microseconds, waking a worker and being woken by it takes longer than the
/// call. So a caller whose row would make a quick batch lets everybody else send theirs first, and
/// then runs it for all of them: unless somebody did so before, every worker has a call already,
/// rows of another graph have waited longer, or the batch has grown. Then it is the workers' turn.
pub(in crate::runtime) fn lead(shared: &Shared, slot: u64, place: Place) {
    let mut state = shared.state();
    // Since its caller let others go first, a worker or another caller may have taken it.
    if !state.waits(slot, place) {
        return;
    }
    let leads = state.is_quick(slot) && state.ready(shared.workers) == Some(slot);
    let Some(taken) = leads.then(|| take(&mut state, slot, (1, false))).flatten() else {
        // Nobody was told of this row when it was queued.
        drop(state);
        shared.work.notify_one();
        return;
    };
    // Never while a call runs: rows are queued meanwhile, and callers leave.
    drop(state);
    run(shared, taken);
    // Rows that came meanwhile have woken a worker, which may have found no session at home, or as
    // many calls as there may be; this call's end has changed both.
    let state = shared.state();
    let more = state.ready(shared.workers).is_some()
        || state.is_short(shared.workers)
        || state.is_left_stretched(slot);
    drop(state);
    if more {
        shared.work.notify_one();
    }
}

/// A batch that was taken, with the session to run it.
struct InFlightBatch {
    slot: u64,
    flight: u64,
    rows: Vec<Row>,
    executor: Executor,
    model: Arc<str>,
    graph: Arc<str>,
    row_cost: Arc<RowCost>,
    /// How large its rows are, in relation to those that the graph was proved with.
    times: f64,
    /// Bytes that its session holds meanwhile.
    claimed: u64,
    oldest: Instant,
    /// Whether it is a long call, beside which the others run.
    long: bool,
    /// Whether it keeps all processors busy.
    wide: bool,
}

/// How long a worker has had nothing to do before it gives memory back: longer than sessions wait
/// before they shrink, so that what those have freed is given back with it.
const REST: Duration = Duration::from_millis(2_500);

/// Waits for a batch; `None` when the pool closes.
fn next(shared: &Shared, number: usize, kept: &mut bool) -> Option<InFlightBatch> {
    let mut state = shared.state();
    loop {
        // Each time, since what ended the last wait may have been that the pool closes.
        if state.closing {
            return None;
        }
        let Some(id) = state.ready(shared.workers) else {
            // A session that a worker has opened, or that has shrunk, may be what a long call waited for.
            if state.ready_long(shared.workers).is_some() {
                shared.long_work.notify_one();
            }
            state.idle.entry(number).or_insert_with(Instant::now);
            let opens = state.missing(shared.workers);
            let shrinks = state.stretched(shared.workers, Instant::now());
            state = match (opens, shrinks) {
                (Some((id, Duration::ZERO)), _) => {
                    state.idle.remove(&number);
                    open(shared, state, id)
                }
                (_, Some((id, at, Duration::ZERO))) => {
                    state.idle.remove(&number);
                    *kept = true;
                    shrink(shared, state, id, at)
                }
                (opens, shrinks) => {
                    let due = [opens.map(|(_, due)| due), shrinks.map(|(_, _, due)| due)];
                    let due = due.into_iter().flatten().min();
                    give_back_after_rest(shared, state, (&shared.work, due), kept)
                }
            };
            continue;
        };
        state.idle.remove(&number);
        let takers = state.takers(id, shared.workers);
        let Some(taken) = take(&mut state, id, (takers, false)) else {
            continue; // Nobody waits for its rows any more.
        };
        // Seen under the lock and told after it. A row's wake-up is lost when every worker has a call
        // at that moment, so each who takes a batch wakes the next where there is more.
        let more = state.ready(shared.workers).is_some() || state.is_due(shared.workers);
        drop(state);
        if more {
            shared.work.notify_one();
        }
        return Some(taken);
    }
}

/// Waits for news, for as long as `due` at most, and gives freed memory back to the system after a rest.
fn give_back_after_rest<'s>(
    shared: &'s Shared,
    state: MutexGuard<'s, State>,
    (news, due): (&Condvar, Option<Duration>),
    kept: &mut bool,
) -> MutexGuard<'s, State> {
    let Some(due) = kept.then_some(REST).into_iter().chain(due).min() else {
        return wait(news.wait(state));
    };
    let (state, woken) = wait(news.wait_timeout(state, due));
    if !woken.timed_out() || due < REST {
        return state;
    }
    // What was freed lies in the heap of the thread that had asked for it, which alone can give it
    // back: so each worker does, once it has had nothing to do. Not under the lock, since it may take
    // long; a row that comes meanwhile is seen when the lock is taken again.
    drop(state);
    *kept = false;
    (shared.give_back)();
    shared.state()
}

/// What was waited for, whether or not somebody panicked meanwhile.
fn wait<T>(waited: LockResult<T>) -> T {
    waited.unwrap_or_else(PoisonError::into_inner)
}

/// Opens another session of a graph, which counts as a call.
fn open<'s>(
    shared: &'s Shared,
    mut state: MutexGuard<'s, State>,
    id: u64,
) -> MutexGuard<'s, State> {
    let slot = state.slots.get_mut(&id).expect("a slot that misses exists");
    // Counted as open before it is, or the next idle worker would open one more for the same want.
    let opener = slot.entry.spare.take();
    let (model, graph) = (Arc::clone(&slot.entry.model), Arc::clone(&slot.entry.graph));
    state.running += 1;
    // Opening takes as long as a call or longer, and rows are queued and run meanwhile.
    drop(state);
    let opened = catch_unwind(AssertUnwindSafe(|| opener()));
    let mut state = shared.state();
    state.running -= 1;
    let State { slots, memory, .. } = &mut *state;
    let Some(slot) = slots.get_mut(&id) else {
        return state; // The graph has left the pool meanwhile.
    };
    let reason = match opened {
        Ok(Ok(executor)) => {
            let bytes = slot.entry.memory.session_bytes;
            slot.opened += bytes;
            memory.opened(bytes);
            slot.entry.executors.push(executor);
            return state;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_panic) => "opening it panicked".to_owned(),
    };
    tracing::warn!(%model, %graph, reason, "a graph gets no further session");
    slot.entry.spare.give_up();
    state
}

/// Has a session give back what only its large calls needed. That counts as a call: rows that come
/// meanwhile wait for the session as they would for one.
fn shrink<'s>(
    shared: &'s Shared,
    mut state: MutexGuard<'s, State>,
    id: u64,
    at: usize,
) -> MutexGuard<'s, State> {
    let slot = state
        .slots
        .get_mut(&id)
        .expect("a slot that is stretched exists");
    // Away from its slot while it shrinks, so that no worker takes it for a call.
    let mut executor = slot.entry.executors.swap_remove(at);
    let sample = slot.entry.sample.clone();
    let kept = executor.keeps();
    let (model, graph) = (Arc::clone(&slot.entry.model), Arc::clone(&slot.entry.graph));
    state.running += 1;
    drop(state);
    let shrunk = catch_unwind(AssertUnwindSafe(|| executor.shrink_arena(&sample)));
    if !matches!(shrunk, Ok(Ok(()))) {
        tracing::warn!(%model, %graph, "a session keeps the memory of its largest call");
    }
    let mut state = shared.state();
    state.running -= 1;
    state.memory.leave(kept);
    if let Some(slot) = state.slots.get_mut(&id) {
        slot.entry.executors.push(executor);
        slot.entry.spare.end(Instant::now());
    }
    // A row that came meanwhile has woken no worker but this one.
    state
}

/// Takes the next batch of a slot that is ready, a share of it where there are more takers.
fn take(state: &mut State, id: u64, (takers, long): (usize, bool)) -> Option<InFlightBatch> {
    let flight = state.number();
    let idle = !state.idle.is_empty();
    let State {
        slots,
        shares,
        memory,
        ..
    } = &mut *state;
    let slot = slots.get_mut(&id).expect("a ready slot exists");
    let entry = &slot.entry;
    let wide = entry.wide;
    let of_its_kind = |key: &Key| entry.is_long(key) == long;
    let own = entry.executors.last().map_or(0, Executor::keeps);
    let jobs = slot.queue.next_batch(takers, shares, of_its_kind, |key| {
        let sharing = entry.sharing(key);
        // No more rows than memory has room for; one row always goes, or nothing would.
        let fitting = |&rows: &usize| rows == 1 || memory.fits(entry.call_bytes(rows, key), own);
        let fitting = sharing.sizes.partition_point(fitting);
        Sharing {
            sizes: &sharing.sizes[..fitting],
            ..sharing
        }
    });
    let oldest = jobs.iter().map(|job| job.reply.arrived).min()?;
    let first = &jobs.first()?.key;
    let times = first.times(&entry.shapes);
    let claimed = memory.begin(entry.call_bytes(jobs.len(), first), own);
    let executor = slot.entry.executors.pop().expect("a ready slot has one");
    let (rows, replies) = jobs.into_iter().map(|job| (job.row, job.reply)).unzip();
    let running = Flight {
        number: flight,
        replies,
        cancel: executor.cancel_handle(),
        cancelled: false,
        begun: Instant::now(),
    };
    // Under the lock under which its rows left the queue: whoever leaves from now on finds the
    // flight, and cancels a call that has not begun as well as one that runs.
    slot.flights.push(running);
    slot.note(idle, Instant::now());
    let taken = InFlightBatch {
        slot: id,
        flight,
        rows,
        executor,
        model: Arc::clone(&slot.entry.model),
        graph: Arc::clone(&slot.entry.graph),
        row_cost: Arc::clone(&slot.entry.row_cost),
        times,
        claimed,
        oldest,
        long,
        wide,
    };
    // Under the lock under which `ready` found that one more may run, or two would be the last one.
    match long {
        true => {
            state.runs_long += 1;
            state.runs_wide |= wide;
        }
        false => state.running += 1,
    }
    Some(taken)
}

/// What a call made of its rows, and when.
struct Called {
    rows: Vec<Row>,
    started: Instant,
    inference: Duration,
}

/// Runs the rows together, or one by one if that fails, and sends the answers.
fn run(shared: &Shared, mut taken: InFlightBatch) {
    let count = taken.rows.len();
    let together = call(shared, &mut taken, 0..count);
    // One bad row must not fail the strangers that it shared a call with.
    let calls: Vec<Result<Called, RunError>> = if together.is_err() && count > 1 {
        let alone = |at| call_if_wanted(shared, &mut taken, at..at + 1);
        (0..count).map(alone).collect()
    } else {
        vec![together]
    };
    let answers = calls.into_iter().flat_map(|called| match called {
        Ok(called) => {
            let (started, inference) = (called.started, called.inference);
            let shared = called.rows.len();
            let rows = called.rows.into_iter();
            rows.map(|row| Ok((row, started, inference, shared)))
                .collect()
        }
        Err(error) => vec![Err(error)],
    });
    let replies = land(shared, taken).into_iter();
    let answers = replies.zip(answers).map(|(reply, answer)| {
        let answer = answer.map(|(row, started, inference, rows)| {
            let queued = started.duration_since(reply.arrived);
            let time = CallTime {
                queued,
                inference,
                rows,
            };
            (row, time)
        });
        (reply, answer)
    });
    send_all(answers.collect());
}

fn call_if_wanted(
    shared: &Shared,
    taken: &mut InFlightBatch,
    rows: Range<usize>,
) -> Result<Called, RunError> {
    // A cancelled session fails each further call at once, and nobody waits for one of these.
    if shared.state().closing || unwanted(shared, taken, rows.clone()) == rows.len() {
        return Err(RunError::Stopped);
    }
    call(shared, taken, rows)
}

/// One call on some of the rows, reported to the observer.
fn call(
    shared: &Shared,
    taken: &mut InFlightBatch,
    rows: Range<usize>,
) -> Result<Called, RunError> {
    let started = Instant::now();
    let (batch, executor) = (&taken.rows[rows.clone()], &mut taken.executor);
    // A panic is a failure of this call alone.
    let answers = catch_unwind(AssertUnwindSafe(|| {
        executor.run(&batch.iter().collect::<Vec<_>>())
    }))
    .unwrap_or(Err(CallError::Panicked));
    let inference = started.elapsed();
    if answers.is_ok() {
        let usual = inference.div_f64(taken.times);
        taken.row_cost.measured(usual, rows.len());
    }
    shared.observer.batch(&BatchReport {
        model: Arc::clone(&taken.model),
        graph: Arc::clone(&taken.graph),
        rows: rows.len(),
        wasted: unwanted(shared, taken, rows),
        queued: started.duration_since(taken.oldest),
        inference,
        succeeded: answers.is_ok(),
    });
    match answers {
        Ok(rows) => Ok(Called {
            rows,
            started,
            inference,
        }),
        // Looked at after the call: the pool says that it closes before it cancels what runs.
        Err(_) if shared.state().closing => Err(RunError::Stopped),
        Err(reason) => Err(RunError::Failed {
            graph: taken.graph.to_string(),
            reason,
        }),
    }
}

/// How many of the rows nobody waits for any more.
fn unwanted(shared: &Shared, taken: &InFlightBatch, rows: Range<usize>) -> usize {
    let state = shared.state();
    let flight = state
        .slots
        .get(&taken.slot)
        .and_then(|slot| slot.flights.iter().find(|one| one.number == taken.flight));
    flight.map_or(rows.len(), |flight| {
        let replies = flight.replies[rows].iter();
        replies.filter(|reply| reply.is_abandoned()).count()
    })
}

/// Brings the session home, before the answers leave: a caller who sends its next row at once
/// finds it free. Answers with those who wait.
fn land(shared: &Shared, mut taken: InFlightBatch) -> Vec<Reply> {
    let mut state = shared.state();
    // Before the slot is looked for: the call of a graph that has left counts no more, either.
    match taken.long {
        true => {
            state.runs_long -= 1;
            state.runs_wide &= !taken.wide;
        }
        false => state.running -= 1,
    }
    state.memory.end(taken.claimed);
    let State { slots, memory, .. } = &mut *state;
    let Some(slot) = slots.get_mut(&taken.slot) else {
        return Vec::new(); // The graph has left the pool, and its session goes with this value.
    };
    let mut flights = slot.flights.iter();
    let Some(at) = flights.position(|one| one.number == taken.flight) else {
        return Vec::new();
    };
    // Session and flight change under one lock. Between the two, another worker could take the
    // session while a caller who leaves still cancels it.
    let flight = slot.flights.swap_remove(at);
    // Only now: until the flight is gone, whoever leaves last may still cancel it, and the next
    // call of this session would be the one to stop.
    if flight.cancelled
        && let Err(error) = taken.executor.ready_again()
    {
        tracing::error!(%error, "a cancelled session could not be made ready again");
    }
    taken.executor.keep(taken.claimed);
    memory.rest(taken.claimed);
    slot.entry.executors.push(taken.executor);
    slot.entry.spare.end(Instant::now());
    // The memory that it waited for may be free now.
    if state.ready_long(shared.workers).is_some() {
        shared.long_work.notify_one();
    }
    flight.replies
}
