//! Pixels, and nothing else: what every codec, every tensor and every resize meets in the middle.
//!
//! One pixel type (`u8`, interleaved) keeps the rest of the room free of generics. Atelier's
//! models paint for screens, so nothing here needs sixteen bits for each channel.

use serde::{Deserialize, Serialize};

/// An image: `height` × `width` pixels of `u8` channels, row-major and interleaved.
///
/// Colour is sRGB and alpha is straight (not premultiplied), as PNG and WebP store them. Sides are
/// at least 1, and the pixel count always matches them.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    channels: Channels,
    pixels: Vec<u8>,
}

impl Image {
    /// Takes pixels in row-major, interleaved order: `pixels.len()` is height × width × channels.
    ///
    /// # Errors
    /// [`ImageError`] when a side is 0, or when the length is another.
    pub fn new(
        width: u32,
        height: u32,
        channels: Channels,
        pixels: Vec<u8>,
    ) -> Result<Self, ImageError> {
        if width == 0 || height == 0 {
            return Err(ImageError::Empty { width, height });
        }
        let expected = u128::from(width) * u128::from(height) * channels.count() as u128;
        if pixels.len() as u128 != expected {
            return Err(ImageError::Length {
                expected,
                found: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            channels,
            pixels,
        })
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    pub fn channels(&self) -> Channels {
        self.channels
    }

    /// Row-major, interleaved: the channel c of pixel (x, y) is at `(y * width + x) * channels + c`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}

/// The sides and channels only: a log line must never hold the pixels themselves.
impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Image({}×{} {:?})",
            self.width, self.height, self.channels
        )
    }
}

/// What a pixel is made of. In a manifest it is its number: 1, 3 or 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Channels {
    Grey,
    Rgb,
    Rgba,
}

impl Channels {
    /// 1, 3 or 4.
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

impl TryFrom<u8> for Channels {
    type Error = UnknownChannels;

    fn try_from(count: u8) -> Result<Self, UnknownChannels> {
        match count {
            1 => Ok(Self::Grey),
            3 => Ok(Self::Rgb),
            4 => Ok(Self::Rgba),
            _ => Err(UnknownChannels { count }),
        }
    }
}

impl From<Channels> for u8 {
    fn from(channels: Channels) -> Self {
        match channels {
            Channels::Grey => 1,
            Channels::Rgb => 3,
            Channels::Rgba => 4,
        }
    }
}

/// A channel count that is no kind of pixel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an image has 1 (grey), 3 (RGB) or 4 (RGBA) channels, not {count}")]
pub struct UnknownChannels {
    pub count: u8,
}

/// Pixels and sides that do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    #[error("both sides of an image must be at least 1, not {width}×{height}")]
    Empty { width: u32, height: u32 },
    #[error("the pixels must be {expected} bytes (height × width × channels), not {found}")]
    Length { expected: u128, found: usize },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_must_match_the_sides() {
        assert!(Image::new(2, 3, Channels::Rgb, vec![0; 18]).is_ok());
        assert_eq!(
            Image::new(2, 3, Channels::Rgb, vec![0; 17]),
            Err(ImageError::Length {
                expected: 18,
                found: 17
            })
        );
        // The product of these sides does not fit in 64 bits with its channels.
        assert!(Image::new(u32::MAX, u32::MAX, Channels::Rgba, vec![0; 4]).is_err());
    }

    #[test]
    fn an_image_has_sides() {
        let error = Image::new(0, 3, Channels::Grey, Vec::new()).unwrap_err();
        assert_eq!(
            error,
            ImageError::Empty {
                width: 0,
                height: 3
            }
        );
    }

    #[test]
    fn channels_are_their_number_in_a_manifest() {
        for (number, channels) in [
            ("1", Channels::Grey),
            ("3", Channels::Rgb),
            ("4", Channels::Rgba),
        ] {
            assert_eq!(serde_json::from_str::<Channels>(number).unwrap(), channels);
            assert_eq!(serde_json::to_string(&channels).unwrap(), number);
            assert_eq!(channels.count().to_string(), number);
        }
        let error = serde_json::from_str::<Channels>("2").unwrap_err();
        assert!(error.to_string().contains("not 2"), "{error}");
    }

    #[test]
    fn debug_never_prints_pixels() {
        let image = Image::new(2, 1, Channels::Grey, vec![77, 78]).unwrap();
        assert_eq!(format!("{image:?}"), "Image(2×1 Grey)");
    }
}
