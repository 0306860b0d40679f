//! What a graph takes of memory: what its session holds, and what a call needs on top.
//!
//! Nothing in a file tells it, and it varies a thousandfold: attention needs room for each pair of
//! positions, which grows with the square of the image. So it is read off the session's own
//! allocator while the graph is proved: after one row, after as many as may share a call, and,
//! where the graph takes images of several sizes, after one of another size.

#[cfg(doc)]
use crate::runtime::graph::Graph;
use crate::runtime::session::executor::Executor;
use crate::runtime::tensor::Row;

/// Bytes of each number in a row.
const NUMBER: u64 = 4;

/// Bytes that a graph holds, and that its calls take while they run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MemoryUse {
    /// What each of its sessions holds between two calls: weights, and copies of them.
    pub session_bytes: u64,
    /// What a call takes, whatever its rows.
    fixed: f64,
    /// What each row takes that is as large as the samples: a part that grows with its elements…
    linear: f64,
    /// …and one that grows with their square.
    quadratic: f64,
}

impl MemoryUse {
    /// By what rows of several sizes took, ascending, of which the largest is smaller than the samples.
    pub(super) fn of_rows(session_bytes: u64, rows: impl Iterator<Item = (f64, u64)>) -> Self {
        let rows: Vec<(f64, f64)> = rows.map(|(size, bytes)| (size, bytes as f64)).collect();
        let (linear, quadratic) = match rows[..] {
            // What a row takes for each of its elements rises by as much as is quadratic in it.
            [.., (smaller, few), (size, bytes)] if smaller < size => {
                let rise = (bytes / size - few / smaller) / (size - smaller);
                let quadratic = rise.clamp(0.0, bytes / (size * size));
                (bytes / size - quadratic * size, quadratic)
            }
            [.., (size, bytes)] => (bytes / size, 0.0),
            [] => (0.0, 0.0),
        };
        Self {
            session_bytes,
            fixed: 0.0,
            linear,
            quadratic,
        }
    }

    /// Bytes that a call on `rows` rows takes at its peak, on top of what the session holds: `size`
    /// times as large as those that the graph was proved with, as [`Graph::size_of`] counts it.
    ///
    /// An estimate from above for sizes between those that were tried and beyond.
    #[must_use]
    pub fn call_bytes(&self, rows: usize, size: f64) -> u64 {
        (self.fixed + rows as f64 * self.row_bytes(size)) as u64
    }

    /// How large a row may be at most for a call on it alone to take no more than that.
    #[must_use]
    pub fn largest(&self, bytes: u64) -> f64 {
        let left = bytes as f64 - self.fixed;
        if left <= 0.0 {
            return 0.0;
        }
        if self.quadratic > 0.0 {
            let (a, b) = (self.quadratic, self.linear.max(0.0));
            return (-b + (b * b + 4.0 * a * left).sqrt()) / (2.0 * a);
        }
        left / self.linear.max(f64::MIN_POSITIVE)
    }

    fn row_bytes(&self, size: f64) -> f64 {
        self.linear * size + self.quadratic * size * size
    }
}

/// Reads a session's memory while its graph is proved, in the order of its functions.
#[derive(Debug)]
pub(in crate::runtime) struct Meter {
    session: u64,
    /// What came and goes with a sample outside of the session.
    row: u64,
    /// The size of a row of another size, as a share of a sample's, and what it took.
    smaller: Option<(f64, f64)>,
    one: f64,
    /// How many rows ran together at most, and what those took.
    several: Option<(usize, f64)>,
}

impl Meter {
    pub(in crate::runtime) fn start(executor: &Executor, samples: &[Row]) -> Self {
        let memory = executor.memory().unwrap_or_default();
        Self {
            session: memory.in_use,
            row: samples.first().map_or(0, bytes_of),
            smaller: None,
            one: 0.0,
            several: None,
        }
    }

    /// After one row with smaller images, and before all larger ones: a peak can't be forgotten.
    pub(in crate::runtime) fn ran_smaller(&mut self, executor: &Executor, size: f64) {
        if size < 1.0 {
            self.smaller = Some((size, self.peak(executor)));
        }
    }

