//! Drawing latents, and the lines between them.

use ndarray::ArrayD;

use crate::families::noise::{Generator, scale};
use crate::fields::WalkMode;
use crate::models::{Latent, Noise};
use crate::runtime::Tensor;

/// Below this angle, in radians, the arc and the straight line are the same to rounding.
const PARALLEL: f32 = 1e-4;

/// Draws a latent from its manifest's distribution, with the generator of one image.
///
/// `truncation` redraws what lies beyond ± it (Brock et al. 2019, section 3.1); for a uniform
/// latent, where there is no tail to cut, it narrows the bound.
pub(in crate::families) fn draw(
    latent: &Latent,
    generator: &mut Generator,
    truncation: Option<f32>,
) -> Vec<f32> {
    let n = latent.len();
    let tightest = |bound: f32| truncation.map_or(bound, |truncation| truncation.min(bound));
    let mut values = match (latent.noise(), truncation) {
        (Noise::Normal, None) => generator.normal(n),
        (Noise::Normal, Some(bound)) => generator.truncated_normal(n, bound),
        (Noise::TruncatedNormal { bound }, _) => generator.truncated_normal(n, tightest(bound)),
        (Noise::Uniform { bound }, _) => generator.uniform_within(n, tightest(bound)),
    };
    if latent.scale != 1.0 {
        scale(&mut values, latent.scale);
    }
    values
}

/// Noise besides the latent, of each of the shapes: what the image's generator draws after its latent,
/// wherever that came from.
pub(in crate::families) fn noises<'s>(
    latent: &Latent,
    shapes: &'s [Vec<usize>],
    seed: u64,
) -> impl Iterator<Item = Tensor> + use<'s> {
    let mut generator = Generator::new(seed);
    if !shapes.is_empty() {
        draw(latent, &mut generator, None);
    }
    shapes.iter().filter_map(move |shape| {
        let values = generator.normal(shape.iter().product());
        ArrayD::from_shape_vec(shape.clone(), values)
            .ok()
            .map(Tensor::Float)
    })
}

/// A flat latent in the shape that the model takes.
pub(in crate::families) fn shaped(latent: &Latent, values: Vec<f32>) -> Option<Tensor> {
    ArrayD::from_shape_vec(latent.shape.clone(), values)
        .ok()
        .map(Tensor::Float)
}

/// The point `at` (0 to 1) of the way from one latent to another.
pub(in crate::families) fn between(from: &[f32], to: &[f32], at: f32, mode: WalkMode) -> Vec<f32> {
    let mix =
        |a: f32, b: f32| -> Vec<f32> { from.iter().zip(to).map(|(x, y)| a * x + b * y).collect() };
    let angle = match mode {
        WalkMode::Linear => return mix(1.0 - at, at),
        WalkMode::Spherical => angle(from, to),
    };
    let sine = angle.sin();
    if sine.abs() < PARALLEL {
        return mix(1.0 - at, at);
    }
    mix(((1.0 - at) * angle).sin() / sine, (at * angle).sin() / sine)
}

/// The angle between two vectors, in radians; 0 where one of them has no direction.
fn angle(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter()
            .zip(y)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum()
    };
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms == 0.0 {
        return 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "an angle needs no more")]
    let angle = (dot(a, b) / norms).clamp(-1.0, 1.0).acos() as f32;
    angle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_starts_and_ends_at_its_ends() {
        let (a, b) = ([1.0, 0.0, 2.0], [0.0, 3.0, 1.0]);
        for mode in [WalkMode::Linear, WalkMode::Spherical] {
            assert_eq!(between(&a, &b, 0.0, mode), a);
            let end = between(&a, &b, 1.0, mode);
            assert!(
                end.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-6),
                "{end:?}"
            );
        }
    }

    #[test]
    fn the_arc_keeps_the_length_of_unit_vectors_and_the_line_does_not() {
        let (a, b) = ([1.0, 0.0], [0.0, 1.0]);
        let length = |v: Vec<f32>| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((length(between(&a, &b, 0.5, WalkMode::Spherical)) - 1.0).abs() < 1e-6);
        assert!(length(between(&a, &b, 0.5, WalkMode::Linear)) < 0.8);
    }

    #[test]
    fn parallel_and_opposite_and_zero_ends_yield_finite_numbers() {
        for (a, b) in [
            ([1.0, 1.0], [2.0, 2.0]),
            ([1.0, 0.0], [-1.0, 0.0]),
            ([0.0, 0.0], [1.0, 1.0]),
        ] {
            let middle = between(&a, &b, 0.5, WalkMode::Spherical);
            assert!(middle.iter().all(|x| x.is_finite()), "{middle:?}");
        }
    }
}
