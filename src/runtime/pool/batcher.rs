//! The place where rows wait, and the only one.
//!
//! A [`Queue`] is a plain value: no thread, no clock, no lock. The pool wraps it in its mutex,
//! and the tests below step it by hand. It answers one question: which rows run together next?
//! The first is the oldest request's of the party whose turn it is. Those that join it come by the
//! same order, have its key (equal shapes), and have callers who still listen; as many as the
//! largest batch size that the graph was proved to compute bit for bit like single rows of that
//! key. Where parties share a batch, each gives a row in turn.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use super::fair_shares::FairShares;
use super::flow::{Party, Place};

/// Something that waits in a queue.
pub(in crate::runtime) trait Waiting {
    /// Rows with equal keys may share a call.
    type Key: PartialEq;

    /// What the row must have in common with its batch.
    fn key(&self) -> &Self::Key;

    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Its place; no two rows share one.
    fn place(&self) -> Place;
}

/// What the pool knows of rows with one key.
pub(in crate::runtime) struct Sharing<'s> {
    /// How many may share a call, ascending and beginning with 1.
    pub(in crate::runtime) sizes: &'s [usize],
    /// What one costs.
    pub(in crate::runtime) cost: Duration,
}

/// The rows of one party: a caller's oldest request first, and of each request the oldest row.
type Rows<T> = BTreeMap<(u64, u64), T>;

/// Rows by whose they are, up to a bound.
///
/// They are found by their place, so that thousands of callers who leave at once don't each search
/// the whole queue.
#[derive(Debug)]
pub(in crate::runtime) struct Queue<T> {
    parties: BTreeMap<Party, Rows<T>>,
    rows: usize,
    bound: usize,
}

impl<T: Waiting> Queue<T> {
    pub(in crate::runtime) fn new(bound: usize) -> Self {
        Self {
            parties: BTreeMap::new(),
            rows: 0,
            bound,
        }
    }

    pub(in crate::runtime) fn len(&self) -> usize {
        self.rows
    }

    pub(in crate::runtime) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a row, or hands it back when the queue is at its bound.
    pub(in crate::runtime) fn push(&mut self, row: T, shares: &mut FairShares) -> Result<(), T> {
        if self.rows >= self.bound {
            return Err(row);
        }
        let place = row.place();
        let rows = self.parties.entry(place.party).or_default();
        rows.insert((place.request, place.sequence), row);
        self.rows += 1;
        shares.arrived(place.party);
        Ok(())
    }

    /// When the row that this party would run next arrived, for fairness between graphs.
    pub(in crate::runtime) fn head(&self, party: Party) -> Option<u64> {
        let rows = self.parties.get(&party)?;
        rows.first_key_value().map(|(&(_, sequence), _)| sequence)
    }

    /// The row that this party would run next.
    pub(in crate::runtime) fn first(&self, party: Party) -> Option<&T> {
        let rows = self.parties.get(&party)?;
        rows.first_key_value().map(|(_, row)| row)
    }

    /// Whether the row at this place still waits.
    pub(in crate::runtime) fn holds(&self, place: Place) -> bool {
        let rows = self.parties.get(&place.party);
        rows.is_some_and(|rows| rows.contains_key(&(place.request, place.sequence)))
    }

    /// Takes out the row at this place, if it still waits; nothing was done for it.
    pub(in crate::runtime) fn remove(
        &mut self,
        place: Place,
        shares: &mut FairShares,
    ) -> Option<T> {
        let row = self.take(place)?;
        shares.left(place.party);
        Some(row)
    }

    fn take(&mut self, place: Place) -> Option<T> {
        let rows = self.parties.get_mut(&place.party)?;
        let row = rows.remove(&(place.request, place.sequence))?;
        if rows.is_empty() {
            self.parties.remove(&place.party);
        }
        self.rows -= 1;
        Some(row)
    }

    /// Takes every row out.
    pub(in crate::runtime) fn drain(&mut self, shares: &mut FairShares) -> Vec<T> {
        self.rows = 0;
        let parties = std::mem::take(&mut self.parties);
        let rows = parties.into_values().flat_map(Rows::into_values);
        rows.inspect(|row| shares.left(row.place().party)).collect()
    }

