//! One draw from a distribution over levels.

use crate::families::noise::Generator;

/// Draws a level from the softmax of `logits / temperature`, by inverting its distribution
/// function at one uniform number; at temperature 0, the likeliest level and no draw.
pub(super) fn draw_level(logits: &[f32], temperature: f32, generator: &mut Generator) -> usize {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let likeliest = || logits.iter().position(|&x| x == greatest).unwrap_or(0);
    if temperature <= 0.0 {
        return likeliest();
    }
    let weight = |&x: &f32| (f64::from(x - greatest) / f64::from(temperature)).exp();
    let weights: Vec<f64> = logits.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    let mut left = generator.uniform_f64() * total;
    for (level, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return level;
        }
    }
    likeliest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_zero_takes_the_likeliest_level() {
        let mut generator = Generator::new(1);
        assert_eq!(draw_level(&[0.0, 3.0, 1.0], 0.0, &mut generator), 1);
    }

    #[test]
    fn levels_are_drawn_as_often_as_their_probability_says() {
        let mut generator = Generator::new(7);
        let logits = [0.0_f32, 2.0_f32.ln(), 5.0_f32.ln()];
        let mut counts = [0_usize; 3];
        for _ in 0..8000 {
            counts[draw_level(&logits, 1.0, &mut generator)] += 1;
        }
        for (count, expected) in counts.iter().zip([1000, 2000, 5000]) {
            assert!(count.abs_diff(expected) < 200, "{counts:?}");
        }
    }

    #[test]
    fn a_low_temperature_sharpens() {
        let mut generator = Generator::new(7);
        let drawn = (0..200).filter(|_| draw_level(&[0.0, 1.0], 0.1, &mut generator) == 1);
        assert!(drawn.count() > 195);
    }

    #[test]
    fn impossible_levels_are_never_drawn() {
        let mut generator = Generator::new(3);
        let logits = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
        assert!((0..100).all(|_| draw_level(&logits, 1.0, &mut generator) == 1));
    }
}
