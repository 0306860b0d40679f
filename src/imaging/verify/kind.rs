//! The kinds of file that are looked into, by their first bytes.

use serde::Serialize;

use crate::imaging::FileFormat;

/// A kind of image file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Also APNG.
    Png,
    /// As cameras write it.
    Jpeg,
    /// Also animations.
    Webp,
    /// Also animations.
    Gif,
    /// AV1 in a box.
    Avif,
    /// HEVC in a box, as some telephones write it.
    Heic,
}

impl Kind {
    /// The kind of a file, if it is one of these.
    #[must_use]
    pub fn of(file: &[u8]) -> Option<Self> {
        let written = FileFormat::sniff(file).map(|format| match format {
            FileFormat::Jpeg => Self::Jpeg,
            FileFormat::Webp => Self::Webp,
            _ => Self::Png,
        });
        written.or_else(|| match file {
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
                b"avif" | b"avis" => Some(Self::Avif),
                b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some(Self::Heic),
                _ => None,
            },
            _ => None,
        })
    }

    /// By which name files of the kind go on the network.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
        }
    }
}
