//! Many images in one file, shown one after the other.

use super::super::{FileFormat, Image, Provenance};
use super::{EncodeError, apng, gif, webp_animation};

/// How an animation goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Milliseconds that each image is shown.
    pub frame_ms: u16,
    /// Whether it begins again, and again.
    pub repeats: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            frame_ms: 100,
            repeats: false,
        }
    }
}

/// Writes equal images into one file of an animated format; all but GIF lose nothing.
///
/// # Errors
/// [`EncodeError`] when there is no image, one differs from the first in its sides or channels, a
/// side is beyond what the format can hold, or the format holds one image only.
pub fn animate(
    images: &[Image],
    format: FileFormat,
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let first = images.first().ok_or(EncodeError::Empty)?;
    let alike = |other: &Image| {
        (other.width(), other.height(), other.channels())
            == (first.width(), first.height(), first.channels())
    };
    if let Some(index) = images.iter().position(|image| !alike(image)) {
        return Err(EncodeError::Unequal { index });
    }
    let (width, height, max_side) = (first.width(), first.height(), format.max_side());
    if width > max_side || height > max_side {
        return Err(EncodeError::TooLarge {
            format,
            max_side,
            width,
            height,
        });
    }
    match format {
        FileFormat::Gif => gif::encode(images, timing, provenance),
        FileFormat::Apng => apng::encode(images, timing, provenance),
        FileFormat::WebpAnimation => webp_animation::encode(images, timing, provenance),
        FileFormat::Png | FileFormat::Jpeg | FileFormat::Webp => Err(EncodeError::Still { format }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::AnimationDecoder;
    use image::codecs::png::PngDecoder;
    use image::codecs::webp::WebPDecoder;

    use super::super::super::{
        Channels, DecodeLimits, decode, grid, read_provenance, with_channels,
    };
    use super::super::tests::{gradient, provenance};
    use super::*;

    const TIMING: Timing = Timing {
        frame_ms: 40,
        repeats: true,
    };

    /// A gradient that grows darker.
    fn frames(channels: Channels) -> Vec<Image> {
        let first = gradient(33, 21, channels);
        let darker = |by: u8| {
            let pixels = first.pixels().iter().map(|pixel| pixel.saturating_sub(by));
            Image::new(33, 21, channels, pixels.collect()).unwrap()
        };
        [0, 60, 120].map(darker).to_vec()
    }

    /// Frames as a reader sees them, in RGBA, with their milliseconds.
    fn read(file: &[u8], format: FileFormat) -> Vec<(Vec<u8>, u32)> {
        let bytes = Cursor::new(file);
        let frames = match format {
            FileFormat::Apng => PngDecoder::new(bytes)
                .unwrap()
                .apng()
                .unwrap()
                .into_frames(),
            _ => WebPDecoder::new(bytes).unwrap().into_frames(),
        };
        frames
            .map(|frame| {
                let frame = frame.unwrap();
                let (ms, of) = frame.delay().numer_denom_ms();
                (frame.into_buffer().into_raw(), ms / of)
            })
            .collect()
    }

    #[test]
    fn every_frame_comes_back_as_it_was() {
        for format in FileFormat::ANIMATED {
            for channels in [Channels::Grey, Channels::Rgb, Channels::Rgba] {
                let frames = frames(channels);
                let file = animate(&frames, format, TIMING, &provenance()).unwrap();
                let found = read(&file, format);
                assert_eq!(found.len(), 3, "{format}");
                for ((pixels, ms), frame) in found.iter().zip(&frames) {
                    let expected = with_channels(frame, Channels::Rgba);
                    assert!(pixels == expected.pixels(), "{format} {channels:?}");
                    assert_eq!(*ms, 40);
                }
            }
        }
    }

    #[test]
    fn what_knows_no_animation_reads_the_first_frame() {
        for format in FileFormat::ANIMATED {
            let frames = frames(Channels::Rgba);
            let file = animate(&frames, format, TIMING, &provenance()).unwrap();
            let first = decode(&file, &DecodeLimits::default()).unwrap();
            assert_eq!(first, frames[0], "{format}");
        }
    }

    #[test]
    fn an_animation_says_where_it_came_from() {
        for format in FileFormat::ANIMATED {
            let file = animate(&frames(Channels::Rgb), format, TIMING, &provenance()).unwrap();
            assert_eq!(
                read_provenance(&file).unwrap(),
                provenance().into(),
                "{format}"
            );
            let again = animate(&frames(Channels::Rgb), format, TIMING, &provenance()).unwrap();
            assert!(file == again, "{format}");
        }
    }

    #[test]
    fn a_still_animation_is_one_frame() {
        for format in FileFormat::ANIMATED {
            let image = gradient(9, 9, Channels::Rgb);
            let file = super::super::encode(&image, format, &provenance()).unwrap();
            assert_eq!(read(&file, format).len(), 1);
        }
    }

    #[test]
    fn what_makes_no_animation_is_refused() {
        let animate = |frames: &[Image], format| {
            let made = animate(frames, format, TIMING, &provenance());
            made.unwrap_err().to_string()
        };
        let mut unequal = frames(Channels::Rgb);
        unequal.push(gradient(33, 20, Channels::Rgb));
        for format in FileFormat::ANIMATED {
            assert!(animate(&[], format).contains("at least one"));
            assert!(animate(&unequal, format).starts_with("image 3 "));
        }
        let stills = animate(&frames(Channels::Grey), FileFormat::Webp);
        assert!(stills.contains("webp holds one image"), "{stills}");
        let long = grid(&vec![gradient(16_383, 1, Channels::Grey); 2], 2).unwrap();
        let error = animate(&[long], FileFormat::WebpAnimation);
        assert!(error.contains("at most 16384"), "{error}");
    }
}
