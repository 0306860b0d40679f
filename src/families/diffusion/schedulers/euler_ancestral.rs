//! Euler's method with fresh noise at each step: ancestral sampling, after k-diffusion.

use super::prediction::{self, Prediction};
use super::spacing::Spacing;
use super::{NoiseSource, Rules, Timetable, euler};

#[derive(Clone, Debug)]
pub(super) struct EulerAncestral {
    pub(super) prediction: Prediction,
    pub(super) spacing: Spacing,
}

impl Rules for EulerAncestral {
    fn step(
        &mut self,
        course: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let (from, to) = (course.sigma(), course.next_sigma());
        let clean = prediction::clean_from_sigma(self.prediction, from, output, sample);
        let square = |x: f32| x * x;
        let up = (square(to) * (square(from) - square(to)) / square(from)).sqrt();
        let down = (square(to) - square(up)).sqrt();
        // The last step draws as well, though it adds none: the generator's place stays Python's.
        let noise = noise(clean.len());
        for ((x, clean), z) in sample.iter_mut().zip(&clean).zip(noise) {
            *x = *x + (*x - clean) / from * (down - from) + z * up;
        }
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
