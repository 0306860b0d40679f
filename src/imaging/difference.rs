//! What a graph changed in an image, added to the image itself.
//!
//! The graph may have seen it in another size, and over white where it is transparent.

use ndarray::ArrayViewD;

use super::{Channels, Image, PaintError, TensorFormat};

/// By how much each colour of an image changed, in steps of a byte.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    width: u32,
    height: u32,
    /// Red, green and blue of each pixel, row by row.
    steps: Vec<f32>,
}

impl Difference {
    /// From an RGB image to what a graph made of it.
    ///
    /// # Errors
    /// [`PaintError`]: what it made has another shape, or is not finite.
    pub fn between(
        given: &Image,
        made: ArrayViewD<'_, f32>,
        format: &TensorFormat,
    ) -> Result<Self, PaintError> {
        let mut steps = format.levels(made)?;
        for (made, &given) in steps.iter_mut().zip(given.pixels()) {
            *made -= f32::from(given);
        }
        Ok(Self {
            width: given.width(),
            height: given.height(),
            steps,
        })
    }

    /// The image so changed, in colour; what is transparent stays so, and looks, over any ground, as if that
    /// were changed.
    #[must_use]
    pub fn added_to(&self, image: &Image) -> Image {
        let channels = match image.channels() {
            Channels::Rgba => Channels::Rgba,
            Channels::Grey | Channels::Rgb => Channels::Rgb,
        };
        let (width, height) = (image.width(), image.height());
        let columns: Vec<Between> = (0..width)
            .map(|x| Between::of(x, width, self.width))
            .collect();
        let rows = image
            .pixels()
            .chunks_exact(width as usize * image.channels().count());
        let mut pixels = Vec::with_capacity(width as usize * height as usize * channels.count());
        for (y, row) in (0..height).zip(rows) {
            let y = Between::of(y, height, self.height);
            let (above, below) = (self.row(y.first), self.row(y.second));
            for (pixel, x) in row.chunks_exact(image.channels().count()).zip(&columns) {
                let step = |colour: usize| {
                    let at =
                        |row: &[f32]| x.mix(row[3 * x.first + colour], row[3 * x.second + colour]);
                    y.mix(at(above), at(below))
                };
                match *pixel {
                    [grey] => pixels.extend([0, 1, 2].map(|colour| moved(grey, step(colour)))),
                    [red, green, blue] => {
                        let moved = |value, colour| moved(value, step(colour));
                        pixels.extend([moved(red, 0), moved(green, 1), moved(blue, 2)]);
                    }
                    // Nobody sees its colour.
                    [_, _, _, 0] => pixels.extend(pixel),
                    [red, green, blue, alpha] => {
                        let share = 255.0 / f32::from(alpha);
                        let moved = |value, colour| moved(value, step(colour) * share);
                        pixels.extend([moved(red, 0), moved(green, 1), moved(blue, 2), alpha]);
                    }
                    _ => unreachable!("a chunk is as long as its channel count"),
                }
            }
        }
        Image::new(width, height, channels, pixels).expect("one pixel out for each pixel in")
    }

    fn row(&self, y: usize) -> &[f32] {
        let length = 3 * self.width as usize;
        &self.steps[y * length..][..length]
    }
}

/// Two neighbours among pixels of another size, and how near the second is.
struct Between {
    first: usize,
    second: usize,
    share: f32,
}

impl Between {
    fn of(place: u32, length: u32, other: u32) -> Self {
        let middle = (f64::from(place) + 0.5) * f64::from(other) / f64::from(length) - 0.5;
        let middle = middle.clamp(0.0, f64::from(other - 1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among the other's pixels"
        )]
        let first = middle as usize;
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let share = (middle - first as f64) as f32;
        Self {
            first,
            second: (first + 1).min(other as usize - 1),
            share,
        }
    }

    fn mix(&self, first: f32, second: f32) -> f32 {
        first + (second - first) * self.share
    }
}

fn moved(value: u8, step: f32) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is clamped to a byte"
    )]
    let moved = (f32::from(value) + step).clamp(0.0, 255.0).round() as u8;
    moved
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;
    use crate::imaging::{Layout, ValueRange, with_channels};

    fn format(width: u32, height: u32, range: ValueRange) -> TensorFormat {
        TensorFormat {
            layout: Layout::Nchw,
            range,
            width,
            height,
            channels: Channels::Rgb,
        }
    }

    fn image(channels: Channels, pixels: &[u8]) -> Image {
        let width = u32::try_from(pixels.len() / channels.count()).expect("few");
        Image::new(width, 1, channels, pixels.to_vec()).expect("a row")
    }

    #[test]
    fn an_image_of_the_same_size_becomes_what_was_made_of_it() {
        for range in [ValueRange::Unit, ValueRange::SignedUnit] {
            let format = format(2, 1, range);
            let given = image(Channels::Rgb, &[10, 20, 30, 250, 0, 128]);
            let wanted = image(Channels::Rgb, &[12, 19, 30, 255, 3, 120]);
            let made = format.read(&wanted).expect("its size");
            let difference = Difference::between(&given, made.view(), &format).expect("an image");
            assert_eq!(difference.added_to(&given), wanted);
        }
    }

    #[test]
    fn a_larger_image_changes_smoothly_and_a_grey_one_gets_colours() {
        let format = format(2, 1, ValueRange::Byte);
        let given = image(Channels::Rgb, &[100; 6]);
        let made = ArrayD::from_shape_vec(vec![3, 1, 2], vec![100., 108., 100., 100., 96., 100.]);
        let made = made.expect("six numbers");
        let difference = Difference::between(&given, made.view(), &format).expect("an image");
        let marked = difference.added_to(&image(Channels::Grey, &[50; 4]));
        assert_eq!(marked.channels(), Channels::Rgb);
        assert_eq!(
            marked.pixels(),
            [50, 50, 46, 52, 50, 47, 56, 50, 49, 58, 50, 50]
        );
    }

    #[test]
    fn what_is_transparent_looks_changed_over_any_ground_and_clear_pixels_stay() {
        let format = format(3, 1, ValueRange::Byte);
        let given = image(Channels::Rgb, &[100; 9]);
        let made = ArrayD::from_elem(vec![3, 1, 3], 104.0);
        let difference = Difference::between(&given, made.view(), &format).expect("an image");
        let transparent = image(
            Channels::Rgba,
            &[9, 9, 9, 0, 80, 80, 80, 128, 80, 80, 80, 255],
        );
        let marked = difference.added_to(&transparent);
        assert_eq!(
            marked.pixels(),
            [9, 9, 9, 0, 88, 88, 88, 128, 84, 84, 84, 255]
        );
        let seen = |image: &Image| i32::from(with_channels(image, Channels::Rgb).pixels()[3]);
        assert_eq!(seen(&marked) - seen(&transparent), 4);
    }
}
