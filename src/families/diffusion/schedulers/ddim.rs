//! DDIM: "Denoising Diffusion Implicit Models" (Song et al. 2020).

use super::prediction::{Prediction, Shaping};
use super::{NoiseSource, Rules, Timetable, prediction};

#[derive(Clone, Debug)]
pub(super) struct Ddim {
    pub(super) alpha_products: Vec<f32>,
    /// ᾱ before the first timestep of training.
    pub(super) final_alpha_product: f32,
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    /// Training timesteps between two steps.
    pub(super) stride: i64,
    pub(super) eta: f32,
}

impl Rules for Ddim {
    fn step(
        &mut self,
        course: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let timestep = course.whole_timestep();
        let here = alpha_product(&self.alpha_products, timestep, self.final_alpha_product);
        let there = alpha_product(
            &self.alpha_products,
            timestep - self.stride,
            self.final_alpha_product,
        );
        let (alpha, beta) = (here.sqrt(), (1.0 - here).sqrt());

        let mut clean = prediction::clean_from_alpha(self.prediction, here, output, sample);
        let epsilon: Vec<f32> = match self.prediction {
            Prediction::Epsilon | Prediction::Flow => output[..sample.len()].to_vec(),
            Prediction::Sample => {
                let pairs = sample.iter().zip(&clean);
                pairs.map(|(x, clean)| (x - alpha * clean) / beta).collect()
            }
            Prediction::Velocity => {
                let pairs = sample.iter().zip(output);
                pairs.map(|(x, v)| alpha * v + beta * x).collect()
            }
        };
        self.shaping.apply(&mut clean);

        let variance = (1.0 - there) / (1.0 - here) * (1.0 - here / there);
        let deviation = self.eta * variance.sqrt();
        let direction = (1.0 - there - deviation * deviation).sqrt();
        for ((x, clean), epsilon) in sample.iter_mut().zip(&clean).zip(&epsilon) {
            *x = there.sqrt() * clean + direction * epsilon;
        }
        if self.eta > 0.0 {
            for (x, z) in sample.iter_mut().zip(noise(output.len().min(clean.len()))) {
                *x += deviation * z;
            }
        }
    }

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
        let product = alpha_product(&self.alpha_products, course.whole_timestep(), 1.0);
        blend(product, clean, noise);
    }

    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let timestep = course.whole_timestep();
        let product = alpha_product(&self.alpha_products, timestep, self.final_alpha_product);
        prediction::clean_from_alpha(self.prediction, product, output, sample)
    }
}

/// ᾱ at a timestep, or the final one before the first.
pub(super) fn alpha_product(products: &[f32], timestep: i64, final_product: f32) -> f32 {
    usize::try_from(timestep).map_or(final_product, |timestep| {
        products[timestep.min(products.len() - 1)]
    })
}

/// √ᾱ·x₀ + √(1−ᾱ)·ε, in place.
pub(super) fn blend(alpha_product: f32, clean: &mut [f32], noise: &[f32]) {
    let (alpha, beta) = (alpha_product.sqrt(), (1.0 - alpha_product).sqrt());
    for (x, z) in clean.iter_mut().zip(noise) {
        *x = alpha * *x + beta * z;
    }
}
