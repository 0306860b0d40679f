//! Texts in PNG files, beside the ones that every file of ours has.

use std::io::Cursor;

use img_parts::png::{Png, PngChunk};

use super::FileFormat;

/// No text that is worth reading is longer.
const MAX_TEXT_BYTES: usize = 4 << 20;

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

/// All texts that stand before a PNG file's pixels, by keyword; none for what is no such file.
pub fn read_texts(file: &[u8]) -> Vec<(String, String)> {
    let limits = png::Limits {
        bytes: MAX_TEXT_BYTES,
    };
    let Ok(reader) = png::Decoder::new_with_limits(Cursor::new(file), limits).read_info() else {
        return Vec::new();
    };
    let info = reader.info();
    let latin = info
        .uncompressed_latin1_text
        .iter()
        .map(|chunk| (chunk.keyword.clone(), Some(chunk.text.clone())));
    let packed = info
        .compressed_latin1_text
        .iter()
        .map(|chunk| (chunk.keyword.clone(), chunk.get_text().ok()));
    let unicode = info
        .utf8_text
        .iter()
        .map(|chunk| (chunk.keyword.clone(), chunk.get_text().ok()));
    latin
        .chain(packed)
        .chain(unicode)
        .filter_map(|(keyword, text)| Some((keyword, text?)))
        .collect()
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
}