    /// Takes the next batch: as many rows as the largest of the key's sizes that they fill.
    ///
    /// The rows are dealt evenly to so many `takers`, of which this batch is for the first. Rows that `counts`
    /// leaves out stay where they are.
    pub(in crate::runtime) fn next_batch<'s>(
        &mut self,
        takers: usize,
        shares: &mut FairShares,
        counts: impl Fn(&T::Key) -> bool,
        sharing: impl Fn(&T::Key) -> Sharing<'s>,
    ) -> Vec<T> {
        let share = self.rows.div_ceil(takers.max(1));
        let mut turns: BinaryHeap<_> = self
            .parties
            .iter()
            .map(|(&party, rows)| {
                let mut rows = rows.iter();
                let first = rows.next().map(|(&(_, sequence), row)| (sequence, row));
                (party, first, rows)
            })
            .filter_map(|(party, first, rows)| {
                let (sequence, row) = first?;
                Some(Turn {
                    order: Reverse((shares.clock(party), sequence)),
                    party,
                    row,
                    rest: rows,
                })
            })
            .collect();
        let mut head: Option<(&T::Key, Sharing<'s>)> = None;
        let mut alike: Vec<Place> = Vec::new();
        let mut abandoned = Vec::new();
        while let Some(mut turn) = turns.pop() {
            let row = turn.row;
            let Reverse((mut clock, _)) = turn.order;
            // A caller closes its receiver first and asks for its row to be removed then, so one may
            // be found here that is about to be.
            if row.is_abandoned() {
                abandoned.push(row.place());
            } else if counts(row.key()) {
                let (key, sharing) = head.get_or_insert_with(|| (row.key(), sharing(row.key())));
                if *key == row.key() {
                    alike.push(row.place());
                    if alike.len() == share || Some(&alike.len()) >= sharing.sizes.last() {
                        break;
                    }
                    clock = FairShares::after(clock, turn.party, sharing.cost);
                }
            }
            if let Some((&(_, sequence), next)) = turn.rest.next() {
                turn.order = Reverse((clock, sequence));
                turn.row = next;
                turns.push(turn);
            }
        }
        drop(turns);
        let (sizes, cost) = head.map_or((&[][..], Duration::ZERO), |(_, sharing)| {
            (sharing.sizes, sharing.cost)
        });
        let fitting = sizes.iter().rev().find(|&&size| size <= alike.len());
        alike.truncate(fitting.copied().unwrap_or(0));
        // Taken out here, and not where they were found: `turns` has borrowed the queue. Before the
        // others are served, so that a party isn't charged for rows that nobody waits for.
        for place in abandoned {
            drop(self.remove(place, shares));
        }
        let mut batch = Vec::with_capacity(alike.len());
        for place in alike {
            shares.served(place.party, cost);
            batch.extend(self.take(place));
        }
        batch
    }
}

/// A party's next row, in the order in which parties take turns.
struct Turn<'q, T> {
    /// Its clock, and when the row arrived.
    order: Reverse<(u64, u64)>,
    party: Party,
    row: &'q T,
    rest: std::collections::btree_map::Iter<'q, (u64, u64), T>,
}

impl<T> Ord for Turn<'_, T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order)
    }
}

impl<T> PartialOrd for Turn<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Turn<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl<T> Eq for Turn<'_, T> {}

#[cfg(test)]
mod tests {
    use super::super::flow::Priority;
    use super::*;

    const A: Party = (1, Priority::Interactive);
    const B: Party = (2, Priority::Interactive);

    #[derive(Debug, PartialEq)]
    struct Sample {
        place: Place,
        shape: usize,
        abandoned: bool,
    }

    impl Waiting for Sample {
        type Key = usize;
        fn key(&self) -> &usize {
            &self.shape
        }
        fn is_abandoned(&self) -> bool {
            self.abandoned
        }
        fn place(&self) -> Place {
            self.place
        }
    }

    /// A queue with the clocks of those who wait in it.
    struct Waiters {
        queue: Queue<Sample>,
        shares: FairShares,
    }

    impl Waiters {
        /// Rows of one request of one party: name and shape.
        fn of(rows: &[(u64, usize)]) -> Self {
            let mut waiters = Self::none(64);
            for &(name, shape) in rows {
                waiters
                    .push(A, 0, name, shape)
                    .expect("the bound is not reached");
            }
            waiters
        }

        fn none(bound: usize) -> Self {
            Self {
                queue: Queue::new(bound),
                shares: FairShares::default(),
            }
        }

        fn push(
            &mut self,
            party: Party,
            request: u64,
            name: u64,
            shape: usize,
        ) -> Result<(), Sample> {
            let sample = Sample {
                place: at(party, request, name),
                shape,
                abandoned: false,
            };
            self.queue.push(sample, &mut self.shares)
        }

        fn next<'s>(&mut self, takers: usize, sizes: impl Fn(&usize) -> &'s [usize]) -> Vec<u64> {
            let cost = Duration::from_millis(1);
            let sharing = |key: &usize| Sharing {
                sizes: sizes(key),
                cost,
            };
            let batch = self
                .queue
                .next_batch(takers, &mut self.shares, |_| true, sharing);
            batch.iter().map(|row| row.place.sequence).collect()
        }

