//! How many rows are worth running together.
//!
//! Sharing a call pays where rows share work: weights that are read once, operators that are
//! started once. Beyond some size there is nothing left to share, and rows that no longer fit into
//! the processor's cache together may even take longer in company. A call that is longer than it
//! need be keeps its worker from somebody else, and stops later when its callers leave. So the
//! proof's own calls are timed, and if a full batch takes long, those sizes are dropped that only
//! make calls longer, after each was timed again.

use std::time::Duration;

use crate::runtime::error::CallError;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::stopwatch::Stopwatch;
use crate::runtime::tensor::Row;

/// A call of this length bothers nobody, and where hundreds wait their rows are served the sooner:
/// between two calls other work drives a graph's weights out of the cache, and a lone measurement
/// doesn't show what a call then spends on fetching them.
pub(super) const SHORT: Duration = Duration::from_millis(10);
/// What timing one graph again may take; slower ones keep all sizes.
const BUDGET: Duration = Duration::from_millis(150);
/// How often each size is timed again, if there is time. The fastest counts: what disturbs a
/// measurement only makes it longer.
const ROUNDS: u128 = 3;
/// What the queue and the way between threads add to each call, whatever its size.
const OVERHEAD: Duration = Duration::from_micros(20);
/// The share of the best time for a row by which a smaller batch may be slower.
const SLACK: f64 = 0.05;

/// How long a call of so many rows took.
pub(in crate::runtime) type Timed = (usize, Duration);

/// The largest of the proved sizes that is worth its while; `proof` is what each took there.
///
/// # Errors
/// [`CallError`], when a call fails that did not fail before.
pub(in crate::runtime) fn worthwhile(
    executor: &mut Executor,
    rows: &[&Row],
    proof: &[Timed],
) -> Result<usize, CallError> {
    let most = proof.last().map_or(1, |&(size, _)| size);
    let mut fastest: Vec<Timed> = proof
        .iter()
        .copied()
        .filter(|&(size, _)| size.is_power_of_two() || size == most)
        .collect();
    let round: Duration = fastest.iter().map(|(_, time)| time).sum();
    let rounds = (BUDGET.as_nanos() / round.as_nanos().max(1)).min(ROUNDS);
    if rounds == 0 || fastest.last().is_none_or(|&(_, time)| time < SHORT) {
        return Ok(most);
    }
    for _ in 0..rounds {
        for (size, fastest) in &mut fastest {
            let rows: Vec<&Row> = rows.iter().copied().cycle().take(*size).collect();
            let started = Stopwatch::start();
            executor.run(&rows)?;
            *fastest = started.elapsed().min(*fastest);
        }
    }
    Ok(best(&fastest))
}

/// Of the sizes whose time for a row is next to the best, the largest that makes a short call, or
/// else the smallest.
fn best(times: &[Timed]) -> usize {
    let row = |&(size, time): &Timed| (time + OVERHEAD).as_secs_f64() / size as f64;
    let least = times.iter().map(row).fold(f64::INFINITY, f64::min);
    let good = |measured: &&Timed| row(measured) <= least * (1.0 + SLACK);
    let short = times.iter().filter(good).rfind(|(_, time)| *time <= SHORT);
    short
        .or_else(|| times.iter().find(good))
        .map_or(1, |&(size, _)| size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(micros: &[(usize, u64)]) -> usize {
        let time = |&(size, micros)| (size, Duration::from_micros(micros));
        best(&micros.iter().map(time).collect::<Vec<_>>())
    }

    #[test]
    fn rows_that_share_their_weights_run_in_the_largest_batch() {
        let times = [(1, 9000), (2, 9200), (4, 9600), (8, 10_400), (16, 12_000)];
        assert_eq!(best_of(&times), 16);
    }

    #[test]
    fn short_calls_are_as_large_as_they_may_be() {
        let times = [(1, 800), (2, 1580), (4, 3100), (8, 6200), (16, 12_400)];
        assert_eq!(best_of(&times), 8);
    }

    #[test]
    fn long_calls_are_no_longer_than_they_need_be() {
        assert_eq!(best_of(&[(1, 30_000), (2, 52_000), (4, 100_000)]), 2);
        assert_eq!(best_of(&[(1, 30_000), (2, 60_000), (4, 120_000)]), 1);
    }

    #[test]
    fn rows_that_hinder_each_other_run_by_themselves() {
        assert_eq!(best_of(&[(1, 5300), (2, 14_000), (4, 30_000)]), 1);
    }
}
