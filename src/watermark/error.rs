//! Why a pair of graphs can't be used, in sentences for whoever described it.

use std::path::PathBuf;

use thiserror::Error;

use super::code::BITS;
use super::manifest::ManifestError;
use crate::families::Failure;
use crate::runtime::LoadError;

/// A pair that can't be used.
#[derive(Debug, Error)]
pub enum WatermarkError {
    /// Its description.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A graph that doesn't load or run.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A graph's file.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A name of the description that the graph doesn't know.
    #[error("the {part} has no {side} {name:?}; it has {}", known.join(", "))]
    NoPort {
        /// Which of the two graphs.
        part: &'static str,
        /// Input or output.
        side: &'static str,
        /// What the description says.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// An input that nothing is known of.
    #[error("the {part} also takes {port:?}, and there is nothing to give it")]
    Unfed {
        /// Which of the two graphs.
        part: &'static str,
        /// The input.
        port: String,
    },
    /// An input of another shape.
    #[error("the {part}'s input {port} has the shape {found:?}; expected {wanted}")]
    Shape {
        /// Which of the two graphs.
        part: &'static str,
        /// The input.
        port: String,
        /// Its axes, none where they are open.
        found: Vec<Option<usize>>,
        /// What was expected.
        wanted: String,
    },
    /// An image could not be given to it.
    #[error(transparent)]
    Given(#[from] Failure),
    /// What the encoder makes is no image.
    #[error("the encoder makes no image of its input's size: {0}")]
    NoImage(Failure),
    /// What the decoder makes are no bits.
    #[error("the decoder doesn't give {BITS} numbers: {0}")]
    NoBits(Failure),
    /// It gives another answer each time.
    #[error("the {part} gives another answer each time, and one seed must give one picture")]
    Random {
        /// Which of the two graphs.
        part: &'static str,
    },
    /// Everybody sees it.
    #[error(
        "a marked picture differs from the plain one by {psnr:.1} dB, which everybody sees; is encoder.range right?"
    )]
    Visible {
        /// Decibels of the peak signal to the noise.
        psnr: f64,
    },
    /// It doesn't read what it wrote.
    #[error(
        "what the encoder hid in trial picture {image} was not read back by the decoder; do they belong together, and are their ranges right?"
    )]
    Unread {
        /// Which picture, from 1.
        image: usize,
    },
    /// It reads what isn't there.
    #[error("the decoder reads a watermark in a picture that carries none")]
    ReadsAnything,
}
