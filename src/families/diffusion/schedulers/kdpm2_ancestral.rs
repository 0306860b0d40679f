//! DPM-2 with fresh noise at each step, after k-diffusion: like `kdpm2`, but the step goes below the
//! next noise level, and noise leads back up to it.

use super::kdpm2::{Levels, geometric_mean, interleaved, levels, two_calls};
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::spacing::Spacing;
use super::{Plan, SchedulerConfig, Timetable, euler};

#[derive(Clone, Debug)]
struct Kdpm2Ancestral {
    prediction: Prediction,
    spacing: Spacing,
    /// The noise level midway, for each call.
    midway: Vec<f32>,
    /// The level that the step goes down to, for each call.
    down: Vec<f32>,
    /// The deviation of the noise that is added after it, for each call.
    up: Vec<f32>,
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
    let next = |place: usize| levels.get(place + 1).copied().unwrap_or(0.0);
    let square = |x: f32| x * x;
    let up: Vec<f32> = (levels.iter().enumerate())
        .map(|(place, here)| {
            let (to, from) = (square(next(place)), square(*here));
            (to * (from - to) / from).sqrt()
        })
        .collect();
    let mut down: Vec<f32> = (up.iter().enumerate())
        .map(|(place, up)| (square(next(place)) - square(*up)).sqrt())
        .collect();
    let last = levels.len() - 1;
    down[last] = 0.0;
    let midway: Vec<f32> = (0..levels.len())
        .map(|place| match place + 1 < last {
            true => geometric_mean(levels[place], down[place]),
            false => 0.0,
        })
        .collect();
    let between = midway[..last - 1]
        .iter()
        .map(|sigma| sigmas::timestep_of(f64::from(*sigma), &log_training) as f32);
    let timetable = Timetable::new(interleaved(&timesteps, between), two_calls(&levels));
    let solver = Kdpm2Ancestral {
        prediction: config.prediction(&[Prediction::Flow, Prediction::Sample])?,
        spacing: config.spacing(Spacing::Linspace),
        midway: two_calls(&midway),
        down: two_calls(&down),
        up: two_calls(&up),
        start: None,
    };
    Ok((Box::new(solver), timetable))
}

impl Solver for Kdpm2Ancestral {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let clean = self.pred_original(timetable, output, sample);
        let index = timetable.index;
        match self.start.take() {
            None => {
                let sigma = timetable.sigma();
                let stride = self.midway[index] - sigma;
                self.start = Some(sample.to_vec());
                for (x, clean) in sample.iter_mut().zip(&clean) {
                    *x += (*x - clean) / sigma * stride;
                }
            }
            Some(start) => {
                let here = self.midway[index - 1];
                let stride = self.down[index - 1] - timetable.sigmas[index - 1];
                let up = self.up[index - 1];
                let noise = noise(clean.len());
                let moved = sample.iter_mut().zip(&clean).zip(&start).zip(noise);
                for (((x, clean), start), z) in moved {
                    *x = start + (*x - clean) / here * stride + z * up;
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

impl Kdpm2Ancestral {
    /// The noise level at which the model is called next.
    fn level(&self, timetable: &Timetable) -> f32 {
        match self.start {
            None => timetable.sigma(),
            Some(_) => self.midway[timetable.index - 1],
        }
    }
}
