//! What a tensor of numbers is as an image, as far as its shape and its numbers tell.

use crate::imaging::{Channels, Layout, ValueRange};
use crate::models::ImageSpec;
use crate::runtime::{ElementType, Tensor};

use super::remarks::Remarks;

/// Values below this are below zero for good, and not by an overshoot.
const BELOW_ZERO: f32 = -0.1;
/// Values above this are no fractions.
const ABOVE_FRACTIONS: f32 = 4.0;
/// Values beyond ±1 by more than this are worth a word.
const OVERSHOOT: f32 = 0.05;

/// What the importer was told, which nothing is guessed about.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) layout: Option<Layout>,
    pub(super) range: Option<ValueRange>,
    /// Width, height and channels.
    pub(super) size: Option<(u32, u32, Channels)>,
}

/// Reads outputs as images, or says that they are none.
///
/// `batched` is whether the graph's own tensor has an axis more, for the samples.
pub(super) fn read(
    outputs: &[Tensor],
    element: ElementType,
    batched: bool,
    told: &Told,
    remarks: &mut Remarks,
) -> Option<ImageSpec> {
    let mut shape = outputs.first()?.shape();
    while shape.len() > 3 && shape[0] == 1 {
        shape = &shape[1..];
    }
    let (layout, width, height, channels) = match told.size {
        Some((width, height, channels)) => {
            let found = sides(shape, batched).map(|found| found.0);
            let layout = told.layout.or(found).unwrap_or(Layout::Flat);
            (layout, width, height, channels)
        }
        None => {
            let (mut layout, width, height, channels) = sides(shape, batched)?;
            if let Some(told) = told.layout {
                layout = told;
            } else if layout == Layout::Flat {
                let what = format!(
                    "{} numbers are a square of {width} × {height} if there are {} channels",
                    shape[0],
                    channels.count()
                );
                remarks.guessed(&["picture", "width"], what);
            }
            (layout, width, height, channels)
        }
    };
    Some(ImageSpec {
        layout,
        range: told
            .range
            .unwrap_or_else(|| range(outputs, element, remarks)),
        width: Some(width),
        height: Some(height),
        channels,
    })
}

/// The layout and sides that a shape can be read as.
fn sides(shape: &[usize], batched: bool) -> Option<(Layout, u32, u32, Channels)> {
    let channels = |count: usize| match count {
        1 => Some(Channels::Grey),
        3 => Some(Channels::Rgb),
        4 => Some(Channels::Rgba),
        _ => None,
    };
    let (planar, interleaved) = if batched {
        (Layout::Nchw, Layout::Nhwc)
    } else {
        (Layout::Chw, Layout::Hwc)
    };
    let (layout, width, height, channels) = match *shape {
        [c, h, w] if channels(c).is_some() && w > 1 && h > 1 => (planar, w, h, channels(c)?),
        [h, w, c] if channels(c).is_some() && w > 1 && h > 1 => (interleaved, w, h, channels(c)?),
        [h, w] if w > 1 && h > 1 => (planar, w, h, Channels::Grey),
        [numbers] => {
            let square = |count: usize| {
                let side = (numbers / count).isqrt();
                (side > 1 && side * side * count == numbers).then_some((side, count))
            };
            let (side, count) = square(1).or_else(|| square(3)).or_else(|| square(4))?;
            (Layout::Flat, side, side, channels(count)?)
        }
        _ => return None,
    };
    let side = |side: usize| u32::try_from(side).ok();
    Some((layout, side(width)?, side(height)?, channels))
}

fn range(outputs: &[Tensor], element: ElementType, remarks: &mut Remarks) -> ValueRange {
    let field = &["picture", "range"];
    if element == ElementType::Uint8 {
        remarks.seen(field, "the graph gives bytes");
        return ValueRange::Byte;
    }
    let (least, greatest) = extremes(outputs);
    let seen = format!("values from {least:.2} to {greatest:.2} were seen");
    if greatest > ABOVE_FRACTIONS && least >= BELOW_ZERO {
        remarks.guessed(field, seen);
        return ValueRange::Byte;
    }
    let (range, low) = if least < BELOW_ZERO {
        (ValueRange::SignedUnit, -1.0)
    } else {
        (ValueRange::Unit, 0.0)
    };
    let clamped = least < low - OVERSHOOT || greatest > 1.0 + OVERSHOOT;
    let tail = if clamped {
        "; what lies outside the range is clamped"
    } else {
        ""
    };
    remarks.guessed(field, format!("{seen}{tail}"));
    range
}

