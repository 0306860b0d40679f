//! Latent consistency models (Luo et al. 2023): a few steps, each of which predicts the clean sample and
//! noises it again.

use super::ddim::{alpha_product, blend};
use super::prediction::{self, Prediction, Shaping};
use super::scheduler::{Built, NoiseSource, Solver};
use super::spacing::linspace;
use super::{Plan, SchedulerConfig, SchedulerError, Timetable};

#[derive(Clone, Debug)]
pub(super) struct Lcm {
    pub(super) alpha_products: Vec<f32>,
    pub(super) final_alpha_product: f32,
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) timestep_scaling: f32,
}

/// Evenly chosen timesteps out of those that the model was distilled on.
pub(super) fn timesteps(
    total: usize,
    original: usize,
    strength: f64,
    steps: usize,
) -> Result<Vec<i64>, SchedulerError> {
    if original == 0 || original > total {
        return Err(SchedulerError::Invalid(format!(
            "original_inference_steps is {original}, of {total} training timesteps"
        )));
    }
    let stride = total / original;
    let kept = (original as f64 * strength) as usize;
    if kept < steps {
        return Err(SchedulerError::TooManySteps { steps, most: kept });
    }
    // As many points as steps, of one more, the last of which is left out.
    let places = linspace(0.0, kept as f64, steps + 1);
    let timestep = |place: &f64| ((kept - place.floor() as usize) * stride) as i64 - 1;
    Ok(places[..steps].iter().map(timestep).collect())
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let alpha_products = config.alpha_products()?;
    let original = config.original_inference_steps.unwrap_or(50);
    let timesteps = timesteps(
        config.total(),
        plan.original_steps.unwrap_or(original),
        plan.strength,
        plan.steps,
    )?;
    let solver = Lcm {
        final_alpha_product: config.final_alpha_product(true, &alpha_products),
        prediction: config.prediction(&[Prediction::Flow])?,
        shaping: config.shaping(Some(false)),
        timestep_scaling: config.timestep_scaling.unwrap_or(10.0),
        alpha_products,
    };
    Ok((Box::new(solver), Timetable::of_integers(&timesteps)))
}

impl Solver for Lcm {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let timestep = timetable.whole_timestep();
        let here = alpha_product(&self.alpha_products, timestep, self.final_alpha_product);
        let mut clean = prediction::clean_from_alpha(self.prediction, here, output, sample);
        self.shaping.apply(&mut clean);

        // The boundary condition: near timestep 0 the sample itself is the answer.
        const DEVIATION: f32 = 0.5;
        let scaled = timestep as f32 * self.timestep_scaling;
        let square = scaled * scaled + DEVIATION * DEVIATION;
        let (skip, out) = (DEVIATION * DEVIATION / square, scaled / square.sqrt());
        for (x, clean) in sample.iter_mut().zip(&clean) {
            *x = out * clean + skip * *x;
        }
        if let Some(next) = timetable.timesteps.get(timetable.index + 1) {
            let there = alpha_product(&self.alpha_products, *next as i64, self.final_alpha_product);
            blend(there, sample, &noise(clean.len()));
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
