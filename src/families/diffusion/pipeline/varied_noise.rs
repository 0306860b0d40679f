//! Noise that is only in part its seed's: mixed with another seed's, or drawn for another size.
//!
//! Both are as the A1111 web UI draws them (`modules/rng.py`), so that what was found there is found
//! here too: the arc is taken in each column of each channel, and noise of another size lies in the
//! middle of the image's own.

use crate::families::diffusion::order::DiffusionOrder;
use crate::families::noise::Generator;
use crate::families::shared::latent::between;
use crate::families::shared::offload::in_place;
use crate::fields::{Variation, WalkMode};

/// The noise of an order whose seed has drawn `own`, of the shape channels, height and width.
pub(super) fn varied(
    own: Vec<f32>,
    order: &DiffusionOrder,
    [channels, height, width]: [usize; 3],
    pixels: usize,
) -> Vec<f32> {
    let cells = |side: u32| (side as usize / pixels.max(1)).max(1);
    let size = order
        .noise_size
        .map(|(wide, high)| (cells(high), cells(wide)));
    let other = size.filter(|size| *size != (height, width));
    let (high, wide) = other.unwrap_or((height, width));
    let count = channels * high * wide;
    let draw = |seed| in_place(count as u64, || Generator::new(seed).normal(count));
    let mix = |noise: Vec<f32>| match order.variation {
        Some(variation) => mixed(&noise, &draw(variation.seed), wide, high, variation),
        None => noise,
    };
    match other {
        None => mix(own),
        Some(_) => laid(own, (height, width), &mix(draw(order.seed)), (high, wide)),
    }
}

/// The arc from one noise towards another, in each column.
fn mixed(from: &[f32], to: &[f32], wide: usize, high: usize, variation: Variation) -> Vec<f32> {
    let mut mixed = vec![0.0; from.len()];
    let columns = (0..from.len() / high).map(|column| {
        let first = column / wide * wide * high + column % wide;
        (0..high).map(move |row| first + row * wide)
    });
    for places in columns {
        let column = |of: &[f32]| -> Vec<f32> { places.clone().map(|at| of[at]).collect() };
        let line = between(
            &column(from),
            &column(to),
            variation.strength,
            WalkMode::Spherical,
        );
        for (at, value) in places.clone().zip(line) {
            mixed[at] = value;
        }
    }
    mixed
}

/// Noise of one size on the middle of that of another; what is larger is cut at its edges.
fn laid(
    mut under: Vec<f32>,
    (height, width): (usize, usize),
    over: &[f32],
    (high, wide): (usize, usize),
) -> Vec<f32> {
    let (rows, columns) = (overlap(height, high), overlap(width, wide));
    let channels = under.len() / (height * width);
    for channel in 0..channels {
        for row in 0..rows.length {
            let to = (channel * height + rows.under + row) * width + columns.under;
            let from = (channel * high + rows.over + row) * wide + columns.over;
            under[to..to + columns.length].copy_from_slice(&over[from..from + columns.length]);
        }
    }
    under
}

/// Where two lines of numbers lie on each other when their middles do.
struct Overlap {
    /// Where it begins in the one below.
    under: usize,
    /// Where it begins in the one above.
    over: usize,
    length: usize,
}

fn overlap(below: usize, above: usize) -> Overlap {
    if below >= above {
        return Overlap {
            under: (below - above) / 2,
            over: 0,
            length: above,
        };
    }
    // Of an odd number, the greater half is cut in front, and as much behind, as there.
    let cut = (above - below).div_ceil(2);
    Overlap {
        under: 0,
        over: cut,
        length: above - 2 * cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(noise_size: Option<(u32, u32)>, variation: Option<(u64, f32)>) -> DiffusionOrder {
        DiffusionOrder {
            seed: 3,
            noise_size,
            variation: variation.map(|(seed, strength)| Variation { seed, strength }),
            ..DiffusionOrder::new("")
        }
    }

    fn drawn(order: &DiffusionOrder, shape: [usize; 3]) -> Vec<f32> {
        let own = Generator::new(order.seed).normal(shape.iter().product());
        varied(own, order, shape, 8)
    }

    #[test]
    fn the_whole_way_is_the_other_seeds_noise() {
        let shape = [4, 8, 6];
        let own = Generator::new(3).normal(4 * 8 * 6);
        let other = Generator::new(9).normal(4 * 8 * 6);
        let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
        assert!(near(&drawn(&order(None, Some((9, 1.0))), shape), &other));
        let half = drawn(&order(None, Some((9, 0.5))), shape);
        assert!(!near(&half, &own) && !near(&half, &other));
        // Each column keeps to the arc between its two ends.
        let column = |of: &[f32]| -> Vec<f32> { (0..8).map(|row| of[row * 6 + 2]).collect() };
        let expected = between(&column(&own), &column(&other), 0.5, WalkMode::Spherical);
        assert_eq!(column(&half), expected);
    }

    #[test]
    fn noise_of_a_smaller_image_lies_in_the_middle() {
        let small = Generator::new(3).normal(4 * 2 * 4);
        let own = Generator::new(3).normal(4 * 6 * 8);
        let laid = drawn(&order(Some((32, 16)), None), [4, 6, 8]);
        for (at, value) in laid.iter().enumerate() {
            let (channel, row, column) = (at / 48, at % 48 / 8, at % 8);
            let inside = (2..4).contains(&row) && (2..6).contains(&column);
            let expected = match inside {
                true => small[channel * 8 + (row - 2) * 4 + column - 2],
                false => own[at],
            };
            assert_eq!(*value, expected, "{channel} {row} {column}");
        }
    }

    #[test]
    fn noise_of_a_larger_image_is_cut() {
        let large = Generator::new(3).normal(16 * 16);
        let cut = drawn(&order(Some((128, 128)), None), [1, 8, 8]);
        assert_eq!(cut[0], large[4 * 16 + 4]);
        assert_eq!(cut[63], large[11 * 16 + 11]);
        // (3 - 8) // 2 is -3 there: one number stays of eight, at its fourth place.
        let odd = overlap(3, 8);
        assert_eq!((odd.under, odd.over, odd.length), (0, 3, 2));
    }

    #[test]
    fn sizes_of_any_kind_are_taken() {
        for size in [(1, 1), (4096, 8), (8, 4096), (4096, 4096), (48, 64)] {
            let noise = drawn(&order(Some(size), Some((1, 0.3))), [4, 8, 6]);
            assert!(
                noise.len() == 192 && noise.iter().all(|z| z.is_finite()),
                "{size:?}"
            );
        }
    }
}
