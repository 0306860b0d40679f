//! The latents that the images of an order start from.
//!
//! A latent is drawn by a seed, given as numbers, found by an encoder, mixed of such, or lies on a
//! walk between two. Whatever it is, the order's edit then moves it. Families that have an encoder
//! ask it for [`images`] before anything is painted; the rest is arithmetic.

use std::sync::Arc;

use super::latent::{between, draw};
use super::latent_order::{Anchor, LatentOrder, Mix, Sample, Start};
use crate::families::noise::Generator;
use crate::fields::{Variation, WalkMode};
use crate::imaging::Image;
use crate::models::{Latent, Noise};

/// The anchors of an order, found once for all of its samples.
#[derive(Debug, Default)]
pub(in crate::families) struct Starts {
    walk: Option<(Vec<f32>, Vec<f32>, WalkMode)>,
    mix: Option<Vec<f32>>,
    image: Option<Vec<f32>>,
}

/// The images that an encoder has to look at, in the order in which [`Starts::of`] wants their
/// latents.
pub(in crate::families) fn images(order: &LatentOrder) -> Vec<&Arc<Image>> {
    let walk = order.walk.iter().flat_map(|walk| [&walk.from, &walk.to]);
    let mix = order.mix.iter().flat_map(|mix| &mix.terms);
    let anchors = walk.chain(mix.map(|(anchor, _)| anchor));
    let anchored = anchors.filter_map(|anchor| match anchor {
        Anchor::Image(image) => Some(image),
        Anchor::Latent(_) | Anchor::Seed(_) => None,
    });
    anchored.chain(&order.image).collect()
}

impl Starts {
    /// Finds the anchors; `encoded` holds the latents of the order's [`images`].
    pub(in crate::families) fn of(
        latent: &Latent,
        order: &LatentOrder,
        encoded: Vec<Vec<f32>>,
    ) -> Self {
        let mut encoded = encoded.into_iter();
        let mut anchor = |anchor: &Anchor| match anchor {
            Anchor::Latent(values) => values.clone(),
            Anchor::Seed(seed) => drawn(latent, order, *seed),
            // A family without an encoder is given no images: the service refuses them.
            Anchor::Image(_) => encoded.next().unwrap_or_else(|| vec![0.0; latent.len()]),
        };
        Self {
            walk: order
                .walk
                .as_ref()
                .map(|walk| (anchor(&walk.from), anchor(&walk.to), walk.mode)),
            mix: order.mix.as_ref().map(|mix| {
                let terms = mix.terms.iter();
                let terms: Vec<_> = terms.map(|(of, weight)| (anchor(of), *weight)).collect();
                mixed(latent, mix, &terms)
            }),
            image: order.image.as_ref().and_then(|_| encoded.next()),
        }
    }

    /// Where a sample starts.
    pub(in crate::families) fn latent(
        &self,
        latent: &Latent,
        order: &LatentOrder,
        sample: &Sample,
    ) -> Vec<f32> {
        let mut start = match (&sample.start, self) {
            (Start::Latent(values), _) => values.clone(),
            (
                Start::Walk(at),
                Self {
                    walk: Some(walk), ..
                },
            ) => {
                let (from, to, mode) = walk;
                between(from, to, *at, *mode)
            }
            (Start::Mix, Self { mix: Some(mix), .. }) => mix.clone(),
            (
                Start::Image,
                Self {
                    image: Some(mean), ..
                },
            ) => mean.clone(),
            _ => varied(latent, order, sample),
        };
        for (number, step) in start.iter_mut().zip(&order.edit) {
            *number += step;
        }
        start
    }
}

fn drawn(latent: &Latent, order: &LatentOrder, seed: u64) -> Vec<f32> {
    let mut generator = Generator::new(seed);
    draw(latent, &mut generator, order.truncation)
}

/// What a sample's seed draws, moved along the arc towards what its variation draws.
fn varied(latent: &Latent, order: &LatentOrder, sample: &Sample) -> Vec<f32> {
    let own = drawn(latent, order, sample.seed);
    let Some(Variation { seed, strength }) = sample.variation else {
        return own;
    };
    let other = drawn(latent, order, seed);
    let mut mixed = between(&own, &other, strength, WalkMode::Spherical);
    // The arc between two draws that are bounded may lie beyond the bound.
    let bound = bound(latent);
    mixed.iter_mut().for_each(|z| *z = z.clamp(-bound, bound));
    mixed
}

/// The greatest number that the latent's distribution draws.
fn bound(latent: &Latent) -> f32 {
    match latent.noise() {
        Noise::Normal => f32::INFINITY,
        Noise::TruncatedNormal { bound } | Noise::Uniform { bound } => bound * latent.scale,
    }
}