        fn remove(&mut self, name: u64) -> Option<u64> {
            let row = self.queue.remove(at(A, 0, name), &mut self.shares)?;
            Some(row.place.sequence)
        }
    }

    fn at(party: Party, request: u64, sequence: u64) -> Place {
        Place {
            party,
            request,
            sequence,
        }
    }

    #[test]
    fn an_empty_queue_has_no_batch() {
        assert!(Waiters::of(&[]).next(1, |_| &[1, 2]).is_empty());
    }

    #[test]
    fn rows_leave_in_the_order_of_arrival() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 8)]);
        assert_eq!(waiters.next(1, |_| &[1, 2]), [1, 2]);
        assert_eq!(waiters.next(1, |_| &[1, 2]), [3]);
    }

    #[test]
    fn a_row_of_an_older_request_goes_first_though_it_came_later() {
        let mut waiters = Waiters::none(64);
        waiters.push(A, 2, 10, 8).expect("there is room");
        waiters.push(A, 3, 11, 8).expect("there is room");
        waiters.push(A, 1, 12, 8).expect("there is room");
        assert_eq!(waiters.next(1, |_| &[1, 2]), [12, 10]);
    }

    #[test]
    fn callers_give_rows_in_turn() {
        let mut waiters = Waiters::none(64);
        for name in 0..20 {
            waiters.push(A, 1, name, 8).expect("there is room");
        }
        for name in 20..24 {
            waiters.push(B, 2, name, 8).expect("there is room");
        }
        let batch = waiters.next(1, |_| &[1, 2, 4, 8]);
        let of_b = batch.iter().filter(|&&name| name >= 20).count();
        assert_eq!((batch.len(), of_b), (8, 4));
    }

    #[test]
    fn a_newcomer_is_in_the_next_batch_whoever_was_there_before() {
        let mut waiters = Waiters::none(1024);
        for name in 0..200 {
            waiters.push(A, name, name, 8).expect("there is room");
        }
        waiters.next(1, |_| &[1, 2, 4, 8]);
        waiters.push(B, 200, 200, 8).expect("there is room");
        assert_eq!(waiters.next(1, |_| &[1, 2, 4, 8])[0], 200);
    }

    #[test]
    fn only_rows_of_the_heads_shape_join_it() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 16), (3, 8), (4, 16)]);
        assert_eq!(waiters.next(1, |_| &[1, 2, 3, 4]), [1, 3]);
        assert_eq!(waiters.next(1, |_| &[1, 2, 3, 4]), [2, 4]);
    }

    #[test]
    fn only_sizes_that_were_proved_are_used() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)]);
        assert_eq!(waiters.next(1, |_| &[1, 2, 4]), [1, 2, 3, 4]);
        assert_eq!(waiters.next(1, |_| &[1, 2, 4]), [5]);
    }

    #[test]
    fn a_graph_without_a_batch_axis_runs_row_by_row() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8)]);
        assert_eq!(waiters.next(1, |_| &[1]), [1]);
        assert_eq!(waiters.next(1, |_| &[1]), [2]);
    }

    #[test]
    fn a_row_whose_caller_left_costs_nothing() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 8)]);
        let rows = waiters.queue.parties.get_mut(&A).expect("it waits");
        for row in rows.values_mut().take(2) {
            row.abandoned = true;
        }
        assert_eq!(waiters.next(1, |_| &[1, 2, 3]), [3]);
        assert!(waiters.queue.is_empty());
        assert_eq!(waiters.shares.in_turn().count(), 0);
    }

    #[test]
    fn idle_workers_get_equal_shares() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)]);
        let sizes = |_: &usize| &[1, 2, 3, 4][..];
        assert_eq!(waiters.next(2, sizes), [1, 2, 3]);
        assert_eq!(waiters.next(1, sizes), [4, 5]);
    }

    #[test]
    fn each_key_has_sizes_of_its_own() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 16), (4, 16)]);
        let sizes = |&key: &usize| if key == 8 { &[1][..] } else { &[1, 2][..] };
        assert_eq!(waiters.next(1, sizes), [1]);
        assert_eq!(waiters.next(1, sizes), [2]);
        assert_eq!(waiters.next(1, sizes), [3, 4]);
    }

    #[test]
    fn a_row_that_leaves_makes_room() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 8), (3, 8)]);
        assert_eq!(waiters.remove(2), Some(2));
        assert!(waiters.remove(2).is_none());
        assert_eq!(waiters.next(1, |_| &[1, 2, 3]), [1, 3]);
    }

    #[test]
    fn a_full_queue_hands_the_row_back() {
        let mut waiters = Waiters::none(1);
        assert!(waiters.push(A, 0, 1, 1).is_ok());
        let back = waiters.push(A, 0, 2, 1).map_err(|row| row.place.sequence);
        assert_eq!(back, Err(2));
    }

    #[test]
    fn the_rows_left_behind_keep_their_order() {
        let mut waiters = Waiters::of(&[(1, 8), (2, 16), (3, 8), (4, 16), (5, 16)]);
        waiters.next(1, |_| &[1, 2]);
        assert_eq!(waiters.queue.head(A), Some(2));
        assert_eq!(waiters.next(1, |_| &[1, 2, 3]), [2, 4, 5]);
    }
}
