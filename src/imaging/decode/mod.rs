//! Callers' files to pixels, under guard.
//!
//! A file of a few kilobytes can announce gigabytes of pixels, so the sides are read and weighed
//! before anything is allocated for them. What a file is, its content says: names and media types
//! are claims.

use std::io::Cursor;
use std::time::Duration;

use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError};

use super::{Channels, FileFormat, Image};
use crate::language::Message;
use crate::memory::{Budget, NoRoom};
use crate::message;

/// How long an image waits for the memory that others are being unpacked in.
const PATIENCE: Duration = Duration::from_secs(10);

/// How large a file may be, and how large an image it may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Bytes of the file.
    pub max_bytes: usize,
    /// Width × height.
    pub max_pixels: u64,
    /// What pixels are counted against before there is room for them.
    pub budget: Budget,
}

/// 16 MiB and 16 megapixels: what a phone's photograph needs.
impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_pixels: 16_000_000,
            budget: Budget::endless(),
        }
    }
}

/// Reads a PNG, JPEG or WebP file: 8 bits for each channel, upright by its EXIF orientation.
///
/// Palettes become RGB, 16-bit samples are rounded to 8, grey with alpha becomes RGBA, and of an
/// animation the first frame is taken. Colour profiles are ignored: pixels are read as sRGB.
///
/// # Errors
/// [`DecodeError`], which tells a caller's file that is too large from one that is damaged.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Image, DecodeError> {
    if bytes.len() > limits.max_bytes {
        return Err(DecodeError::TooManyBytes {
            found: bytes.len(),
            max: limits.max_bytes,
        });
    }
    let format = FileFormat::sniff(bytes).ok_or(DecodeError::UnknownFormat)?;
    if !ends_where_it_should(format, bytes) {
        return Err(DecodeError::Truncated { format });
    }
    read(bytes, format, limits).map_err(|error| named(error, format, limits))
}

/// Width and height of the image in a PNG, JPEG or WebP file, upright; nothing where its head is damaged.
pub fn sides(bytes: &[u8]) -> Option<(u32, u32)> {
    fn upright(mut decoder: impl ImageDecoder) -> (u32, u32) {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        let (width, height) = decoder.dimensions();
        match decoder.orientation() {
            Ok(Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH) => (height, width),
            _ => (width, height),
        }
    }
    let file = Cursor::new(bytes);
    match FileFormat::sniff(bytes)? {
        FileFormat::Png | FileFormat::Apng => PngDecoder::new(file).ok().map(upright),
        FileFormat::Jpeg => JpegDecoder::new(file).ok().map(upright),
        FileFormat::Webp | FileFormat::WebpAnimation => WebPDecoder::new(file).ok().map(upright),
        FileFormat::Gif => None,
    }
}

/// A file that is no image we read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("{}", self.message())]
    UnknownFormat,
    #[error("{}", self.message())]
    TooManyBytes { found: usize, max: usize },
    #[error("{}", self.message())]
    TooManyPixels { width: u32, height: u32, max: u64 },
    #[error("{}", self.message())]
    TooMuchMemory { format: FileFormat, max: u64 },
    #[error("{}", self.message())]
    NoRoom { no_room: NoRoom, pixels: u64 },
    #[error("{}", self.message())]
    Truncated { format: FileFormat },
    #[error("{}", self.message())]
    Damaged {
        format: FileFormat,
        source: ImageError,
    },
}

impl DecodeError {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::UnknownFormat => message!("the image must be a PNG, JPEG or WebP file"),
            Self::TooManyBytes { found, max } => message!(
                "the image file has {found} bytes; at most {max} are read",
                found,
                max
            ),
            Self::TooManyPixels { width, height, max } => message!(
                "the image has {width}×{height} pixels; at most {max} are read",
                width,
                height,
                max
            ),
            Self::TooMuchMemory { format, max } => message!(
                "the {format} file would take more memory than an image of {max} pixels may",
                format,
                max
            ),
            Self::NoRoom { no_room, pixels } => message!("{no_room}; {fitting}")
                .with("no_room", no_room.message())
                .with("fitting", fitting(*no_room, *pixels)),
            Self::Truncated { format } => {
                message!("the {format} file ends before its image does", format)
            }
            // What the decoder says of it is English, and for the log.
            Self::Damaged { format, .. } => message!(
                "the {format} file is damaged; save or download it again",
                format
            ),
        }
    }
}

/// What would fit, or when.
fn fitting(no_room: NoRoom, pixels: u64) -> Message {
    match no_room {
        NoRoom::Never { wanted, total } => {
            let fitting = u128::from(pixels) * u128::from(total) / u128::from(wanted.max(1));
            message!("one of at most {pixels} pixels would fit", pixels = fitting)
        }
        NoRoom::Now { .. } => message!("try again later"),
    }
}

