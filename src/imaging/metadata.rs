//! Reading back what a file says of its making, for the command line and for the tests.

use std::io::Cursor;

use img_parts::jpeg::{Jpeg, markers};
use img_parts::webp::{CHUNK_XMP, WebP};
use memchr::memmem::find;

use super::encode::{PNG_XMP_KEYWORD, XMP_SIGNATURE};
use super::text::{MAX_TEXT_BYTES, unicode_text};
use super::{FileFormat, FoundProvenance, xmp};
use crate::language::Message;
use crate::message;

/// What leads a packet in a GIF file.
const GIF_XMP: &[u8] = b"XMP DataXMP";
/// How each packet ends.
const PACKET_END: &[u8] = b"<?xpacket end=";

/// What the file's XMP packet says; a file without a packet says nothing, which is no error.
///
/// # Errors
/// [`MetadataError`] when the bytes are no PNG, JPEG, WebP or GIF file, or are damaged before the
/// packet would come.
pub fn read_provenance(bytes: &[u8]) -> Result<FoundProvenance, MetadataError> {
    let format = FileFormat::sniff(bytes).ok_or(MetadataError::UnknownFormat)?;
    let packet = match format {
        FileFormat::Png | FileFormat::Apng => from_png(bytes),
        FileFormat::Jpeg => from_jpeg(bytes),
        FileFormat::Webp | FileFormat::WebpAnimation => from_webp(bytes),
        FileFormat::Gif => Ok(from_gif(bytes)),
    }
    .map_err(|source| MetadataError::Damaged { format, source })?;
    Ok(packet.map(|packet| xmp::read(&packet)).unwrap_or_default())
}

/// A file whose metadata could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    #[error("{}", self.message())]
    UnknownFormat,
    #[error("{}", self.message())]
    Damaged {
        format: FileFormat,
        source: DamagedFile,
    },
}

impl MetadataError {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::UnknownFormat => message!("the file is no PNG, JPEG or WebP image"),
            Self::Damaged { format, .. } => message!(
                "the {format} file is damaged; save or download it again",
                format
            ),
        }
    }
}

/// Where a file's metadata can't be reached.
#[derive(Debug, thiserror::Error)]
pub enum DamagedFile {
    #[error(transparent)]
    Png(#[from] png::DecodingError),
    #[error("a text is damaged or unpacks to over {MAX_TEXT_BYTES} bytes")]
    Text,
    #[error(transparent)]
    Segments(#[from] img_parts::Error),
}

fn from_png(bytes: &[u8]) -> Result<Option<String>, DamagedFile> {
    let limits = png::Limits {
        bytes: MAX_TEXT_BYTES,
    };
    let reader = png::Decoder::new_with_limits(Cursor::new(bytes), limits).read_info()?;
    let chunk = reader
        .info()
        .utf8_text
        .iter()
        .find(|chunk| chunk.keyword == PNG_XMP_KEYWORD);
    chunk
        .map(|chunk| {
            let text = unicode_text(chunk, MAX_TEXT_BYTES);
            text.ok_or(DamagedFile::Text)
        })
        .transpose()
}

fn from_jpeg(bytes: &[u8]) -> Result<Option<String>, DamagedFile> {
    let jpeg = Jpeg::from_bytes(bytes.to_vec().into())?;
    let packet = jpeg
        .segments_by_marker(markers::APP1)
        .find_map(|segment| segment.contents().strip_prefix(XMP_SIGNATURE));
    Ok(packet.map(text))
}

fn from_webp(bytes: &[u8]) -> Result<Option<String>, DamagedFile> {
    let webp = WebP::from_bytes(bytes.to_vec().into())?;
    let packet = webp
        .chunk_by_id(CHUNK_XMP)
        .and_then(|chunk| chunk.content().data());
    Ok(packet.map(|packet| text(packet)))
}

/// The packet stands as it is in an application extension, up to the bytes that lead other readers past it.
fn from_gif(bytes: &[u8]) -> Option<String> {
    let from = find(bytes, GIF_XMP)? + GIF_XMP.len();
    let packet = &bytes[from..];
    let packet = &packet[..packet.len().min(MAX_TEXT_BYTES)];
    let end = find(packet, PACKET_END)?;
    Some(text(&packet[..end]))
}

fn text(packet: &[u8]) -> String {
    String::from_utf8_lossy(packet).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::encode::tests::{gradient, provenance};
    use super::super::{Channels, encode};
    use super::*;

    #[test]
    fn a_file_without_a_packet_says_nothing() {
        let mut bytes = Vec::new();
        let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().unwrap();
        writer.write_image_data(&[0]).unwrap();
        writer.finish().unwrap();
        let found = read_provenance(&bytes).unwrap();
        assert_eq!(found, FoundProvenance::default());
    }

    #[test]
    fn other_files_are_refused() {
        let error = read_provenance(b"GIF89a").unwrap_err();
        assert!(matches!(error, MetadataError::UnknownFormat));
        let error = read_provenance(b"\x89PNG\r\n\x1a\n").unwrap_err();
        assert!(matches!(
            error,
            MetadataError::Damaged {
                format: FileFormat::Png,
                ..
            }
        ));
    }

    #[test]
    fn damage_never_panics() {
        for format in FileFormat::ALL.into_iter().chain([FileFormat::Gif]) {
            let file = encode(&gradient(9, 9, Channels::Rgb), format, &provenance()).unwrap();
            for place in 0..file.len() {
                let _ = read_provenance(&file[..place]);
                let mut flipped = file.clone();
                flipped[place] ^= 0xff;
                let _ = read_provenance(&flipped);
            }
        }
    }
}
