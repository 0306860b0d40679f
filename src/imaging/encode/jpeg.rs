//! JPEG: lossy pixels, with the XMP packet in an APP1 segment (XMP specification, part 3).

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};

use super::super::{Channels, FileFormat, Image, Provenance, with_channels, xmp};
use super::{EncodeError, color_type};

/// High enough that an image can be judged by it.
const QUALITY: u8 = 92;

/// What an APP1 segment begins with when it holds XMP.
pub(in super::super) const XMP_SIGNATURE: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// A segment's two-byte length counts itself.
const MAX_PACKET: usize = 65_535 - 2 - XMP_SIGNATURE.len();

pub(super) fn encode(
    image: &Image,
    quality: Option<u8>,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let packet = xmp::write(provenance);
    if packet.len() > MAX_PACKET {
        return Err(EncodeError::ProvenanceTooLong {
            found: packet.len(),
            limit: MAX_PACKET,
        });
    }
    let opaque;
    let image = if image.channels() == Channels::Rgba {
        opaque = with_channels(image, Channels::Rgb);
        &opaque
    } else {
        image
    };
    let mut pixels = Vec::new();
    JpegEncoder::new_with_quality(&mut pixels, quality.unwrap_or(QUALITY).clamp(1, 100))
        .write_image(
            image.pixels(),
            image.width(),
            image.height(),
            color_type(image),
        )
        .map_err(codec)?;
    let mut jpeg = Jpeg::from_bytes(pixels.into()).map_err(codec)?;
    let app1 = [XMP_SIGNATURE, packet.as_bytes()].concat();
    // APP1 comes after the JFIF segment, which must be the first.
    let after_jfif = usize::from(
        jpeg.segments()
            .first()
            .is_some_and(|segment| segment.marker() == markers::APP0),
    );
    let segment = JpegSegment::new_with_contents(markers::APP1, app1.into());
    jpeg.segments_mut().insert(after_jfif, segment);
    Ok(jpeg.encoder().bytes().to_vec())
}

fn codec(error: impl std::error::Error + Send + Sync + 'static) -> EncodeError {
    super::codec(FileFormat::Jpeg, error)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{gradient, provenance};
    use super::*;

    #[test]
    fn a_prompt_beyond_a_segment_is_refused() {
        let image = gradient(8, 8, Channels::Grey);
        let prompt = Some("&".repeat(20_000));
        let error = encode(
            &image,
            None,
            &Provenance {
                prompt,
                ..provenance()
            },
        )
        .unwrap_err();
        assert!(error.to_string().contains("holds 65504"), "{error}");
        let prompt = Some("a".repeat(60_000));
        assert!(
            encode(
                &image,
                None,
                &Provenance {
                    prompt,
                    ..provenance()
                }
            )
            .is_ok()
        );
    }

    #[test]
    fn xmp_follows_the_jfif_segment() {
        let bytes = encode(&gradient(8, 8, Channels::Rgba), None, &provenance()).unwrap();
        let jpeg = Jpeg::from_bytes(bytes.into()).unwrap();
        let first: Vec<_> = jpeg
            .segments()
            .iter()
            .take(2)
            .map(JpegSegment::marker)
            .collect();
        assert_eq!(first, [markers::APP0, markers::APP1]);
    }
}
