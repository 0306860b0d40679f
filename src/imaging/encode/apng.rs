//! APNG: frames in a PNG file (PNG specification, third edition, section 11.3.2 and 11.3.4).
//!
//! The first frame is the file's default image too. Every frame is whole and replaces the one
//! before it, so that none depends on what a reader kept.

use png::EncodingError;

use super::super::{FileFormat, Picture, Provenance};
use super::animate::Timing;
use super::png::encoder;
use super::{EncodeError, codec};

pub(super) fn encode(
    pictures: &[Picture],
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let mut file = Vec::new();
    write(pictures, timing, provenance, &mut file)
        .map_err(|error| codec(FileFormat::Apng, error))?;
    Ok(file)
}

fn write(
    pictures: &[Picture],
    timing: Timing,
    provenance: &Provenance,
    file: &mut Vec<u8>,
) -> Result<(), EncodingError> {
    let mut encoder = encoder(&pictures[0], provenance, file)?;
    let frames = u32::try_from(pictures.len()).unwrap_or(u32::MAX);
    // 0 plays without an end.
    encoder.set_animated(frames, u32::from(!timing.repeats))?;
    encoder.set_frame_delay(timing.frame_ms, 1000)?;
    let mut writer = encoder.write_header()?;
    for picture in pictures {
        writer.write_image_data(picture.pixels())?;
    }
    writer.finish()
}
