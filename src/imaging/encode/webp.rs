//! WebP: lossless pixels, with the XMP packet in a chunk of the extended format.
//!
//! Only the extended format may hold metadata: a `VP8X` chunk comes first and says in its flags
//! what follows (WebP container specification, "Extended File Format"). A reader that trusts the
//! flags passes over an `XMP ` chunk that they do not announce.

use std::error::Error;

use image::ImageEncoder;
use image::codecs::webp::WebPEncoder;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_VP8X, CHUNK_XMP, WebP};

use super::super::{Channels, FileFormat, Image, Provenance, xmp};
use super::{EncodeError, codec, color_type};

pub(super) const ALPHA_FLAG: u8 = 0b0001_0000;
pub(super) const XMP_FLAG: u8 = 0b0000_0100;

pub(super) fn encode(image: &Image, provenance: &Provenance) -> Result<Vec<u8>, EncodeError> {
    let mut webp = lossless(image).map_err(|error| codec(FileFormat::Webp, error))?;
    let header = extended_header(image, XMP_FLAG);
    let packet = xmp::write(provenance).into_bytes();
    webp.chunks_mut().insert(0, chunk(CHUNK_VP8X, header));
    webp.chunks_mut().push(chunk(CHUNK_XMP, packet));
    Ok(webp.encoder().bytes().to_vec())
}

/// The pixels in chunks, without the header of the extended format.
pub(super) fn lossless(image: &Image) -> Result<WebP, Box<dyn Error + Send + Sync>> {
    let mut pixels = Vec::new();
    WebPEncoder::new_lossless(&mut pixels).write_image(
        image.pixels(),
        image.width(),
        image.height(),
        color_type(image),
    )?;
    let mut webp = WebP::from_bytes(pixels.into())?;
    webp.remove_chunks_by_id(CHUNK_VP8X);
    Ok(webp)
}

/// Flags, three reserved bytes, then width − 1 and height − 1.
pub(super) fn extended_header(image: &Image, flags: u8) -> Vec<u8> {
    let alpha = if image.channels() == Channels::Rgba {
        ALPHA_FLAG
    } else {
        0
    };
    let mut header = vec![flags | alpha, 0, 0, 0];
    header.extend(three_bytes(image.width() - 1));
    header.extend(three_bytes(image.height() - 1));
    header
}

/// A 24-bit little-endian number, as the container writes most of its numbers.
pub(super) fn three_bytes(number: u32) -> [u8; 3] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}

pub(super) fn chunk(id: [u8; 4], data: Vec<u8>) -> RiffChunk {
    RiffChunk::new(id, RiffContent::Data(data.into()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{gradient, provenance};
    use super::*;

    #[test]
    fn the_header_announces_xmp_alpha_and_size() {
        for (channels, flags) in [(Channels::Rgb, 0x04), (Channels::Rgba, 0x14)] {
            let bytes = encode(&gradient(300, 5, channels), &provenance()).unwrap();
            let riff_size = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
            assert_eq!(riff_size as usize, bytes.len() - 8);
            let webp = WebP::from_bytes(bytes.into()).unwrap();
            let ids: Vec<_> = webp.chunks().iter().map(RiffChunk::id).collect();
            assert_eq!(ids, [CHUNK_VP8X, *b"VP8L", CHUNK_XMP]);
            let header = webp.chunks()[0].content().data().unwrap();
            assert_eq!(header[..], [flags, 0, 0, 0, 43, 1, 0, 4, 0, 0]);
        }
    }
}
