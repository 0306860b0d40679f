//! DPM-2: the midpoint method of second order, algorithm 2 of "Elucidating the Design Space of
//! Diffusion-Based Generative Models" (Karras et al. 2022) without churn, after k-diffusion.
//!
//! A step first goes to the geometric mean of two noise levels, and then the whole way with the slope
//! there; the last step goes straight to the end.

use super::heun::doubled;
use super::parts::{along, at, ends, single};
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas::{self, Curve};
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable, euler};

#[derive(Clone, Debug)]
struct Kdpm2 {
    prediction: Prediction,
    spacing: Spacing,
    /// The noise level midway, for each call.
    midway: Vec<f32>,
    /// Where the step began, between its two calls.
    start: Option<Vec<f32>>,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let Levels {
        timesteps,
        mut levels,
        log_training,
    } = levels(config, plan)?;
    levels.push(0.0);
    // Each level with the one before it; before the first, Python has the last, whose logarithm is -∞.
    let before = |place: usize| levels[(place + levels.len() - 1) % levels.len()];
    let midway: Vec<f32> = (0..levels.len())
        .map(|place| geometric_mean(levels[place], before(place)))
        .collect();
    let between = midway[1..midway.len() - 1]
        .iter()
        .map(|sigma| sigmas::timestep_of(f64::from(*sigma), &log_training) as f32);
    let timetable = Timetable::new(interleaved(&timesteps, between), two_calls(&levels));
    let solver = Kdpm2 {
        prediction: config.prediction(&[Prediction::Flow, Prediction::Sample])?,
        spacing: config.spacing(Spacing::Linspace),
        midway: two_calls(&midway),
        start: None,
    };
    Ok((Box::new(solver), timetable))
}

/// What the plain and the ancestral kind begin with.
pub(super) struct Levels {
    pub(super) timesteps: Vec<f32>,
    /// Without the 0 at the end.
    pub(super) levels: Vec<f32>,
    pub(super) log_training: Vec<f32>,
}

pub(super) fn levels(
    config: &SchedulerConfig,
    plan: &Plan,
) -> Result<Levels, super::SchedulerError> {
    let training = sigmas::training_sigmas(&config.plain_alpha_products()?);
    let mut timesteps = config.spaced_single(plan.steps);
    let mut levels = at(&timesteps, &training);
    if let Some(curve) = config.curve()? {
        (levels, timesteps) = along(curve, ends(&levels), &training, plan.steps);
        if curve == Curve::Karras {
            timesteps = timesteps.iter().map(|t| t.round_ties_even()).collect();
        }
    }
    Ok(Levels {
        timesteps: single(&timesteps),
        levels: single(&levels),
        log_training: sigmas::logarithms(&training),
    })
}

/// `exp(lerp(log a, log b, ½))`, in the order in which PyTorch computes it.
pub(super) fn geometric_mean(a: f32, b: f32) -> f32 {
    let (a, b) = (a.ln(), b.ln());
    (b - (b - a) * 0.5).exp()
}

/// The first, and each of the others twice, with the last once more: a value for each call.
pub(super) fn two_calls(values: &[f32]) -> Vec<f32> {
    let mut doubled = doubled(values);
    doubled.extend(values.last());
    doubled
}

/// The timesteps with those between them.
pub(super) fn interleaved(timesteps: &[f32], between: impl Iterator<Item = f32>) -> Vec<f32> {
    let rest = between.zip(timesteps.iter().skip(1));
    let rest = rest.flat_map(|(between, next)| [between, *next]);
    timesteps.first().copied().into_iter().chain(rest).collect()
}

impl Solver for Kdpm2 {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let clean = self.pred_original(timetable, output, sample);
        let index = timetable.index;
        match self.start.take() {
            None => {
                let sigma = timetable.sigma();
                let stride = self.midway[index + 1] - sigma;
                self.start = Some(sample.to_vec());
                for (x, clean) in sample.iter_mut().zip(&clean) {
                    *x += (*x - clean) / sigma * stride;
                }
            }
            Some(start) => {
                let here = self.midway[index];
                let stride = timetable.sigmas[index] - timetable.sigmas[index - 1];
                for ((x, clean), start) in sample.iter_mut().zip(&clean).zip(&start) {
                    *x = start + (*x - clean) / here * stride;
                }
            }
        }
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        euler::add_noise(timetable, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let sigma = self.level(timetable);
        prediction::clean_from_sigma(self.prediction, sigma, output, sample)
    }

    fn init_noise_sigma(&self, timetable: &Timetable) -> f32 {
        euler::init_noise_sigma(self.spacing, timetable)
    }

    fn scale_model_input(&self, timetable: &Timetable, sample: &mut [f32]) {
        euler::scale_to(self.level(timetable), sample);
    }
}

impl Kdpm2 {
    /// The noise level at which the model is called next.
    fn level(&self, timetable: &Timetable) -> f32 {
        match self.start {
            None => timetable.sigma(),
            Some(_) => self.midway[timetable.index],
        }
    }
}
