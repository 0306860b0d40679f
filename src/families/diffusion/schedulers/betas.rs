//! The noise schedule of training: how much of a clean sample is left at each of its timesteps.
//!
//! Single precision throughout, and the cumulative product accumulated in double precision, since
//! PyTorch does so: near the last timestep of a zero-SNR schedule the difference would show.

use serde::Deserialize;

/// How much noise each training timestep adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BetaSchedule {
    #[default]
    Linear,
    /// Linear in the square root: latent diffusion's own.
    ScaledLinear,
    /// The cosine schedule of "Improved DDPM".
    SquaredcosCapV2,
    Sigmoid,
    Exp,
}

/// The schedule of a class whose configuration names none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    pub(super) schedule: BetaSchedule,
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Defaults {
    /// DDPM's.
    pub(super) const PLAIN: Self = Self::of(BetaSchedule::Linear, 0.0001, 0.02);
    /// Stable Diffusion's ends, joined by a straight line.
    pub(super) const NARROW: Self = Self::of(BetaSchedule::Linear, 0.00085, 0.012);
    /// Stable Diffusion's.
    pub(super) const SCALED: Self = Self::of(BetaSchedule::ScaledLinear, 0.00085, 0.012);

    const fn of(schedule: BetaSchedule, start: f64, end: f64) -> Self {
        Self {
            schedule,
            start,
            end,
        }
    }
}

/// The betas of a schedule.
pub(crate) fn betas(schedule: BetaSchedule, start: f64, end: f64, count: usize) -> Vec<f32> {
    match schedule {
        BetaSchedule::Linear => linspace(start as f32, end as f32, count),
        BetaSchedule::ScaledLinear => linspace(start.sqrt() as f32, end.sqrt() as f32, count)
            .into_iter()
            .map(|root| root * root)
            .collect(),
        BetaSchedule::SquaredcosCapV2 => from_alpha_bar(count, |t| {
            let cosine = ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos();
            cosine * cosine
        }),
        BetaSchedule::Exp => from_alpha_bar(count, |t| (-12.0 * t).exp()),
        BetaSchedule::Sigmoid => linspace(-6.0, 6.0, count)
            .into_iter()
            .map(|x| 1.0 / (1.0 + (-x).exp()) * (end - start) as f32 + start as f32)
            .collect(),
    }
}

/// What is left of a clean sample's variance at each timestep, ᾱ.
pub(crate) fn alpha_products(betas: &[f32]) -> Vec<f32> {
    betas
        .iter()
        .scan(1.0, |product: &mut f64, beta| {
            *product *= f64::from(1.0 - beta);
            Some(*product as f32)
        })
        .collect()
}

/// Moves the last timestep to pure noise ("Common Diffusion Noise Schedules … are Flawed", algorithm 1).
pub(crate) fn rescale_to_zero_terminal_snr(betas: &[f32]) -> Vec<f32> {
    let mut roots: Vec<f32> = alpha_products(betas).into_iter().map(f32::sqrt).collect();
    let (Some(&first), Some(&last)) = (roots.first(), roots.last()) else {
        return Vec::new();
    };
    for root in &mut roots {
        *root = (*root - last) * (first / (first - last));
    }
    let products: Vec<f32> = roots.into_iter().map(|root| root * root).collect();
    let mut before = 1.0;
    products
        .into_iter()
        .map(|product| {
            let beta = 1.0 - product / before;
            before = product;
            beta
        })
        .collect()
}

/// Betas whose product follows a function of time. Time is real: the ports that divide integers here
/// get every beta but the last one wrong.
fn from_alpha_bar(count: usize, alpha_bar: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..count)
        .map(|i| {
            let from = i as f64 / count as f64;
            let to = (i + 1) as f64 / count as f64;
            (1.0 - alpha_bar(to) / alpha_bar(from)).min(0.999) as f32
        })
        .collect()
}

/// `torch.linspace` in single precision, which counts from both ends towards the middle.
pub(crate) fn linspace(start: f32, end: f32, count: usize) -> Vec<f32> {
    if count < 2 {
        return vec![start; count];
    }
    let step = (end - start) / (count - 1) as f32;
    (0..count)
        .map(|i| {
            if i < count / 2 {
                start + step * i as f32
            } else {
                end - step * (count - i - 1) as f32
            }
        })
        .collect()
}
