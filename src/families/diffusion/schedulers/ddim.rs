//! DDIM: "Denoising Diffusion Implicit Models" (Song et al. 2020).

use super::prediction::{self, Prediction, Shaping};
use super::scheduler::{Built, NoiseSource, Solver};
use super::spacing::{self, Spacing};
use super::{Plan, SchedulerConfig, Timetable};

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

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let alpha_products = config.alpha_products()?;
    let solver = Ddim {
        final_alpha_product: config.final_alpha_product(true, &alpha_products),
        prediction: config.prediction(&[Prediction::Flow])?,
        shaping: config.shaping(Some(true)),
        stride: (config.total() / plan.steps) as i64,
        eta: plan.eta,
        alpha_products,
    };
    let spaced = config.spaced(Spacing::Leading, plan.steps);
    let timetable = Timetable::of_integers(&config.in_range(spacing::whole(&spaced))?);
    Ok((Box::new(solver), timetable))
}

impl Solver for Ddim {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let timestep = timetable.whole_timestep();
        let here = alpha_product(&self.alpha_products, timestep, self.final_alpha_product);
        let there = alpha_product(
            &self.alpha_products,
            timestep - self.stride,
            self.final_alpha_product,
        );
        let mut clean = prediction::clean_from_alpha(self.prediction, here, output, sample);
        let epsilon = prediction::epsilon_from_alpha(self.prediction, here, output, sample);
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

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        let product = alpha_product(&self.alpha_products, timetable.whole_timestep(), 1.0);
        blend(product, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let timestep = timetable.whole_timestep();
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
