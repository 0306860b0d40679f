//! Euler's method on the probability-flow ODE: algorithm 2 of "Elucidating the Design Space of
//! Diffusion-Based Generative Models" (Karras et al. 2022), without churn.

use super::betas;
use super::config::{FinalSigma, Interpolation, TimestepType};
use super::parts::{along, at, ends, single};
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
pub(super) struct Euler {
    pub(super) prediction: Prediction,
    pub(super) spacing: Spacing,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.nonzero_alpha_products()?);
    let mut timesteps = config.spaced_single(plan.steps);
    let mut levels: Vec<f64> = match config.interpolation_type.unwrap_or_default() {
        Interpolation::Linear => at(&timesteps, &training),
        Interpolation::LogLinear => {
            let (least, most) = (training[0].ln(), training[training.len() - 1].ln());
            let logarithms = betas::linspace(most, least, plan.steps + 1);
            logarithms.iter().map(|log| f64::from(log.exp())).collect()
        }
    };
    if let Some(curve) = config.curve()? {
        let (most, least) = ends(&levels);
        let (most, least) = (
            config.sigma_max.unwrap_or(most),
            config.sigma_min.unwrap_or(least),
        );
        (levels, timesteps) = along(curve, (most, least), &training, plan.steps);
    }
    levels.push(match config.final_sigmas_type.unwrap_or_default() {
        FinalSigma::Zero => 0.0,
        FinalSigma::SigmaMin => f64::from(training[0]),
    });
    let prediction = config.prediction(&[Prediction::Flow])?;
    let levels = single(&levels);
    let continuous = config.timestep_type.unwrap_or_default() == TimestepType::Continuous;
    let timesteps = if continuous && prediction == Prediction::Velocity {
        let before_last = &levels[..levels.len() - 1];
        before_last.iter().map(|sigma| 0.25 * sigma.ln()).collect()
    } else {
        single(&timesteps)
    };
    let solver = Euler {
        prediction,
        spacing: config.spacing(Spacing::Linspace),
    };
    Ok((Box::new(solver), Timetable::new(timesteps, levels)))
}

impl Solver for Euler {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let sigma = timetable.sigma();
        let clean = prediction::clean_from_sigma(self.prediction, sigma, output, sample);
        let stride = timetable.next_sigma() - sigma;
        for (x, clean) in sample.iter_mut().zip(&clean) {
            *x += (*x - clean) / sigma * stride;
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        add_noise(timetable, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        prediction::clean_from_sigma(self.prediction, timetable.sigma(), output, sample)
    }

    fn init_noise_sigma(&self, timetable: &Timetable) -> f32 {
        init_noise_sigma(self.spacing, timetable)
    }

    fn scale_model_input(&self, timetable: &Timetable, sample: &mut [f32]) {
        scale_model_input(timetable, sample);
    }
}

pub(super) fn init_noise_sigma(spacing: Spacing, timetable: &Timetable) -> f32 {
    let largest = timetable.largest_sigma();
    match spacing {
        Spacing::Linspace | Spacing::Trailing => largest,
        Spacing::Leading => (largest * largest + 1.0).sqrt(),
    }
}

pub(super) fn scale_model_input(timetable: &Timetable, sample: &mut [f32]) {
    scale_to(timetable.sigma(), sample);
}

/// Scales a sample at that noise level to unit variance.
pub(super) fn scale_to(sigma: f32, sample: &mut [f32]) {
    let divisor = (sigma * sigma + 1.0).sqrt();
    sample.iter_mut().for_each(|x| *x /= divisor);
}

pub(super) fn add_noise(timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
    let sigma = timetable.sigma();
    for (x, z) in clean.iter_mut().zip(noise) {
        *x += z * sigma;
    }
}
