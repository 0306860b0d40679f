//! Tensors to pixels and back, by the manifest's word and not by guesswork.
//!
//! The common way to make a tensor visible is to stretch it until its least value is black and its
//! greatest white, which hides a wrong range and gives the same sample another brightness in each
//! batch. Here values are clamped to the stated range, and a sample that cannot be an image
//! (another shape, NaN) is an error that says what would have been right.

use ndarray::{ArrayD, ArrayViewD, CowArray, IxDyn};

use super::convert::with_channels;
use super::{Channels, Image, Layout, ValueRange};

/// How one sample's tensor and an image correspond.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorFormat {
    pub layout: Layout,
    pub range: ValueRange,
    pub width: u32,
    pub height: u32,
    pub channels: Channels,
}

impl TensorFormat {
    /// The shape of one sample, without a batch axis: `[C, H, W]`, `[H, W, C]` or `[H × W × C]`.
    pub fn shape(&self) -> Vec<usize> {
        self.layout.shape(self.width, self.height, self.channels)
    }

    /// Paints one sample: clamps, scales to bytes and interleaves.
    ///
    /// The sample has [`shape`](Self::shape); leading axes of length 1 may be there or be missing,
    /// since exports disagree about batch axes and about the channel axis of grey images.
    ///
    /// # Errors
    /// [`PaintError::Shape`] for another shape, [`PaintError::NotFinite`] for NaN or infinity.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a view is a reference already"
    )]
    pub fn paint(&self, sample: ArrayViewD<'_, f32>) -> Result<Image, PaintError> {
        let values = self.checked(&sample)?;
        let values = values.as_slice().expect("a standard layout is one slice");
        let mut pixels = self.to_pixels(values);
        if self.channels == Channels::Rgba {
            forget_colours_of_clear(&mut pixels);
        }
        Image::new(self.width, self.height, self.channels, pixels).map_err(|_| PaintError::Shape {
            expected: self.shape(),
            found: sample.shape().to_vec(),
        })
    }

    /// The levels of one sample's pixels, 0 to 255, interleaved and not rounded.
    ///
    /// # Errors
    /// As [`paint`](Self::paint).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a view is a reference already"
    )]
    pub fn levels(&self, sample: ArrayViewD<'_, f32>) -> Result<Vec<f32>, PaintError> {
        let values = self.checked(&sample)?;
        let values = values.as_slice().expect("a standard layout is one slice");
        let count = self.channels.count();
        let plane = values.len() / count;
        let at = |place: usize| {
            let channel = place % count;
            let value = match self.layout.is_planar() {
                true => values[channel * plane + place / count],
                false => values[place],
            };
            self.range.level(channel, value)
        };
        Ok((0..values.len()).map(at).collect())
    }

    /// A sample's values in one piece, if they can be an image.
    fn checked<'v>(
        &self,
        sample: &'v ArrayViewD<'_, f32>,
    ) -> Result<CowArray<'v, f32, IxDyn>, PaintError> {
        let expected = self.shape();
        if without_leading_ones(sample.shape()) != without_leading_ones(&expected) {
            return Err(PaintError::Shape {
                expected,
                found: sample.shape().to_vec(),
            });
        }
        let values = sample.as_standard_layout();
        let bad = values.iter().filter(|value| !value.is_finite()).count();
        if bad > 0 {
            return Err(PaintError::NotFinite {
                bad,
                of: values.len(),
            });
        }
        Ok(values)
    }

    /// Reads an image into a tensor of [`shape`](Self::shape), converting its channels first.
    ///
    /// # Errors
    /// [`SizeMismatch`] when the sides differ; [`fit`](super::fit()) makes them equal.
    pub fn read(&self, image: &Image) -> Result<ArrayD<f32>, SizeMismatch> {
        if (image.width(), image.height()) != (self.width, self.height) {
            return Err(SizeMismatch {
                expected: (self.width, self.height),
                found: (image.width(), image.height()),
            });
        }
        let image = with_channels(image, self.channels);
        let values = self.to_values(image.pixels());
        Ok(ArrayD::from_shape_vec(IxDyn(&self.shape()), values)
            .expect("as many values as the checked sides and channels give"))
    }

    fn to_pixels(&self, values: &[f32]) -> Vec<u8> {
        let count = self.channels.count();
        if count == 1 {
            let byte = |&value: &f32| self.range.to_byte(0, value);
            return values.iter().map(byte).collect();
        }
        let mut pixels = vec![0; values.len()];
        if !self.layout.is_planar() {
            for (pixel, values) in pixels
                .chunks_exact_mut(count)
                .zip(values.chunks_exact(count))
            {
                for (channel, (byte, &value)) in pixel.iter_mut().zip(values).enumerate() {
                    *byte = self.range.to_byte(channel, value);
                }
            }
            return pixels;
        }
        for (channel, plane) in values.chunks_exact(values.len() / count).enumerate() {
            for (pixel, &value) in pixels.chunks_exact_mut(count).zip(plane) {
                pixel[channel] = self.range.to_byte(channel, value);
            }
        }
        pixels
    }

    fn to_values(&self, pixels: &[u8]) -> Vec<f32> {
        let count = self.channels.count();
        if count == 1 || !self.layout.is_planar() {
            return pixels
                .chunks_exact(count)
                .flat_map(|pixel| pixel.iter().enumerate())
                .map(|(channel, &byte)| self.range.from_byte(channel, byte))
                .collect();
        }
        (0..count)
            .flat_map(|channel| {
                let plane = pixels.iter().skip(channel).step_by(count);
                plane.map(move |&byte| self.range.from_byte(channel, byte))
            })
            .collect()
    }
}

