//! Animated WebP: lossless frames in the container's animation chunks.
//!
//! `VP8X` announces an animation, `ANIM` says what stands behind it and how often it plays, and
//! each `ANMF` holds a frame: its place and sides, its time, and the chunks of a still file (WebP
//! container specification, "Animation"). Every frame covers the whole canvas and replaces what
//! was there, so that none depends on what a reader kept.

use img_parts::webp::{CHUNK_VP8X, CHUNK_XMP};

use super::super::{FileFormat, Image, Provenance, xmp};
use super::animate::Timing;
use super::webp::{XMP_FLAG, extended_header, lossless, three_bytes};
use super::{EncodeError, codec};

const ANIMATION_FLAG: u8 = 0b0000_0010;
/// The bit of a frame that overwrites the canvas rather than being blended with it.
const DO_NOT_BLEND: u8 = 0b0000_0010;

pub(super) fn encode(
    images: &[Image],
    timing: Timing,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let mut body = b"WEBP".to_vec();
    let flags = ANIMATION_FLAG | XMP_FLAG;
    put(&mut body, CHUNK_VP8X, &extended_header(&images[0], flags));
    // A clear background, four bytes, and the number of plays, two bytes, of which 0 is endless.
    put(
        &mut body,
        *b"ANIM",
        &[0, 0, 0, 0, u8::from(!timing.repeats), 0],
    );
    for image in images {
        let frame =
            frame(image, timing).map_err(|error| codec(FileFormat::WebpAnimation, error))?;
        put(&mut body, *b"ANMF", &frame);
    }
    put(&mut body, CHUNK_XMP, xmp::write(provenance).as_bytes());
    let mut file = b"RIFF".to_vec();
    file.extend(size(&body));
    file.append(&mut body);
    Ok(file)
}

fn frame(
    image: &Image,
    timing: Timing,
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut frame = Vec::new();
    // Where it stands on the canvas, in pairs of pixels.
    frame.extend([three_bytes(0), three_bytes(0)].concat());
    frame.extend(three_bytes(image.width() - 1));
    frame.extend(three_bytes(image.height() - 1));
    frame.extend(three_bytes(timing.frame_ms.into()));
    frame.push(DO_NOT_BLEND);
    for chunk in lossless(image)?.chunks() {
        let data = chunk.content().data();
        put(&mut frame, chunk.id(), data.map_or(&[], |data| &data[..]));
    }
    Ok(frame)
}

/// A chunk: its name, its size, its bytes, and one more where they are odd in number.
fn put(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend(name);
    file.extend(size(data));
    file.extend(data);
    if !data.len().is_multiple_of(2) {
        file.push(0);
    }
}

fn size(data: &[u8]) -> [u8; 4] {
    u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::super::Channels;
    use super::super::tests::{gradient, provenance};
    use super::*;

    #[test]
    fn the_header_announces_the_animation_and_each_frame_its_place() {
        let timing = Timing {
            frame_ms: 300,
            repeats: true,
        };
        let frames = vec![gradient(30, 5, Channels::Rgba); 2];
        let file = encode(&frames, timing, &provenance()).unwrap();
        let riff_size = u32::from_le_bytes(file[4..8].try_into().unwrap());
        assert_eq!(riff_size as usize, file.len() - 8);
        assert_eq!(&file[8..20], b"WEBPVP8X\x0a\0\0\0");
        assert_eq!(file[20..30], [0x16, 0, 0, 0, 29, 0, 0, 4, 0, 0]);
        assert_eq!(&file[30..38], b"ANIM\x06\0\0\0");
        assert_eq!(file[38..44], [0; 6]);
        assert_eq!(&file[44..48], b"ANMF");
        let head = [0, 0, 0, 0, 0, 0, 29, 0, 0, 4, 0, 0, 44, 1, 0, 2];
        assert_eq!(file[52..68], head);
        assert_eq!(&file[68..72], b"VP8L");
    }
}
