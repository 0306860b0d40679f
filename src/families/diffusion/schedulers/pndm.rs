//! PNDM: "Pseudo Numerical Methods for Diffusion Models on Manifolds" (Liu et al. 2022).
//!
//! With `skip_prk_steps` (Stable Diffusion's setting) it is PLMS: linear multistep, warmed up by asking
//! the model twice around the second timestep. Without, three Runge-Kutta steps of four calls warm it up.

use super::ddim::{alpha_product, blend};
use super::parts::invalid;
use super::prediction::{self, Prediction};
use super::scheduler::{Built, NoiseSource, Solver};
use super::spacing::{self, Spacing};
use super::{Plan, SchedulerConfig, Timetable};

#[derive(Clone, Debug)]
pub(super) struct Pndm {
    pub(super) alpha_products: Vec<f32>,
    pub(super) final_alpha_product: f32,
    pub(super) prediction: Prediction,
    pub(super) stride: i64,
    /// The timesteps of the Runge-Kutta calls; none with `skip_prk_steps`.
    pub(super) warm_up: Vec<i64>,
    pub(super) state: State,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    calls: usize,
    /// Up to four earlier outputs, the latest last.
    outputs: Vec<Vec<f32>>,
    /// The sample that a warm-up step started from.
    start: Option<Vec<f32>>,
    /// The weighted sum of a Runge-Kutta step's outputs so far.
    sum: Vec<f32>,
}

/// The timesteps of all calls, and those of the Runge-Kutta calls among them.
pub(super) fn timesteps(spaced: &[f64], total: usize, skip_prk: bool) -> (Vec<i64>, Vec<i64>) {
    let ascending: Vec<i64> = spacing::whole(spaced).into_iter().rev().collect();
    let steps = ascending.len();
    if skip_prk {
        let mut all = ascending;
        if steps > 1 {
            all.insert(steps - 1, all[steps - 2]);
        }
        all.reverse();
        return (all, Vec::new());
    }
    let half = (total / steps / 2) as i64;
    let noisiest = &ascending[steps.saturating_sub(4)..];
    let pairs: Vec<i64> = noisiest.iter().flat_map(|t| [*t, t + half]).collect();
    let twice: Vec<i64> = pairs[..pairs.len() - 1]
        .iter()
        .flat_map(|t| [*t, *t])
        .collect();
    let warm_up: Vec<i64> = twice[1..twice.len() - 1].iter().rev().copied().collect();
    let plms = ascending[..steps.saturating_sub(3)].iter().rev().copied();
    (warm_up.iter().copied().chain(plms).collect(), warm_up)
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let alpha_products = config.plain_alpha_products()?;
    let skip_prk = config.skip_prk_steps.unwrap_or(false);
    if !skip_prk && plan.steps < 4 {
        return Err(invalid(format!(
            "{} steps, but without skip_prk_steps there are at least 4",
            plan.steps
        )));
    }
    let spaced = config.spaced(Spacing::Leading, plan.steps);
    let (timesteps, warm_up) = timesteps(&spaced, config.total(), skip_prk);
    let solver = Pndm {
        final_alpha_product: config.final_alpha_product(false, &alpha_products),
        prediction: config.prediction(&[Prediction::Flow, Prediction::Sample])?,
        stride: (config.total() / plan.steps) as i64,
        warm_up,
        state: State::default(),
        alpha_products,
    };
    let timetable = Timetable::of_integers(&config.in_range(timesteps)?);
    Ok((Box::new(solver), timetable))
}

impl Solver for Pndm {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let timestep = timetable.whole_timestep();
        let output = &output[..sample.len()];
        if self.state.calls < self.warm_up.len() {
            self.runge_kutta(timestep, output, sample);
        } else {
            self.linear_multistep(timestep, output, sample);
        }
        self.state.calls += 1;
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

impl Pndm {
    fn runge_kutta(&mut self, timestep: i64, output: &[f32], sample: &mut [f32]) {
        let calls = self.state.calls;
        let half = if calls.is_multiple_of(2) {
            self.stride / 2
        } else {
            0
        };
        let (from, to) = (self.warm_up[calls / 4 * 4], timestep - half);
        let state = &mut self.state;
        state.sum.resize(sample.len(), 0.0);
        let (weight, last) = match calls % 4 {
            0 => {
                state.outputs.push(output.to_vec());
                state.start = Some(sample.to_vec());
                (1.0 / 6.0, false)
            }
            3 => (1.0 / 6.0, true),
            _ => (1.0 / 3.0, false),
        };
        for (sum, output) in state.sum.iter_mut().zip(output) {
            *sum += weight * output;
        }
        let mean = if last {
            std::mem::take(&mut state.sum)
        } else {
            output.to_vec()
        };
        if let Some(start) = &state.start {
            sample.copy_from_slice(start);
        }
        self.transfer(sample, from, to, &mean);
    }

    fn linear_multistep(&mut self, timestep: i64, output: &[f32], sample: &mut [f32]) {
        let (mut from, mut to) = (timestep, timestep - self.stride);
        let state = &mut self.state;
        if state.calls == 1 {
            (from, to) = (timestep + self.stride, timestep);
        } else {
            let spare = state.outputs.len().saturating_sub(3);
            state.outputs.drain(..spare);
            state.outputs.push(output.to_vec());
        }
        let weights: &[f32] = match (state.outputs.len(), state.calls) {
            (1, 1) => {
                // The second of two calls for the first step: the mean of both, from its start.
                if let Some(start) = state.start.take() {
                    sample.copy_from_slice(&start);
                }
                let first = &state.outputs[0];
                let mean: Vec<f32> = output
                    .iter()
                    .zip(first)
                    .map(|(a, b)| (a + b) / 2.0)
                    .collect();
                return self.transfer(sample, from, to, &mean);
            }
            (1, _) => {
                state.start = Some(sample.to_vec());
                &[1.0]
            }
            (2, _) => &[3.0 / 2.0, -1.0 / 2.0],
            (3, _) => &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
            _ => &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
        };
        let mut mean = vec![0.0; sample.len()];
        for (weight, output) in weights.iter().zip(state.outputs.iter().rev()) {
            for (mean, output) in mean.iter_mut().zip(output) {
                *mean += weight * output;
            }
        }
        self.transfer(sample, from, to, &mean);
    }

    /// Formula (9) of the paper.
    fn transfer(&self, sample: &mut [f32], from: i64, to: i64, output: &[f32]) {
        let here = alpha_product(&self.alpha_products, from, self.final_alpha_product);
        let there = alpha_product(&self.alpha_products, to, self.final_alpha_product);
        let (beta, beta_there) = (1.0 - here, 1.0 - there);
        let share = (there / here).sqrt();
        let divisor = here * beta_there.sqrt() + (here * beta * there).sqrt();
        for (x, output) in sample.iter_mut().zip(output) {
            let epsilon = match self.prediction {
                Prediction::Velocity => here.sqrt() * output + beta.sqrt() * *x,
                _ => *output,
            };
            *x = share * *x - (there - here) * epsilon / divisor;
        }
    }
}
