//! The two facts about an image tensor that its graph cannot say, named as in a manifest.
//!
//! An ONNX graph declares dimensions, but not which of them are rows, nor whether -1 or 0 is
//! black. Guessing either paints nonsense without an error, so a manifest states both.

use serde::{Deserialize, Serialize};

use super::Channels;

/// The order in which a tensor lists its channels, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `[N, C, H, W]`: PyTorch's order, one plane for each channel.
    Nchw,
    /// `[N, H, W, C]`: TensorFlow's order, channels interleaved.
    Nhwc,
    /// `[C, H, W]`, with no batch axis.
    Chw,
    /// `[H, W, C]`, with no batch axis.
    Hwc,
    /// `[N, H × W × C]`: interleaved pixels in one vector, as a fully connected network ends.
    Flat,
}

impl Layout {
    /// The shape of one sample in this layout, without a batch axis.
    pub fn shape(self, width: u32, height: u32, channels: Channels) -> Vec<usize> {
        let (width, height, channels) = (width as usize, height as usize, channels.count());
        match self {
            Self::Nchw | Self::Chw => vec![channels, height, width],
            Self::Nhwc | Self::Hwc => vec![height, width, channels],
            Self::Flat => vec![height.saturating_mul(width).saturating_mul(channels)],
        }
    }

    /// Whether the graph's own tensor has a leading batch axis.
    pub fn has_batch_axis(self) -> bool {
        matches!(self, Self::Nchw | Self::Nhwc | Self::Flat)
    }

    /// Whether all of one channel stands before the next one begins.
    pub fn is_planar(self) -> bool {
        matches!(self, Self::Nchw | Self::Chw)
    }
}

/// The numbers that stand for black and white. Values beyond them are clamped, never stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ValueRange {
    /// −1 is black and 1 is white: what a `tanh` ends in.
    #[serde(rename = "-1..1")]
    SignedUnit,
    /// 0 is black and 1 is white: what a sigmoid ends in.
    #[serde(rename = "0..1")]
    Unit,
    /// 0 is black and 255 is white.
    #[serde(rename = "0..255")]
    Byte,
}

impl ValueRange {
    /// The byte for a value: clamped to the range, scaled, and rounded to the nearest.
    ///
    /// A value halfway between two bytes goes to the even one, because that is what
    /// `numpy.round` does in diffusers' `VaeImageProcessor`, whose bytes these are meant to equal. The
    /// operations and their order are the same for the same reason. NaN becomes 0; `paint`
    /// refuses it before it gets here.
    pub fn to_byte(self, value: f32) -> u8 {
        let scaled = match self {
            Self::SignedUnit => (value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0,
            Self::Unit => value.clamp(0.0, 1.0) * 255.0,
            Self::Byte => value.clamp(0.0, 255.0),
        };
        // `round_ties_even` is a library call for each value where the processor is not known to
        // have SSE4.1. Here the addition rounds instead, to even, as all of IEEE 754 does: the sum
        // is so large that it has no bits for a fraction.
        const NO_FRACTION: f32 = 12_582_912.0; // 1.5 × 2²³
        ((scaled + NO_FRACTION) - NO_FRACTION) as u8
    }

    /// The value that stands for a byte; [`to_byte`](Self::to_byte) takes it back exactly.
    pub fn from_byte(self, byte: u8) -> f32 {
        let byte = f32::from(byte);
        match self {
            Self::SignedUnit => byte / 255.0 * 2.0 - 1.0,
            Self::Unit => byte / 255.0,
            Self::Byte => byte,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_manifest() {
        let name = |value| serde_json::to_string(&value).unwrap();
        let layouts = [
            Layout::Nchw,
            Layout::Nhwc,
            Layout::Chw,
            Layout::Hwc,
            Layout::Flat,
        ];
        assert_eq!(
            layouts.map(name),
            ["nchw", "nhwc", "chw", "hwc", "flat"].map(quoted)
        );
        let name = |value| serde_json::to_string(&value).unwrap();
        let ranges = [ValueRange::SignedUnit, ValueRange::Unit, ValueRange::Byte];
        assert_eq!(ranges.map(name), ["-1..1", "0..1", "0..255"].map(quoted));
    }

    fn quoted(text: &str) -> String {
        format!("\"{text}\"")
    }

    #[test]
    fn black_and_white_are_the_ends_and_the_rest_is_clamped() {
        for (range, black, white) in [
            (ValueRange::SignedUnit, -1.0, 1.0),
            (ValueRange::Unit, 0.0, 1.0),
            (ValueRange::Byte, 0.0, 255.0),
        ] {
            assert_eq!((range.to_byte(black), range.to_byte(white)), (0, 255));
            assert_eq!(
                (range.to_byte(black - 9.0), range.to_byte(white + 9.0)),
                (0, 255)
            );
            assert_eq!((range.from_byte(0), range.from_byte(255)), (black, white));
        }
    }

    #[test]
    fn bytes_are_rounded_to_the_nearest_and_halves_to_even() {
        for step in 0..=255 * 64 {
            let value = step as f32 / 64.0;
            let byte = ValueRange::Byte.to_byte(value);
            assert_eq!(f32::from(byte), value.round_ties_even(), "{value}");
        }
    }

    #[test]
    fn halves_round_to_the_even_byte_as_numpy_does() {
        // numpy: (np.float32([0.5, 1.5, 126.5, 127.5])).round() == [0, 2, 126, 128]
        let bytes = [0.5, 1.5, 126.5, 127.5].map(|value| ValueRange::Byte.to_byte(value));
        assert_eq!(bytes, [0, 2, 126, 128]);
        assert_eq!(ValueRange::SignedUnit.to_byte(0.0), 128);
        assert_eq!(ValueRange::Unit.to_byte(0.3), 76);
    }

    #[test]
    fn every_byte_survives_every_range() {
        for range in [ValueRange::SignedUnit, ValueRange::Unit, ValueRange::Byte] {
            for byte in 0..=255 {
                assert_eq!(range.to_byte(range.from_byte(byte)), byte, "{range:?}");
            }
        }
    }
}
