//! The random numbers of one picture: those of its seed, or those between two seeds.

use super::order::{DiffusionOrder, NoiseEnd, PromptEnd};
use crate::families::WalkMode;
use crate::families::latent::between;
use crate::families::noise::Generator;

/// Draws for one picture, always in the same order.
///
/// A picture on a walk draws from both ends' generators, so that the walk starts and ends with the
/// very pictures that its ends paint by themselves, whatever the scheduler draws on the way.
#[derive(Debug)]
pub(super) struct Drawing {
    generator: Generator,
    /// The walk's other end, the place between them, and the line.
    towards: Option<(Generator, f32, WalkMode)>,
}

impl Drawing {
    pub(super) fn of(order: &DiffusionOrder) -> Self {
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
    pub(super) fn normal(&mut self, count: usize) -> Vec<f32> {
        let drawn = self.generator.normal(count);
        match &mut self.towards {
            Some((other, at, mode)) => between(&drawn, &other.normal(count), *at, *mode),
            None => drawn,
        }
    }

    /// The noise that the picture starts from, of which the order may give some or all.
    pub(super) fn start(&mut self, order: &DiffusionOrder, count: usize) -> Vec<f32> {
        let (Some((other, at, mode)), Some(walk)) = (&mut self.towards, &order.walk) else {
            return match &order.latents {
                Some(latents) => latents.clone(),
                None => self.normal(count),
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
