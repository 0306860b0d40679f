//! What waits and what runs, graph by graph: the pool's state, a value without threads.
//!
//! The party that was served least is next, whoever asks. How many workers share its rows,
//! and whether its batch is quick enough for a caller's thread, is reckoned from what its rows have
//! cost recently.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::answers::Reply;
use super::batcher::{Queue, Sharing, Waiting};
use super::call_memory::CallMemory;
use super::fair_shares::FairShares;
use super::flow::{Party, Place};
use super::row_cost::RowCost;
use super::session_growth::SessionGrowth;
use crate::runtime::load::memory::MemoryUse;
use crate::runtime::session::executor::{CancelHandle, Executor};
use crate::runtime::session::plan::Key;
use crate::runtime::tensor::Row;

/// A batch that takes no longer than this may run on a caller's thread, which is an async one:
/// next to what a request's own reading and writing hold it up for, it does not show.
const QUICK: Duration = Duration::from_micros(250);

/// The least work that another worker is woken up to share.
const WORTH_WAKING: Duration = Duration::from_micros(300);

/// A call that takes so long is run beside the workers, or others would wait for it: an image of some megapixels
/// through a graph that was proved on a small one.
const LONG: Duration = Duration::from_millis(250);

/// A worker that has had nothing to do for so long has a processor to itself. In a full house
/// workers rest between two calls as well, though never long, and larger calls serve better.
const RESTED: Duration = Duration::from_micros(200);

/// A row that waits, and who waits for it.
pub(in crate::runtime) struct Job {
    pub(in crate::runtime) row: Row,
    pub(in crate::runtime) key: Key,
    pub(in crate::runtime) reply: Reply,
    pub(in crate::runtime) place: Place,
}

impl Waiting for Job {
    type Key = Key;

    fn key(&self) -> &Key {
        &self.key
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_abandoned()
    }

    fn place(&self) -> Place {
        self.place
    }
}

/// What a graph brings to the pool.
pub(in crate::runtime) struct Entry {
    pub(in crate::runtime) model: Arc<str>,
    pub(in crate::runtime) graph: Arc<str>,
    pub(in crate::runtime) executors: Vec<Executor>,
    pub(in crate::runtime) spare: SessionGrowth,
    /// The batch sizes that were proved, for rows of `shapes`.
    pub(in crate::runtime) sizes: Vec<usize>,
    /// The open shapes of the rows with which it was proved.
    pub(in crate::runtime) shapes: Vec<usize>,
    /// One of those rows: sessions shrink at the end of a call, which needs one.
    pub(in crate::runtime) sample: Row,
    /// What its calls take.
    pub(in crate::runtime) memory: MemoryUse,
    /// Whether all rows cost about the same, so that a quick one is no chance.
    pub(in crate::runtime) steady: bool,
    /// Whether its calls are long and keep all processors busy: one such call runs at a time, on a worker of its
    /// own, so that others are never behind it.
    pub(in crate::runtime) wide: bool,
    /// What a row of the proof's shapes costs; shared with the graph's handle.
    pub(in crate::runtime) row_cost: Arc<RowCost>,
}

impl Entry {
    /// Bytes that a call on so many rows of a key takes.
    pub(in crate::runtime) fn call_bytes(&self, rows: usize, key: &Key) -> u64 {
        self.memory.call_bytes(rows, key.times(&self.shapes))
    }

    /// Whether a call on rows of a key is a long one. By what rows cost when the graph was loaded, so that a row
    /// is long or short for as long as it waits.
    pub(in crate::runtime) fn is_long(&self, key: &Key) -> bool {
        self.may_be_long() && self.is_long_at(key.times(&self.shapes))
    }

    /// Whether a row of its may make a long call. Cheap: it is asked of each graph whenever a worker looks
    /// for its next call.
    fn may_be_long(&self) -> bool {
        !self.shapes.is_empty() || self.is_long_at(1.0)
    }

