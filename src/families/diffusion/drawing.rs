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
pub(super) enum Drawing {
    Alone(Generator),
    Between {
        ends: Box<(Generator, Generator)>,
        at: f32,
        mode: WalkMode,
    },
}

impl Drawing {
    pub(super) fn of(order: &DiffusionOrder) -> Self {
        let Some(walk) = &order.walk else {
            return Self::Alone(Generator::new(order.seed));
        };
        let generator = |end: &PromptEnd| {
            Generator::new(match end.noise {
                NoiseEnd::Seed(seed) => seed,
                NoiseEnd::Latent(_) => order.seed,
            })
        };
        Self::Between {
            ends: Box::new((generator(&walk.from), generator(&walk.to))),
            at: walk.at,
            mode: walk.mode,
        }
    }

    /// That many standard normals.
    pub(super) fn normal(&mut self, count: usize) -> Vec<f32> {
        match self {
            Self::Alone(generator) => generator.normal(count),
            Self::Between { ends, at, mode } => {
                let (from, to) = &mut **ends;
                between(&from.normal(count), &to.normal(count), *at, *mode)
            }
        }
    }

    /// The noise that the picture starts from, of which the order may give some or all.
    pub(super) fn start(&mut self, order: &DiffusionOrder, count: usize) -> Vec<f32> {
        let (Self::Between { ends, at, mode }, Some(walk)) = (&mut *self, &order.walk) else {
            return match &order.latents {
                Some(latents) => latents.clone(),
                None => self.normal(count),
            };
        };
        let end = |end: &PromptEnd, generator: &mut Generator| match &end.noise {
            NoiseEnd::Seed(_) => generator.normal(count),
            NoiseEnd::Latent(latent) => latent.clone(),
        };
        let (from, to) = (end(&walk.from, &mut ends.0), end(&walk.to, &mut ends.1));
        between(&from, &to, *at, *mode)
    }
}
