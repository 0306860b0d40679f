//! Heun's method: an Euler step, and the same step again with the mean of both slopes.
//!
//! Each timestep but the first and the last noise level is visited twice; two calls are one step.

use super::prediction::{self, Prediction, Shaping};
use super::spacing::Spacing;
use super::{NoiseSource, Rules, Timetable, euler};

#[derive(Clone, Debug)]
pub(super) struct Heun {
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) spacing: Spacing,
    /// What the first call of a step leaves for the second.
    pub(super) half_step: Option<HalfStep>,
}

#[derive(Clone, Debug)]
pub(super) struct HalfStep {
    slope: Vec<f32>,
    stride: f32,
    start: Vec<f32>,
}

impl Rules for Heun {
    fn step(&mut self, course: &Timetable, output: &[f32], sample: &mut [f32], _: NoiseSource<'_>) {
        let sigma = course.sigma();
        let mut clean = prediction::clean_from_sigma(self.prediction, sigma, output, sample);
        self.shaping.apply(&mut clean);
        let slopes = sample
            .iter()
            .zip(&clean)
            .map(|(x, clean)| (x - clean) / sigma);
        if let Some(half) = self.half_step.take() {
            let means: Vec<f32> = slopes
                .zip(&half.slope)
                .map(|(a, b)| (b + a) / 2.0)
                .collect();
            for ((x, start), slope) in sample.iter_mut().zip(&half.start).zip(means) {
                *x = start + slope * half.stride;
            }
            return;
        }
        let half = HalfStep {
            slope: slopes.collect(),
            stride: course.next_sigma() - sigma,
            start: sample.to_vec(),
        };
        for (x, slope) in sample.iter_mut().zip(&half.slope) {
            *x += slope * half.stride;
        }
        self.half_step = Some(half);
    }

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
        euler::add_noise(course, clean, noise);
    }

    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        prediction::clean_from_sigma(self.prediction, course.sigma(), output, sample)
    }

    fn init_noise_sigma(&self, course: &Timetable) -> f32 {
        euler::init_noise_sigma(self.spacing, course)
    }

    fn scale_model_input(&self, course: &Timetable, sample: &mut [f32]) {
        euler::scale_model_input(course, sample);
    }
}

/// Each entry but the first, twice.
pub(super) fn doubled<T: Copy>(values: &[T]) -> Vec<T> {
    let twice = values.iter().skip(1).flat_map(|value| [*value; 2]);
    values.first().copied().into_iter().chain(twice).collect()
}
