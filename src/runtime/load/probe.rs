//! Foreign exports lie about their batch axis, so a graph proves what it can do before it serves.
//!
//! Batch sizes up to the bound are run on rows that differ, and every row's answer is held, bit
//! for bit, against the same row's answer alone. Rows share calls only if all of them agree, so
//! whatever shares a call, a request's bytes stay the same. Three things stand against it: the
//! call fails (a frozen `Reshape` behind a dynamic axis), the rows influence each other (a
//! normalisation over the batch), or a kernel sums in another order.
//!
//! The last is a matter of chance. Some kernels take their first few numbers apart where a row
//! begins at an odd place in memory, and most sums come out the same all the same. So rows are
//! tried at many places, in more variety than the caller gave; and one difference at one size
//! ends it for all sizes, because the others were only lucky. `docs/determinism.md` has the
//! measurements.
//!
//! A graph with randomness inside gives another answer each time. One row is run twice to see it.

use std::time::Duration;

use serde::Serialize;

use super::memory::{MemoryUse, Meter};
use super::pace::{Timed, worthwhile};
use crate::language::Message;
use crate::message;
use crate::runtime::error::{CallError, ProbeError};
use crate::runtime::session::environment::ProviderInUse;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::stopwatch::Stopwatch;
use crate::runtime::tensor::{Row, Tensor};

/// Rows that share a call when the manifest names no bound; the benchmarks' table says why.
const MAX_BATCH: usize = 16;
/// The time that proving one graph may take before larger sizes are sampled; at five times that, they are left out.
const BUDGET: Duration = Duration::from_millis(60);
/// However slow the graph, two rows together are tried if a row takes less than this.
const SLOWEST_TO_TRY: Duration = Duration::from_secs(20);
/// As many times a row's time must fit into the budget before rows of the probe's own are added.
const MOST_TRIALS: u32 = 64;
/// Rows that share a call at most, whatever the manifest allows.
const LARGEST: usize = 256;
/// Differences above this share of the largest value are more than rounding.
const ROUNDING: f32 = 1e-3;

/// What is known of a graph's batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Batching {
    /// Rows share calls, in the sizes that were proved bit-identical to single rows and are faster.
    Shared {
        /// Ascending; starts with 1.
        sizes: Vec<usize>,
    },
    /// Each row runs by itself.
    RowByRow {
        /// Why, in a sentence for people.
        reason: Message,
    },
}

impl Batching {
    /// The batch sizes that may be used, ascending, starting with 1.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        match self {
            Self::Shared { sizes } => sizes,
            Self::RowByRow { .. } => &[1],
        }
    }
}

/// What the probe found.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Which rows may share calls.
    pub batching: Batching,
    /// Where the graph runs.
    pub provider: ProviderInUse,
    /// How long one row alone takes, warm.
    pub row_time: Duration,
    /// What the graph made of each sample.
    pub answers: Vec<Row>,
    /// Whether the same row gives the same answer each time.
    pub reproducible: bool,
    /// What it holds, and what its calls take.
    pub memory: MemoryUse,
    /// What a person should know: sizes that were left out, and why.
    pub notes: Vec<Message>,
}

/// What a graph is proved with.
#[derive(Debug)]
pub(in crate::runtime) struct Trials<'t> {
    /// Rows that differ.
    pub(in crate::runtime) samples: &'t [Row],
    /// A row with smaller images, where the graph takes images of any size, and how large it is next
    /// to the samples.
    pub(in crate::runtime) smaller: Option<(Row, f64)>,
    /// Why rows can never share a call, if that is known.
    pub(in crate::runtime) alone: Option<Message>,
    /// How many rows each call has, where the graph freezes that.
    pub(in crate::runtime) frozen: Option<usize>,
    /// Rows that may share a call at most.
    pub(in crate::runtime) max_batch: Option<usize>,
    /// The graph's operators that draw random numbers.
    pub(in crate::runtime) random: &'t [String],
}

