//! Foreign exports lie about their batch axis, so a graph proves what it can do before it serves.
//!
//! Each batch size up to the bound is run once on rows that differ, and every row's answer is
//! held, bit for bit, against the same row's answer alone. Only the sizes that pass are ever
//! used, so whatever shares a call, a request's bytes stay the same. Three things fail a size:
//! the call fails (a frozen `Reshape` behind a dynamic axis), the rows influence each other (a
//! normalisation over the batch), or a kernel sums in another order.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::environment::ProviderInUse;
use super::executor::Executor;
use super::tensor::{Row, Tensor};

/// The time that proving one graph may take before larger sizes are sampled, then left out.
const BUDGET: Duration = Duration::from_millis(60);
/// However slow the graph, two rows together are tried if a row takes less than this.
const SLOWEST_TO_TRY: Duration = Duration::from_secs(20);
/// Differences above this share of the largest value are more than rounding.
const ROUNDING: f32 = 1e-3;

/// What is known of a graph's batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Batching {
    /// Rows share calls, in the sizes that were proved bit-identical to single rows.
    Shared {
        /// Ascending; starts with 1.
        sizes: Vec<usize>,
    },
    /// Each row runs by itself.
    RowByRow {
        /// Why, in a sentence for people.
        reason: String,
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
    /// What a person should know: sizes that were left out, and why.
    pub notes: Vec<String>,
}

/// Runs the samples alone and together.
///
/// # Errors
/// A sentence when a sample alone fails, or yields numbers that are not finite.
pub(super) fn prove(
    executor: &mut Executor,
    provider: ProviderInUse,
    samples: &[Row],
    alone: Option<String>,
    max_batch: usize,
) -> Result<Proof, String> {
    let mut answers = Vec::with_capacity(samples.len());
    let mut row_time = Duration::MAX;
    for sample in samples {
        let started = Instant::now();
        let answer = executor.run(&[sample])?.remove(0);
        row_time = row_time.min(started.elapsed());
        if let Some((name, _)) = answer.iter().find(|(_, tensor)| !tensor.is_finite()) {
            return Err(format!(
                "output {name} holds NaN or infinite numbers for an ordinary input"
            ));
        }
        answers.push(answer);
    }
    let mut notes = Vec::new();
    let batching = match alone {
        Some(reason) => Batching::RowByRow { reason },
        None if max_batch <= 1 => Batching::RowByRow {
            reason: "max_batch is 1".to_owned(),
        },
        None => try_sizes(
            executor,
            samples,
            &answers,
            &sizes(max_batch, row_time),
            &mut notes,
        ),
    };
    Ok(Proof {
        batching,
        provider,
        row_time,
        answers,
        notes,
    })
}

/// The sizes worth trying: all of them for a quick graph, powers of two for a slow one, none for
/// one so slow that nobody would wait for the proof.
fn sizes(max_batch: usize, row_time: Duration) -> Vec<usize> {
    let rows = |sizes: &[usize]| u32::try_from(sizes.iter().sum::<usize>()).unwrap_or(u32::MAX);
    let all: Vec<usize> = (2..=max_batch).collect();
    if row_time.saturating_mul(rows(&all)) <= BUDGET {
        return all;
    }
    if row_time > SLOWEST_TO_TRY {
        return Vec::new();
    }
    let mut some: Vec<usize> = std::iter::successors(Some(2), |size| Some(size * 2))
        .take_while(|&size| size < max_batch)
        .collect();
    some.push(max_batch);
    while some.len() > 1 && row_time.saturating_mul(rows(&some)) > BUDGET * 50 {
        some.pop();
    }
    some
}

fn try_sizes(
    executor: &mut Executor,
    samples: &[Row],
    answers: &[Row],
    sizes: &[usize],
    notes: &mut Vec<String>,
) -> Batching {
    if sizes.is_empty() {
        return Batching::RowByRow {
            reason: "a single row takes so long that rows together were not tried".to_owned(),
        };
    }
    let mut proved = vec![1];
    for &size in sizes {
        let rows: Vec<&Row> = samples.iter().cycle().take(size).collect();
        match executor.run(&rows) {
            Err(reason) if size == sizes[0] => {
                return Batching::RowByRow {
                    reason: format!("{size} rows together fail: {reason}"),
                };
            }
            Err(reason) => notes.push(format!("{size} rows together fail: {reason}")),
            Ok(together) => {
                let worst = together
                    .iter()
                    .zip(answers.iter().cycle())
                    .map(|(shared, single)| difference(shared, single))
                    .fold(0.0, f32::max);
                if worst > ROUNDING {
                    return Batching::RowByRow {
                        reason: format!(
                            "rows that share a call influence each other (by {worst:.3} of the \
                             largest value at {size} rows)"
                        ),
                    };
                }
                if worst > 0.0 {
                    notes.push(format!(
                        "{size} rows together differ from single rows in the last bits \
                         ({worst:.1e}), so this size is not used"
                    ));
                } else {
                    proved.push(size);
                }
            }
        }
    }
    if proved.len() == 1 {
        return Batching::RowByRow {
            reason: "no batch size gives the same bits as single rows".to_owned(),
        };
    }
    Batching::Shared { sizes: proved }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_graph_proves_every_size() {
        assert_eq!(sizes(5, Duration::from_micros(10)), [2, 3, 4, 5]);
    }

    #[test]
    fn a_slow_graph_proves_powers_of_two() {
        assert_eq!(sizes(16, Duration::from_millis(10)), [2, 4, 8, 16]);
    }

    #[test]
    fn a_very_slow_graph_proves_two_rows_at_most() {
        assert_eq!(sizes(16, Duration::from_secs(10)), [2]);
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