/// What a graph says of the colour of a clear pixel is noise: viewers that know no transparency would
/// show it, and a third of a PNG would be spent on it.
fn forget_colours_of_clear(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4).filter(|pixel| pixel[3] == 0) {
        pixel.fill(0);
    }
}

fn without_leading_ones(shape: &[usize]) -> &[usize] {
    let ones = shape.iter().take_while(|&&length| length == 1).count();
    &shape[ones..]
}

/// A sample that is no image of the stated format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaintError {
    #[error("the image tensor of one sample must have the shape {expected:?}, not {found:?}")]
    Shape {
        expected: Vec<usize>,
        found: Vec<usize>,
    },
    #[error("{bad} of the image's {of} values are NaN or infinite; all must be finite")]
    NotFinite { bad: usize, of: usize },
}

/// An image whose sides are not those of the tensor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the image must be {}×{} pixels (width × height), not {}×{}",
    expected.0, expected.1, found.0, found.1
)]
pub struct SizeMismatch {
    /// Width and height of the tensor.
    pub expected: (u32, u32),
    /// Width and height of the image.
    pub found: (u32, u32),
}

#[cfg(test)]
mod tests {
    use ndarray::Axis;

    use super::*;
    use crate::imaging::Standard;

    const LAYOUTS: [Layout; 6] = [
        Layout::Nchw,
        Layout::Nhwc,
        Layout::Chw,
        Layout::Hwc,
        Layout::Flat,
        Layout::FlatChw,
    ];
    const RANGES: [ValueRange; 4] = [
        ValueRange::SignedUnit,
        ValueRange::Unit,
        ValueRange::Byte,
        ValueRange::Standard(Standard::IMAGENET),
    ];
    const CHANNELS: [Channels; 3] = [Channels::Grey, Channels::Rgb, Channels::Rgba];

    fn format(layout: Layout, range: ValueRange, channels: Channels) -> TensorFormat {
        TensorFormat {
            layout,
            range,
            width: 19,
            height: 17,
            channels,
        }
    }

    /// All 256 bytes (but no clear pixel), and no two neighbouring rows, columns or channels alike.
    fn pattern(format: &TensorFormat) -> Image {
        let length = format.shape().iter().product::<usize>();
        let mut pixels: Vec<u8> = (0..length).map(|i| (i * 37 % 256) as u8).collect();
        if format.channels == Channels::Rgba {
            pixels
                .chunks_exact_mut(4)
                .for_each(|pixel| pixel[3] = pixel[3].max(1));
        }
        Image::new(format.width, format.height, format.channels, pixels).unwrap()
    }