fn extremes(outputs: &[Tensor]) -> (f32, f32) {
    let mut extremes = (f32::INFINITY, f32::NEG_INFINITY);
    for output in outputs {
        for &value in &output.clone().into_floats() {
            extremes = (extremes.0.min(value), extremes.1.max(value));
        }
    }
    extremes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], values: [f32; 2]) -> Tensor {
        let count = shape.iter().product();
        let numbers = values.into_iter().cycle().take(count).collect();
        Tensor::Float(ndarray::ArrayD::from_shape_vec(shape, numbers).unwrap())
    }

    fn guess(shape: &[usize], values: [f32; 2], batched: bool) -> Option<ImageSpec> {
        let outputs = [tensor(shape, values)];
        let element = ElementType::Float32;
        read(
            &outputs,
            element,
            batched,
            &Told::default(),
            &mut Remarks::default(),
        )
    }

    #[test]
    fn the_side_that_can_be_channels_says_the_layout() {
        let layout = |shape: &[usize], batched| {
            let spec = guess(shape, [-1.0, 1.0], batched).unwrap();
            (
                spec.layout,
                spec.width.unwrap(),
                spec.height.unwrap(),
                spec.channels,
            )
        };
        assert_eq!(
            layout(&[3, 20, 10], true),
            (Layout::Nchw, 10, 20, Channels::Rgb)
        );
        assert_eq!(
            layout(&[20, 10, 3], true),
            (Layout::Nhwc, 10, 20, Channels::Rgb)
        );
        assert_eq!(
            layout(&[8, 8, 1], false),
            (Layout::Hwc, 8, 8, Channels::Grey)
        );
        assert_eq!(
            layout(&[1, 1, 28, 28], true),
            (Layout::Nchw, 28, 28, Channels::Grey)
        );
        assert_eq!(layout(&[784], true), (Layout::Flat, 28, 28, Channels::Grey));
        assert_eq!(layout(&[3072], true), (Layout::Flat, 32, 32, Channels::Rgb));
        assert_eq!(
            layout(&[28, 28], true),
            (Layout::Nchw, 28, 28, Channels::Grey)
        );
    }

    #[test]
    fn what_is_no_image_is_none() {
        for shape in [&[1][..], &[7], &[64, 7, 7], &[1, 1, 1]] {
            assert_eq!(guess(shape, [0.0, 1.0], true), None, "{shape:?}");
        }
    }

    #[test]
    fn values_say_the_range() {
        let range = |values| guess(&[1, 8, 8], values, true).unwrap().range;
        assert_eq!(range([-0.98, 0.97]), ValueRange::SignedUnit);
        assert_eq!(range([-2.0, 3.0]), ValueRange::SignedUnit);
        assert_eq!(range([0.01, 0.99]), ValueRange::Unit);
        assert_eq!(range([-0.01, 1.02]), ValueRange::Unit);
        assert_eq!(range([0.0, 251.0]), ValueRange::Byte);
    }

    #[test]
    fn what_was_told_is_not_guessed() {
        let mut remarks = Remarks::default();
        let told = Told {
            range: Some(ValueRange::Unit),
            size: Some((4, 2, Channels::Rgb)),
            ..Told::default()
        };
        let outputs = [tensor(&[24], [-1.0, 1.0])];
        let spec = read(&outputs, ElementType::Float32, true, &told, &mut remarks).unwrap();
        assert_eq!(
            (spec.layout, spec.width, spec.height, spec.range),
            (Layout::Flat, Some(4), Some(2), ValueRange::Unit)
        );
        assert!(remarks.notes().is_empty());
    }
}