/// The weighted sum of latents.
///
/// A sum of independent normal latents is normal too, and longer or shorter than what the model
/// was trained on: its variance is the sum of the squared weights. Divided by the square root of
/// that, it is distributed as one draw is (Bodin et al. 2024, "Linear combinations of latents in
/// generative models", arXiv 2408.08558, here for a mean of zero). Numbers that a bounded
/// distribution never draws are clamped to its bound.
fn mixed(latent: &Latent, mix: &Mix, terms: &[(Vec<f32>, f32)]) -> Vec<f32> {
    let squares: f64 = terms
        .iter()
        .map(|(_, weight)| f64::from(*weight).powi(2))
        .sum();
    let divisor = if mix.normalise { squares.sqrt() } else { 1.0 };
    let bound = bound(latent);
    (0..latent.len())
        .map(|at| {
            let sum: f64 = terms
                .iter()
                .map(|(values, weight)| f64::from(values[at]) * f64::from(*weight))
                .sum();
            #[expect(clippy::cast_possible_truncation, reason = "graphs compute in 32 bits")]
            let number = (sum / divisor) as f32;
            number.clamp(-bound, bound)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::Distribution;

    fn latent(distribution: Distribution) -> Latent {
        Latent {
            shape: vec![2],
            distribution,
            scale: 1.0,
            bound: None,
        }
    }

    fn order(terms: Vec<(Anchor, f32)>, normalise: bool) -> LatentOrder {
        LatentOrder {
            mix: Some(Mix { terms, normalise }),
            ..LatentOrder::default()
        }
    }

    fn starting(start: Start) -> Sample {
        Sample {
            seed: 7,
            variation: None,
            start,
            classes: Vec::new(),
        }
    }

    fn mixed_of(distribution: Distribution, order: &LatentOrder) -> Vec<f32> {
        let latent = latent(distribution);
        Starts::of(&latent, order, Vec::new()).latent(&latent, order, &starting(Start::Mix))
    }

    fn given(numbers: [f32; 2]) -> Anchor {
        Anchor::Latent(numbers.to_vec())
    }

    #[test]
    fn a_variation_lies_between_its_two_draws() {
        let order = LatentOrder::default();
        for distribution in [Distribution::Normal, Distribution::Uniform] {
            let latent = Latent {
                shape: vec![64],
                ..latent(distribution)
            };
            let starts = Starts::of(&latent, &order, Vec::new());
            let at = |strength| {
                let sample = Sample {
                    variation: Some(Variation { seed: 8, strength }),
                    ..starting(Start::Noise)
                };
                starts.latent(&latent, &order, &sample)
            };
            let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(near(&at(1e-9), &drawn(&latent, &order, 7)));
            assert!(near(&at(1.0), &drawn(&latent, &order, 8)));
            let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
            let (own, half) = (length(&drawn(&latent, &order, 7)), length(&at(0.5)));
            // A straight line between two draws would be shorter by a third in the middle.
            assert!((0.85..1.2).contains(&(half / own)), "{half} {own}");
        }
    }

    #[test]
    fn a_mix_is_a_weighted_sum() {
        let terms = vec![(given([1.0, 2.0]), 0.75), (given([3.0, -2.0]), 0.25)];
        let mix = mixed_of(Distribution::Normal, &order(terms, false));
        assert_eq!(mix, [1.5, 1.0]);
    }

    #[test]
    fn a_normalised_mix_of_draws_is_as_long_as_a_draw() {
        let wide = Latent {
            shape: vec![4096],
            ..latent(Distribution::Normal)
        };
        let terms = vec![(Anchor::Seed(1), 0.7), (Anchor::Seed(2), 0.3)];
        let length = |normalise| {
            let order = order(terms.clone(), normalise);
            let mix = Starts::of(&wide, &order, Vec::new());
            let mix = mix.latent(&wide, &order, &starting(Start::Mix));
            (mix.iter().map(|x| x * x).sum::<f32>() / 4096.0).sqrt()
        };
        assert!((length(true) - 1.0).abs() < 0.03, "{}", length(true));
        assert!((length(false) - 0.58_f32.sqrt()).abs() < 0.03);
    }

    #[test]
    fn a_mix_stays_within_the_bound_of_its_distribution() {
        let terms = vec![(given([0.9, -0.5]), 1.0), (given([0.9, 0.25]), 1.0)];
        let mix = mixed_of(Distribution::Uniform, &order(terms, false));
        assert_eq!(mix, [1.0, -0.25]);
    }

    #[test]
    fn an_edit_moves_whatever_the_start_is() {
        let latent = latent(Distribution::Normal);
        let mut order = order(vec![(given([1.0, 0.0]), 1.0)], false);
        let plain = Starts::of(&latent, &order, Vec::new());
        let starts = [Start::Noise, Start::Latent(vec![4.0, 4.0]), Start::Mix];
        let before = starts
            .clone()
            .map(|start| plain.latent(&latent, &order, &starting(start)));
        order.edit = vec![0.5, -1.0];
        for (start, before) in starts.into_iter().zip(before) {
            let after = plain.latent(&latent, &order, &starting(start));
            assert_eq!(after, [before[0] + 0.5, before[1] - 1.0]);
        }
    }

    #[test]
    fn images_are_found_in_the_order_in_which_they_are_asked_for() {
        let image = |grey| {
            let image = Image::new(1, 1, crate::imaging::Channels::Grey, vec![grey]);
            Arc::new(image.expect("one pixel"))
        };
        let mut order = order(
            vec![
                (Anchor::Image(image(1)), 1.0),
                (Anchor::Seed(3), 0.0),
                (Anchor::Image(image(2)), -1.0),
            ],
            false,
        );
        order.image = Some(image(3));
        let greys = |order: &LatentOrder| -> Vec<u8> {
            let images = images(order).into_iter();
            images.map(|image| image.pixels()[0]).collect()
        };
        assert_eq!(greys(&order), [1, 2, 3]);
        let latent = latent(Distribution::Normal);
        let encoded = [1.0, 2.0, 3.0].map(|x| vec![x, 10.0 * x]).to_vec();
        let starts = Starts::of(&latent, &order, encoded);
        assert_eq!(starts.mix, Some(vec![-1.0, -10.0]));
        assert_eq!(starts.image, Some(vec![3.0, 30.0]));
    }
}