    #[test]
    fn every_format_round_trips_exactly() {
        for layout in LAYOUTS {
            for range in RANGES {
                for channels in CHANNELS {
                    let format = format(layout, range, channels);
                    let image = pattern(&format);
                    let tensor = format.read(&image).unwrap();
                    assert_eq!(tensor.shape(), format.shape(), "{format:?}");
                    assert_eq!(format.paint(tensor.view()).unwrap(), image, "{format:?}");
                }
            }
        }
    }

    #[test]
    fn a_clear_pixel_has_no_colour() {
        let mut format = format(Layout::Nhwc, ValueRange::SignedUnit, Channels::Rgba);
        (format.width, format.height) = (2, 1);
        let noise = vec![0.5, -0.5, 1.0, -1.2, 0.5, -0.5, 1.0, -0.99];
        let tensor = ArrayD::from_shape_vec(format.shape(), noise).unwrap();
        let image = format.paint(tensor.view()).unwrap();
        assert_eq!(image.pixels(), [0, 0, 0, 0, 191, 64, 255, 1]);
    }

    #[test]
    fn planes_and_interleaved_pixels_are_told_apart() {
        let mut format = format(Layout::Nchw, ValueRange::Byte, Channels::Rgb);
        (format.width, format.height) = (2, 1);
        let planar = ArrayD::from_shape_vec(vec![3, 1, 2], vec![1., 2., 3., 4., 5., 6.]).unwrap();
        assert_eq!(
            format.paint(planar.view()).unwrap().pixels(),
            [1, 3, 5, 2, 4, 6]
        );
        format.layout = Layout::Hwc;
        // The same planes seen through a permuted view: strides must be honoured.
        let interleaved = planar.view().permuted_axes(vec![1, 2, 0]);
        assert_eq!(
            format.paint(interleaved).unwrap().pixels(),
            [1, 3, 5, 2, 4, 6]
        );
    }

    #[test]
    fn leading_axes_of_one_do_not_matter() {
        for layout in LAYOUTS {
            let format = format(layout, ValueRange::Unit, Channels::Grey);
            let image = pattern(&format);
            let tensor = format.read(&image).unwrap();
            let batched = tensor.view().insert_axis(Axis(0)).insert_axis(Axis(0));
            assert_eq!(format.paint(batched).unwrap(), image);
        }
        let format = format(Layout::Nchw, ValueRange::Unit, Channels::Grey);
        let tensor = format.read(&pattern(&format)).unwrap();
        let bare = tensor.index_axis(Axis(0), 0);
        assert!(format.paint(bare).is_ok());
    }

    #[test]
    fn another_shape_is_refused_with_both_shapes() {
        let format = format(Layout::Chw, ValueRange::Unit, Channels::Rgb);
        for shape in [
            vec![17, 19, 3],
            vec![2, 3, 17, 19],
            vec![3, 17 * 19],
            vec![0],
            vec![],
        ] {
            let error = format
                .paint(ArrayD::zeros(shape.clone()).view())
                .unwrap_err();
            assert_eq!(
                error,
                PaintError::Shape {
                    expected: vec![3, 17, 19],
                    found: shape
                }
            );
        }
    }

    #[test]
    fn values_that_are_not_finite_are_counted() {
        let format = format(Layout::Flat, ValueRange::Unit, Channels::Grey);
        let mut tensor = ArrayD::<f32>::zeros(format.shape());
        for (place, value) in [(0, f32::NAN), (7, f32::INFINITY), (9, f32::NEG_INFINITY)] {
            tensor[[place]] = value;
        }
        let error = format.paint(tensor.view()).unwrap_err();
        assert_eq!(error, PaintError::NotFinite { bad: 3, of: 323 });
    }

    #[test]
    fn an_image_of_another_size_is_not_read() {
        let small = format(Layout::Chw, ValueRange::Unit, Channels::Rgb);
        let large = TensorFormat { width: 20, ..small };
        let error = large.read(&pattern(&small)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the image must be 20×17 pixels (width × height), not 19×17"
        );
    }

    #[test]
    fn reading_converts_channels() {
        let grey = pattern(&format(Layout::Chw, ValueRange::Byte, Channels::Grey));
        let tensor = format(Layout::Chw, ValueRange::Byte, Channels::Rgb)
            .read(&grey)
            .unwrap();
        assert_eq!(tensor.index_axis(Axis(0), 0), tensor.index_axis(Axis(0), 2));
    }
}
