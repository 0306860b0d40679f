//! DPM-Solver and DPM-Solver++, multistep, as ODE and as SDE (Lu et al. 2022).
//!
//! "DPM++ 2M" is the second-order ODE solver on the predicted clean sample, "DPM++ 2M SDE" the same
//! with fresh noise at each step.

use std::collections::VecDeque;

use serde::Deserialize;

use super::prediction::{self, Prediction, Shaping};
use super::{NoiseSource, Rules, Timetable};

/// Which integral is solved, and whether noise is added on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    #[default]
    #[serde(rename = "dpmsolver++", alias = "deis")]
    PlusPlus,
    #[serde(rename = "dpmsolver")]
    Plain,
    #[serde(rename = "sde-dpmsolver++")]
    SdePlusPlus,
    #[serde(rename = "sde-dpmsolver")]
    SdePlain,
}

impl Algorithm {
    /// Whether the solver works on the predicted clean sample, rather than on the predicted noise.
    pub(super) fn predicts_clean(self) -> bool {
        matches!(self, Self::PlusPlus | Self::SdePlusPlus)
    }

    fn is_stochastic(self) -> bool {
        matches!(self, Self::SdePlusPlus | Self::SdePlain)
    }
}

/// How the second-order term is approximated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Midpoint,
    Heun,
}

/// How noise levels split into a share of the sample and a share of noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coordinates {
    /// α = 1/√(σ²+1), and σα of noise.
    Variance,
    /// α = 1 − σ, and σ of noise.
    Flow,
}

impl Coordinates {
    /// The share of the sample, the share of noise, and half the logarithm of their ratio squared.
    pub(super) fn split(self, sigma: f32) -> (f32, f32, f32) {
        let (alpha, noise) = match self {
            Self::Variance => {
                let alpha = 1.0 / (sigma * sigma + 1.0).sqrt();
                (alpha, sigma * alpha)
            }
            Self::Flow => (1.0 - sigma, sigma),
        };
        (alpha, noise, alpha.ln() - noise.ln())
    }

    /// What the model says of the clean sample.
    pub(super) fn clean(
        self,
        prediction: Prediction,
        sigma: f32,
        (output, sample): (&[f32], &[f32]),
    ) -> Vec<f32> {
        let (alpha, noise, _) = self.split(sigma);
        let pairs = sample.iter().zip(output);
        match prediction {
            Prediction::Epsilon => pairs.map(|(x, e)| (x - noise * e) / alpha).collect(),
            Prediction::Velocity => pairs.map(|(x, v)| alpha * x - noise * v).collect(),
            Prediction::Sample => output[..sample.len()].to_vec(),
            Prediction::Flow => prediction::clean_from_sigma(prediction, sigma, output, sample),
        }
    }

