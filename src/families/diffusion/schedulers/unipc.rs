//! UniPC: "A Unified Predictor-Corrector Framework for Fast Sampling of Diffusion Models"
//! (Zhao et al. 2023), in its B(h) form.
//!
//! Each step first corrects the sample that the step before predicted, with what the model says about
//! it, and then predicts the next.

use std::collections::VecDeque;

use super::config::{FinalSigma, SolverType};
use super::dpm_solver::{Coordinates, add_noise};
use super::parts::ends;
use super::prediction::{Prediction, Shaping};
use super::scheduler::{Built, NoiseSource, Solver};
use super::sigmas;
use super::{Plan, SchedulerConfig, Timetable};

/// Which B(h) is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// h
    Bh1,
    /// eʰ − 1
    Bh2,
}

#[derive(Clone, Debug)]
pub(super) struct UniPc {
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) coordinates: Coordinates,
    pub(super) kind: Kind,
    /// Whether the solver works on the predicted clean sample, rather than on the predicted noise.
    pub(super) predict_clean: bool,
    pub(super) order: usize,
    pub(super) lower_order_final: bool,
    /// The steps after which nothing is corrected.
    pub(super) uncorrected: Vec<usize>,
    pub(super) state: State,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Converted outputs of earlier steps, the latest first.
    outputs: VecDeque<Vec<f32>>,
    /// The sample that the last prediction started from, and its order.
    last: Option<(Vec<f32>, usize)>,
    steps: usize,
}

/// The scheduler that a configuration and a plan make.
pub(super) fn build(config: &SchedulerConfig, plan: &Plan) -> Built {
    let training = sigmas::training_sigmas(&config.nonzero_alpha_products()?);
    let mut route = config.multistep_route(plan, config.total(), &training, true)?;
    let cleanest = match (config.curve()?, config.use_flow_sigmas) {
        (None, None | Some(false)) => f64::from(training[0]),
        _ => ends(&route.levels).1,
    };
    route
        .levels
        .push(match config.final_sigmas_type.unwrap_or_default() {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => cleanest,
        });
    let predict_clean = config.predict_x0.unwrap_or(true);
    let unable: &[Prediction] = if predict_clean {
        &[]
    } else {
        &[Prediction::Flow]
    };
    let solver = UniPc {
        prediction: config.prediction(unable)?,
        shaping: config.shaping(None),
        coordinates: config.coordinates(),
        kind: match config.solver_type {
            Some(SolverType::Bh1) => Kind::Bh1,
            _ => Kind::Bh2,
        },
        predict_clean,
        order: config.order()?,
        lower_order_final: config.lower_order_final.unwrap_or(true),
        uncorrected: config.disable_corrector.clone().unwrap_or_default(),
        state: State::default(),
    };
    Ok((Box::new(solver), route.timetable()))
}

impl Solver for UniPc {
    fn step(
        &mut self,
        timetable: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        _: NoiseSource<'_>,
    ) {
        let converted = self.convert(timetable.sigma(), output, sample);
        let corrects = timetable.index > 0 && !self.uncorrected.contains(&(timetable.index - 1));
        if corrects && let Some((start, order)) = self.state.last.take() {
            sample.copy_from_slice(&start);
            self.update(timetable, timetable.index, order, sample, Some(&converted));
        }
        self.state.outputs.push_front(converted);
        self.state.outputs.truncate(self.order);
        let left = timetable.timesteps.len() - timetable.index;
        let most = if self.lower_order_final {
            self.order.min(left)
        } else {
            self.order
        };
        let order = most.min(self.state.steps + 1);
        self.state.last = Some((sample.to_vec(), order));
        self.update(timetable, timetable.index + 1, order, sample, None);
        self.state.steps = (self.state.steps + 1).min(self.order);
    }

    fn add_noise(&self, timetable: &Timetable, clean: &mut [f32], noise: &[f32]) {
        add_noise(self.coordinates, timetable, clean, noise);
    }

    fn pred_original(&self, timetable: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let both = (output, sample);
        self.coordinates
            .clean(self.prediction, timetable.sigma(), both)
    }
}

