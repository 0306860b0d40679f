//! Which numbers of rows may share a call: those that give each row the bits that it has alone.

use std::time::Duration;

use super::pace::{SHORT, Timed};
use super::probe::Batching;
use crate::language::Message;
use crate::message;
use crate::runtime::error::CallError;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::stopwatch::Stopwatch;
use crate::runtime::tensor::{Row, Tensor};

/// The time that proving one graph may take before larger sizes are sampled; at five times that, they are left out.
pub(super) const BUDGET: Duration = Duration::from_millis(60);
/// However slow the graph, two rows together are tried if a row takes less than this. One that takes longer keeps
/// all processors busy by itself, and leaves two rows nothing to share.
pub(super) const SLOWEST_TO_TRY: Duration = Duration::from_secs(1);
/// Rows that share a call at most, whatever the manifest allows.
pub(super) const LARGEST: usize = 256;
/// Rows that take so much of the time that they take one by one gain nothing by company.
const NO_GAIN: f64 = 0.97;
/// Differences above this share of the largest value are more than rounding.
const ROUNDING: f32 = 1e-3;

/// The sizes worth trying: powers of two, and of the others as many as there is time for, from the
/// smallest on; none for a graph so slow that nobody would wait for the proof.
pub(super) fn sizes(max_batch: usize, row_time: Duration) -> Vec<usize> {
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
pub(super) type Trial = (Row, Row);

/// `count` rows, of which the first are the samples and the others lie between two of them.
pub(super) fn between(samples: &[Row], count: usize) -> Vec<Row> {
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
pub(super) fn try_sizes(
    executor: &mut Executor,
    trials: &[Trial],
    (sizes, row_time): (&[usize], Duration),
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
        // Where calls are long and two rows gain nothing, more of them only take longer to find that out.
        let alone = row_time.saturating_mul(u32::try_from(size).unwrap_or(u32::MAX));
        if row_time >= SHORT && time >= alone.mul_f64(NO_GAIN) {
            break;
        }
    }
    Ok(proved)
}

/// The largest difference over all outputs, as a share of the largest value; infinite where
/// shapes differ, 0 only where every bit agrees.
pub(super) fn difference(shared: &Row, single: &Row) -> f32 {
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

/// Whether rows that differ may fill the places of a frozen batch axis, which all its calls have.
///
/// How many rows a call is for changes nothing in what it computes, so every number of them is
/// proved by a call or two with all places taken.
pub(super) fn fill_frozen(
    executor: &mut Executor,
    samples: &[Row],
    answers: &[Row],
    most: usize,
) -> Batching {
    let trials: Vec<Trial> = samples.iter().cloned().zip(answers.to_vec()).collect();
    let full = [most, most];
    match try_sizes(executor, &trials, (&full, Duration::ZERO), &mut Vec::new()) {
        Ok(_) => Batching::Shared {
            sizes: (1..=most).collect(),
        },
        Err(why) => why.into(),
    }
}

/// Why rows may not share calls, as the trial found.
#[derive(Debug)]
pub(super) enum Separate {
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
pub(super) fn up_to(most: usize, mut sizes: Vec<usize>, notes: &mut Vec<Message>) -> Batching {
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
        assert_eq!(sizes(16, Duration::from_millis(900)), [2]);
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
