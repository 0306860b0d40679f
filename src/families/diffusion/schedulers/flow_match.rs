//! Euler's method on the straight paths of flow matching: Stable Diffusion 3 and Flux.

use serde::Deserialize;

use super::{NoiseSource, Rules, Timetable};

/// How dynamic shifting bends the noise levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeShift {
    #[default]
    Exponential,
    Linear,
}

impl TimeShift {
    pub(super) fn apply(self, mu: f64, sigma: f64) -> f64 {
        let strength = match self {
            Self::Exponential => mu.exp(),
            Self::Linear => mu,
        };
        strength / (strength + (1.0 / sigma - 1.0))
    }
}

/// The shift of a fixed factor: more of the steps at high noise.
pub(super) fn shifted(sigma: f64, shift: f64) -> f64 {
    shift * sigma / (1.0 + (shift - 1.0) * sigma)
}

/// Stretches descending levels so that the last one is `terminal`.
///
/// A single step starts from pure noise, where there is nothing to stretch; diffusers divides nothing
/// by nothing there, and paints what is no number.
pub(super) fn stretch_to(terminal: f64, sigmas: &mut [f64]) {
    let Some(&last) = sigmas.last().filter(|last| **last < 1.0) else {
        return;
    };
    let factor = (1.0 - last) / (1.0 - terminal);
    sigmas
        .iter_mut()
        .for_each(|sigma| *sigma = 1.0 - (1.0 - *sigma) / factor);
}

#[derive(Clone, Debug)]
pub(super) struct FlowMatch {
    pub(super) stochastic: bool,
}

impl Rules for FlowMatch {
    fn step(
        &mut self,
        course: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let (sigma, next) = (course.sigma(), course.next_sigma());
        if self.stochastic {
            let noise = noise(output.len().min(sample.len()));
            for ((x, flow), z) in sample.iter_mut().zip(output).zip(noise) {
                *x = (1.0 - next) * (*x - sigma * flow) + next * z;
            }
            return;
        }
        for (x, flow) in sample.iter_mut().zip(output) {
            *x += (next - sigma) * flow;
        }
    }

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
        let sigma = course.sigma();
        for (x, z) in clean.iter_mut().zip(noise) {
            *x = sigma * z + (1.0 - sigma) * *x;
        }
    }

    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let sigma = course.sigma();
        let pairs = sample.iter().zip(output);
        pairs.map(|(x, flow)| x - sigma * flow).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::stretch_to;

    #[test]
    fn levels_are_stretched_to_the_last_one_and_a_single_one_is_left_alone() {
        let mut levels = [1.0, 0.6, 0.2];
        stretch_to(0.1, &mut levels);
        let expected = [1.0, 0.55, 0.1];
        let pairs = levels.iter().zip(expected);
        assert!(
            pairs
                .into_iter()
                .all(|(found, wanted)| (found - wanted).abs() < 1e-12)
        );
        let mut single = [1.0];
        stretch_to(0.1, &mut single);
        assert_eq!(single, [1.0]);
    }
}
