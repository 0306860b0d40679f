//! Rows of rising size, where a graph takes images of any: trying a large graph on small ones finds out as much
//! as on one of its own size, in a hundredth of the time.
//!
//! What a call takes follows from a few of them. Time goes with the elements, and a little faster where attention
//! is; memory as well, or with their square where attention is spelled out.

use std::time::Duration;

use super::batch_sizes::difference;
use super::memory::{MemoryUse, bytes_of};
use super::probe::{Batching, Proof, random_inside};
use crate::message;
use crate::runtime::error::{CallError, ProbeError};
use crate::runtime::session::environment::ProviderInUse;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::plan::Plan;
use crate::runtime::session::stopwatch::Stopwatch;
use crate::runtime::tensor::Row;

/// How often height and width are halved at most: what is left of a picture still has positions to attend to.
const HALVINGS: usize = 3;
/// After a row that took so long none is tried that is four times as large.
const LONG: Duration = Duration::from_millis(700);
/// From such a time on, a row keeps all processors busy by itself, and nothing is gained by a second one.
const LONG_ROW: Duration = Duration::from_secs(1);

/// A row that was tried.
#[derive(Debug)]
pub(super) struct Rung {
    pub(super) row: Row,
    /// What the graph made of it.
    pub(super) answer: Row,
    /// How large it is next to the samples.
    pub(super) size: f64,
    took: Duration,
    /// Bytes that the session had used at most by then, and those of the row and its answer.
    bytes: u64,
}

/// Rows like the samples with ever larger images, none as large as those, and how large they are next to them.
/// Two samples, where there are no smaller ones.
pub(super) fn rows(plan: &Plan, samples: &[Row]) -> Vec<(Row, f64)> {
    let smaller = |times: usize| {
        let sample = &samples[(HALVINGS - times) % samples.len()];
        let row = (0..times).try_fold(sample.clone(), |row, _| plan.halved(&row))?;
        let size = plan.extent(&row) as f64 / plan.extent(sample).max(1) as f64;
        Some((row, size))
    };
    let rows: Vec<(Row, f64)> = (1..=HALVINGS).rev().filter_map(smaller).collect();
    match rows.is_empty() {
        true => samples
            .iter()
            .take(2)
            .map(|row| (row.clone(), 1.0))
            .collect(),
        false => rows,
    }
}

/// What the graph makes of them, the smallest first, as long as that is quick. A graph may refuse the smallest.
pub(super) fn climb(
    executor: &mut Executor,
    rows: Vec<(Row, f64)>,
) -> Result<Vec<Rung>, CallError> {
    let session = executor.memory().unwrap_or_default().in_use;
    let mut rungs = Vec::new();
    let mut refused = None;
    for (row, size) in rows {
        let started = Stopwatch::start();
        let answer = executor.run(&[&row]);
        let took = started.elapsed();
        match answer {
            Ok(mut answers) => {
                let answer = answers.remove(0);
                let peak = executor.memory().unwrap_or_default().peak;
                rungs.push(Rung {
                    bytes: peak.saturating_sub(session) + bytes_of(&row) + bytes_of(&answer),
                    answer,
                    row,
                    size,
                    took,
                });
            }
            Err(error) => refused = Some(error),
        }
        if took > LONG {
            break;
        }
    }
    match (rungs.is_empty(), refused) {
        (true, Some(error)) => Err(error),
        _ => Ok(rungs),
    }
}

/// What a row of the samples' own size takes, if all of these are smaller; `None` if it isn't long.
pub(super) fn long_row(rungs: &[Rung]) -> Option<Duration> {
    let last = rungs.last().filter(|last| last.size < 1.0)?;
    let alone = last.took.div_f64(last.size);
    let row = match rungs.len().checked_sub(2).map(|at| &rungs[at]) {
        // The first call of a session takes longer than those after it, and is no use for a slope.
        Some(before) if rungs.len() > 2 => {
            let slope =
                last.took.saturating_sub(before.took).as_secs_f64() / (last.size - before.size);
            (last.took + Duration::from_secs_f64(slope * (1.0 - last.size))).min(alone)
        }
        _ => alone,
    };
    (row >= LONG_ROW).then_some(row)
}

/// What a graph does whose rows take long, from small ones alone.
///
/// # Errors
/// [`ProbeError`] when one fails, or yields numbers that are not finite.
pub(super) fn prove_by(
    executor: &mut Executor,
    rungs: Vec<Rung>,
    row_time: Duration,
    random: &[String],
) -> Result<Proof, ProbeError> {
    for rung in &rungs {
        if let Some((name, _)) = rung.answer.iter().find(|(_, tensor)| !tensor.is_finite()) {
            return Err(ProbeError::NotFinite {
                output: name.to_string(),
            });
        }
    }
    let session = executor.memory().unwrap_or_default().in_use;
    let memory = MemoryUse::of_rows(session, rungs.iter().map(|rung| (rung.size, rung.bytes)));
    let first = rungs.first().ok_or(ProbeError::NoSample)?;
    let again = executor.run(&[&first.row])?.remove(0);
    let reproducible = difference(&again, &first.answer) == 0.0;
    let mut notes = Vec::new();
    if !reproducible {
        let reason = random_inside(random);
        let says =
            message!("it isn't reproducible: {reason}, so one seed gives another image each time");
        notes.push(says.with("reason", reason));
    }
    Ok(Proof {
        batching: Batching::RowByRow {
            reason: message!(
                "a row takes about {seconds} s on all processors, so that rows together would gain nothing",
                seconds = format_args!("{:.0}", row_time.as_secs_f64().max(1.0))
            ),
        },
        provider: ProviderInUse::Cpu,
        row_time,
        answers: rungs.into_iter().map(|rung| rung.answer).collect(),
        reproducible,
        memory,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(size: f64, millis: u64) -> Rung {
        Rung {
            row: Row::new(),
            answer: Row::new(),
            size,
            took: Duration::from_millis(millis),
            bytes: 0,
        }
    }

    #[test]
    fn time_goes_on_as_between_the_two_largest_rows() {
        let rungs = [rung(1.0 / 64.0, 900), rung(0.0625, 500), rung(0.25, 1200)];
        let row = long_row(&rungs).unwrap();
        assert!((row.as_secs_f64() - 4.0).abs() < 0.01, "{row:?}");
    }

    #[test]
    fn quick_rows_and_those_of_the_own_size_are_not_long() {
        assert_eq!(long_row(&[rung(0.0625, 20), rung(0.25, 80)]), None);
        assert_eq!(long_row(&[rung(1.0, 9000)]), None);
        assert_eq!(long_row(&[]), None);
    }
}
