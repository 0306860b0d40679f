//! Noise levels, for the classes that think in σ = √((1−ᾱ)/ᾱ) rather than in ᾱ.

use super::spacing::linspace;

/// The shift of a fixed factor: more of the steps at high noise.
pub(super) fn shifted(sigma: f64, shift: f64) -> f64 {
    shift * sigma / (1.0 + (shift - 1.0) * sigma)
}

/// A curve that replaces the noise levels of training between their ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    /// Karras et al. 2022, ρ = 7.
    Karras,
    Exponential,
    /// "Beta Sampling is All You Need", α = β = 0.6.
    Beta,
}

impl Curve {
    /// `count` levels from `most` down to `least`.
    pub(crate) fn levels(self, most: f64, least: f64, count: usize) -> Vec<f64> {
        match self {
            Self::Karras => {
                const RHO: f64 = 7.0;
                let (top, bottom) = (most.powf(1.0 / RHO), least.powf(1.0 / RHO));
                linspace(0.0, 1.0, count)
                    .into_iter()
                    .map(|ramp| (top + ramp * (bottom - top)).powf(RHO))
                    .collect()
            }
            Self::Exponential => linspace(most.ln(), least.ln(), count)
                .into_iter()
                .map(f64::exp)
                .collect(),
            Self::Beta => linspace(0.0, 1.0, count)
                .into_iter()
                .map(|share| least + beta_quantile(1.0 - share) * (most - least))
                .collect(),
        }
    }
}

/// The noise levels of training, cleanest first.
pub(crate) fn training_sigmas(alpha_products: &[f32]) -> Vec<f32> {
    alpha_products
        .iter()
        .map(|product| ((1.0 - product) / product).sqrt())
        .collect()
}

/// The noise level at a timestep that may lie between two of training: `numpy.interp`.
pub(crate) fn interpolate(timestep: f64, sigmas: &[f32]) -> f64 {
    let last = sigmas.len() - 1;
    let place = timestep.clamp(0.0, last as f64);
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (from, to) = (f64::from(sigmas[below]), f64::from(sigmas[above]));
    (to - from) * (place - below as f64) + from
}

/// The timestep, between two of training, whose noise level is `sigma`.
pub(crate) fn timestep_of(sigma: f64, log_sigmas: &[f32]) -> f64 {
    let wanted = sigma.max(1e-10).ln();
    let low = log_sigmas
        .iter()
        .rposition(|log| wanted >= f64::from(*log))
        .unwrap_or(0)
        .min(log_sigmas.len().saturating_sub(2));
    let high = (low + 1).min(log_sigmas.len() - 1);
    let (from, to) = (f64::from(log_sigmas[low]), f64::from(log_sigmas[high]));
    let weight = ((from - wanted) / (from - to)).clamp(0.0, 1.0);
    (1.0 - weight) * low as f64 + weight * high as f64
}

pub(crate) fn logarithms(sigmas: &[f32]) -> Vec<f32> {
    sigmas.iter().map(|sigma| sigma.ln()).collect()
}

const SHAPE: f64 = 0.6;

/// The quantile function of the symmetric beta distribution with both parameters 0.6, by bisection.
fn beta_quantile(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return probability.clamp(0.0, 1.0);
    }
    if probability > 0.5 {
        return 1.0 - beta_quantile(1.0 - probability);
    }
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if beta_distribution(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The distribution function for x ≤ ½, by its power series, which converges like 2⁻ⁿ there:
/// `x^a / B(a, a) · Σ (1 − a)ₙ / n! · xⁿ / (a + n)`.
fn beta_distribution(x: f64) -> f64 {
    // Half of the mass lies below one half, which gives the constant without a gamma function.
    series(x) / (2.0 * series(0.5))
}

fn series(x: f64) -> f64 {
    let mut factor = 1.0;
    let mut sum = 0.0;
    for n in 0..60 {
        let n = f64::from(n);
        sum += factor / (SHAPE + n);
        factor *= (1.0 - SHAPE + n) / (n + 1.0) * x;
    }
    x.powf(SHAPE) * sum
}
