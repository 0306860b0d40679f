//! The place where rows wait, and the only one.
//!
//! A [`Queue`] is a plain value: no thread, no clock, no lock. The pool wraps it in its mutex,
//! and the tests below step it by hand. It answers one question: which rows run together next?
//! Those that are at the head in the order of arrival, have the head's key (equal shapes), and
//! whose callers still listen; as many as the largest batch size that the graph was proved to
//! compute bit for bit like single rows of that key.

use std::collections::BTreeMap;

/// Something that waits in a queue.
pub(in crate::runtime) trait Waiting {
    /// Rows with equal keys may share a call.
    type Key: PartialEq;

    /// What the row must have in common with its batch.
    fn key(&self) -> &Self::Key;

    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Its place in the order of arrival over all graphs; no two rows share one.
    fn sequence(&self) -> u64;
}

/// Rows in the order of their arrival, up to a bound.
///
/// They are found by their place in that order, so that thousands of callers who leave at once
/// don't each search the whole queue.
#[derive(Debug)]
pub(in crate::runtime) struct Queue<T> {
    rows: BTreeMap<u64, T>,
    bound: usize,
}

impl<T: Waiting> Queue<T> {
    pub(in crate::runtime) fn new(bound: usize) -> Self {
        Self {
            rows: BTreeMap::new(),
            bound,
        }
    }

    pub(in crate::runtime) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row, or hands it back when the queue is at its bound.
    pub(in crate::runtime) fn push(&mut self, row: T) -> Result<(), T> {
        if self.rows.len() >= self.bound {
            return Err(row);
        }
        self.rows.insert(row.sequence(), row);
        Ok(())
    }

    /// When the row that has waited longest arrived, for fairness between graphs.
    pub(in crate::runtime) fn head(&self) -> Option<u64> {
        self.rows.first_key_value().map(|(&sequence, _)| sequence)
    }

    /// Whether the row with this place in the order of arrival still waits.
    pub(in crate::runtime) fn holds(&self, sequence: u64) -> bool {
        self.rows.contains_key(&sequence)
    }

    /// Takes out the row with this place in the order of arrival, if it still waits.
    pub(in crate::runtime) fn remove(&mut self, sequence: u64) -> Option<T> {
        self.rows.remove(&sequence)
    }

    /// Takes every row out.
    pub(in crate::runtime) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        std::mem::take(&mut self.rows).into_values()
    }

    /// Takes the next batch: rows that share the head's key, in the order of arrival, as many
    /// as the largest of the key's `sizes` that they fill. Sizes ascend and start with 1.
    ///
    /// The rows are dealt evenly to so many `takers`, of which this batch is for the first.
    pub(in crate::runtime) fn next_batch<'s>(
        &mut self,
        takers: usize,
        sizes: impl Fn(&T::Key) -> &'s [usize],
    ) -> Vec<T> {
        let share = self.rows.len().div_ceil(takers.max(1));
        let mut head: Option<(&T::Key, &[usize])> = None;
        let mut alike = Vec::new();
        let mut abandoned = Vec::new();
        for (&sequence, row) in &self.rows {
            // A caller closes its receiver first and asks for its row to be removed then, so one may
            // be found here that is about to be.
            if row.is_abandoned() {
                abandoned.push(sequence);
                continue;
            }
            let (key, sizes) = *head.get_or_insert_with(|| (row.key(), sizes(row.key())));
            if key == row.key() {
                alike.push(sequence);
                if alike.len() == share || Some(&alike.len()) >= sizes.last() {
                    break;
                }
            }
        }
        let sizes = head.map_or(&[][..], |(_, sizes)| sizes);
        let fitting = sizes.iter().rev().find(|&&size| size <= alike.len());
        alike.truncate(fitting.copied().unwrap_or(0));
        for sequence in abandoned {
            self.rows.remove(&sequence);
        }
        alike
            .iter()
            .filter_map(|sequence| self.rows.remove(sequence))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample {
        name: u64,
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
        fn sequence(&self) -> u64 {
            self.name
        }
    }

    fn queue(rows: &[(u64, usize)]) -> Queue<Sample> {
        let mut queue = Queue::new(64);
        for &(name, shape) in rows {
            queue
                .push(Sample {
                    name,
                    shape,
                    abandoned: false,
                })
                .expect("the bound is not reached");
        }
        queue
    }

    fn names(batch: &[Sample]) -> Vec<u64> {
        batch.iter().map(|row| row.name).collect()
    }

    #[test]
    fn an_empty_queue_has_no_batch() {
        assert!(queue(&[]).next_batch(1, |_| &[1, 2]).is_empty());
    }

    #[test]
    fn rows_leave_in_the_order_of_arrival() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 8)]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2])), [1, 2]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2])), [3]);
    }

    #[test]
    fn only_rows_of_the_heads_shape_join_it() {
        let mut queue = queue(&[(1, 8), (2, 16), (3, 8), (4, 16)]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 3, 4])), [1, 3]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 3, 4])), [2, 4]);
    }

    #[test]
    fn only_sizes_that_were_proved_are_used() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 4])), [1, 2, 3, 4]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 4])), [5]);
    }

    #[test]
    fn a_graph_without_a_batch_axis_runs_row_by_row() {
        let mut queue = queue(&[(1, 8), (2, 8)]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1])), [1]);
        assert_eq!(names(&queue.next_batch(1, |_| &[1])), [2]);
    }

    #[test]
    fn a_row_whose_caller_left_costs_nothing() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 8)]);
        for row in queue.rows.values_mut().take(2) {
            row.abandoned = true;
        }
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 3])), [3]);
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn idle_workers_get_equal_shares() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)]);
        let sizes = |_: &usize| &[1, 2, 3, 4][..];
        assert_eq!(names(&queue.next_batch(2, sizes)), [1, 2, 3]);
        assert_eq!(names(&queue.next_batch(1, sizes)), [4, 5]);
    }

    #[test]
    fn each_key_has_sizes_of_its_own() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 16), (4, 16)]);
        let sizes = |&key: &usize| if key == 8 { &[1][..] } else { &[1, 2][..] };
        assert_eq!(names(&queue.next_batch(1, sizes)), [1]);
        assert_eq!(names(&queue.next_batch(1, sizes)), [2]);
        assert_eq!(names(&queue.next_batch(1, sizes)), [3, 4]);
    }

    #[test]
    fn a_row_that_leaves_makes_room() {
        let mut queue = queue(&[(1, 8), (2, 8), (3, 8)]);
        assert_eq!(queue.remove(2).map(|row| row.name), Some(2));
        assert!(queue.remove(2).is_none());
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 3])), [1, 3]);
    }

    #[test]
    fn a_full_queue_hands_the_row_back() {
        let mut queue = Queue::new(1);
        let row = |name| Sample {
            name,
            shape: 1,
            abandoned: false,
        };
        assert!(queue.push(row(1)).is_ok());
        assert_eq!(queue.push(row(2)).map_err(|row| row.name), Err(2));
    }

    #[test]
    fn the_rows_left_behind_keep_their_order() {
        let mut queue = queue(&[(1, 8), (2, 16), (3, 8), (4, 16), (5, 16)]);
        queue.next_batch(1, |_| &[1, 2]);
        assert_eq!(queue.head(), Some(2));
        assert_eq!(names(&queue.next_batch(1, |_| &[1, 2, 3])), [2, 4, 5]);
    }
}
