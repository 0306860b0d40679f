//! What belongs to painting a part of an image anew: softening its edge, filling it beforehand, and
//! laying what was painted over what was there.

use image::imageops::fast_blur;
use image::{ImageBuffer, Luma, Rgba};

use super::{Channels, Image, fit, with_channels};

/// How widely each round of a fill looks for colours, from far to near, and how often it is laid down.
const ROUNDS: [(f32, usize); 5] = [(256.0, 1), (64.0, 1), (16.0, 2), (4.0, 4), (2.0, 2)];

/// A rectangle of an image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Of its left edge.
    pub left: u32,
    /// Of its upper edge.
    pub top: u32,
    /// Of its sides.
    pub width: u32,
    /// Of its sides.
    pub height: u32,
}

/// The part of an image that a mask paints anew, with so many pixels around it, grown to the proportions
/// of a size as far as the image goes; none where nothing is painted anew.
pub fn masked_region(mask: &Image, padding: u32, (wide, high): (u32, u32)) -> Option<Region> {
    let (width, height) = (mask.width(), mask.height());
    let grey = with_channels(mask, Channels::Grey);
    let rows = grey.pixels().chunks_exact(width as usize);
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    for (y, row) in (0..).zip(rows) {
        for (x, _) in (0..).zip(row).filter(|(_, grey)| **grey > 0) {
            (left, right) = (left.min(x), right.max(x + 1));
            (top, bottom) = (top.min(y), bottom.max(y + 1));
        }
    }
    if left >= right {
        return None;
    }
    let (left, right) = (
        left.saturating_sub(padding),
        right.saturating_add(padding).min(width),
    );
    let (top, bottom) = (
        top.saturating_sub(padding),
        bottom.saturating_add(padding).min(height),
    );
    let shape = f64::from(wide) / f64::from(high.max(1));
    let (across, down) = (right - left, bottom - top);
    let (across, down) = match f64::from(across) < f64::from(down) * shape {
        true => ((f64::from(down) * shape).round() as u32, down),
        false => (across, (f64::from(across) / shape).round() as u32),
    };
    let (left, across) = grown((left, right), across, width);
    let (top, down) = grown((top, bottom), down, height);
    Some(Region {
        left,
        top,
        width: across,
        height: down,
    })
}

/// An interval grown on both sides to that length, within a whole; its start and its length.
fn grown((from, to): (u32, u32), length: u32, whole: u32) -> (u32, u32) {
    let length = length.clamp(1, whole);
    let middle = (from + to) / 2;
    (
        middle.saturating_sub(length / 2).min(whole - length),
        length,
    )
}

/// A mask with a soft edge: a Gaussian of that deviation, in pixels.
pub fn softened(mask: &Image, deviation: f32) -> Image {
    let grey = with_channels(mask, Channels::Grey);
    if deviation <= 0.0 {
        return grey;
    }
    let (width, height) = (grey.width(), grey.height());
    let buffer = ImageBuffer::<Luma<u8>, _>::from_raw(width, height, grey.into_pixels());
    let soft = fast_blur(&buffer.expect("a byte for each pixel"), deviation);
    Image::new(width, height, Channels::Grey, soft.into_raw()).expect("the sides are as they were")
}

/// An image whose part under the mask's white is filled with the colours around it.
pub fn filled(image: &Image, mask: &Image) -> Image {
    let (width, height) = (image.width(), image.height());
    let mask = fit(mask, width, height, Channels::Grey);
    let original = with_channels(image, Channels::Rgba);
    // Colours of what stays, weighted by how much of it stays.
    let kept = original.pixels().chunks_exact(4).zip(mask.pixels());
    let kept = kept.flat_map(|(pixel, mask)| {
        let weight = u16::from(u8::MAX - mask);
        let weighted = |byte: u8| ((u16::from(byte) * weight) / 255) as u8;
        [
            weighted(pixel[0]),
            weighted(pixel[1]),
            weighted(pixel[2]),
            weight as u8,
        ]
    });
    let kept = ImageBuffer::<Rgba<u8>, Vec<u8>>::from_raw(width, height, kept.collect());
    let kept = kept.expect("four bytes for each pixel");
    let mut colours = vec![[0.0_f32; 3]; width as usize * height as usize];
    for (deviation, times) in ROUNDS {
        let spread = fast_blur(&kept, deviation);
        for _ in 0..times {
            for (colour, pixel) in colours.iter_mut().zip(spread.pixels()) {
                let weight = f32::from(pixel.0[3]) / 255.0;
                for (channel, byte) in colour.iter_mut().zip(pixel.0) {
                    // What spread is weighted already.
                    *channel = f32::from(byte) + *channel * (1.0 - weight);
                }
            }
        }
    }
    let mut pixels = original.into_pixels();
    for ((pixel, colour), mask) in pixels.chunks_exact_mut(4).zip(colours).zip(mask.pixels()) {
        let share = f32::from(*mask) / 255.0;
        for (byte, colour) in pixel.iter_mut().zip(colour) {
            *byte = (f32::from(*byte) * (1.0 - share) + colour * share).round() as u8;
        }
    }
    let filled = Image::new(width, height, Channels::Rgba, pixels);
    let filled = filled.expect("the sides are as they were");
    with_channels(&filled, image.channels())
}

