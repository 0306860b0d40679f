//! GIF: at most 256 colours an image, for whoever takes nothing else.
//!
//! A pixel is clear or it is not, so what is more than half clear becomes clear. The XMP packet
//! stands in an extension of its own, followed by the bytes that lead readers without XMP past it
//! (XMP specification, part 3, "GIF").

use std::error::Error;

use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::super::{Channels, FileFormat, Image, Provenance, with_channels, xmp};
use super::animate::Timing;
use super::{EncodeError, codec};

/// Of 1 to 30, how many pixels are passed over when colours are chosen: at 10, the crate's own
/// choice, an image of 512 × 512 takes tens of milliseconds.
const SPEED: i32 = 10;

pub(super) fn encode(
    images: &[Image],
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let first = images.first().ok_or(EncodeError::Empty)?;
    write(first, images, timing, provenance).map_err(|error| codec(FileFormat::Gif, error))
}

fn write(
    first: &Image,
    images: &[Image],
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let (width, height) = (
        u16::try_from(first.width())?,
        u16::try_from(first.height())?,
    );
    let mut encoder = Encoder::new(Vec::new(), width, height, &[])?;
    if timing.repeats && images.len() > 1 {
        encoder.set_repeat(Repeat::Infinite)?;
    }
    encoder.get_mut().extend(extension(provenance));
    for image in images {
        let mut pixels = with_channels(image, Channels::Rgba).pixels().to_vec();
        for alpha in pixels.iter_mut().skip(3).step_by(4) {
            *alpha = if *alpha < 128 { 0 } else { u8::MAX };
        }
        let mut frame = Frame::from_rgba_speed(width, height, &mut pixels, SPEED);
        // In hundredths of a second.
        frame.delay = timing.frame_ms / 10;
        frame.dispose = DisposalMethod::Background;
        encoder.write_frame(&frame)?;
    }
    Ok(encoder.into_inner()?)
}

/// The packet as an application extension.
fn extension(provenance: &Provenance) -> Vec<u8> {
    let mut extension = b"\x21\xff\x0bXMP DataXMP".to_vec();
    extension.extend(xmp::write(provenance).into_bytes());
    // Wherever a reader of sub-blocks lands in the text, each of these leads it to the end.
    extension.push(1);
    extension.extend((0..=u8::MAX).rev());
    extension.push(0);
    extension
}

#[cfg(test)]
mod tests {
    use gif::{ColorOutput, DecodeOptions};

    use super::super::tests::{gradient, provenance};
    use super::*;

    /// Frames as a reader sees them, in RGBA, with their hundredths of a second.
    fn read(file: &[u8]) -> Vec<(Vec<u8>, u16)> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(file).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            frames.push((frame.buffer.to_vec(), frame.delay));
        }
        frames
    }

    #[test]
    fn one_image_is_still_and_several_are_animated() {
        let image = gradient(33, 21, Channels::Rgb);
        let timing = Timing {
            frame_ms: 40,
            repeats: true,
        };
        for count in [1, 3] {
            let images = vec![image.clone(); count];
            let file = encode(&images, timing, &provenance()).unwrap();
            let frames = read(&file);
            assert_eq!(frames.len(), count);
            let expected = with_channels(&image, Channels::Rgba);
            for (pixels, delay) in frames {
                assert_eq!(delay, 4);
                // 693 colours in a palette of 256: single ones are far from theirs, most are near.
                let far = pixels.iter().zip(expected.pixels());
                let far: usize = far
                    .map(|(found, asked)| usize::from(found.abs_diff(*asked)))
                    .sum();
                let mean = far / pixels.len();
                assert!(mean < 8, "{mean} of 255 away");
            }
            let text = String::from_utf8_lossy(&file);
            assert!(text.contains("trainedAlgorithmicMedia"));
        }
    }

    #[test]
    fn what_is_mostly_clear_is_clear() {
        let pixels = vec![200, 0, 0, 255, 0, 200, 0, 100];
        let image = Image::new(2, 1, Channels::Rgba, pixels).unwrap();
        let file = encode(&[image], Timing::default(), &provenance()).unwrap();
        let (pixels, _) = &read(&file)[0];
        assert_eq!((pixels[3], pixels[7]), (255, 0));
    }
}
