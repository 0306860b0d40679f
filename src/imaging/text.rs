//! Texts in PNG files, beside the ones that every file of ours has.

use std::io::Cursor;

use img_parts::png::{Png, PngChunk};
use png::text_metadata::ITXtChunk;

use super::FileFormat;

/// All texts of a file that are worth reading are no longer together. Packed ones are a thousandth
/// of their size.
pub(super) const MAX_TEXT_BYTES: usize = 4 << 20;

/// The PNG file with one text more, before its pixels; other files stay as they are.
pub fn with_text(file: Vec<u8>, keyword: &str, text: &str) -> Vec<u8> {
    if FileFormat::sniff(&file) != Some(FileFormat::Png) {
        return file;
    }
    let Ok(mut png) = Png::from_bytes(file.clone().into()) else {
        return file;
    };
    let mut contents = keyword.as_bytes().to_vec();
    let kind = if text.is_ascii() {
        contents.push(0);
        *b"tEXt"
    } else {
        // Uncompressed, in no stated language.
        contents.extend_from_slice(&[0; 5]);
        *b"iTXt"
    };
    contents.extend_from_slice(text.as_bytes());
    let after_header = 1.min(png.chunks().len());
    let chunk = PngChunk::new(kind, contents.into());
    png.chunks_mut().insert(after_header, chunk);
    png.encoder().bytes().to_vec()
}

/// All texts that stand before a PNG file's pixels, by keyword; none for what is no such file. Those
/// that would unpack to more than all texts may have together are left out.
pub fn read_texts(file: &[u8]) -> Vec<(String, String)> {
    let limits = png::Limits {
        bytes: MAX_TEXT_BYTES,
    };
    let Ok(reader) = png::Decoder::new_with_limits(Cursor::new(file), limits).read_info() else {
        return Vec::new();
    };
    let info = reader.info();
    let mut left = MAX_TEXT_BYTES;
    let mut texts = Vec::new();
    let mut keep = |keyword: &str, text: String| {
        if let Some(rest) = left.checked_sub(text.len()) {
            left = rest;
            texts.push((keyword.to_owned(), text));
        }
        left
    };
    let mut room = MAX_TEXT_BYTES;
    for chunk in &info.uncompressed_latin1_text {
        room = keep(&chunk.keyword, chunk.text.clone());
    }
    for chunk in &info.compressed_latin1_text {
        let mut chunk = chunk.clone();
        if chunk.decompress_text_with_limit(room).is_ok()
            && let Ok(text) = chunk.get_text()
        {
            room = keep(&chunk.keyword, text);
        }
    }
    for chunk in &info.utf8_text {
        if let Some(text) = unicode_text(chunk, room) {
            room = keep(&chunk.keyword, text);
        }
    }
    texts
}

/// A chunk's text, if it unpacks to no more than so many bytes.
pub(super) fn unicode_text(chunk: &ITXtChunk, most: usize) -> Option<String> {
    let mut chunk = chunk.clone();
    chunk.decompress_text_with_limit(most).ok()?;
    chunk.get_text().ok()
}

#[cfg(test)]
mod tests {
    use super::super::encode::tests::{gradient, provenance};
    use super::super::{Channels, DecodeLimits, decode, encode, read_provenance};
    use super::*;

    #[test]
    fn texts_come_back_and_change_nothing_else() {
        let image = gradient(9, 9, Channels::Rgb);
        let plain = encode(&image, FileFormat::Png, &provenance()).unwrap();
        for text in ["a cat\nSteps: 1", "số bảy: ✓"] {
            let file = with_text(plain.clone(), "parameters", text);
            let pair = ("parameters".to_owned(), text.to_owned());
            assert!(read_texts(&file).contains(&pair), "{text}");
            let decoded = decode(&file, &DecodeLimits::default()).unwrap();
            assert_eq!(decoded, image);
            assert_eq!(read_provenance(&file).unwrap(), provenance().into());
        }
    }

    #[test]
    fn other_files_stay_as_they_are() {
        let image = gradient(9, 9, Channels::Rgb);
        let jpeg = encode(&image, FileFormat::Jpeg, &provenance()).unwrap();
        assert_eq!(with_text(jpeg.clone(), "parameters", "x"), jpeg);
        assert!(read_texts(&jpeg).is_empty());
        assert_eq!(with_text(b"\x89PNG".to_vec(), "a", "b"), b"\x89PNG");
    }

    #[test]
    fn a_packed_text_is_not_unpacked_beyond_what_is_worth_reading() {
        let file = |sizes: &[usize]| {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, 1, 1);
            for &size in sizes {
                let text = "a".repeat(size);
                encoder
                    .add_ztxt_chunk("packed".into(), text.clone())
                    .unwrap();
                encoder.add_itxt_chunk("plain".into(), text).unwrap();
            }
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&[0]).unwrap();
            drop(writer);
            file
        };
        let kept = |sizes: &[usize]| {
            let texts = read_texts(&file(sizes));
            texts.iter().map(|(_, text)| text.len()).sum::<usize>()
        };
        assert_eq!(kept(&[1000]), 2000);
        assert_eq!(kept(&[64 << 20]), 0);
        // Many that are small alone are as large together.
        assert!(kept(&[3 << 20; 40]) <= MAX_TEXT_BYTES);
    }
}
