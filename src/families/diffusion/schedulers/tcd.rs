//! Trajectory consistency distillation (Zheng et al. 2024): a few steps, each of which goes along the
//! trajectory to a timestep of its choice and is noised up to the next. `eta` is the paper's γ.

use super::ddim::{alpha_product, blend};
use super::lcm;
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
struct Tcd {
    alpha_products: Vec<f32>,
    prediction: Prediction,
    eta: f32,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let original = config.original_inference_steps.unwrap_or(50);
    let timesteps = lcm::timesteps(config.total(), original, 1.0, plan.steps)?;
    let solver = Tcd {
        alpha_products: config.alpha_products()?,
        prediction: config.prediction(&[Prediction::Flow])?,
        eta: plan.eta,
    };
    Ok((Box::new(solver), Timetable::of_integers(&timesteps)))
}

impl Solver for Tcd {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let next = timetable.timesteps.get(timetable.index + 1).copied();
        let to = next.unwrap_or(0.0);
        let target = ((1.0 - self.eta) * to).floor();
        let product = |timestep: f32| alpha_product(&self.alpha_products, timestep as i64, 1.0);
        let (here, there, at_target) = (self.here(timetable), product(to), product(target));
        let clean = prediction::clean_from_alpha(self.prediction, here, output, sample);
        let epsilon = prediction::epsilon_from_alpha(self.prediction, here, output, sample);
        let (share, noise_share) = (at_target.sqrt(), (1.0 - at_target).sqrt());
        for ((x, clean), epsilon) in sample.iter_mut().zip(&clean).zip(&epsilon) {
            *x = share * clean + noise_share * epsilon;
        }
        if self.eta > 0.0 && next.is_some() {
            blend(there / at_target, sample, &noise(clean.len()));
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        blend(self.here(timetable), clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        prediction::clean_from_alpha(self.prediction, self.here(timetable), output, sample)
    }
}

impl Tcd {
    fn here(&self, timetable: &Timetable) -> f32 {
        alpha_product(&self.alpha_products, timetable.whole_timestep(), 1.0)
    }
}