    /// The same of a row with so many times as many numbers as the proof's.
    fn is_long_at(&self, times: f64) -> bool {
        self.wide || self.row_cost.at_proof().as_secs_f64() * times >= LONG.as_secs_f64()
    }

    /// What the session keeps that would run the next call.
    fn kept_by_next(&self) -> u64 {
        self.executors.last().map_or(0, Executor::keeps)
    }

    /// How many rows of a key may share a call: those of other shapes than the proof's may not,
    /// since a kernel can sum in another order where rows begin at odd places.
    pub(in crate::runtime) fn sharing(&self, key: &Key) -> Sharing<'_> {
        let cost = Duration::from_nanos(self.row_cost.recent());
        if key.shapes == self.shapes {
            Sharing {
                sizes: &self.sizes,
                cost,
            }
        } else {
            Sharing {
                sizes: &[1],
                cost: cost.mul_f64(key.times(&self.shapes)),
            }
        }
    }
}

/// A call that is running: who waits for it, and how to stop it.
pub(in crate::runtime) struct Flight {
    pub(in crate::runtime) number: u64,
    pub(in crate::runtime) replies: Vec<Reply>,
    pub(in crate::runtime) cancel: CancelHandle,
    pub(in crate::runtime) cancelled: bool,
    pub(in crate::runtime) begun: Instant,
}

/// A graph's place in the pool.
pub(in crate::runtime) struct Slot {
    pub(in crate::runtime) entry: Entry,
    pub(in crate::runtime) queue: Queue<Job>,
    /// As many as it has sessions at most. A session is here or in `entry.executors`, never in both,
    /// since both change under the pool's lock.
    pub(in crate::runtime) flights: Vec<Flight>,
    /// Bytes of the sessions that were opened beside its first.
    pub(in crate::runtime) opened: u64,
}

impl Slot {
    /// Whether it has rows, and a session free to run them.
    fn is_free(&self) -> bool {
        !self.entry.executors.is_empty() && !self.queue.is_empty()
    }

    /// Whether the row that this party would run next makes a long call.
    fn is_long(&self, party: Party) -> bool {
        let first = self.queue.first(party);
        first.is_some_and(|job| self.entry.is_long(&job.key))
    }

    /// Whether its next batch would be a quick one, by what its rows have cost recently.
    pub(in crate::runtime) fn is_quick(&self) -> bool {
        let most = self.entry.sizes.last().copied().unwrap_or(1);
        let rows = self.queue.len().min(most) as u64;
        let cost = self.entry.row_cost.recent();
        self.entry.steady && u128::from(cost.saturating_mul(rows)) <= QUICK.as_nanos()
    }

    /// What waits, by what rows have cost recently.
    fn work(&self) -> Duration {
        let cost = self.entry.row_cost.recent();
        Duration::from_nanos(cost.saturating_mul(self.queue.len() as u64))
    }

    /// How many workers would each have work enough, if they shared what waits.
    fn worth(&self) -> usize {
        let workers = self.work().as_nanos() / WORTH_WAKING.as_nanos();
        usize::try_from(workers).unwrap_or(usize::MAX)
    }

    /// Notes whether its rows wait for a session alone, while a worker is `idle` that might run them.
    ///
    /// Called whenever one of the three has changed: a batch was taken, or a worker found nothing
    /// to do. A session that comes home ends the want by itself.
    pub(in crate::runtime) fn note(&mut self, idle: bool, now: Instant) {
        if idle && self.entry.executors.is_empty() && !self.queue.is_empty() {
            self.entry.spare.begin(now);
        } else {
            self.entry.spare.end(now);
        }
    }
}

