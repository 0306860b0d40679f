//! What a pair is tried with when it is opened.

use crate::imaging::{Channels, Image};

/// An image with something of everything: slow and quick changes, colours and greys.
pub(super) fn probe(seed: u64, (width, height): (u32, u32)) -> Image {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let phase = seed as f32;
    for y in 0..height {
        for x in 0..width {
            let (across, down) = (x as f32 / width as f32, y as f32 / height as f32);
            let slow = (3.0 * across + phase).sin() + (5.0 * down - 2.0 * phase).cos();
            let quick = (40.0 * across * (1.0 + down) + phase).sin() * 0.4;
            for colour in [0.0_f32, 2.1, 4.2] {
                let value =
                    0.5 + 0.16 * (slow + (7.0 * across - 4.0 * down + colour).sin()) + 0.12 * quick;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is clamped to a byte"
                )]
                pixels.push((value.clamp(0.0, 1.0) * 255.0) as u8);
            }
        }
    }
    Image::new(width, height, Channels::Rgb, pixels).expect("three colours for each pixel")
}

/// How well an image was kept: the peak signal to the noise, in decibels.
pub(super) fn loss(before: &Image, after: &Image) -> f64 {
    let both = before.pixels().iter().zip(after.pixels());
    let squares = both.map(|(&before, &after)| f64::from(before.abs_diff(after)).powi(2));
    let mean = squares.sum::<f64>() / before.pixels().len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}
