//! What a model predicts, and the shaping of the clean sample that follows from it.

use serde::Deserialize;

/// What the model's output means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Prediction {
    /// The noise that was added.
    #[default]
    #[serde(rename = "epsilon")]
    Epsilon,
    /// The velocity √ᾱ·ε − √(1−ᾱ)·x₀.
    #[serde(rename = "v_prediction")]
    Velocity,
    /// The clean sample.
    #[serde(rename = "sample", alias = "original_sample")]
    Sample,
    /// The flow, noise minus clean sample.
    #[serde(rename = "flow_prediction")]
    Flow,
}

/// What is done to a predicted clean sample before it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shaping {
    None,
    Clip {
        range: f32,
    },
    /// Dynamic thresholding (Imagen): clamp to a high quantile of |x₀| and divide by it.
    Threshold {
        ratio: f32,
        most: f32,
    },
}

impl Shaping {
    pub(crate) fn apply(self, clean: &mut [f32]) {
        match self {
            Self::None => {}
            Self::Clip { range } => clean.iter_mut().for_each(|x| *x = x.clamp(-range, range)),
            Self::Threshold { ratio, most } => {
                // Like torch.clamp, whose upper bound wins where the bounds cross.
                let limit = quantile(clean, ratio).max(1.0).min(most);
                clean
                    .iter_mut()
                    .for_each(|x| *x = x.max(-limit).min(limit) / limit);
            }
        }
    }
}

/// The quantile of |x| with linear interpolation, as `torch.quantile`.
fn quantile(values: &[f32], ratio: f32) -> f32 {
    let mut sizes: Vec<f32> = values.iter().map(|x| x.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let Some(last) = sizes.len().checked_sub(1) else {
        return 0.0;
    };
    let place = ratio.clamp(0.0, 1.0) * last as f32;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sizes[below] + (sizes[above] - sizes[below]) * (place - below as f32)
}

/// The clean sample in coordinates where x = √ᾱ·x₀ + √(1−ᾱ)·ε.
pub(crate) fn clean_from_alpha(
    prediction: Prediction,
    alpha_product: f32,
    output: &[f32],
    sample: &[f32],
) -> Vec<f32> {
    let alpha = alpha_product.sqrt();
    let beta = (1.0 - alpha_product).sqrt();
    let pairs = sample.iter().zip(output);
    match prediction {
        Prediction::Epsilon => pairs.map(|(x, e)| (x - beta * e) / alpha).collect(),
        Prediction::Velocity => pairs.map(|(x, v)| alpha * x - beta * v).collect(),
        Prediction::Sample => output[..sample.len()].to_vec(),
        Prediction::Flow => pairs.map(|(x, v)| x - beta * v).collect(),
    }
}

/// The noise in coordinates where x = √ᾱ·x₀ + √(1−ᾱ)·ε.
pub(crate) fn epsilon_from_alpha(
    prediction: Prediction,
    alpha_product: f32,
    output: &[f32],
    sample: &[f32],
) -> Vec<f32> {
    let alpha = alpha_product.sqrt();
    let beta = (1.0 - alpha_product).sqrt();
    let pairs = sample.iter().zip(output);
    match prediction {
        Prediction::Epsilon | Prediction::Flow => output[..sample.len()].to_vec(),
        Prediction::Sample => pairs.map(|(x, clean)| (x - alpha * clean) / beta).collect(),
        Prediction::Velocity => pairs.map(|(x, v)| alpha * v + beta * x).collect(),
    }
}

/// The clean sample in coordinates where x = x₀ + σ·ε.
pub(crate) fn clean_from_sigma(
    prediction: Prediction,
    sigma: f32,
    output: &[f32],
    sample: &[f32],
) -> Vec<f32> {
    let pairs = sample.iter().zip(output);
    match prediction {
        Prediction::Velocity => {
            let square = sigma * sigma + 1.0;
            let out = -sigma / square.sqrt();
            pairs.map(|(x, v)| v * out + x / square).collect()
        }
        Prediction::Sample => output[..sample.len()].to_vec(),
        Prediction::Epsilon | Prediction::Flow => pairs.map(|(x, e)| x - sigma * e).collect(),
    }
}
