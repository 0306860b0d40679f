//! LMS: linear multistep, Adams–Bashforth on the noise levels, after k-diffusion.

use std::collections::VecDeque;

use super::euler;
use super::parts::{along, at, ends, single};
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable};

/// The slopes that a step looks back on, at most.
const ORDER: usize = 4;

#[derive(Clone, Debug)]
struct Lms {
    prediction: Prediction,
    spacing: Spacing,
    /// Those of the latest steps, the latest first.
    slopes: VecDeque<Vec<f32>>,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.plain_alpha_products()?);
    let mut timesteps = config.spaced_single(plan.steps);
    let mut levels = at(&timesteps, &training);
    if let Some(curve) = config.curve()? {
        (levels, timesteps) = along(curve, ends(&levels), &training, plan.steps);
    }
    levels.push(0.0);
    let solver = Lms {
        prediction: config.prediction(&[Prediction::Flow])?,
        spacing: config.spacing(Spacing::Linspace),
        slopes: VecDeque::new(),
    };
    let timetable = Timetable::new(single(&timesteps), single(&levels));
    Ok((Box::new(solver), timetable))
}

impl Solver for Lms {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let sigma = timetable.sigma();
        let clean = prediction::clean_from_sigma(self.prediction, sigma, output, sample);
        let slope = |(x, clean): (&f32, &f32)| (x - clean) / sigma;
        self.slopes
            .push_front(sample.iter().zip(&clean).map(slope).collect());
        self.slopes.truncate(ORDER);
        let order = ORDER.min(timetable.index + 1);
        // A request that begins in the middle has fewer slopes than its place allows; Python weighs
        // those that there are as if the others were there, too.
        for (back, slope) in self.slopes.iter().enumerate() {
            let weight = weight(timetable, order, back) as f32;
            for (x, slope) in sample.iter_mut().zip(slope) {
                *x += weight * slope;
            }
        }
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

/// The integral, from this noise level to the next, of the Lagrange polynomial of the level `back`
/// steps ago.
fn weight(timetable: &Timetable, order: usize, back: usize) -> f64 {
    let level = |back: usize| f64::from(timetable.sigmas[timetable.index - back]);
    let polynomial = |at: f64| -> f64 {
        (0..order)
            .filter(|other| *other != back)
            .map(|other| (at - level(other)) / (level(back) - level(other)))
            .product()
    };
    // Two points of Gauss integrate polynomials of up to the third degree exactly.
    let (from, to) = (level(0), f64::from(timetable.next_sigma()));
    let (middle, half) = ((from + to) / 2.0, (to - from) / 2.0);
    let offset = half / 3f64.sqrt();
    half * (polynomial(middle - offset) + polynomial(middle + offset))
}
