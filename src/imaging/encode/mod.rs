//! Images to files, each of which says what it is and where it came from.
//!
//! The same image and provenance give the same bytes: nothing here reads a clock. Each format
//! carries the XMP packet; a PNG has text chunks beside it, since they are what image viewers and
//! the tools of this trade show.

mod animate;
mod apng;
mod gif;
mod jpeg;
mod png;
mod webp;
mod webp_animation;

pub use animate::{Timing, animate};

pub(super) use jpeg::XMP_SIGNATURE;
pub(super) use png::XMP_KEYWORD as PNG_XMP_KEYWORD;

use super::{FileFormat, Image, Provenance};

/// Writes an image into a file of the given format; an animation of one image holds it still.
///
/// PNG and WebP are lossless. JPEG has no alpha, so a transparent pixel shows white.
///
/// # Errors
/// [`EncodeError`] when a side or the provenance is beyond what the format can hold.
pub fn encode(
    image: &Image,
    format: FileFormat,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    encode_at(image, format, None, provenance)
}

/// [`encode`], with a quality from 1 to 100 where the format loses something; the others keep all.
///
/// # Errors
/// As [`encode`].
pub fn encode_at(
    image: &Image,
    format: FileFormat,
    quality: Option<u8>,
    provenance: &Provenance,
) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let max_side = format.max_side();
    if width > max_side || height > max_side {
        return Err(EncodeError::TooLarge {
            format,
            max_side,
            width,
            height,
        });
    }
    match format {
        FileFormat::Png => png::encode(image, provenance),
        FileFormat::Jpeg => jpeg::encode(image, quality, provenance),
        FileFormat::Webp => webp::encode(image, provenance),
        FileFormat::Gif | FileFormat::Apng | FileFormat::WebpAnimation => {
            let frames = std::slice::from_ref(image);
            animate(frames, format, Timing::default(), provenance)
        }
    }
}

impl FileFormat {
    /// The most pixels that a side may have.
    pub fn max_side(self) -> u32 {
        match self {
            Self::Png | Self::Apng => 0x7fff_ffff,
            Self::Jpeg | Self::Gif => 65_535,
            Self::Webp | Self::WebpAnimation => 16_384,
        }
    }
}

