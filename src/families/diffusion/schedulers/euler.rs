//! Euler's method on the probability-flow ODE: algorithm 2 of "Elucidating the Design Space of
//! Diffusion-Based Generative Models" (Karras et al. 2022), without churn.

use super::prediction::{self, Prediction};
use super::spacing::Spacing;
use super::{NoiseSource, Rules, Timetable};

#[derive(Clone, Debug)]
pub(super) struct Euler {
    pub(super) prediction: Prediction,
    pub(super) spacing: Spacing,
}

impl Rules for Euler {
    fn step(&mut self, course: &Timetable, output: &[f32], sample: &mut [f32], _: NoiseSource<'_>) {
        let sigma = course.sigma();
        let clean = prediction::clean_from_sigma(self.prediction, sigma, output, sample);
        let stride = course.next_sigma() - sigma;
        for (x, clean) in sample.iter_mut().zip(&clean) {
            *x += (*x - clean) / sigma * stride;
        }
    }

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
        add_noise(course, clean, noise);
    }

    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        prediction::clean_from_sigma(self.prediction, course.sigma(), output, sample)
    }

    fn init_noise_sigma(&self, course: &Timetable) -> f32 {
        init_noise_sigma(self.spacing, course)
    }

    fn scale_model_input(&self, course: &Timetable, sample: &mut [f32]) {
        scale_model_input(course, sample);
    }
}

pub(super) fn init_noise_sigma(spacing: Spacing, course: &Timetable) -> f32 {
    let largest = course.largest_sigma();
    match spacing {
        Spacing::Linspace | Spacing::Trailing => largest,
        Spacing::Leading => (largest * largest + 1.0).sqrt(),
    }
}

pub(super) fn scale_model_input(course: &Timetable, sample: &mut [f32]) {
    let sigma = course.sigma();
    let divisor = (sigma * sigma + 1.0).sqrt();
    sample.iter_mut().for_each(|x| *x /= divisor);
}

pub(super) fn add_noise(course: &Timetable, clean: &mut [f32], noise: &[f32]) {
    let sigma = course.sigma();
    for (x, z) in clean.iter_mut().zip(noise) {
        *x += z * sigma;
    }
}