/// Runs the samples alone and together.
///
/// # Errors
/// [`ProbeError`] when a sample alone fails, or yields numbers that are not finite.
pub(in crate::runtime) fn prove(
    executor: &mut Executor,
    provider: ProviderInUse,
    trials: &Trials<'_>,
) -> Result<Proof, ProbeError> {
    let samples = trials.samples;
    // First of all, since what a session ever used at most can't be forgotten again.
    let mut meter = Meter::start(executor, samples);
    if let Some((smaller, size)) = &trials.smaller
        && executor.run(&[smaller]).is_ok()
    {
        meter.ran_smaller(executor, *size);
    }
    let mut answers = Vec::with_capacity(samples.len());
    let mut row_time = Duration::MAX;
    for sample in samples {
        let started = Stopwatch::start();
        let answer = executor.run(&[sample])?.remove(0);
        row_time = row_time.min(started.elapsed());
        if let Some((name, _)) = answer.iter().find(|(_, tensor)| !tensor.is_finite()) {
            return Err(ProbeError::NotFinite {
                output: name.to_string(),
            });
        }
        answers.push(answer);
    }
    meter.ran_alone(executor, &answers[0]);
    let again = executor.run(&[&samples[0]])?.remove(0);
    let reproducible = difference(&again, &answers[0]) == 0.0;
    let mut notes = Vec::new();
    let max_batch = trials.max_batch.unwrap_or(MAX_BATCH);
    let batching = match (&trials.alone, trials.frozen) {
        // Rows can't be held against each other where a row differs from itself.
        _ if !reproducible => {
            let reason = random_inside(trials.random);
            let says = message!(
                "it isn't reproducible: {reason}, so one seed gives another image each time"
            );
            notes.push(says.with("reason", reason.clone()));
            Batching::RowByRow { reason }
        }
        (Some(reason), _) => Batching::RowByRow {
            reason: reason.clone(),
        },
        _ if trials.max_batch == Some(1) => Batching::RowByRow {
            reason: message!("max_batch is 1"),
        },
        (None, Some(length)) => {
            let most = length.min(trials.max_batch.unwrap_or(length)).min(LARGEST);
            fill_frozen(executor, samples, &answers, most)
        }
        (None, None) => {
            let sizes = sizes(max_batch, row_time);
            let mut tried: Vec<Trial> = samples.iter().cloned().zip(answers.clone()).collect();
            if row_time.saturating_mul(MOST_TRIALS) <= BUDGET {
                let more = between(samples, sizes.last().copied().unwrap_or(0));
                for row in more.into_iter().skip(samples.len()) {
                    // A graph may refuse what lies between two samples; then they must do.
                    if let Ok(mut answer) = executor.run(&[&row]) {
                        tried.push((row, answer.remove(0)));
                    }
                }
            }
            match try_sizes(executor, &tried, &sizes, &mut notes) {
                Ok(mut proved) => {
                    proved.insert(0, (1, row_time));
                    let rows: Vec<&Row> = tried.iter().map(|(row, _)| row).collect();
                    let most = worthwhile(executor, &rows, &proved)?;
                    let sizes = proved.into_iter().map(|(size, _)| size).collect();
                    up_to(most, sizes, &mut notes)
                }
                Err(why) => why.into(),
            }
        }
    };
    meter.ran_together(executor, batching.sizes().last().copied().unwrap_or(1));
    Ok(Proof {
        batching,
        provider,
        row_time,
        answers,
        reproducible,
        memory: meter.read(),
        notes,
    })
}

/// Why a graph isn't reproducible.
fn random_inside(operators: &[String]) -> Message {
    if operators.is_empty() {
        message!("the same input gives other values each time")
    } else {
        message!(
            "it draws random numbers inside ({operators})",
            operators = operators.join(", ")
        )
    }
}

/// Whether rows that differ may fill the places of a frozen batch axis, which all its calls have.
///
/// How many rows a call is for changes nothing in what it computes, so every number of them is
/// proved by a call or two with all places taken.
fn fill_frozen(executor: &mut Executor, samples: &[Row], answers: &[Row], most: usize) -> Batching {
    let trials: Vec<Trial> = samples.iter().cloned().zip(answers.to_vec()).collect();
    let full = [most, most];
    match try_sizes(executor, &trials, &full, &mut Vec::new()) {
        Ok(_) => Batching::Shared {
            sizes: (1..=most).collect(),
        },
        Err(why) => why.into(),
    }
}

/// Why rows may not share calls, as the trial found.
#[derive(Debug)]
enum Separate {
    Slow,
    Fails { size: usize, reason: CallError },
    Influence { worst: f32, size: usize },
    Rounding { worst: f32, size: usize },
}

