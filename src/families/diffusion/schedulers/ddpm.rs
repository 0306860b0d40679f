//! DDPM: "Denoising Diffusion Probabilistic Models" (Ho et al. 2020), with the variances of
//! "Improved DDPM".

use super::config::Variance;
use super::ddim::{alpha_product, blend};
use super::prediction::{self, Prediction, Shaping};
use super::scheduler::{Built, NoiseSource, Solver};
use super::spacing::{self, Spacing};
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
pub(super) struct Ddpm {
    pub(super) alpha_products: Vec<f32>,
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) variance: Variance,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let solver = Ddpm {
        alpha_products: config.alpha_products()?,
        prediction: config.prediction(&[Prediction::Flow])?,
        shaping: config.shaping(Some(true)),
        variance: config.variance_type.unwrap_or_default(),
    };
    let spaced = config.spaced(Spacing::Leading, plan.steps);
    let timetable = Timetable::of_integers(&config.in_range(spacing::whole(&spaced))?);
    Ok((Box::new(solver), timetable))
}

impl Solver for Ddpm {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let timestep = timetable.whole_timestep();
        let previous = timetable
            .timesteps
            .get(timetable.index + 1)
            .map_or(-1, |t| *t as i64);
        let here = alpha_product(&self.alpha_products, timestep, 1.0);
        let there = alpha_product(&self.alpha_products, previous, 1.0);
        let (beta, beta_there) = (1.0 - here, 1.0 - there);
        let step_alpha = here / there;
        let step_beta = 1.0 - step_alpha;

        let (mean, predicted) = output.split_at(sample.len());
        let mut clean = prediction::clean_from_alpha(self.prediction, here, mean, sample);
        self.shaping.apply(&mut clean);
        let clean_share = there.sqrt() * step_beta / beta;
        let sample_share = step_alpha.sqrt() * beta_there / beta;
        for (x, clean) in sample.iter_mut().zip(&clean) {
            *x = clean_share * clean + sample_share * *x;
        }
        if timestep > 0 {
            let small = (beta_there / beta * step_beta).max(1e-20);
            for (i, (x, z)) in sample.iter_mut().zip(noise(clean.len())).enumerate() {
                let predicted = predicted.get(i).copied().unwrap_or_default();
                *x += self.deviation(small, step_beta, predicted) * z;
            }
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        let product = alpha_product(&self.alpha_products, timetable.whole_timestep(), 1.0);
        blend(product, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let timestep = timetable.whole_timestep();
        let product = alpha_product(&self.alpha_products, timestep, 1.0);
        prediction::clean_from_alpha(self.prediction, product, output, sample)
    }
}

impl Ddpm {
    fn deviation(&self, small: f32, large: f32, predicted: f32) -> f32 {
        match self.variance {
            Variance::FixedSmall => small.sqrt(),
            Variance::FixedSmallLog => (0.5 * small.ln()).exp(),
            // diffusers takes the root of the logarithm in the second case, which is never a number.
            Variance::FixedLarge | Variance::FixedLargeLog => large.sqrt(),
            Variance::Learned => predicted.sqrt(),
            Variance::LearnedRange => {
                let share = f32::midpoint(predicted, 1.0);
                (0.5 * (share * large.ln() + (1.0 - share) * small.ln())).exp()
            }
        }
    }
}