    /// What the model says of the noise.
    pub(super) fn epsilon(
        self,
        prediction: Prediction,
        sigma: f32,
        (output, sample): (&[f32], &[f32]),
    ) -> Vec<f32> {
        let (alpha, noise, _) = self.split(sigma);
        let pairs = sample.iter().zip(output);
        match prediction {
            Prediction::Epsilon | Prediction::Flow => output[..sample.len()].to_vec(),
            Prediction::Sample => pairs
                .map(|(x, clean)| (x - alpha * clean) / noise)
                .collect(),
            Prediction::Velocity => pairs.map(|(x, v)| alpha * v + noise * x).collect(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct DpmMultistep {
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) algorithm: Algorithm,
    pub(super) kind: Kind,
    pub(super) coordinates: Coordinates,
    pub(super) order: usize,
    pub(super) ending: Ending,
    /// Converted outputs of earlier steps, the latest first, as many as the order.
    pub(super) outputs: VecDeque<Vec<f32>>,
}

/// Where the order is lowered, for stability.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    /// In the last steps, when there are fewer than fifteen.
    pub(super) lower_order: bool,
    /// In the last step, always.
    pub(super) euler: bool,
}

impl Rules for DpmMultistep {
    fn step(
        &mut self,
        course: &Timetable,
        output: &[f32],
        sample: &mut [f32],
        noise: NoiseSource<'_>,
    ) {
        let converted = self.convert(course.sigma(), output, sample);
        self.outputs.push_front(converted);
        self.outputs.truncate(self.order);
        let noise = if self.algorithm.is_stochastic() {
            noise(sample.len())
        } else {
            Vec::new()
        };

        let left = course.timesteps.len() - course.index;
        let few = self.ending.lower_order && course.timesteps.len() < 15;
        let order = match self.outputs.len() {
            _ if left == 1 && (self.ending.euler || few) => 1,
            order if left == 2 && few => order.min(2),
            order => order,
        };
        let terms = self.terms(course, order);
        for (i, x) in sample.iter_mut().enumerate() {
            let outputs = self.outputs.iter().zip(&terms.outputs);
            let sum: f32 = outputs.map(|(output, weight)| weight * output[i]).sum();
            let z = noise.get(i).copied().unwrap_or_default();
            *x = terms.sample * *x + sum + terms.noise * z;
        }
    }

    fn add_noise(&self, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
        add_noise(self.coordinates, course, clean, noise);
    }

    fn clean(&self, course: &Timetable, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let both = (output, sample);
        self.coordinates
            .clean(self.prediction, course.sigma(), both)
    }
}

pub(super) fn add_noise(kind: Coordinates, course: &Timetable, clean: &mut [f32], noise: &[f32]) {
    let (alpha, share, _) = kind.split(course.sigma());
    for (x, z) in clean.iter_mut().zip(noise) {
        *x = alpha * *x + share * z;
    }
}

/// A step as a weighted sum of the sample, the latest outputs (latest first) and the noise.
struct Terms {
    sample: f32,
    outputs: Vec<f32>,
    noise: f32,
}

impl DpmMultistep {
    fn convert(&self, sigma: f32, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let both = (output, sample);
        if self.algorithm.predicts_clean() {
            let mut clean = self.coordinates.clean(self.prediction, sigma, both);
            self.shaping.apply(&mut clean);
            return clean;
        }
        let epsilon = self.coordinates.epsilon(self.prediction, sigma, both);
        if self.shaping == Shaping::None {
            return epsilon;
        }
        let both = (&epsilon[..], sample);
        let mut clean = self.coordinates.clean(Prediction::Epsilon, sigma, both);
        self.shaping.apply(&mut clean);
        let both = (&clean[..], sample);
        self.coordinates.epsilon(Prediction::Sample, sigma, both)
    }

    /// The weights of a step of that order, from the papers' appendices.
    fn terms(&self, course: &Timetable, order: usize) -> Terms {
        let level = |back: usize| self.coordinates.split(course.sigmas[course.index - back]);
        let (alpha_to, noise_to, lambda_to) = self.coordinates.split(course.next_sigma());
        let (alpha_from, noise_from, lambda_from) = level(0);
        let h = lambda_to - lambda_from;

        // The share of the sample, then what multiplies the output, its first and its second
        // difference; towards a last level without noise h is infinite, and the order is 1.
        let (sample, [mean, first, second]) = match self.algorithm {
            Algorithm::PlusPlus => {
                let decay = (-h).exp() - 1.0;
                let first = match self.kind {
                    Kind::Midpoint if order < 3 => -0.5 * (alpha_to * decay),
                    _ => alpha_to * (decay / h + 1.0),
                };
                let second = -(alpha_to * ((decay + h) / (h * h) - 0.5));
                (noise_to / noise_from, [-(alpha_to * decay), first, second])
            }
            Algorithm::Plain => {
                let growth = h.exp() - 1.0;
                let first = match self.kind {
                    Kind::Midpoint if order < 3 => -0.5 * (noise_to * growth),
                    _ => -(noise_to * (growth / h - 1.0)),
                };
                let second = -(noise_to * ((growth - h) / (h * h) - 0.5));
                (alpha_to / alpha_from, [-(noise_to * growth), first, second])
            }
            Algorithm::SdePlusPlus => {
                let decay = 1.0 - (-2.0 * h).exp();
                let first = match self.kind {
                    Kind::Midpoint if order < 3 => 0.5 * (alpha_to * decay),
                    _ => alpha_to * (decay / (-2.0 * h) + 1.0),
                };
                let twice = 2.0 * h;
                let second = alpha_to * ((decay - twice) / (twice * twice) - 0.5);
                let sample = noise_to / noise_from * (-h).exp();
                (sample, [alpha_to * decay, first, second])
            }
            Algorithm::SdePlain => {
                let growth = h.exp() - 1.0;
                let first = match self.kind {
                    Kind::Midpoint => -(noise_to * growth),
                    Kind::Heun => -2.0 * (noise_to * (growth / h - 1.0)),
                };
                let sample = alpha_to / alpha_from;
                (sample, [-2.0 * (noise_to * growth), first, 0.0])
            }
        };
        let noise = match self.algorithm {
            Algorithm::SdePlusPlus => noise_to * (1.0 - (-2.0 * h).exp()).sqrt(),
            Algorithm::SdePlain => noise_to * ((2.0 * h).exp() - 1.0).sqrt(),
            Algorithm::PlusPlus | Algorithm::Plain => 0.0,
        };

        let outputs = if order == 1 {
            vec![mean]
        } else {
            let lambda_before = level(1).2;
            let r0 = (lambda_from - lambda_before) / h;
            if order == 2 {
                // D1 = (m0 − m1) / r0
                vec![mean + first / r0, -first / r0]
            } else {
                // D1 = d0 + r0 / (r0 + r1) · (d0 − d1) and D2 = (d0 − d1) / (r0 + r1), where
                // d0 = (m0 − m1) / r0 and d1 = (m1 − m2) / r1.
                let r1 = (lambda_before - level(2).2) / h;
                let bend = (first * r0 + second) / (r0 + r1);
                let (of_d0, of_d1) = (first + bend, -bend);
                vec![mean + of_d0 / r0, of_d1 / r1 - of_d0 / r0, -of_d1 / r1]
            }
        };
        Terms {
            sample,
            outputs,
            noise,
        }
    }
}

/// The number of training timesteps whose log-SNR is at least `least`: the noisiest are left out.
pub(super) fn last_timestep(alpha_products: &[f32], least: f32) -> usize {
    let below = alpha_products.iter().rev().take_while(|product| {
        let lambda = product.sqrt().ln() - (1.0 - **product).sqrt().ln();
        lambda < least
    });
    alpha_products.len() - below.count()
}
