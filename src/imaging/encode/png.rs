//! PNG: pixels, text chunks and the XMP packet (PNG specification, third edition).
//!
//! Keywords, beside the registered `Software`: `Atelier model`, `Atelier digest`,
//! `Atelier family`, `Atelier seed` and, on request, `Atelier prompt`. Text outside ASCII goes into
//! an `iTXt` chunk (UTF-8), the rest into `tEXt`, which every reader knows. The packet's keyword
//! `XML:com.adobe.xmp` is that of the XMP specification, part 3.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::super::{Channels, FileFormat, Image, Provenance, SOFTWARE, xmp};
use super::{EncodeError, codec};

pub(in super::super) const XMP_KEYWORD: &str = "XML:com.adobe.xmp";

/// Bytes of pixels so few that filtering gains nothing.
const SMALL: usize = 1024;

pub(super) fn encode(image: &Image, provenance: &Provenance) -> Result<Vec<u8>, EncodeError> {
    let mut file = Vec::with_capacity(image.pixels().len() / 2 + 4096);
    write(image, provenance, &mut file).map_err(|error| codec(FileFormat::Png, error))?;
    Ok(file)
}

fn write(image: &Image, provenance: &Provenance, file: &mut Vec<u8>) -> Result<(), EncodingError> {
    let mut writer = encoder(image, provenance, file)?.write_header()?;
    writer.write_image_data(image.pixels())?;
    writer.finish()
}

/// An encoder for images like this one, which knows all that stands before the pixels.
pub(super) fn encoder<'f>(
    image: &Image,
    provenance: &Provenance,
    file: &'f mut Vec<u8>,
) -> Result<Encoder<'static, &'f mut Vec<u8>>, EncodingError> {
    let mut encoder = Encoder::new(file, image.width(), image.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match image.channels() {
        Channels::Grey => ColorType::Grayscale,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    // A smooth 512×512 RGB image takes 1.0 ms and 534 kB; `Balanced` took 41 ms for 518 kB, and
    // 36 µs against 5 µs at 28×28 (release build, one core, best of 20).
    encoder.set_compression(Compression::Fast);
    if image.pixels().len() <= SMALL {
        // Trying filters on a digit takes 1.8 µs of 2.9, for 436 bytes instead of 407.
        encoder.set_filter(Filter::NoFilter);
    }
    for (keyword, text) in texts(provenance) {
        let text = xmp::legal(&text).into_owned();
        if text.is_ascii() {
            encoder.add_text_chunk(keyword.to_owned(), text)?;
        } else {
            encoder.add_itxt_chunk(keyword.to_owned(), text)?;
        }
    }
    encoder.add_itxt_chunk(XMP_KEYWORD.to_owned(), xmp::write(provenance))?;
    Ok(encoder)
}

fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn texts(provenance: &Provenance) -> impl Iterator<Item = (&'static str, String)> {
    [
        ("Software", Some(SOFTWARE.to_owned())),
        ("Atelier model", known(&provenance.model)),
        ("Atelier digest", known(&provenance.digest)),
        ("Atelier family", known(&provenance.family)),
        ("Atelier seed", provenance.seed.map(|seed| seed.to_string())),
        ("Atelier prompt", provenance.prompt.clone()),
    ]
    .into_iter()
    .filter_map(|(keyword, text)| Some((keyword, text?)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::tests::{gradient, provenance};
    use super::*;

    #[test]
    fn text_chunks_stand_before_the_pixels() {
        let prompt = Some("seven\0".to_owned());
        let provenance = Provenance {
            prompt,
            ..provenance()
        };
        let bytes = encode(&gradient(28, 28, Channels::Grey), &provenance).unwrap();
        let reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let latin: Vec<_> = reader
            .info()
            .uncompressed_latin1_text
            .iter()
            .map(|chunk| (chunk.keyword.as_str(), chunk.text.as_str()))
            .collect();
        assert_eq!(
            latin,
            [
                ("Software", SOFTWARE),
                ("Atelier digest", "sha256:00ff"),
                ("Atelier family", "gan"),
                ("Atelier seed", "42"),
            ]
        );
        let unicode: Vec<_> = reader
            .info()
            .utf8_text
            .iter()
            .map(|chunk| (chunk.keyword.as_str(), chunk.get_text().unwrap()))
            .collect();
        assert_eq!(unicode[0], ("Atelier model", "chữ-số".to_owned()));
        assert_eq!(unicode[1], ("Atelier prompt", "seven\u{fffd}".to_owned()));
        assert_eq!(unicode[2].0, XMP_KEYWORD);
    }
}
