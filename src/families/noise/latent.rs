//! Draws that a latent's manifest asks for, made of the generator's plain ones.

use super::Generator;

/// Rounds of redrawing before what is still outside is clamped: only a bound so tight that fewer than
/// one value in a hundred fits comes near it, and a mistyped bound must not hang a worker.
const ROUNDS: usize = 1000;

impl Generator {
    /// Normals with |z| ≤ `bound`, by redrawing.
    ///
    /// The order is fixed: draw all `n`; then draw as many as lie outside, in one call, and put them
    /// in their places from first to last; again until none is outside. In PyTorch:
    ///
    /// ```python
    /// z = torch.randn(n, generator=g)
    /// while (outside := z.abs() > bound).any():
    ///     z[outside] = torch.randn(int(outside.sum()), generator=g)
    /// ```
    pub fn truncated_normal(&mut self, n: usize, bound: f32) -> Vec<f32> {
        let mut values = self.normal(n);
        for _ in 0..ROUNDS {
            let outside = values.iter().filter(|z| z.abs() > bound).count();
            if outside == 0 {
                return values;
            }
            let redrawn = self.normal(outside);
            let places = values.iter_mut().filter(|z| z.abs() > bound);
            for (place, fresh) in places.zip(redrawn) {
                *place = fresh;
            }
        }
        let bound = bound.abs();
        values.iter_mut().for_each(|z| *z = z.clamp(-bound, bound));
        values
    }

    /// Uniforms in [−`bound`, `bound`): `(torch.rand(n) * 2 - 1) * bound`.
    pub fn uniform_within(&mut self, n: usize, bound: f32) -> Vec<f32> {
        let mut values = self.uniform(n);
        values
            .iter_mut()
            .for_each(|u| *u = (*u * 2.0 - 1.0) * bound);
        values
    }
}

/// Multiplies noise in place, for a latent with a scale or a temperature.
pub fn scale(values: &mut [f32], factor: f32) {
    values.iter_mut().for_each(|z| *z *= factor);
}
