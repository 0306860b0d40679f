//! Which of a tensor's dimensions are rows, columns and channels, named as in a manifest.
//!
//! An ONNX graph declares dimensions and not what they are. Guessing paints nonsense without an
//! error, so a manifest states it.

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
    /// `[N, H × W × C]`: interleaved pixels in one vector, as a fully connected network ends; also
    /// written `flat-hwc`.
    #[serde(alias = "flat-hwc")]
    Flat,
    /// `[N, C × H × W]`: one vector, in which all of one channel stands before the next one.
    #[serde(rename = "flat-chw")]
    FlatChw,
}

impl Layout {
    /// The shape of one sample in this layout, without a batch axis.
    pub fn shape(self, width: u32, height: u32, channels: Channels) -> Vec<usize> {
        let (width, height, channels) = (width as usize, height as usize, channels.count());
        match self {
            Self::Nchw | Self::Chw => vec![channels, height, width],
            Self::Nhwc | Self::Hwc => vec![height, width, channels],
            Self::Flat | Self::FlatChw => {
                vec![height.saturating_mul(width).saturating_mul(channels)]
            }
        }
    }

    /// Whether the graph's own tensor has a leading batch axis.
    pub fn has_batch_axis(self) -> bool {
        !matches!(self, Self::Chw | Self::Hwc)
    }

    /// Whether all of one channel stands before the next one begins.
    pub fn is_planar(self) -> bool {
        matches!(self, Self::Nchw | Self::Chw | Self::FlatChw)
    }

    /// Whether a sample is one vector, whose shape doesn't tell the image's sides.
    pub fn is_flat(self) -> bool {
        matches!(self, Self::Flat | Self::FlatChw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_manifest() {
        let layouts = [
            (Layout::Nchw, "nchw"),
            (Layout::Nhwc, "nhwc"),
            (Layout::Chw, "chw"),
            (Layout::Hwc, "hwc"),
            (Layout::Flat, "flat"),
            (Layout::FlatChw, "flat-chw"),
        ];
        for (layout, name) in layouts {
            assert_eq!(serde_json::to_value(layout).unwrap(), name);
            assert_eq!(
                serde_json::from_value::<Layout>(name.into()).unwrap(),
                layout
            );
        }
        let interleaved = serde_json::from_value::<Layout>("flat-hwc".into());
        assert_eq!(interleaved.unwrap(), Layout::Flat);
    }
}
