//! The kinds of image file that Atelier writes and reads.

use serde::{Deserialize, Serialize};

/// A kind of image file; in requests and on the command line it goes by its [`name`](Self::name).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// Lossless, with alpha, and with text chunks that many tools show.
    #[default]
    Png,
    /// Lossy and without alpha (transparent pixels show white).
    Jpeg,
    /// Lossless here, with alpha; smaller than PNG and slower to write.
    Webp,
    /// At most 256 colours, and all images of a walk one after the other.
    Gif,
    /// Many images in a PNG file, shown one after the other; what knows no APNG shows the first.
    Apng,
    /// Many images in a WebP file, lossless.
    WebpAnimation,
}

impl FileFormat {
    /// Those that hold one image.
    ///
    /// GIF holds one or many, and is neither here nor there.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::Webp];
    /// Those that hold many.
    pub const ANIMATED: [Self; 2] = [Self::Apng, Self::WebpAnimation];

    /// Whether it holds many images.
    pub fn is_animated(self) -> bool {
        Self::ANIMATED.contains(&self)
    }

    /// The format of one image out of many: of an animation, the still one of its kind.
    #[must_use]
    pub fn still(self) -> Self {
        match self {
            Self::Apng => Self::Png,
            Self::WebpAnimation => Self::Webp,
            still => still,
        }
    }

    /// The name in requests: `png`, `jpeg`, `webp`, `gif`, `apng` or `webp-animation`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Apng => "apng",
            Self::WebpAnimation => "webp-animation",
        }
    }

    /// The media type as IANA registers it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp | Self::WebpAnimation => "image/webp",
            Self::Gif => "image/gif",
            Self::Apng => "image/apng",
        }
    }

    /// The usual ending of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp | Self::WebpAnimation => "webp",
            Self::Gif => "gif",
            Self::Apng => "apng",
        }
    }

    /// The format of a media type; parameters after `;` and letter case do not matter. A WebP file
    /// is taken to hold one image.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        Self::ALL
            .into_iter()
            .chain(Self::ANIMATED)
            .find(|format| format.media_type().eq_ignore_ascii_case(essence))
    }

    /// The format that the first bytes belong to, whatever a name or a header claims. An animation
    /// is a file of its kind like others.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => None,
        }
    }
}

impl std::fmt::Display for FileFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The name of a kind of file, as in a request or on the command line.
impl std::str::FromStr for FileFormat {
    type Err = UnknownFileFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFileFormat> {
        match name.to_ascii_lowercase().as_str() {
            "png" => Ok(Self::Png),
            "jpeg" | "jpg" => Ok(Self::Jpeg),
            "webp" => Ok(Self::Webp),
            "gif" => Ok(Self::Gif),
            "apng" => Ok(Self::Apng),
            "webp-animation" => Ok(Self::WebpAnimation),
            _ => Err(UnknownFileFormat {
                name: name.to_owned(),
            }),
        }
    }
}

/// A name that is no kind of image file here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an image file is png, jpeg, webp, gif, apng or webp-animation, not \"{name}\"")]
pub struct UnknownFileFormat {
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_media_types_lead_back() {
        for format in FileFormat::ALL {
            assert_eq!(
                FileFormat::from_media_type(format.media_type()),
                Some(format)
            );
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(format.extension().parse(), Ok(format));
            assert_eq!(
                serde_json::to_string(&format).unwrap(),
                format!("\"{format}\"")
            );
        }
        for format in FileFormat::ANIMATED {
            assert!(format.is_animated());
            assert_eq!(format.name().parse(), Ok(format));
            let text = serde_json::to_string(&format).unwrap();
            assert_eq!(text, format!("\"{format}\""));
        }
        let apng = FileFormat::from_media_type("image/apng");
        assert_eq!(apng, Some(FileFormat::Apng));
        assert_eq!("gif".parse(), Ok(FileFormat::Gif));
        assert_eq!("bmp".parse::<FileFormat>().unwrap_err().name, "bmp");
    }

    #[test]
    fn media_types_may_carry_parameters_and_capitals() {
        assert_eq!(
            FileFormat::from_media_type("Image/PNG; q=0.8"),
            Some(FileFormat::Png)
        );
        assert_eq!(FileFormat::from_media_type("image/*"), None);
        assert_eq!(FileFormat::from_media_type(""), None);
    }

    #[test]
    fn content_is_known_by_its_first_bytes() {
        assert_eq!(
            FileFormat::sniff(b"\x89PNG\r\n\x1a\n"),
            Some(FileFormat::Png)
        );
        assert_eq!(
            FileFormat::sniff(b"\xff\xd8\xff\xe0"),
            Some(FileFormat::Jpeg)
        );
        assert_eq!(
            FileFormat::sniff(b"RIFF\0\0\0\0WEBPVP8L"),
            Some(FileFormat::Webp)
        );
        for other in [&b"RIFF\0\0\0\0WAVE"[..], b"GIF89a", b"<svg", b""] {
            assert_eq!(FileFormat::sniff(other), None);
        }
    }
}
