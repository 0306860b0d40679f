//! How a mask goes into a graph that fills in what it marks.

use crate::families::shared::bound::Bindings;
use crate::families::shared::offload::{in_place, pixels_of};
use crate::imaging::{Channels, Image};
use crate::models::TensorRole;
use crate::runtime::{Port, Tensor};

/// The input that is the mask, as the graph takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::families) struct MaskInput {
    axes: Axes,
    /// Whether it takes bytes, 0 to 255, rather than 0 to 1.
    bytes: bool,
    /// Whether white is what stays.
    inverse: bool,
}

/// The axes of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axes {
    ChannelFirst,
    ChannelLast,
    NoChannel,
}

impl MaskInput {
    /// That of a graph, if it takes a mask.
    pub(super) fn of(bindings: &Bindings, ports: &[Port]) -> Option<Self> {
        let masks = |role: &TensorRole| matches!(role, TensorRole::Mask | TensorRole::InverseMask);
        let (name, role) = bindings.takes().find(|(_, role)| masks(role))?;
        let port = ports.iter().find(|port| port.name == *name)?;
        let axes = match port.dims.get(1..) {
            Some([first, _, Some(1)]) if *first != Some(1) => Axes::ChannelLast,
            Some([_, _, _]) => Axes::ChannelFirst,
            _ => Axes::NoChannel,
        };
        Some(Self {
            axes,
            bytes: port.element.is_integer(),
            inverse: *role == TensorRole::InverseMask,
        })
    }

    /// A mask, white where the image is to be filled in, as the graph takes it.
    pub(super) fn tensor(&self, mask: &Image) -> Tensor {
        debug_assert_eq!(mask.channels(), Channels::Grey);
        let (width, height) = (mask.width() as usize, mask.height() as usize);
        let shape: &[usize] = match self.axes {
            Axes::ChannelFirst => &[1, height, width],
            Axes::ChannelLast => &[height, width, 1],
            Axes::NoChannel => &[height, width],
        };
        let white = if self.bytes { 255.0 } else { 1.0 };
        // Nets were trained with masks of two values.
        let value = |grey: &u8| {
            if (*grey >= 128) == self.inverse {
                0.0
            } else {
                white
            }
        };
        let values = in_place(pixels_of(mask), || {
            mask.pixels().iter().map(value).collect()
        });
        ndarray::ArrayD::from_shape_vec(shape, values)
            .expect("a grey image has one number for each pixel")
            .into()
    }
}