#[derive(Default)]
pub(in crate::runtime) struct State {
    pub(in crate::runtime) slots: BTreeMap<u64, Slot>,
    /// Whose turn it is.
    pub(in crate::runtime) shares: FairShares,
    next: u64,
    /// What calls take, and may.
    pub(in crate::runtime) memory: CallMemory,
    /// Calls that run, by workers or by callers, without long ones.
    pub(in crate::runtime) running: usize,
    /// Long calls that run.
    pub(in crate::runtime) runs_long: usize,
    /// Whether one of them keeps all processors busy.
    pub(in crate::runtime) runs_wide: bool,
    /// Since when each worker that waits for something to do has waited.
    pub(in crate::runtime) idle: BTreeMap<usize, Instant>,
    pub(in crate::runtime) closing: bool,
}

impl State {
    /// The graph to run next, if one more call may run: that of the party that was served least,
    /// and of its graphs the one whose next row arrived first.
    ///
    /// None while that one's call doesn't fit into memory beside those that run: others would go
    /// before it for ever. The same holds for a long call that waits for memory.
    pub(in crate::runtime) fn ready(&self, most: usize) -> Option<u64> {
        let (id, party) = self.in_turn(most)?;
        (self.has_room(id, party) && !self.is_long_short(most)).then_some(id)
    }

    /// The graph whose long call is to run next, if one more may run.
    pub(in crate::runtime) fn ready_long(&self, most: usize) -> Option<u64> {
        let (id, party) = self.long_in_turn(most)?;
        self.has_room(id, party).then_some(id)
    }

    /// Whether the next call in turn waits for memory alone.
    pub(in crate::runtime) fn is_short(&self, most: usize) -> bool {
        let next = self.in_turn(most);
        next.is_some_and(|(id, party)| !self.has_room(id, party)) || self.is_long_short(most)
    }

    fn is_long_short(&self, most: usize) -> bool {
        let next = self.long_in_turn(most);
        next.is_some_and(|(id, party)| !self.has_room(id, party))
    }

    fn has_room(&self, id: u64, party: Party) -> bool {
        let Some(slot) = self.slots.get(&id) else {
            return true;
        };
        let own = slot.entry.kept_by_next();
        let call = slot.queue.first(party);
        let call = call.map_or(0, |job| slot.entry.call_bytes(1, &job.key));
        self.memory.fits(call, own) || self.memory.is_alone()
    }

    fn in_turn(&self, most: usize) -> Option<(u64, Party)> {
        // Calls by callers count as well: who runs one has taken a worker's place, not its thread.
        if self.running >= most {
            return None;
        }
        self.next_of(|slot, party| !slot.is_long(party))
    }

    fn long_in_turn(&self, most: usize) -> Option<(u64, Party)> {
        // Most graphs have no long rows, and all callers would be looked through for one.
        let may_be = |slot: &Slot| slot.is_free() && slot.entry.may_be_long();
        if self.runs_long >= most || !self.slots.values().any(may_be) {
            return None;
        }
        let waits = |slot: &Slot| slot.entry.wide && self.runs_wide;
        self.next_of(|slot, party| slot.is_long(party) && !waits(slot))
    }

    /// Of the graphs for whose next row of a party that holds, the one whose turn it is.
    fn next_of(&self, counts: impl Fn(&Slot, Party) -> bool) -> Option<(u64, Party)> {
        let free = || self.slots.iter().filter(|(_, slot)| slot.is_free());
        let of = |party: Party| {
            let free = free().filter(|(_, slot)| counts(slot, party));
            let heads = free.filter_map(|(&id, slot)| Some((slot.queue.head(party)?, id)));
            heads.min().map(|(_, id)| (id, party))
        };
        free().next()?;
        self.shares.in_turn().find_map(of)
    }

