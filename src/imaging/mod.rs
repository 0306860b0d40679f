//! Tensors in, image files out, and the way back.
//!
//! A generative graph ends in a block of numbers, and what they mean as an image is written
//! nowhere in it. This room turns them into pixels by the manifest's word ([`TensorFormat`]), into
//! files that say where they came from ([`encode()`], [`Provenance`]), and reads callers' files back
//! under guard ([`decode()`], [`fit()`]). It is the only room that names a codec, and it knows nothing
//! of graphs or of HTTP.
//!
//! ```
//! use atelier::imaging::{Channels, FileFormat, Layout, Provenance, TensorFormat, ValueRange};
//! use atelier::imaging::encode;
//!
//! let format = TensorFormat {
//!     layout: Layout::Nchw,
//!     range: ValueRange::SignedUnit,
//!     width: 28,
//!     height: 28,
//!     channels: Channels::Grey,
//! };
//! let sample = ndarray::ArrayD::<f32>::zeros(format.shape());
//! let image = format.paint(sample.view())?;
//! let file = encode(&image, FileFormat::Png, &Provenance::default())?;
//! assert!(file.starts_with(b"\x89PNG"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod pixels;
mod layout;
mod range;
mod tensor;
mod blend;
mod convert;
mod cutout;
mod difference;
mod fit;
mod grid;
mod inpaint;
mod luma;
mod file;
mod manifests;
mod provenance;
mod xmp;
mod encode;
mod decode;
mod metadata;
mod text;
mod window;
pub mod mask;
pub mod signing;
pub mod verify;

pub use self::pixels::{Channels, Image, ImageError, UnknownChannels};
pub use blend::{blended, grained};
pub use convert::{over, with_channels};
pub use cutout::cut_out;
pub use decode::{DecodeError, DecodeLimits, decode, sides};
pub use difference::Difference;
pub use encode::{EncodeError, Timing, animate, encode, encode_at};
pub use file::{FileFormat, UnknownFileFormat};
pub use fit::fit;
pub use grid::{GridError, grid, grid_sides};
pub use inpaint::{Region, composited, filled, masked_region, softened};
pub use layout::Layout;
pub use luma::coloured;
pub use manifests::Unread;
pub use metadata::{DamagedFile, MetadataError, read_provenance};
pub use provenance::{
    COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA, FoundProvenance, Provenance, SOFTWARE,
    TRAINED_ALGORITHMIC_MEDIA,
};
pub use range::{InvalidRange, Standard, ValueRange};
pub use tensor::{PaintError, SizeMismatch, TensorFormat};
pub use text::{read_texts, with_text};
pub use window::{Mosaic, Strip, window};
