//! `watermark.toml`: what a pair of graphs is, and what its tensors mean.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::code::BITS;
use crate::imaging::{InvalidRange, Layout, ValueRange};
use crate::models::read_text;

/// The file's name in its folder.
const FILE: &str = "watermark.toml";
/// The form of it that is known here.
const SCHEMA: u32 = 1;
/// Below this there is no room for so many bits.
const LEAST_SIDE: u32 = 32;
/// An image that has to be larger is one that hardly anybody makes.
const MOST_SIDE: u32 = 4096;

/// A pair, as its folder describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema: u32,
    pub(super) title: String,
    #[serde(rename = "code")]
    _code: Code,
    /// Bits that an image carries.
    bits: usize,
    /// Images with a smaller side carry none.
    pub(super) least_side: u32,
    pub(super) encoder: EncoderSpec,
    pub(super) decoder: DecoderSpec,
    /// Words for people, which are read by nobody here.
    #[serde(default, rename = "license")]
    _license: Option<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

/// How a payload becomes bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Code {
    /// 43 of 127 bits, of which 14 may be wrong.
    #[serde(rename = "bch-127-43")]
    Bch127,
}

/// What hides bits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EncoderSpec {
    pub(super) file: String,
    /// The input that takes an image.
    pub(super) image: String,
    /// The input that takes the bits.
    pub(super) bits: String,
    /// The output that is the image with them.
    pub(super) marked: String,
    #[serde(default = "nchw")]
    pub(super) layout: Layout,
    #[serde(default = "unit")]
    pub(super) range: ValueRange,
    /// The numbers that stand for a bit that is 0, and for one that is 1.
    #[serde(default = "zero_and_one")]
    pub(super) bit_values: [f32; 2],
}

/// What reads them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecoderSpec {
    pub(super) file: String,
    /// The input that takes an image.
    pub(super) image: String,
    /// The output with a number for each bit.
    pub(super) logits: String,
    #[serde(default = "nchw")]
    pub(super) layout: Layout,
    #[serde(default = "unit")]
    pub(super) range: ValueRange,
    /// Above it, a number stands for a bit that is 1.
    #[serde(default)]
    pub(super) threshold: f32,
}

fn nchw() -> Layout {
    Layout::Nchw
}

fn unit() -> ValueRange {
    ValueRange::Unit
}

fn zero_and_one() -> [f32; 2] {
    [0.0, 1.0]
}

/// A description that can't be used.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct ManifestError {
    path: PathBuf,
    reason: ManifestFault,
}

#[derive(Debug, Error)]
enum ManifestFault {
    #[error("cannot read it: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("line {line}: {reason}")]
    Syntax { line: usize, reason: String },
    #[error("schema is {found}; {SCHEMA} is what this version reads")]
    Schema { found: u32 },
    #[error("bits is {found}; the code bch-127-43 makes {BITS}, and there is no other code here")]
    Bits { found: usize },
    #[error("least_side is {found}; expected {LEAST_SIDE} to {MOST_SIDE}")]
    Side { found: u32 },
    #[error("{part}.file is {file:?}; expected the name of a file in the same folder")]
    File { part: &'static str, file: String },
    #[error("{part}.layout: expected nchw or nhwc")]
    Layout { part: &'static str },
    #[error("{part}.range: {reason}")]
    Range {
        part: &'static str,
        reason: InvalidRange,
    },
    #[error("encoder.bit_values: expected two different numbers")]
    BitValues,
    #[error("decoder.threshold: expected a number")]
    Threshold,
}

impl Manifest {
    /// Reads the description in a folder.
    ///
    /// # Errors
    /// [`ManifestError`] names the file, and what is wrong with it.
    pub(super) fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(FILE);
        let read = || Self::parse(&read_text(&path)?);
        read().map_err(|reason| ManifestError { path, reason })
    }

    fn parse(text: &str) -> Result<Self, ManifestFault> {
        let manifest: Self = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.bytes().take(start);
            ManifestFault::Syntax {
                line: before.filter(|&byte| byte == b'\n').count() + 1,
                reason: error.message().trim().replace('\n', "; "),
            }
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), ManifestFault> {
        if self.schema != SCHEMA {
            let found = self.schema;
            return Err(ManifestFault::Schema { found });
        }
        if self.bits != BITS {
            return Err(ManifestFault::Bits { found: self.bits });
        }
        if !(LEAST_SIDE..=MOST_SIDE).contains(&self.least_side) {
            let found = self.least_side;
            return Err(ManifestFault::Side { found });
        }
        let (encoder, decoder) = (&self.encoder, &self.decoder);
        for (part, file, layout, range) in [
            ("encoder", &encoder.file, encoder.layout, encoder.range),
            ("decoder", &decoder.file, decoder.layout, decoder.range),
        ] {
            let plain = Path::new(file)
                .file_name()
                .is_some_and(|name| name == &**file);
            if !plain {
                let file = file.clone();
                return Err(ManifestFault::File { part, file });
            }
            if !matches!(layout, Layout::Nchw | Layout::Nhwc) {
                return Err(ManifestFault::Layout { part });
            }
            let checked = range.check();
            checked.map_err(|reason| ManifestFault::Range { part, reason })?;
        }
        let [zero, one] = encoder.bit_values;
        if !(zero.is_finite() && one.is_finite()) || zero == one {
            return Err(ManifestFault::BitValues);
        }
        if !decoder.threshold.is_finite() {
            return Err(ManifestFault::Threshold);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../watermark/watermark.toml");

    #[test]
    fn the_one_that_ships_is_read() {
        let manifest = Manifest::parse(SHIPPED).expect("it ships");
        assert_eq!(manifest.least_side, 128);
        assert_eq!(manifest.encoder.bit_values, [0.0, 1.0]);
    }

    #[test]
    fn what_cannot_be_used_is_told_by_its_name() {
        for (from, to, says) in [
            ("schema = 1", "schema = 2", "schema is 2; 1 is what"),
            (
                "bits = 127",
                "bits = 100",
                "bits is 100; the code bch-127-43 makes 127",
            ),
            ("\"bch-127-43\"", "\"none\"", "unknown variant `none`"),
            ("least_side = 128", "least_side = 8", "expected 32 to 4096"),
            ("\"encoder.onnx\"", "\"../encoder.onnx\"", "encoder.file is"),
            ("layout = \"nchw\"", "layout = \"flat\"", "encoder.layout"),
            ("range = \"0..1\"", "range = [1, 1]", "encoder.range"),
            (
                "bit_values = [0, 1]",
                "bit_values = [1, 1]",
                "two different",
            ),
            ("threshold = 0", "threshold = nan", "decoder.threshold"),
            ("title =", "titel =", "unknown field `titel`"),
        ] {
            let text = SHIPPED.replacen(from, to, 1);
            assert_ne!(text, SHIPPED, "{from}");
            let error = Manifest::parse(&text).expect_err(to).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