impl From<Separate> for Batching {
    fn from(why: Separate) -> Self {
        let reason = match why {
            Separate::Slow => {
                message!("a single row takes so long that rows together were not tried")
            }
            Separate::Fails { size, reason } => failing(size, &reason),
            Separate::Influence { worst, size } => message!(
                "rows that share a call influence each other (by {worst} of the largest value at \
                 {size} rows)",
                worst = format_args!("{worst:.3}"),
                size
            ),
            Separate::Rounding { worst, size } => message!(
                "rows that share a call differ from single rows in the last bits (by {worst} of the \
                 largest value at {size} rows)",
                worst = format_args!("{worst:.0e}"),
                size
            ),
        };
        Self::RowByRow { reason }
    }
}

/// That a call with so many rows fails, though one with a single row doesn't.
fn failing(size: usize, reason: &CallError) -> Message {
    message!("{size} rows together fail: {reason}", size, reason)
}

/// The proved sizes that are worth their while.
fn up_to(most: usize, mut sizes: Vec<usize>, notes: &mut Vec<Message>) -> Batching {
    let proved = sizes.last().copied().unwrap_or(1);
    sizes.retain(|&size| size <= most);
    if most == 1 {
        return Batching::RowByRow {
            reason: message!(
                "up to {proved} rows together give the same bits, and are no faster than one by one",
                proved
            ),
        };
    }
    if most < proved {
        notes.push(message!(
            "up to {proved} rows together give the same bits; more than {most} are no faster",
            proved,
            most
        ));
    }
    Batching::Shared { sizes }
}

/// The sizes worth trying: powers of two, and of the others as many as there is time for, from the
/// smallest on; none for a graph so slow that nobody would wait for the proof.
fn sizes(max_batch: usize, row_time: Duration) -> Vec<usize> {
    if row_time > SLOWEST_TO_TRY {
        return Vec::new();
    }
    let max_batch = max_batch.min(LARGEST);
    let time = |sizes: &[usize]| {
        let rows = u32::try_from(sizes.iter().sum::<usize>()).unwrap_or(u32::MAX);
        row_time.saturating_mul(rows)
    };
    let up_from = |all_to: usize| -> Vec<usize> {
        let is_tried =
            |&size: &usize| size <= all_to || size.is_power_of_two() || size == max_batch;
        (2..=max_batch).filter(is_tried).collect()
    };
    let all_to = (1..=max_batch).rfind(|&all_to| time(&up_from(all_to)) <= BUDGET);
    let mut some = up_from(all_to.unwrap_or(1));
    while some.len() > 1 && time(&some) > BUDGET * 5 {
        some.pop();
    }
    some
}

/// A row and what the graph makes of it alone.
type Trial = (Row, Row);

/// `count` rows, of which the first are the samples and the others lie between two of them.
fn between(samples: &[Row], count: usize) -> Vec<Row> {
    let mut rows = samples.to_vec();
    for at in samples.len()..count {
        let (one, other) = (
            &samples[at % samples.len()],
            &samples[(at + 1) % samples.len()],
        );
        let share = (at as f32 * 0.618).fract();
        let mut row = Row::new();
        for (name, tensor) in one.iter() {
            let tensor = match (tensor, other.get(name)) {
                (Tensor::Float(a), Some(Tensor::Float(b))) if a.shape() == b.shape() => {
                    let mut mixed = a.clone();
                    // What the samples have in common stays as it is to the last bit.
                    mixed.zip_mut_with(b, |x, y| {
                        if x.to_bits() != y.to_bits() {
                            *x += share * (y - *x);
                        }
                    });
                    Tensor::Float(mixed)
                }
                _ => tensor.clone(),
            };
            row.insert(name.clone(), tensor);
        }
        rows.push(row);
    }
    rows
}

