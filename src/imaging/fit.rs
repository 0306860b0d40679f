//! Images to the size that a graph takes.
//!
//! A graph's input has fixed sides, and what the caller sends seldom has them. Lanczos with three
//! lobes is the filter that Pillow's training pipelines name; when shrinking it averages over all
//! the pixels that it covers, so nothing aliases.

use image::imageops::{FilterType, resize};
use image::{ImageBuffer, Luma, Pixel, Rgb, Rgba32FImage};

use super::{Channels, Image, with_channels};

/// The image resized to `width` × `height` (each at least 1; 0 counts as 1) with other channels.
///
/// The sides are met exactly, so an image of other proportions is squeezed: crop first where that
/// matters. Alpha that goes is laid over white, and grey is luma, both as in [`with_channels`].
pub fn fit(image: &Image, width: u32, height: u32, channels: Channels) -> Image {
    let (width, height) = (width.max(1), height.max(1));
    // Channels that go, go first: there is less to resize, and white paper blends at the edges.
    let narrowed = if channels.count() < image.channels().count() {
        channels
    } else {
        image.channels()
    };
    let image = with_channels(image, narrowed);
    if (image.width(), image.height()) == (width, height) {
        return with_channels(&image, channels);
    }
    let pixels = match image.channels() {
        Channels::Grey => lanczos::<Luma<u8>>(&image, width, height),
        Channels::Rgb => lanczos::<Rgb<u8>>(&image, width, height),
        Channels::Rgba => lanczos_with_alpha(&image, width, height),
    };
    let resized = Image::new(width, height, image.channels(), pixels)
        .expect("the filter fills the sides that it is given");
    with_channels(&resized, channels)
}

fn lanczos<P>(image: &Image, width: u32, height: u32) -> Vec<u8>
where
    P: Pixel<Subpixel = u8> + 'static,
{
    let view = ImageBuffer::<P, &[u8]>::from_raw(image.width(), image.height(), image.pixels())
        .expect("an image's pixels fill its sides");
    resize(&view, width, height, FilterType::Lanczos3).into_raw()
}

/// Colour is weighted by its alpha while it is filtered; otherwise the unseen colour of transparent
/// pixels would bleed into the seen ones beside them.
fn lanczos_with_alpha(image: &Image, width: u32, height: u32) -> Vec<u8> {
    let weighted = image
        .pixels()
        .chunks_exact(4)
        .flat_map(|pixel| {
            let [red, green, blue, alpha] = [0, 1, 2, 3].map(|i| f32::from(pixel[i]) / 255.0);
            [red * alpha, green * alpha, blue * alpha, alpha]
        })
        .collect();
    let view = Rgba32FImage::from_raw(image.width(), image.height(), weighted)
        .expect("four values for each pixel");
    resize(&view, width, height, FilterType::Lanczos3)
        .pixels()
        .flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            let colour = |value: f32| {
                if alpha > 0.0 {
                    to_byte(value / alpha)
                } else {
                    0
                }
            };
            [colour(red), colour(green), colour(blue), to_byte(alpha)]
        })
        .collect()
}

fn to_byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::encode::tests::gradient;
    use super::*;

    const CHANNELS: [Channels; 3] = [Channels::Grey, Channels::Rgb, Channels::Rgba];

    #[test]
    fn the_sides_and_channels_are_those_asked_for() {
        for from in CHANNELS {
            for to in CHANNELS {
                for (width, height) in [(1, 1), (5, 40), (64, 3), (20, 10)] {
                    let fitted = fit(&gradient(20, 10, from), width, height, to);
                    assert_eq!((fitted.width(), fitted.height()), (width, height));
                    assert_eq!(fitted.channels(), to);
                }
            }
        }
    }

    #[test]
    fn an_image_that_fits_is_left_alone() {
        for channels in CHANNELS {
            let image = gradient(20, 10, channels);
            assert_eq!(fit(&image, 20, 10, channels), image);
        }
    }

    #[test]
    fn a_flat_colour_stays_itself() {
        for channels in CHANNELS {
            let colour = &[200, 30, 7, 129][..channels.count()];
            let image = Image::new(9, 9, channels, colour.repeat(81)).unwrap();
            for (width, height) in [(4, 4), (30, 17)] {
                let fitted = fit(&image, width, height, channels);
                let flat = colour.repeat((width * height) as usize);
                assert_eq!(fitted.pixels(), flat, "{channels:?}");
            }
        }
    }

    #[test]
    fn shrinking_averages_and_does_not_alias() {
        let stripes = (0..64 * 64)
            .map(|i| if i % 2 == 0 { 0 } else { 255 })
            .collect();
        let image = Image::new(64, 64, Channels::Grey, stripes).unwrap();
        let fitted = fit(&image, 16, 16, Channels::Grey);
        assert!(
            fitted
                .pixels()
                .iter()
                .all(|grey| (110..=146).contains(grey)),
            "{fitted:?}"
        );
    }

    #[test]
    fn unseen_colour_does_not_bleed() {
        // Left half opaque red, right half transparent green.
        let row = [[255, 0, 0, 255].repeat(8), [0, 255, 0, 0].repeat(8)].concat();
        let image = Image::new(16, 4, Channels::Rgba, row.repeat(4)).unwrap();
        let fitted = fit(&image, 5, 4, Channels::Rgba);
        assert!(fitted.pixels().chunks_exact(4).all(|pixel| pixel[1] == 0));
    }
}
