//! Classifier-free guidance, and LCM's embedding of it.

/// Moves away from what the model says without the prompt.
pub(in crate::families::diffusion) fn guided(
    unconditional: &[f32],
    conditional: &[f32],
    guidance: f32,
) -> Vec<f32> {
    let pairs = unconditional.iter().zip(conditional);
    pairs.map(|(u, c)| u + guidance * (c - u)).collect()
}

/// Pulls the guided prediction back to the deviation of the conditional one ("Common Diffusion Noise
/// Schedules and Sample Steps are Flawed", section 3.4), by that share.
pub(in crate::families::diffusion) fn rescaled(
    guided: &mut [f32],
    conditional: &[f32],
    share: f32,
) {
    let factor = deviation(conditional) / deviation(guided);
    for value in guided {
        *value = share * (*value * factor) + (1.0 - share) * *value;
    }
}

/// The standard deviation, of a sample as `torch.std` has it.
fn deviation(values: &[f32]) -> f32 {
    let count = values.len() as f64;
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let squares = values.iter().map(|x| (f64::from(*x) - mean).powi(2));
    (squares.sum::<f64>() / (count - 1.0).max(1.0)).sqrt() as f32
}

/// The guidance of a latent consistency model as sines and cosines, for `timestep_cond`.
pub(in crate::families::diffusion) fn embedded(guidance: f32, size: usize) -> Vec<f32> {
    let half = size / 2;
    let weight = (guidance - 1.0) * 1000.0;
    let rate = 10_000f32.ln() / (half.max(2) - 1) as f32;
    let angles = (0..half).map(|i| weight * (-rate * i as f32).exp());
    let angles: Vec<f32> = angles.collect();
    let sines = angles.iter().map(|angle| angle.sin());
    let both = sines.chain(angles.iter().map(|angle| angle.cos()));
    both.chain(std::iter::repeat(0.0)).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_rescaling_gives_the_conditional_deviation() {
        let conditional = [1.0, -1.0, 2.0, 0.5];
        let mut guided = guided(&[0.0, 0.5, 1.0, 0.0], &conditional, 7.5);
        rescaled(&mut guided, &conditional, 1.0);
        assert!((deviation(&guided) - deviation(&conditional)).abs() < 1e-5);
    }

    #[test]
    fn an_odd_embedding_ends_in_zero() {
        let embedded = embedded(1.0, 5);
        assert_eq!(embedded, [0.0, 0.0, 1.0, 1.0, 0.0]);
    }
}
