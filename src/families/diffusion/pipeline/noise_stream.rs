//! The random numbers of one image: those of its seed, or those between two seeds.

use super::varied_noise::varied;
use crate::families::diffusion::order::{DiffusionOrder, NoiseEnd, PromptEnd};
use crate::families::noise::Generator;
use crate::families::shared::latent::between;
use crate::fields::WalkMode;

/// Draws for one image, always in the same order.
///
/// An image on a walk draws from both ends' generators, so that the walk starts and ends with the
/// very images that its ends paint by themselves, whatever the scheduler draws on the way.
#[derive(Debug)]
pub(in crate::families::diffusion) struct NoiseStream {
    generator: Generator,
    /// The walk's other end, the place between them, and the line.
    towards: Option<(Generator, f32, WalkMode)>,
}

impl NoiseStream {
    pub(in crate::families::diffusion) fn of(order: &DiffusionOrder) -> Self {
        let Some(walk) = &order.walk else {
            return Self {
                generator: Generator::new(order.seed),
                towards: None,
            };
        };
        let generator = |end: &PromptEnd| {
            Generator::new(match end.noise {
                NoiseEnd::Seed(seed) => seed,
                NoiseEnd::Latent(_) => order.seed,
            })
        };
        Self {
            generator: generator(&walk.from),
            towards: Some((generator(&walk.to), walk.at, walk.mode)),
        }
    }

    /// That many standard normals.
    pub(in crate::families::diffusion) fn normal(&mut self, count: usize) -> Vec<f32> {
        let drawn = self.generator.normal(count);
        match &mut self.towards {
            Some((other, at, mode)) => between(&drawn, &other.normal(count), *at, *mode),
            None => drawn,
        }
    }

    /// The noise that the image starts from, of which the order may give some or all. `pixels` are the
    /// sides of what one number of each channel stands for.
    pub(in crate::families::diffusion) fn start(
        &mut self,
        order: &DiffusionOrder,
        shape: [usize; 3],
        pixels: usize,
    ) -> Vec<f32> {
        let count = shape.iter().product();
        let (Some((other, at, mode)), Some(walk)) = (&mut self.towards, &order.walk) else {
            return match &order.latents {
                Some(latents) => latents.clone(),
                None => varied(self.normal(count), order, shape, pixels),
            };
        };
        let end = |end: &PromptEnd, generator: &mut Generator| match &end.noise {
            NoiseEnd::Seed(_) => generator.normal(count),
            NoiseEnd::Latent(latent) => latent.clone(),
        };
        let (from, to) = (end(&walk.from, &mut self.generator), end(&walk.to, other));
        between(&from, &to, *at, *mode)
    }
}