    /// Among how many workers the rows of a graph are dealt, the one that asks included: those that
    /// are rested, have no other graph to turn to, and find a session and work worth waking up for.
    /// Those that find no session only miss it.
    pub(in crate::runtime) fn takers(&mut self, id: u64, most: usize) -> usize {
        let now = Instant::now();
        let rested = |&&since: &&Instant| now.duration_since(since) >= RESTED;
        let rested = self.idle.values().filter(rested).count();
        let others = self.slots.iter();
        let others = others
            .filter(|&(&other, slot)| other != id && !slot.entry.is_long_at(1.0) && slot.is_free());
        let free = rested.saturating_sub(others.count());
        let free = (1 + free).min(most.saturating_sub(self.running));
        let slot = self.slots.get_mut(&id).expect("a ready slot exists");
        let wanted = free.min(slot.worth()).max(1);
        let takers = wanted.min(slot.entry.executors.len());
        if takers < wanted {
            let work = slot
                .work()
                .mul_f64((wanted - takers) as f64 / wanted as f64);
            slot.entry.spare.miss(work);
        }
        takers
    }

    /// The graph that has missed another session most, and after how long it is to be given one if
    /// it goes on as now. Asked by a worker that has nothing else to do.
    pub(in crate::runtime) fn missing(&mut self, most: usize) -> Option<(u64, Duration)> {
        if self.running >= most {
            return None;
        }
        let now = Instant::now();
        let memory = &self.memory;
        let due = |(&id, slot): (&u64, &mut Slot)| {
            slot.note(true, now);
            if !memory.fits(slot.entry.memory.session_bytes, 0) {
                return None;
            }
            Some((id, slot.entry.spare.due_in(now)?))
        };
        self.slots
            .iter_mut()
            .filter_map(due)
            .min_by_key(|&(_, wait)| wait)
    }

    /// The session that is first to give memory back, by its graph and its place among those at
    /// rest, and in how long. Sessions that run are looked at when they have come home.
    ///
    /// At once, where the next call waits for what sessions keep: those first that keep most.
    pub(in crate::runtime) fn stretched(
        &self,
        most: usize,
        now: Instant,
    ) -> Option<(u64, usize, Duration)> {
        if self.memory.kept() > 0 && self.is_short(most) {
            let of = |(&id, slot): (&u64, &Slot)| {
                let sessions = slot.entry.executors.iter().enumerate();
                let keeping = sessions.filter(|(_, session)| session.keeps() > 0);
                let most = keeping.max_by_key(|(_, session)| session.keeps());
                most.map(|(at, session)| (session.keeps(), id, at))
            };
            let largest = self.slots.iter().filter_map(of).max();
            return largest.map(|(_, id, at)| (id, at, Duration::ZERO));
        }
        let of = |(&id, slot): (&u64, &Slot)| {
            let sessions = slot.entry.executors.iter().enumerate();
            let due = sessions.filter_map(|(at, session)| Some((session.shrinks_in(now)?, at)));
            due.min().map(|(wait, at)| (id, at, wait))
        };
        let stretched = self.slots.iter().filter_map(of);
        stretched.min_by_key(|&(_, _, wait)| wait)
    }

    /// Whether a call on a caller's thread has left a session that a worker should see to: workers
    /// that rest have not seen that call, and wouldn't look.
    pub(in crate::runtime) fn is_left_stretched(&self, id: u64) -> bool {
        let sessions = self.slots.get(&id).map(|slot| &slot.entry.executors);
        sessions.is_some_and(|sessions| sessions.iter().any(Executor::is_stretched_far))
    }

    /// Whether a graph is to be given another session now.
    pub(in crate::runtime) fn is_due(&self, most: usize) -> bool {
        let now = Instant::now();
        let mut slots = self.slots.values();
        let due = |slot: &Slot| slot.entry.spare.due_in(now) == Some(Duration::ZERO);
        self.running < most && !self.idle.is_empty() && slots.any(due)
    }

    /// Whether this row still waits to be run.
    pub(in crate::runtime) fn waits(&self, id: u64, place: Place) -> bool {
        !self.closing
            && self
                .slots
                .get(&id)
                .is_some_and(|slot| slot.queue.holds(place))
    }

    /// Whether the next batch of a graph would be a quick one.
    pub(in crate::runtime) fn is_quick(&self, id: u64) -> bool {
        self.slots.get(&id).is_some_and(Slot::is_quick)
    }

    pub(in crate::runtime) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}
