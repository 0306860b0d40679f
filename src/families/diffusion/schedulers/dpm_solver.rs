//! What DPM-Solver's two kinds, multistep and singlestep, share (Lu et al. 2022): the integrals that
//! they solve, the coordinates that they solve them in, and what they make of a model's output.

use serde::Deserialize;

use super::Timetable;
use super::prediction::{self, Prediction, Shaping};

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

    pub(super) fn is_stochastic(self) -> bool {
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

/// What a solver makes of the model's output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conversion {
    pub(super) prediction: Prediction,
    pub(super) shaping: Shaping,
    pub(super) coordinates: Coordinates,
}

impl Conversion {
    /// The clean sample.
    pub(super) fn clean(&self, sigma: f32, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let both = (output, sample);
        let mut clean = self.coordinates.clean(self.prediction, sigma, both);
        self.shaping.apply(&mut clean);
        clean
    }

    /// The noise that the clean sample leaves.
    pub(super) fn epsilon(&self, sigma: f32, output: &[f32], sample: &[f32]) -> Vec<f32> {
        let clean = self.clean(sigma, output, sample);
        let both = (&clean[..], sample);
        self.coordinates.epsilon(Prediction::Sample, sigma, both)
    }

    /// What an algorithm works on.
    pub(super) fn of(
        &self,
        algorithm: Algorithm,
        sigma: f32,
        output: &[f32],
        sample: &[f32],
    ) -> Vec<f32> {
        if algorithm.predicts_clean() {
            self.clean(sigma, output, sample)
        } else if self.shaping == Shaping::None {
            let both = (output, sample);
            self.coordinates.epsilon(self.prediction, sigma, both)
        } else {
            self.epsilon(sigma, output, sample)
        }
    }
}

/// The weights of a step between two noise levels, from the papers' appendices.
pub(super) struct Integrals {
    /// The share of the sample.
    pub(super) sample: f32,
    /// What multiplies the output, its first and its second difference.
    pub(super) outputs: [f32; 3],
    /// The share of fresh noise.
    pub(super) noise: f32,
}

impl Integrals {
    /// Each end as [`Coordinates::split`] has it. Towards a last level without noise h is infinite,
    /// and the order must be 1.
    pub(super) fn of(
        (algorithm, kind, order): (Algorithm, Kind, usize),
        (alpha_to, noise_to, lambda_to): (f32, f32, f32),
        (alpha_from, noise_from, lambda_from): (f32, f32, f32),
    ) -> Self {
        let h = lambda_to - lambda_from;
        let (sample, outputs) = match algorithm {
            Algorithm::PlusPlus => {
                let decay = (-h).exp() - 1.0;
                let first = match kind {
                    Kind::Midpoint if order < 3 => -0.5 * (alpha_to * decay),
                    _ => alpha_to * (decay / h + 1.0),
                };
                let second = -(alpha_to * ((decay + h) / (h * h) - 0.5));
                (noise_to / noise_from, [-(alpha_to * decay), first, second])
            }
            Algorithm::Plain => {
                let growth = h.exp() - 1.0;
                let first = match kind {
                    Kind::Midpoint if order < 3 => -0.5 * (noise_to * growth),
                    _ => -(noise_to * (growth / h - 1.0)),
                };
                let second = -(noise_to * ((growth - h) / (h * h) - 0.5));
                (alpha_to / alpha_from, [-(noise_to * growth), first, second])
            }
            Algorithm::SdePlusPlus => {
                let decay = 1.0 - (-2.0 * h).exp();
                let first = match kind {
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
                let first = match kind {
                    Kind::Midpoint => -(noise_to * growth),
                    Kind::Heun => -2.0 * (noise_to * (growth / h - 1.0)),
                };
                let sample = alpha_to / alpha_from;
                (sample, [-2.0 * (noise_to * growth), first, 0.0])
            }
        };
        let noise = match algorithm {
            Algorithm::SdePlusPlus => noise_to * (1.0 - (-2.0 * h).exp()).sqrt(),
            Algorithm::SdePlain => noise_to * ((2.0 * h).exp() - 1.0).sqrt(),
            Algorithm::PlusPlus | Algorithm::Plain => 0.0,
        };
        Self {
            sample,
            outputs,
            noise,
        }
    }
}

pub(super) fn add_noise(
    kind: Coordinates,
    timetable: &Timetable,
    clean: &mut [f32],
    noise: &[f32],
) {
    let (alpha, share, _) = kind.split(timetable.sigma());
    for (x, z) in clean.iter_mut().zip(noise) {
        *x = alpha * *x + share * z;
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