/// An image that could not become a file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("a {format} file holds at most {max_side} pixels a side, not {width}×{height}")]
    TooLarge {
        format: FileFormat,
        max_side: u32,
        width: u32,
        height: u32,
    },
    #[error(
        "the provenance takes {found} bytes and a jpeg file holds {limit}; \
         leave out the prompt, or write png or webp"
    )]
    ProvenanceTooLong { found: usize, limit: usize },
    #[error("an animation needs at least one image")]
    Empty,
    #[error("image {index} (counted from 0) differs from the first in its sides or channels")]
    Unequal { index: usize },
    #[error("{format} holds one image, and an animation needs gif, apng or webp-animation")]
    Still { format: FileFormat },
    #[error("the {format} encoder failed")]
    Codec {
        format: FileFormat,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What a codec said, as an error of ours.
fn codec(
    format: FileFormat,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> EncodeError {
    EncodeError::Codec {
        format,
        source: source.into(),
    }
}

/// The colour type of `image`'s encoders for pixels as a [`Image`] holds them.
fn color_type(image: &Image) -> image::ExtendedColorType {
    match image.channels() {
        super::Channels::Grey => image::ExtendedColorType::L8,
        super::Channels::Rgb => image::ExtendedColorType::Rgb8,
        super::Channels::Rgba => image::ExtendedColorType::Rgba8,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Channels, DecodeLimits, decode, read_provenance};
    use super::*;

    const CHANNELS: [Channels; 3] = [Channels::Grey, Channels::Rgb, Channels::Rgba];

    pub(in super::super) fn provenance() -> Provenance {
        Provenance {
            model: "chữ-số".to_owned(),
            digest: "sha256:00ff".to_owned(),
            family: "gan".to_owned(),
            seed: Some(42),
            prompt: None,
            chain: vec!["upscale lanczos ×2".to_owned()],
            sources: vec!["cat (Icons, MIT)".to_owned()],
            edited: false,
        }
    }

    /// A smooth image, so that JPEG's losses stay small; every corner differs.
    pub(in super::super) fn gradient(width: u32, height: u32, channels: Channels) -> Image {
        let mut pixels = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (x, y) = ((x * 255 / width) as u8, (y * 255 / height) as u8);
                pixels.extend(&[x / 2 + y / 4, y, x, 255 - y / 2][..channels.count()]);
            }
        }
        Image::new(width, height, channels, pixels).unwrap()
    }

    #[test]
    fn lossless_files_give_the_same_pixels_back() {
        for format in [FileFormat::Png, FileFormat::Webp] {
            for channels in CHANNELS {
                let image = gradient(33, 21, channels);
                let bytes = encode(&image, format, &provenance()).unwrap();
                let decoded = decode(&bytes, &DecodeLimits::default()).unwrap();
                // A WebP file has no grey: it comes back as RGB.
                let expected = match (format, channels) {
                    (FileFormat::Webp, Channels::Grey) => Channels::Rgb,
                    _ => channels,
                };
                let expected = super::super::with_channels(&image, expected);
                assert_eq!(decoded.pixels(), expected.pixels(), "{format} {channels:?}");
            }
        }
    }

    #[test]
    fn a_lower_quality_makes_a_smaller_jpeg() {
        let image = gradient(64, 64, Channels::Rgb);
        let size = |format, quality| {
            let file = encode_at(&image, format, quality, &provenance()).unwrap();
            file.len()
        };
        let jpeg = |quality| size(FileFormat::Jpeg, quality);
        assert!(jpeg(Some(10)) < jpeg(None) && jpeg(None) < jpeg(Some(100)));
        assert_eq!(jpeg(Some(0)), jpeg(Some(1)));
        assert_eq!(
            size(FileFormat::Webp, Some(10)),
            size(FileFormat::Webp, None)
        );
    }

    #[test]
    fn jpeg_stays_close() {
        for channels in CHANNELS {
            let image = gradient(40, 24, channels);
            let bytes = encode(&image, FileFormat::Jpeg, &provenance()).unwrap();
            let decoded = decode(&bytes, &DecodeLimits::default()).unwrap();
            let expected = super::super::with_channels(&image, decoded.channels());
            let worst = decoded
                .pixels()
                .iter()
                .zip(expected.pixels())
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(worst <= Some(12), "{channels:?}: off by {worst:?}");
        }
    }

    #[test]
    fn every_file_says_where_it_came_from() {
        for format in FileFormat::ALL {
            for channels in CHANNELS {
                for (width, height) in [(1, 1), (28, 28), (31, 7)] {
                    let bytes =
                        encode(&gradient(width, height, channels), format, &provenance()).unwrap();
                    assert_eq!(FileFormat::sniff(&bytes), Some(format));
                    assert_eq!(read_provenance(&bytes).unwrap(), provenance().into());
                }
            }
        }
    }

    #[test]
    fn the_prompt_is_there_only_when_given() {
        let prompt = "a seven & a <nine>, số bảy";
        for format in FileFormat::ALL {
            let image = gradient(8, 8, Channels::Rgb);
            let asked = Provenance {
                prompt: Some(prompt.to_owned()),
                ..provenance()
            };
            let with = encode(&image, format, &asked).unwrap();
            let without = encode(&image, format, &provenance()).unwrap();
            assert_eq!(
                read_provenance(&with).unwrap().prompt.as_deref(),
                Some(prompt)
            );
            assert_eq!(read_provenance(&without).unwrap().prompt, None);
            assert!(!without.windows(6).any(|bytes| bytes == b"rompt>"));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        for format in FileFormat::ALL {
            let image = gradient(17, 9, Channels::Rgba);
            let [one, two] = [0, 1].map(|_| encode(&image, format, &provenance()).unwrap());
            assert_eq!(one, two, "{format}");
        }
    }

    #[test]
    fn sides_beyond_the_format_are_refused() {
        let long = Image::new(70_000, 1, Channels::Grey, vec![0; 70_000]).unwrap();
        assert!(encode(&long, FileFormat::Png, &provenance()).is_ok());
        for format in [FileFormat::Jpeg, FileFormat::Webp] {
            let error = encode(&long, format, &provenance()).unwrap_err();
            assert!(
                matches!(error, EncodeError::TooLarge { width: 70_000, .. }),
                "{error}"
            );
        }
    }
}
