//! The random numbers of PyTorch on a CPU, so that a seed names the same image there and here.
//!
//! People arrive with seeds that they know from `torch.Generator("cpu").manual_seed(seed)`, and models
//! are checked against images that PyTorch made. [`Generator`] repeats that generator: the Mersenne
//! twister, the 24-bit uniforms and both ways in which PyTorch turns them into normals. One generator
//! serves one image; nothing here is shared.
//!
//! ```
//! use atelier::families::noise::Generator;
//!
//! let mut noise = Generator::new(42);
//! let latent = noise.normal(4); // torch.randn(4, generator=torch.Generator().manual_seed(42))
//! assert!((latent[0] - 0.3367).abs() < 1e-4);
//! ```
//!
//! What it follows, in PyTorch's sources: `aten/src/ATen/CPUGeneratorImpl.cpp` (seeding, 64 bits from
//! two draws), `aten/src/ATen/core/DistributionsHelper.h` (uniforms, the short normal path) and
//! `aten/src/ATen/native/cpu/DistributionTemplates.h` (`normal_fill`, the long path).
//!
//! Uniforms are equal bit for bit. Normals agree to a few units in the last place (see `normal`), since
//! PyTorch takes vectorised logarithms and cosines and this takes correctly rounded ones: the result
//! here doesn't depend on the processor.

mod latent;
mod normal;

#[cfg(test)]
mod tests;

use rand_mt::Mt;

pub use latent::scale;

/// `torch.Generator("cpu")`.
#[derive(Clone, Debug)]
pub struct Generator {
    engine: Mt,
    /// The second normal of a pair that the short path made and nobody has asked for yet.
    spare_normal: Option<f64>,
}

impl Generator {
    /// A generator as after `manual_seed(seed)`: like PyTorch's, it sees the low 32 bits of the seed.
    pub fn new(seed: u64) -> Self {
        let low = u32::try_from(seed & 0xffff_ffff).expect("masked to 32 bits");
        Self {
            engine: Mt::new(low),
            spare_normal: None,
        }
    }

    /// `torch.rand(n)`: in [0, 1), multiples of 2⁻²⁴.
    pub fn uniform(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.uniform_f32()).collect()
    }

    /// `torch.rand(1, dtype=torch.float64)`: in [0, 1), a multiple of 2⁻⁵³. For categorical draws.
    pub fn uniform_f64(&mut self) -> f64 {
        let high = u64::from(self.engine.next_u32());
        let low = u64::from(self.engine.next_u32());
        let bits = (high << 32 | low) & ((1 << 53) - 1);
        bits as f64 * (-53f64).exp2()
    }

    fn uniform_f32(&mut self) -> f32 {
        let bits = self.engine.next_u32() & ((1 << 24) - 1);
        bits as f32 * (-24f32).exp2()
    }
}
