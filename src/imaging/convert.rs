//! Between grey, RGB and RGBA, with the same arithmetic wherever an image changes its channels.
//!
//! An image that is handed to an encoder should look to the model like the images that it was
//! trained on, so grey is what Pillow's `convert("L")` gives, and a transparent pixel shows white
//! paper.

use super::{Channels, Image};

/// The image with other channels: alpha is laid over white when it goes and is opaque when it
/// comes, and grey is ITU-R BT.601 luma.
pub fn with_channels(image: &Image, channels: Channels) -> Image {
    let from = image.channels();
    if from == channels {
        return image.clone();
    }
    let count = image.width() as usize * image.height() as usize;
    let mut pixels = Vec::with_capacity(count * channels.count());
    for pixel in image.pixels().chunks_exact(from.count()) {
        let [red, green, blue, alpha] = match *pixel {
            [grey] => [grey, grey, grey, u8::MAX],
            [red, green, blue] => [red, green, blue, u8::MAX],
            [red, green, blue, alpha] => [red, green, blue, alpha],
            _ => unreachable!("a chunk is as long as its channel count"),
        };
        match channels {
            Channels::Rgba => pixels.extend([red, green, blue, alpha]),
            Channels::Rgb => pixels.extend([red, green, blue].map(|c| over_white(c, alpha))),
            Channels::Grey if from == Channels::Grey => pixels.push(red),
            Channels::Grey => {
                let [red, green, blue] = [red, green, blue].map(|c| over_white(c, alpha));
                pixels.push(luma(red, green, blue));
            }
        }
    }
    Image::new(image.width(), image.height(), channels, pixels)
        .expect("one pixel out for each pixel in")
}

/// The image laid over a colour, where it is transparent; another one is as it was.
pub fn over(image: &Image, background: [u8; 3]) -> Image {
    if image.channels() != Channels::Rgba {
        return image.clone();
    }
    let mut pixels = Vec::with_capacity(image.pixels().len() / 4 * 3);
    for pixel in image.pixels().chunks_exact(4) {
        let laid = pixel[..3].iter().zip(background);
        pixels.extend(laid.map(|(&colour, below)| blend(colour, below, pixel[3])));
    }
    Image::new(image.width(), image.height(), Channels::Rgb, pixels)
        .expect("one pixel out for each pixel in")
}

fn over_white(colour: u8, alpha: u8) -> u8 {
    blend(colour, u8::MAX, alpha)
}

/// `colour × alpha + below × (1 − alpha)`, rounded.
fn blend(colour: u8, below: u8, alpha: u8) -> u8 {
    let [colour, below, alpha] = [colour, below, alpha].map(u32::from);
    ((colour * alpha + below * (255 - alpha) + 127) / 255) as u8
}

/// BT.601 luma in Pillow's fixed point: weights 0.299, 0.587 and 0.114 of 2¹⁶, rounded.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    ((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(from: Channels, pixel: &[u8], to: Channels) -> Vec<u8> {
        let image = Image::new(1, 1, from, pixel.to_vec()).unwrap();
        with_channels(&image, to).into_pixels()
    }

    #[test]
    fn grey_survives_every_detour() {
        for grey in 0..=255 {
            for detour in [Channels::Rgb, Channels::Rgba] {
                let there = convert(Channels::Grey, &[grey], detour);
                assert_eq!(convert(detour, &there, Channels::Grey), [grey]);
            }
        }
    }

    #[test]
    fn luma_is_that_of_pillow() {
        // Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
        for (colour, grey) in [([255, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29)] {
            assert_eq!(convert(Channels::Rgb, &colour, Channels::Grey), [grey]);
        }
    }

    #[test]
    fn transparency_shows_white_paper() {
        assert_eq!(
            convert(Channels::Rgba, &[9, 9, 9, 0], Channels::Rgb),
            [255, 255, 255]
        );
        assert_eq!(
            convert(Channels::Rgba, &[9, 8, 7, 255], Channels::Rgb),
            [9, 8, 7]
        );
        assert_eq!(
            convert(Channels::Rgba, &[0, 0, 0, 128], Channels::Grey),
            [127]
        );
    }

    #[test]
    fn transparency_shows_the_colour_that_an_image_is_laid_over() {
        let laid = |pixel: [u8; 4]| {
            let image = Image::new(1, 1, Channels::Rgba, pixel.to_vec()).unwrap();
            over(&image, [200, 100, 0]).into_pixels()
        };
        assert_eq!(laid([9, 8, 7, 0]), [200, 100, 0]);
        assert_eq!(laid([9, 8, 7, 255]), [9, 8, 7]);
        assert_eq!(laid([100, 100, 100, 51]), [180, 100, 20]);
        let opaque = Image::new(1, 1, Channels::Grey, vec![3]).unwrap();
        assert_eq!(over(&opaque, [200, 100, 0]).pixels(), [3]);
    }

    #[test]
    fn new_alpha_is_opaque() {
        assert_eq!(
            convert(Channels::Rgb, &[1, 2, 3], Channels::Rgba),
            [1, 2, 3, 255]
        );
        assert_eq!(
            convert(Channels::Grey, &[1], Channels::Rgba),
            [1, 1, 1, 255]
        );
    }
}