    /// After one row; its answer lies outside of the session, too.
    pub(in crate::runtime) fn ran_alone(&mut self, executor: &Executor, answer: &Row) {
        self.one = self.peak(executor);
        self.row += bytes_of(answer);
    }

    /// After as many rows together as may be.
    pub(in crate::runtime) fn ran_together(&mut self, executor: &Executor, rows: usize) {
        if rows > 1 {
            self.several = Some((rows, self.peak(executor)));
        }
    }

    /// The most that was in use so far, besides what the session holds.
    fn peak(&self, executor: &Executor) -> f64 {
        let memory = executor.memory().unwrap_or_default();
        memory.peak.saturating_sub(self.session) as f64
    }

    pub(in crate::runtime) fn read(&self) -> MemoryUse {
        // Two numbers of rows tell what each takes and what is shared.
        let row = match self.several {
            Some((rows, bytes)) => ((bytes - self.one) / (rows as f64 - 1.0)).clamp(0.0, self.one),
            None => self.one,
        };
        let outside = self.row as f64;
        // Two sizes tell how a row's part grows: with a·s + b·s², of which both are known at s = 1 and
        // at the smaller size. What they share is part of `fixed` at both.
        let fixed = self.one - row;
        let quadratic = self.smaller.map_or(0.0, |(size, bytes)| {
            let smaller = (bytes - fixed).max(0.0);
            let square = (row * size - smaller) / (size - size * size);
            square.clamp(0.0, row)
        });
        MemoryUse {
            session_bytes: self.session,
            fixed,
            linear: row - quadratic + outside,
            quadratic,
        }
    }
}

/// Bytes of all tensors in a row.
pub(super) fn bytes_of(row: &Row) -> u64 {
    row.iter()
        .map(|(_, tensor)| NUMBER * tensor.len() as u64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        Meter {
            session: 1000,
            row: 0,
            smaller: None,
            one: 500.0,
            several: None,
        }
    }

    #[test]
    fn two_numbers_of_rows_tell_what_each_takes() {
        let several = Some((5, 900.0));
        let memory = Meter { several, ..meter() }.read();
        assert_eq!(memory.session_bytes, 1000);
        assert_eq!(memory.call_bytes(1, 1.0), 500);
        assert_eq!(memory.call_bytes(9, 1.0), 1300);
    }

    #[test]
    fn two_sizes_tell_what_grows_with_their_square() {
        // 300 s + 200 s².
        let smaller = Some((0.5, 200.0));
        let memory = Meter { smaller, ..meter() }.read();
        assert_eq!(memory.call_bytes(1, 1.0), 500);
        assert_eq!(memory.call_bytes(1, 4.0), 1200 + 3200);
        assert_eq!(memory.call_bytes(2, 4.0), 2 * (1200 + 3200));
    }

    #[test]
    fn the_largest_row_is_the_one_that_just_fits() {
        let smaller = Some((0.5, 200.0));
        let memory = Meter { smaller, ..meter() }.read();
        assert!((memory.largest(1200 + 3200) - 4.0).abs() < 1e-9);
        assert!((meter().read().largest(2000) - 4.0).abs() < 1e-9);
        let several = Some((5, 900.0));
        let shared = Meter { several, ..meter() }.read();
        assert_eq!(shared.largest(100), 0.0, "what all rows share doesn't fit");
    }

    #[test]
    fn small_rows_tell_what_large_ones_take() {
        // 300 s + 200 s².
        let of = |size: f64| (size, (300.0 * size + 200.0 * size * size) as u64);
        let memory = MemoryUse::of_rows(1000, [of(0.1), of(0.2), of(0.5)].into_iter());
        assert!(memory.call_bytes(1, 1.0).abs_diff(500) < 3);
        assert!(memory.call_bytes(1, 4.0).abs_diff(4400) < 30);
        // What is taken at any size is counted as if it grew.
        let shared = MemoryUse::of_rows(0, [(0.1, 110), (0.5, 150)].into_iter());
        assert_eq!(shared.call_bytes(1, 1.0), 300);
    }

    #[test]
    fn one_size_alone_grows_as_its_elements_do() {
        assert_eq!(meter().read().call_bytes(1, 4.0), 2000);
    }
}
