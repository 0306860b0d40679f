//! Brightness and colour apart, for graphs that see brightness alone.

use super::{Channels, Image, fit, with_channels};

/// An image with the brightness of `luma` and its own colours, brought to the size of `luma` by
/// Lanczos: the eye sees the sharpness of brightness, and that of colours hardly.
///
/// Brightness and colours are those of JPEG (ITU-R BT.601, full range).
pub fn coloured(luma: &Image, colours: &Image) -> Image {
    let (width, height) = (luma.width(), luma.height());
    let colours = with_channels(&fit(colours, width, height, Channels::Rgb), Channels::Rgb);
    let mut pixels = colours.into_pixels();
    for (pixel, &bright) in pixels.chunks_exact_mut(3).zip(luma.pixels()) {
        let [red, green, blue] = [0, 1, 2].map(|channel| f32::from(pixel[channel]));
        // What is left when its own brightness is taken off is its colour.
        let own = 0.299 * red + 0.587 * green + 0.114 * blue;
        for (byte, colour) in pixel.iter_mut().zip([red, green, blue]) {
            *byte = (colour - own + f32::from(bright)).round().clamp(0.0, 255.0) as u8;
        }
    }
    Image::new(width, height, Channels::Rgb, pixels).expect("the sides are those of luma")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_its_own_brightness_is_itself() {
        let pixels: Vec<u8> = (0..12 * 9 * 3).map(|at| (at * 7 % 256) as u8).collect();
        let image = Image::new(12, 9, Channels::Rgb, pixels).expect("three a pixel");
        let again = coloured(&with_channels(&image, Channels::Grey), &image);
        let gaps = again.pixels().iter().zip(image.pixels());
        let worst = gaps.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(1), "{worst:?}");
    }

    #[test]
    fn colours_come_to_the_size_of_the_brightness() {
        let red = Image::new(2, 2, Channels::Rgb, [200, 40, 40].repeat(4)).expect("four pixels");
        let bright = Image::new(4, 4, Channels::Grey, vec![88; 16]).expect("sixteen pixels");
        assert_eq!(coloured(&bright, &red).pixels(), [200, 40, 40].repeat(16));
    }
}