impl UniPc {
    fn convert(&self, sigma: f32, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let both = (output, sample);
        if !self.predict_clean {
            return self.coordinates.epsilon(self.prediction, sigma, both);
        }
        let mut clean = self.coordinates.clean(self.prediction, sigma, both);
        self.shaping.apply(&mut clean);
        clean
    }

    /// Moves the sample from level `to - 1` to level `to`: predicting, or, given what the model said at
    /// `to`, correcting.
    fn update(
        &self,
        timetable: &Timetable,
        to: usize,
        order: usize,
        sample: &mut [f32],
        said: Option<&[f32]>,
    ) {
        let level = |index: usize| self.coordinates.split(timetable.sigmas[index]);
        let (alpha_to, noise_to, lambda_to) = level(to);
        let (alpha_from, noise_from, lambda_from) = level(to - 1);
        let h = lambda_to - lambda_from;
        let signed = if self.predict_clean { -h } else { h };
        let growth = signed.exp_m1();
        let b_of_h = match self.kind {
            Kind::Bh1 => signed,
            Kind::Bh2 => growth,
        };

        let latest = &self.state.outputs[0];
        let ratios: Vec<f32> = (1..order)
            .map(|back| (level(to - 1 - back).2 - lambda_from) / h)
            .collect();
        let weights = weights(signed, b_of_h, &ratios, said.is_some());
        let (share, output_share, scale) = if self.predict_clean {
            (noise_to / noise_from, alpha_to * growth, alpha_to * b_of_h)
        } else {
            (alpha_to / alpha_from, noise_to * growth, noise_to * b_of_h)
        };
        for (i, x) in sample.iter_mut().enumerate() {
            let mut slope = 0.0;
            for ((ratio, weight), earlier) in ratios
                .iter()
                .zip(&weights)
                .zip(self.state.outputs.iter().skip(1))
            {
                slope += weight * ((earlier[i] - latest[i]) / ratio);
            }
            if let Some(said) = said {
                slope += weights[order - 1] * (said[i] - latest[i]);
            }
            *x = share * *x - output_share * latest[i];
            // Towards a last level without noise B(h) is infinite for bh1, and there is no slope.
            if slope != 0.0 {
                *x -= scale * slope;
            }
        }
    }
}

/// The weights of the differences: the solution of the paper's linear system, or its first-order
/// shortcuts.
fn weights(signed: f32, b_of_h: f32, ratios: &[f32], correcting: bool) -> Vec<f32> {
    let order = ratios.len() + 1;
    let unknowns = if correcting { order } else { order - 1 };
    match (correcting, order) {
        (false, 1) => return Vec::new(),
        (false, 2) | (true, 1) => return vec![0.5],
        _ => {}
    }
    let mut rows = Vec::with_capacity(unknowns);
    let mut factorial = 1.0;
    let mut phi = signed.exp_m1() / signed - 1.0;
    for power in 0..unknowns {
        let exponent = i32::try_from(power).expect("an order is a small number");
        let mut row: Vec<f32> = ratios.iter().map(|ratio| ratio.powi(exponent)).collect();
        row.push(1.0);
        row.truncate(unknowns);
        row.push(phi * factorial / b_of_h);
        rows.push(row);
        factorial *= (power + 2) as f32;
        phi = phi / signed - 1.0 / factorial;
    }
    solve(rows)
}

/// Gauss's elimination with row exchanges, on rows that end with the right-hand side.
fn solve(mut rows: Vec<Vec<f32>>) -> Vec<f32> {
    let count = rows.len();
    for column in 0..count {
        let pivot = (column..count)
            .max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))
            .expect("there is a row left for each column");
        rows.swap(column, pivot);
        let (done, rest) = rows.split_at_mut(column + 1);
        let top = &done[column];
        for row in rest {
            let factor = row[column] / top[column];
            for (value, above) in row.iter_mut().zip(top).skip(column) {
                *value -= factor * above;
            }
        }
    }
    let mut solution = vec![0.0; count];
    for row in (0..count).rev() {
        let known: f32 = (row + 1..count).map(|i| rows[row][i] * solution[i]).sum();
        solution[row] = (rows[row][count] - known) / rows[row][row];
    }
    solution
}