enum ReadError {
    TooManyPixels { width: u32, height: u32 },
    NoRoom { no_room: NoRoom, pixels: u64 },
    Image(ImageError),
}

impl From<ImageError> for ReadError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

fn read(bytes: &[u8], format: FileFormat, limits: &DecodeLimits) -> Result<Image, ReadError> {
    let file = Cursor::new(bytes);
    match format {
        FileFormat::Png | FileFormat::Apng => {
            pixels(PngDecoder::with_limits(file, image_limits(limits))?, limits)
        }
        FileFormat::Jpeg => pixels(JpegDecoder::new(file)?, limits),
        FileFormat::Webp | FileFormat::WebpAnimation => pixels(WebPDecoder::new(file)?, limits),
        FileFormat::Gif => Err(ReadError::Image(not_read())),
    }
}

/// GIF files are written and not read.
fn not_read() -> ImageError {
    let gif = image::error::ImageFormatHint::Exact(image::ImageFormat::Gif);
    ImageError::Unsupported(gif.into())
}

fn pixels(mut decoder: impl ImageDecoder, limits: &DecodeLimits) -> Result<Image, ReadError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(ReadError::TooManyPixels { width, height });
    }
    decoder.set_limits(image_limits(limits))?;
    // Given back at the end of this function, when the image has its final, smallest form.
    let pixels = u64::from(width) * u64::from(height);
    let room = limits.budget.reserve_blocking(peak(&decoder), PATIENCE);
    let _room = room.map_err(|no_room| ReadError::NoRoom { no_room, pixels })?;
    // An image whose EXIF cannot be read is still an image.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(to_image(image))
}

/// Bytes that decoding takes at its worst: the samples as they are in the file, what the decoder
/// keeps beside them (a progressive JPEG's coefficients, a WebP's frame), and a copy of them turned
/// upright, with 8 bits for each channel.
fn peak(decoder: &impl ImageDecoder) -> u64 {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let samples = decoder.total_bytes();
    samples
        .saturating_mul(2)
        .saturating_add(pixels.saturating_mul(6))
        .saturating_add(1 << 20)
}

fn to_image(image: DynamicImage) -> Image {
    let (width, height) = (image.width(), image.height());
    let color = image.color();
    let (channels, pixels) = match (color.has_color(), color.has_alpha()) {
        (false, false) => (Channels::Grey, image.into_luma8().into_raw()),
        (true, false) => (Channels::Rgb, image.into_rgb8().into_raw()),
        (_, true) => (Channels::Rgba, image.into_rgba8().into_raw()),
    };
    Image::new(width, height, channels, pixels).expect("a decoded image fills its sides")
}

/// Sixteen-bit RGBA takes 8 bytes for each pixel, and decoders keep rows, tables and text besides.
fn image_limits(limits: &DecodeLimits) -> image::Limits {
    let mut image_limits = image::Limits::no_limits();
    image_limits.max_alloc = Some(limits.max_pixels.saturating_mul(8).saturating_add(8 << 20));
    image_limits
}

/// Whether the file reaches its own end. Decoders of JPEG, and some of WebP, paint the missing part
/// grey and say nothing, which a caller would take for an image.
fn ends_where_it_should(format: FileFormat, bytes: &[u8]) -> bool {
    match format {
        // Its decoder notices.
        FileFormat::Png | FileFormat::Apng | FileFormat::Gif => true,
        // An end marker (ff d9) after the first start of scan (ff da): within a scan the byte after
        // ff is escaped, so that nothing else looks like it.
        FileFormat::Jpeg => {
            let find = |marker: [u8; 2]| move |pair: &[u8]| pair == marker;
            let scan = bytes.windows(2).position(find([0xff, 0xda]));
            scan.is_some_and(|scan| bytes[scan..].windows(2).any(find([0xff, 0xd9])))
        }
        FileFormat::Webp | FileFormat::WebpAnimation => bytes
            .get(4..8)
            .and_then(|size| size.try_into().ok())
            .is_some_and(|size| u32::from_le_bytes(size) as usize <= bytes.len() - 8),
    }
}

fn named(error: ReadError, format: FileFormat, limits: &DecodeLimits) -> DecodeError {
    match error {
        ReadError::TooManyPixels { width, height } => DecodeError::TooManyPixels {
            width,
            height,
            max: limits.max_pixels,
        },
        ReadError::NoRoom { no_room, pixels } => DecodeError::NoRoom { no_room, pixels },
        ReadError::Image(ImageError::Limits(_)) => DecodeError::TooMuchMemory {
            format,
            max: limits.max_pixels,
        },
        ReadError::Image(ImageError::IoError(error))
            if error.kind() == std::io::ErrorKind::UnexpectedEof =>
        {
            DecodeError::Truncated { format }
        }
        ReadError::Image(source) => DecodeError::Damaged { format, source },
    }
}

#[cfg(test)]
mod tests;
