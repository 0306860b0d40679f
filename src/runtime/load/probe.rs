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

use super::batch_sizes::{
    BUDGET, LARGEST, SLOWEST_TO_TRY, Trial, between, difference, fill_frozen, sizes, try_sizes,
    up_to,
};
use super::memory::{MemoryUse, Meter};
use super::pace::worthwhile;
use crate::language::Message;
use crate::message;
use crate::runtime::error::ProbeError;
use crate::runtime::session::environment::ProviderInUse;
use crate::runtime::session::executor::Executor;
use crate::runtime::session::stopwatch::Stopwatch;
use crate::runtime::tensor::Row;

/// Rows that share a call when the manifest names no bound; the benchmarks' table says why.
const MAX_BATCH: usize = 16;
/// As many times a row's time must fit into the budget before rows of the probe's own are added.
const MOST_TRIALS: u32 = 64;

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
        // Rows that take so long are never held against each other.
        if row_time > SLOWEST_TO_TRY {
            break;
        }
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
            match try_sizes(executor, &tried, (&sizes, row_time), &mut notes) {
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
pub(super) fn random_inside(operators: &[String]) -> Message {
    if operators.is_empty() {
        message!("the same input gives other values each time")
    } else {
        message!(
            "it draws random numbers inside ({operators})",
            operators = operators.join(", ")
        )
    }
}
