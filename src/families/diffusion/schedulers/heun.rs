//! Heun's method: an Euler step, and the same step again with the mean of both slopes.
//!
//! Each timestep but the first and the last noise level is visited twice; two calls are one step.

use super::euler;
use super::parts::{along, at, ends, single};
use super::prediction::{self, Prediction, Shaping};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable};

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

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.plain_alpha_products()?);
    let mut timesteps = config.spaced_single(plan.steps);
    let mut levels = at(&timesteps, &training);
    if let Some(curve) = config.curve()? {
        (levels, timesteps) = along(curve, ends(&levels), &training, plan.steps);
    }
    let mut levels = doubled(&single(&levels));
    levels.push(0.0);
    let mut shaping = config.shaping(Some(false));
    if matches!(shaping, Shaping::Threshold { .. }) {
        shaping = Shaping::None;
    }
    let solver = Heun {
        prediction: config.prediction(&[Prediction::Flow])?,
        shaping,
        spacing: config.spacing(Spacing::Linspace),
        half_step: None,
    };
    let timetable = Timetable::new(doubled(&single(&timesteps)), levels);
    Ok((Box::new(solver), timetable))
}

impl Solver for Heun {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let sigma = timetable.sigma();
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
            stride: timetable.next_sigma() - sigma,
            start: sample.to_vec(),
        };
        for (x, slope) in sample.iter_mut().zip(&half.slope) {
            *x += slope * half.stride;
        }
        self.half_step = Some(half);
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        euler::add_noise(timetable, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        prediction::clean_from_sigma(self.prediction, timetable.sigma(), output, sample)
    }

    fn init_noise_sigma(&self, timetable: &Timetable) -> f32 {
        euler::init_noise_sigma(self.spacing, timetable)
    }

    fn scale_model_input(&self, timetable: &Timetable, sample: &mut [f32]) {
        euler::scale_model_input(timetable, sample);
    }
}

/// Each entry but the first, twice.
pub(super) fn doubled<T: Copy>(values: &[T]) -> Vec<T> {
    let twice = values.iter().skip(1).flat_map(|value| [*value; 2]);
    values.first().copied().into_iter().chain(twice).collect()
}
