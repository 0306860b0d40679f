//! Images between two images, and images with noise on them.

use std::borrow::Cow;

use super::{Image, fit};

/// What lies `strength` (0 to 1) of the way from one image to another, in the size and channels of
/// the second.
pub fn blended(from: &Image, to: Image, strength: f32) -> Image {
    if strength >= 1.0 {
        return to;
    }
    let (width, height, channels) = (to.width(), to.height(), to.channels());
    let from = fit(from, width, height, channels);
    let mut pixels = to.into_pixels();
    for (to, &from) in pixels.iter_mut().zip(from.pixels()) {
        let from = f32::from(from);
        *to = (from + strength * (f32::from(*to) - from)).round() as u8;
    }
    Image::new(width, height, channels, pixels).expect("the sides are as they were")
}

/// An image with noise of that deviation on it, where black is 0 and white 1: the same number on
/// all channels of a pixel. `draw` draws so many normal numbers.
pub fn grained(
    image: &Image,
    deviation: f32,
    draw: impl FnOnce(usize) -> Vec<f32>,
) -> Cow<'_, Image> {
    if deviation <= 0.0 {
        return Cow::Borrowed(image);
    }
    let count = image.channels().count();
    let noise = draw(image.width() as usize * image.height() as usize);
    let mut pixels = image.pixels().to_vec();
    for (pixel, noise) in pixels.chunks_exact_mut(count).zip(noise) {
        // The fourth channel is no colour.
        for byte in pixel.iter_mut().take(3) {
            *byte = (f32::from(*byte) + 255.0 * deviation * noise)
                .round()
                .clamp(0.0, 255.0) as u8;
        }
    }
    let grained = Image::new(image.width(), image.height(), image.channels(), pixels);
    Cow::Owned(grained.expect("the sides are as they were"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Channels;

    fn grey(pixels: &[u8]) -> Image {
        let width = u32::try_from(pixels.len()).expect("few");
        Image::new(width, 1, Channels::Grey, pixels.to_vec()).expect("a row")
    }

    #[test]
    fn a_blend_lies_between_its_ends() {
        let (from, to) = (grey(&[0, 100, 255]), grey(&[200, 100, 0]));
        let at = |strength| blended(&from, to.clone(), strength).into_pixels();
        assert_eq!(at(0.0), [0, 100, 255]);
        assert_eq!(at(0.25), [50, 100, 191]);
        assert_eq!(at(1.0), [200, 100, 0]);
    }

    #[test]
    fn noise_is_the_same_on_all_colours_and_leaves_transparency() {
        let pixels = [[10, 20, 30, 40], [50, 60, 70, 80]].concat();
        let image = Image::new(2, 1, Channels::Rgba, pixels).expect("two pixels");
        let noisy = grained(&image, 0.1, |count| vec![1.0; count]);
        assert_eq!(noisy.pixels(), [36, 46, 56, 40, 76, 86, 96, 80]);
        assert_eq!(*grained(&image, 0.0, |_| Vec::new()), image);
    }
}
