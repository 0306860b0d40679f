//! WebP: lossless pixels, with the XMP packet in a chunk of the extended format.
//!
//! Only the extended format may hold metadata: a `VP8X` chunk comes first and says in its flags
//! what follows (WebP container specification, "Extended File Format"). A reader that trusts the
//! flags passes over an `XMP ` chunk that they do not announce.

use image::ImageEncoder;
use image::codecs::webp::WebPEncoder;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{CHUNK_VP8X, CHUNK_XMP, WebP};

use super::super::{Channels, FileFormat, Picture, Provenance, xmp};
use super::{EncodeError, color_type};

const ALPHA_FLAG: u8 = 0b0001_0000;
const XMP_FLAG: u8 = 0b0000_0100;

pub(super) fn encode(picture: &Picture, provenance: &Provenance) -> Result<Vec<u8>, EncodeError> {
    let mut pixels = Vec::new();
    WebPEncoder::new_lossless(&mut pixels)
        .write_image(
            picture.pixels(),
            picture.width(),
            picture.height(),
            color_type(picture),
        )
        .map_err(codec)?;
    let mut webp = WebP::from_bytes(pixels.into()).map_err(codec)?;
    webp.remove_chunks_by_id(CHUNK_VP8X);
    let header = RiffContent::Data(extended_header(picture).to_vec().into());
    let packet = RiffContent::Data(xmp::write(provenance).into_bytes().into());
    webp.chunks_mut()
        .insert(0, RiffChunk::new(CHUNK_VP8X, header));
    webp.chunks_mut().push(RiffChunk::new(CHUNK_XMP, packet));
    Ok(webp.encoder().bytes().to_vec())
}

/// Flags, three reserved bytes, then width − 1 and height − 1 as 24-bit little-endian numbers.
fn extended_header(picture: &Picture) -> [u8; 10] {
    let alpha = if picture.channels() == Channels::Rgba {
        ALPHA_FLAG
    } else {
        0
    };
    let [w0, w1, w2, _] = (picture.width() - 1).to_le_bytes();
    let [h0, h1, h2, _] = (picture.height() - 1).to_le_bytes();
    [XMP_FLAG | alpha, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

fn codec(error: impl std::error::Error + Send + Sync + 'static) -> EncodeError {
    EncodeError::Codec {
        format: FileFormat::Webp,
        source: Box::new(error),
    }
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
