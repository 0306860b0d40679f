//! Which of the training timesteps a request visits.

use serde::Deserialize;

/// Table 2 of "Common Diffusion Noise Schedules and Sample Steps are Flawed".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spacing {
    Leading,
    Trailing,
    Linspace,
}

/// From the noisiest timestep to the cleanest, of `total`, not yet rounded where the class doesn't.
pub(crate) fn timesteps(spacing: Spacing, total: usize, steps: usize, offset: i64) -> Vec<f64> {
    match spacing {
        Spacing::Linspace => linspace(0.0, total as f64 - 1.0, steps)
            .into_iter()
            .rev()
            .collect(),
        Spacing::Leading => {
            let ratio = total / steps;
            let timestep = |i: usize| (i * ratio) as f64 + offset as f64;
            (0..steps).rev().map(timestep).collect()
        }
        Spacing::Trailing => trailing(total, total, steps),
    }
}

/// The same for the multistep solvers, which count one point more and drop the cleanest.
pub(crate) fn multistep_timesteps(
    spacing: Spacing,
    (total, last): (usize, usize),
    steps: usize,
    offset: i64,
) -> Vec<f64> {
    let mut timesteps = match spacing {
        Spacing::Linspace => timesteps(spacing, last, steps + 1, 0),
        Spacing::Leading => timesteps(spacing, last, steps + 1, offset),
        Spacing::Trailing => return trailing(total, last, steps),
    };
    timesteps.pop();
    timesteps
}

/// Rounds to whole timesteps, halves to even as NumPy does.
pub(crate) fn whole(timesteps: &[f64]) -> Vec<i64> {
    timesteps
        .iter()
        .map(|t| t.round_ties_even() as i64)
        .collect()
}

/// Evenly spaced points with both ends, as `numpy.linspace`.
pub(crate) fn linspace(start: f64, end: f64, count: usize) -> Vec<f64> {
    let Some(last) = count.checked_sub(1) else {
        return Vec::new();
    };
    let step = (end - start) / last.max(1) as f64;
    let point = |i: usize| match i {
        0 => start,
        i if i == last => end,
        i => i as f64 * step + start,
    };
    (0..count).map(point).collect()
}

/// `numpy.arange(last, 0, -total / steps)`, rounded, less one.
///
/// For some step counts (61 of 1000 is the first) NumPy's range has one element more than was asked
/// for, −1 after rounding, with which Python would read its tables from the end. That one is left out.
fn trailing(total: usize, last: usize, steps: usize) -> Vec<f64> {
    let start = last as f64;
    let ratio = total as f64 / steps as f64;
    let delta = (start - ratio) - start;
    (0..steps)
        .map(|i| (start + i as f64 * delta).round_ties_even() - 1.0)
        .take_while(|t| *t >= 0.0)
        .collect()
}
