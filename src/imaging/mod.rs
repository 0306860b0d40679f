//! Tensors in, picture files out, and the way back.
//!
//! A generative graph ends in a block of numbers, and what they mean as a picture is written
//! nowhere in it. This room turns them into pixels by the manifest's word ([`TensorFormat`]), into
//! files that say where they came from (`encode`), and reads callers' files back
//! under guard (`decode`). It is the only room that names a codec, and it knows nothing
//! of graphs or of HTTP.

mod picture;
mod layout;
mod tensor;
mod convert;
mod grid;
mod file;
mod provenance;
mod xmp;

pub use convert::with_channels;
pub use file::{FileFormat, UnknownFileFormat};
pub use grid::{GridError, grid};
pub use layout::{Layout, ValueRange};
pub use picture::{Channels, Picture, PictureError, UnknownChannels};
pub use provenance::{FoundProvenance, Provenance, SOFTWARE, TRAINED_ALGORITHMIC_MEDIA};
pub use tensor::{PaintError, SizeMismatch, TensorFormat};
