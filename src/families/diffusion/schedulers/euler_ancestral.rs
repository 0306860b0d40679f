//! Euler's method with fresh noise at each step: ancestral sampling, after k-diffusion.

use super::euler;
use super::parts::{at, single};
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
pub(super) struct EulerAncestral {
    pub(super) prediction: Prediction,
    pub(super) spacing: Spacing,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.nonzero_alpha_products()?);
    let timesteps = config.spaced_single(plan.steps);
    let mut levels = at(&timesteps, &training);
    levels.push(0.0);
    let solver = EulerAncestral {
        prediction: config.prediction(&[Prediction::Flow, Prediction::Sample])?,
        spacing: config.spacing(Spacing::Linspace),
    };
    let timetable = Timetable::new(single(&timesteps), single(&levels));
    Ok((Box::new(solver), timetable))
}

impl Solver for EulerAncestral {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let (from, to) = (timetable.sigma(), timetable.next_sigma());
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
