//! What an image tensor is, from what the manifest says and what the graph really yields.

use super::mismatch::Mismatch;
use crate::imaging::{Layout, TensorFormat, ValueRange};
use crate::language::Message;
use crate::message;
use crate::models::ImageSpec;
use crate::runtime::{Port, Tensor};

/// The part of the range by which values may leave it unremarked: generators overshoot a little.
const SLACK: f32 = 0.05;

/// Holds the manifest's image against a real output.
///
/// # Errors
/// [`Mismatch`], when the two disagree.
pub(in crate::families) fn resolve(
    spec: &ImageSpec,
    shape: &[usize],
) -> Result<TensorFormat, Mismatch> {
    let channels = spec.channels.count();
    let mut sides = shape;
    while sides.len() > 3 && sides[0] == 1 {
        sides = &sides[1..];
    }
    let found = match (spec.layout, sides) {
        (Layout::Flat | Layout::FlatChw, _) => None,
        (Layout::Nchw | Layout::Chw, &[c, h, w]) => Some((c, h, w)),
        (Layout::Nhwc | Layout::Hwc, &[h, w, c]) => Some((c, h, w)),
        (_, &[h, w]) => Some((1, h, w)),
        _ => {
            return Err(Mismatch::Layout {
                layout: spec.layout,
                shape: shape.to_vec(),
            });
        }
    };
    let stated = |side: Option<u32>| side.map(|side| side as usize);
    let (width, height) = match found {
        None => {
            let sides = stated(spec.width).zip(stated(spec.height));
            let (width, height) = sides.ok_or_else(|| {
                let both = "picture.width and picture.height";
                Mismatch::Missing(both.to_owned())
            })?;
            let numbers: usize = shape.iter().product();
            if width * height * channels != numbers {
                return Err(Mismatch::Length {
                    width,
                    height,
                    channels,
                    numbers,
                });
            }
            (width, height)
        }
        Some((c, h, w)) => {
            let agrees = c == channels
                && stated(spec.width).is_none_or(|width| width == w)
                && stated(spec.height).is_none_or(|height| height == h);
            if !agrees {
                return Err(Mismatch::Sides {
                    shape: shape.to_vec(),
                    layout: spec.layout,
                    width: w,
                    height: h,
                    channels: c,
                });
            }
            (w, h)
        }
    };
    let side = |side: usize| u32::try_from(side).map_err(|_| Mismatch::TooLarge);
    Ok(TensorFormat {
        layout: spec.layout,
        range: spec.range,
        width: side(width)?,
        height: side(height)?,
        channels: spec.channels,
    })
}

/// The sides that a graph insists on.
pub(in crate::families) fn sides(spec: &ImageSpec, port: &Port) -> Option<(u32, u32)> {
    let dims = &port.dims[..];
    let (height, width) = match (spec.layout, dims) {
        (layout, _) if layout.is_flat() => return spec.width.zip(spec.height),
        (Layout::Nchw | Layout::Chw, [.., height, width]) => (height, width),
        (Layout::Nhwc | Layout::Hwc, [.., height, width, _]) => (height, width),
        _ => return None,
    };
    let side = |side: &Option<usize>| side.and_then(|side| u32::try_from(side).ok());
    side(width).zip(side(height))
}

/// What is remarkable about the values of real outputs, held against the stated range.
pub(in crate::families) fn remarks(range: ValueRange, outputs: &[Tensor]) -> Vec<Message> {
    let mut least = f32::INFINITY;
    let mut greatest = f32::NEG_INFINITY;
    for output in outputs {
        for &value in output.clone().into_floats().iter() {
            least = least.min(value);
            greatest = greatest.max(value);
        }
    }
    let (low, high) = range.bounds();
    let slack = SLACK * (high - low);
    let mut remarks = Vec::new();
    if least < low - slack || greatest > high + slack {
        remarks.push(message!(
            "values from {least} to {greatest} were seen and the stated range is {low} to {high}; what lies \
             outside is clamped",
            least = format_args!("{least:.2}"),
            greatest = format_args!("{greatest:.2}"),
            low,
            high
        ));
    }
    if range == ValueRange::SignedUnit && least >= 0.0 && greatest > least {
        remarks.push(message!("no value below 0 was seen; the range may be 0..1"));
    }
    if range == ValueRange::Byte && greatest <= 1.0 && greatest > least {
        remarks.push(message!("no value above 1 was seen; the range may be 0..1"));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Channels;

    fn spec(layout: Layout) -> ImageSpec {
        ImageSpec {
            layout,
            range: ValueRange::SignedUnit,
            width: None,
            height: None,
            channels: Channels::Rgb,
        }
    }

    #[test]
    fn the_graph_tells_the_sides() {
        let format = resolve(&spec(Layout::Nchw), &[3, 20, 10]).expect("an image");
        assert_eq!((format.width, format.height), (10, 20));
        let format = resolve(&spec(Layout::Nhwc), &[20, 10, 3]).expect("an image");
        assert_eq!((format.width, format.height), (10, 20));
    }

    #[test]
    fn a_wrong_channel_count_is_said() {
        let error = resolve(&spec(Layout::Nchw), &[1, 20, 10])
            .expect_err("one channel")
            .to_string();
        assert!(error.contains("1 channels"), "{error}");
    }

    #[test]
    fn a_flat_output_needs_sides_that_fit() {
        let mut flat = spec(Layout::Flat);
        (flat.width, flat.height) = (Some(4), Some(4));
        assert!(resolve(&flat, &[48]).is_ok());
        assert!(resolve(&flat, &[49]).is_err());
    }

    #[test]
    fn values_far_outside_the_range_are_remarked() {
        let wild = [Tensor::vector(vec![-3.0, 3.0])];
        assert_eq!(remarks(ValueRange::SignedUnit, &wild).len(), 1);
        let tame = [Tensor::vector(vec![-0.9, 1.01])];
        assert!(remarks(ValueRange::SignedUnit, &tame).is_empty());
        let unit = [Tensor::vector(vec![0.1, 0.9])];
        assert_eq!(remarks(ValueRange::SignedUnit, &unit).len(), 1);
    }
}