/// The sizes that give the same bits, and how long each took; or why rows can't share calls.
fn try_sizes(
    executor: &mut Executor,
    trials: &[Trial],
    sizes: &[usize],
    notes: &mut Vec<Message>,
) -> Result<Vec<Timed>, Separate> {
    if sizes.is_empty() {
        return Err(Separate::Slow);
    }
    let mut proved = Vec::new();
    // Each size goes on where the last one ended, so that rows come to stand at many places.
    let mut next = trials.iter().cycle();
    for &size in sizes {
        let (rows, alone): (Vec<&Row>, Vec<&Row>) = next
            .by_ref()
            .take(size)
            .map(|(row, alone)| (row, alone))
            .unzip();
        let started = Stopwatch::start();
        let together = match executor.run(&rows) {
            Ok(together) => together,
            Err(reason) if proved.is_empty() => {
                return Err(Separate::Fails { size, reason });
            }
            Err(reason) => {
                notes.push(failing(size, &reason));
                continue;
            }
        };
        let time = started.elapsed();
        let gaps = together
            .iter()
            .zip(alone)
            .map(|(shared, single)| difference(shared, single));
        let worst = gaps.fold(0.0, f32::max);
        if worst > ROUNDING {
            return Err(Separate::Influence { worst, size });
        }
        if worst > 0.0 {
            return Err(Separate::Rounding { worst, size });
        }
        proved.push((size, time));
    }
    Ok(proved)
}

/// The largest difference over all outputs, as a share of the largest value; infinite where
/// shapes differ, 0 only where every bit agrees.
pub(in crate::runtime) fn difference(shared: &Row, single: &Row) -> f32 {
    let mut worst = 0.0_f32;
    for (name, tensor) in single.iter() {
        let Some(other) = shared.get(name) else {
            return f32::INFINITY;
        };
        if tensor.shape() != other.shape() {
            return f32::INFINITY;
        }
        match (tensor, other) {
            (Tensor::Float(a), Tensor::Float(b)) => {
                let scale = a
                    .iter()
                    .fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
                for (x, y) in a.iter().zip(b) {
                    if x.to_bits() != y.to_bits() {
                        let gap = (x - y).abs() / scale;
                        // A zero of the other sign, or NaN, still is a difference in bits.
                        worst = worst.max(if gap.is_nan() {
                            f32::INFINITY
                        } else {
                            gap.max(f32::MIN_POSITIVE)
                        });
                    }
                }
            }
            (Tensor::Int(a), Tensor::Int(b)) if a == b => {}
            _ => return f32::INFINITY,
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_graph_proves_every_size() {
        assert_eq!(sizes(5, Duration::from_micros(10)), [2, 3, 4, 5]);
    }

    #[test]
    fn a_large_bound_does_not_cost_the_small_sizes_that_there_is_time_for() {
        let sizes = sizes(64, Duration::from_micros(200));
        assert_eq!(sizes[..18], (2..=19).collect::<Vec<_>>());
        assert_eq!(sizes[18..], [32, 64]);
    }

    #[test]
    fn a_bound_without_a_bound_is_cut() {
        let sizes = sizes(usize::MAX, Duration::from_millis(1));
        assert_eq!(sizes.last(), Some(&128));
    }

    #[test]
    fn a_slow_graph_proves_powers_of_two() {
        assert_eq!(sizes(8, Duration::from_millis(20)), [2, 4, 8]);
    }

    #[test]
    fn a_very_slow_graph_proves_two_rows_at_most() {
        assert_eq!(sizes(16, Duration::from_secs(10)), [2]);
    }

    #[test]
    fn rows_between_the_samples_keep_what_those_have_in_common() {
        let row = |x: f32| Row::new().with("x", Tensor::vector(vec![0.1, x]));
        let rows = between(&[row(0.0), row(1.0)], 5);
        assert_eq!(rows[..2], [row(0.0), row(1.0)]);
        for added in &rows[2..] {
            let Some(Tensor::Float(x)) = added.get("x") else {
                panic!("numbers stay numbers");
            };
            assert_eq!(x[0].to_bits(), 0.1_f32.to_bits());
            assert!(x[1] > 0.0 && x[1] < 1.0);
        }
    }

    #[test]
    fn a_graph_that_takes_forever_proves_nothing() {
        assert!(sizes(16, Duration::from_secs(30)).is_empty());
    }

    #[test]
    fn equal_bits_are_no_difference_and_another_sign_of_zero_is() {
        let row = |x: f32| Row::new().with("x", Tensor::vector(vec![1.0, x]));
        assert!(difference(&row(0.5), &row(0.5)) == 0.0);
        assert!(difference(&row(0.0), &row(-0.0)) > 0.0);
        assert!(difference(&row(0.0), &row(0.5)) > ROUNDING);
    }

    #[test]
    fn another_shape_is_the_greatest_difference() {
        let row = |n: usize| Row::new().with("x", Tensor::zeros(&[n]));
        assert!(difference(&row(2), &row(3)).is_infinite());
    }
}
