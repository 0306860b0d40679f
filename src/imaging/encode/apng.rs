//! APNG: frames in a PNG file (PNG specification, third edition, section 11.3.2 and 11.3.4).
//!
//! The first frame is the file's default image too. Every frame is whole and replaces the one
//! before it, so that none depends on what a reader kept.

use png::EncodingError;

use super::super::{FileFormat, Image, Provenance};
use super::animate::Timing;
use super::png::encoder;
use super::{EncodeError, codec};

pub(super) fn encode(
    images: &[Image],
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let mut file = Vec::new();
    write(images, timing, provenance, &mut file).map_err(|error| codec(FileFormat::Apng, error))?;
    Ok(file)
}

fn write(
    images: &[Image],
    timing: Timing,
    provenance: &Provenance,
    file: &mut Vec<u8>,
) -> Result<(), EncodingError> {
    let mut encoder = encoder(&images[0], provenance, file)?;
    let frames = u32::try_from(images.len()).unwrap_or(u32::MAX);
    // 0 plays without an end.
    encoder.set_animated(frames, u32::from(!timing.repeats))?;
    encoder.set_frame_delay(timing.frame_ms, 1000)?;
    let mut writer = encoder.write_header()?;
    for image in images {
        writer.write_image_data(image.pixels())?;
    }
    writer.finish()
}
