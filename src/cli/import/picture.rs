//! Pictures to try graphs with that take one: slopes, edges and a disc, in colours.

use crate::imaging::{Channels, Image, with_channels};

/// A picture of any size; each `kind` is another one.
pub(super) fn picture(width: u32, height: u32, channels: Channels, kind: u32) -> Image {
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            // From 0 to 1 across the picture.
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let (u, v) = if kind.is_multiple_of(2) {
                (u, v)
            } else {
                (v, 1.0 - u)
            };
            let disc = (u - 0.6).hypot(v - 0.45) < 0.25;
            let edge = (u * 7.0 + v * 3.0).fract() < 0.2;
            let colour = match (disc, edge) {
                (true, _) => [0.9, 0.75 * v + 0.2, 0.2],
                (_, true) => [0.1, 0.15, 0.3 + 0.4 * u],
                _ => [0.2 + 0.5 * u, 0.6 - 0.3 * v, 0.85 - 0.4 * u],
            };
            pixels.extend(colour.map(|value: f32| (value * 255.0).round() as u8));
        }
    }
    let image = Image::new(width, height, Channels::Rgb, pixels)
        .expect("three bytes were drawn for each pixel, and sides are above 0");
    with_channels(&image, channels)
}