/// What was painted where the mask is white, and the original where it is black, to the bit. All
/// three have one size.
pub fn composited(original: &Image, painted: &Image, mask: &Image) -> Image {
    let channels = original.channels();
    let painted = with_channels(painted, channels);
    let mut pixels = original.pixels().to_vec();
    let count = channels.count();
    let both = pixels
        .chunks_exact_mut(count)
        .zip(painted.pixels().chunks_exact(count));
    for ((old, new), &mask) in both.zip(mask.pixels()) {
        if mask == 0 {
            continue;
        }
        let share = f32::from(mask) / 255.0;
        let alpha = |pixel: &[u8]| pixel.get(3).map_or(1.0, |alpha| f32::from(*alpha) / 255.0);
        let (under, over) = (alpha(old) * (1.0 - share), alpha(new) * share);
        let whole = under + over;
        for (at, (old, new)) in old.iter_mut().zip(new).enumerate() {
            *old = match at {
                3 => (whole * 255.0).round() as u8,
                // Colours count as far as they are seen.
                _ if whole > 0.0 => {
                    ((f32::from(*old) * under + f32::from(*new) * over) / whole).round() as u8
                }
                _ => *new,
            };
        }
    }
    Image::new(original.width(), original.height(), channels, pixels)
        .expect("the sides are as they were")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, pixels: &[u8]) -> Image {
        let height = pixels.len() as u32 / width;
        Image::new(width, height, Channels::Grey, pixels.to_vec()).expect("rows")
    }

    #[test]
    fn black_keeps_the_original_to_the_bit_and_white_takes_what_was_painted() {
        let (original, painted) = (grey(3, &[10, 20, 30]), grey(3, &[200, 200, 201]));
        let mask = grey(3, &[0, 255, 128]);
        let laid = composited(&original, &painted, &mask);
        assert_eq!(laid.pixels(), [10, 200, 116]);
    }

    #[test]
    fn clear_pixels_lend_no_colour() {
        let pixel = |pixel: [u8; 4]| Image::new(1, 1, Channels::Rgba, pixel.to_vec()).expect("one");
        let laid = composited(
            &pixel([255, 0, 0, 0]),
            &pixel([0, 0, 255, 200]),
            &grey(1, &[128]),
        );
        assert_eq!(laid.pixels()[..3], [0, 0, 255]);
        assert_eq!(laid.pixels()[3], 100);
    }

    #[test]
    fn the_masked_part_is_padded_and_grown_to_the_size_that_is_painted() {
        let mut pixels = vec![0; 20 * 10];
        pixels[4 * 20 + 15] = 255;
        let mask = grey(20, &pixels);
        let region = masked_region(&mask, 1, (8, 8)).expect("a white pixel");
        assert_eq!((region.width, region.height), (3, 3));
        assert_eq!((region.left, region.top), (14, 3));
        let wide = masked_region(&mask, 1, (16, 8)).expect("a white pixel");
        assert_eq!((wide.left, wide.width, wide.height), (12, 6, 3));
        let all = masked_region(&mask, 99, (8, 8)).expect("a white pixel");
        assert_eq!((all.left, all.top, all.width, all.height), (0, 0, 20, 10));
        assert_eq!(masked_region(&grey(2, &[0, 0]), 4, (8, 8)), None);
    }

    #[test]
    fn a_soft_mask_is_black_far_away() {
        let row = [[0_u8; 32], [255; 32]].concat();
        let soft = softened(&grey(64, &row.repeat(8)), 2.0);
        assert_eq!((soft.pixels()[8], soft.pixels()[56]), (0, 255));
        assert!((1..255).contains(&soft.pixels()[31]));
        assert_eq!(softened(&grey(2, &[3, 9]), 0.0).pixels(), [3, 9]);
    }

    #[test]
    fn a_fill_takes_the_colours_around_and_leaves_the_rest() {
        let image = grey(9, &[90, 90, 90, 0, 0, 0, 90, 90, 90].repeat(9));
        let mask = grey(9, &[0, 0, 0, 255, 255, 255, 0, 0, 0].repeat(9));
        let filled = filled(&image, &mask);
        assert_eq!(filled.pixels()[..3], [90, 90, 90]);
        assert!(
            (80..=100).contains(&filled.pixels()[4 * 9 + 4]),
            "{filled:?}"
        );
    }
}
