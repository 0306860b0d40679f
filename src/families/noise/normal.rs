//! Normals: one road for fewer than 16 of them, another for more.
//!
//! The tests allow an absolute difference of 6e-7 (measured on AVX-512): PyTorch's vectorised sine and
//! cosine are off by up to two units in the last place, and are multiplied by a radius of up to 5.8.

use std::f32::consts::TAU;

use super::Generator;

/// The long path works on blocks of this many values: eight radii, then eight angles.
const BLOCK: usize = 16;

impl Generator {
    /// `torch.randn(n)`.
    pub fn normal(&mut self, n: usize) -> Vec<f32> {
        if n < BLOCK {
            return (0..n).map(|_| self.single_normal() as f32).collect();
        }
        // All uniforms are drawn first, and a last block that isn't whole is drawn again, over the
        // end of the one before: PyTorch does so, and every later draw depends on it.
        let mut values = self.uniform(n);
        for block in values.chunks_exact_mut(BLOCK) {
            box_muller(block);
        }
        if !n.is_multiple_of(BLOCK) {
            let last = &mut values[n - BLOCK..];
            last.fill_with(|| self.uniform_f32());
            box_muller(last);
        }
        values
    }

    /// The short path: pairs in double precision, of which the second waits for the next call.
    fn single_normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let angle = std::f64::consts::TAU * self.uniform_f64();
        let radius = (-2.0 * (-self.uniform_f64()).ln_1p()).sqrt();
        self.spare_normal = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// Turns eight pairs of uniforms into eight pairs of normals, in place.
///
/// Each operation is rounded to single precision where PyTorch rounds, and the transcendental ones
/// are taken in double precision first, so that every processor gives the same bits.
fn box_muller(block: &mut [f32]) {
    let (radii, angles) = block.split_at_mut(BLOCK / 2);
    for (first, second) in radii.iter_mut().zip(angles) {
        let logarithm = f64::from(1.0 - *first).ln() as f32;
        let radius = (-2.0 * logarithm).sqrt();
        let (sine, cosine) = f64::from(TAU * *second).sin_cos();
        *first = radius * cosine as f32;
        *second = radius * sine as f32;
    }
}
