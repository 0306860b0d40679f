//! What a tensor of numbers is as an image, as far as its shape and its numbers tell.

use anyhow::bail;

use crate::imaging::{Channels, Layout, Standard, TensorFormat, ValueRange};
use crate::models::ImageSpec;
use crate::runtime::{ElementType, Tensor};

use super::remarks::Remarks;

/// Values below this are below zero for good, and not by an overshoot.
const BELOW_ZERO: f32 = -0.2;
/// Values above this are no fractions, nor what was normalised.
const ABOVE_FRACTIONS: f32 = 4.0;
/// Bytes that a graph doesn't clamp lie within these.
const UNCLAMPED_BYTES: (f32, f32) = (-512.0, 767.0);
/// Values beyond ±1 by more than this are worth a word.
const OVERSHOOT: f32 = 0.05;
/// What was normalised by `ImageNet`'s figures goes beyond this on both sides.
const BEYOND_TANH: f32 = 1.35;

/// What the importer was told, which nothing is guessed about.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) layout: Option<Layout>,
    pub(super) range: Option<ValueRange>,
    /// Width and height.
    pub(super) sides: Option<(u32, u32)>,
    pub(super) channels: Option<Channels>,
}

/// A reading of a shape.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shape {
    layout: Layout,
    width: u32,
    height: u32,
    channels: Channels,
}

/// Reads outputs as images; nothing if they are none.
///
/// `batched` is whether the graph's own tensor has an axis more, for the samples.
///
/// # Errors
/// They would be images, and not such as was told.
pub(super) fn read(
    outputs: &[Tensor],
    element: ElementType,
    batched: bool,
    told: &Told,
    remarks: &mut Remarks,
) -> anyhow::Result<Option<ImageSpec>> {
    let Some(first) = outputs.first() else {
        return Ok(None);
    };
    let mut shape = first.shape();
    while shape.len() > 3 && shape[0] == 1 {
        shape = &shape[1..];
    }
    let found = match shape {
        &[numbers] => flat(numbers, told)?,
        _ => sides(shape, batched),
    };
    let Some(mut found) = found else {
        return Ok(None);
    };
    hold(&found, shape, told)?;
    let range = match told.range {
        Some(range) => range,
        None => range(outputs, element, &found, remarks),
    };
    if let Some(layout) = told.layout {
        found.layout = layout;
    } else if shape.len() == 1 {
        found.layout = smoother(outputs, &found, range, remarks);
    }
    Ok(Some(ImageSpec {
        layout: found.layout,
        range,
        width: Some(found.width),
        height: Some(found.height),
        channels: found.channels,
    }))
}

/// Holds what was found against what was told: a flag is never ignored.
fn hold(found: &Shape, shape: &[usize], told: &Told) -> anyhow::Result<()> {
    if let Some((width, height)) = told.sides
        && (width, height) != (found.width, found.height)
    {
        let (w, h) = (found.width, found.height);
        bail!(
            "--width and --height say {width} × {height}, and the graph gives {shape:?}: {w} × {h}"
        );
    }
    if let Some(channels) = told.channels
        && channels != found.channels
    {
        let (told, has) = (channels.count(), found.channels.count());
        bail!("--channels says {told}, and the graph gives {shape:?}: {has}");
    }
    if let Some(layout) = told.layout {
        let grey = shape.len() == 2 && !layout.is_flat();
        let fits = layout == found.layout
            || layout.is_flat() && shape.len() == 1
            // One channel stands anywhere.
            || grey && layout.has_batch_axis() == found.layout.has_batch_axis();
        if !fits {
            bail!(
                "--layout says {}, and the graph gives {shape:?}: {}",
                spelled(layout),
                spelled(found.layout)
            );
        }
    }
    Ok(())
}

fn spelled(layout: Layout) -> String {
    let name = serde_json::to_value(layout).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// The sides of one vector: those that were told, or those of a square.
fn flat(numbers: usize, told: &Told) -> anyhow::Result<Option<Shape>> {
    let all = [Channels::Grey, Channels::Rgb, Channels::Rgba];
    let mut possible = all
        .into_iter()
        .filter(|&channels| told.channels.is_none_or(|told| told == channels));
    let shape = |width: u32, height: u32, channels| Shape {
        layout: Layout::Flat,
        width,
        height,
        channels,
    };
    if let Some((width, height)) = told.sides {
        let fits = |channels: &Channels| {
            numbers as u64 == u64::from(width) * u64::from(height) * channels.count() as u64
        };
        return match possible.find(fits) {
            Some(channels) => Ok(Some(shape(width, height, channels))),
            None => bail!(
                "the graph gives {numbers} numbers, which is no {width} × {height} pixels of 1, 3 or 4 channels"
            ),
        };
    }
    let square = |channels: Channels| {
        let count = channels.count();
        let side = (numbers / count).isqrt();
        let whole = side > 1 && side * side * count == numbers;
        let side = u32::try_from(side).ok().filter(|_| whole)?;
        Some(shape(side, side, channels))
    };
    let found = possible.find_map(square);
    if let (None, Some(channels)) = (found, told.channels) {
        let count = channels.count();
        bail!(
            "the graph gives {numbers} numbers, which is no square of {count} channels; say --width and --height"
        );
    }
    Ok(found)
}

/// The layout and sides that a shape of two or three axes can be read as.
fn sides(shape: &[usize], batched: bool) -> Option<Shape> {
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
        _ => return None,
    };
    let side = |side: usize| u32::try_from(side).ok();
    Some(Shape {
        layout,
        width: side(width)?,
        height: side(height)?,
        channels,
    })
}

/// Of one vector's two readings the one in which neighbours differ less.
fn smoother(outputs: &[Tensor], found: &Shape, range: ValueRange, remarks: &mut Remarks) -> Layout {
    let Shape {
        width,
        height,
        channels,
        ..
    } = *found;
    let count = channels.count();
    let square = format!("{width} × {height} with {count} channels");
    remarks.guessed(
        &["picture", "width"],
        format!("the graph gives one vector: {square}"),
    );
    if channels == Channels::Grey {
        return Layout::Flat;
    }
    let roughness = |layout: Layout| {
        let format = TensorFormat {
            layout,
            range,
            width,
            height,
            channels,
        };
        let images = outputs.iter().filter_map(|output| {
            format
                .paint(output.clone().into_floats().view())
                .ok()
                .map(|image| rough(image.pixels(), width as usize, count))
        });
        images.sum::<f64>() / outputs.len().max(1) as f64
    };
    let (interleaved, planar) = (roughness(Layout::Flat), roughness(Layout::FlatChw));
    let (layout, less, more) = if planar < interleaved {
        (Layout::FlatChw, planar, interleaved)
    } else {
        (Layout::Flat, interleaved, planar)
    };
    let (name, other) = match layout {
        Layout::FlatChw => ("flat-chw", "flat-hwc"),
        _ => ("flat-hwc", "flat-chw"),
    };
    remarks.guessed(
        &["picture", "layout"],
        format!(
            "as {name} neighbouring pixels differ by {less:.1} of 255, as {other} by {more:.1}; \
             --layout says otherwise"
        ),
    );
    layout
}

/// The mean difference between neighbours, of interleaved pixels.
fn rough(pixels: &[u8], width: usize, channels: usize) -> f64 {
    let row = width * channels;
    let differ = |apart: usize| {
        let pairs = pixels.iter().zip(pixels.iter().skip(apart));
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>()
    };
    (differ(channels) + differ(row)) / (2 * pixels.len().max(1)) as f64
}

fn range(
    outputs: &[Tensor],
    element: ElementType,
    shape: &Shape,
    remarks: &mut Remarks,
) -> ValueRange {
    let field = &["picture", "range"];
    if element == ElementType::Uint8 {
        remarks.seen(field, "the graph gives bytes");
        return ValueRange::Byte;
    }
    let (least, greatest) = extremes(outputs.iter().flat_map(floats));
    if element.is_integer() {
        let labels = "whole numbers come out, the labels of a map; they become shades of grey";
        remarks.guessed(field, format!("{labels}, of which {greatest} is white"));
        return ValueRange::Bounds {
            black: 0.0,
            white: greatest.max(1.0),
        };
    }
    let seen = format!("values from {least:.2} to {greatest:.2} were seen");
    if let Some(range) = normalised(outputs, shape) {
        let taken = "; taken for what is normalised as for ImageNet";
        remarks.guessed(field, format!("{seen}{taken}"));
        return range;
    }
    let beyond = |low: f32, high: f32| {
        let slack = OVERSHOOT * (high - low).min(2.0);
        if least < low - slack || greatest > high + slack {
            "; what lies outside the range is clamped"
        } else {
            ""
        }
    };
    let (low, high) = UNCLAMPED_BYTES;
    if greatest > ABOVE_FRACTIONS {
        if least > low && greatest < high {
            remarks.guessed(field, format!("{seen}{}", beyond(0.0, 255.0)));
            return ValueRange::Byte;
        }
        let range = ValueRange::Bounds {
            black: least.floor(),
            white: greatest.ceil(),
        };
        remarks.guessed(
            field,
            format!("{seen}; taken for black and white, and --range says what they are"),
        );
        return range;
    }
    let range = if least < BELOW_ZERO {
        ValueRange::SignedUnit
    } else {
        ValueRange::Unit
    };
    let (low, high) = range.bounds();
    remarks.guessed(field, format!("{seen}{}", beyond(low, high)));
    range
}

/// `ImageNet`'s mean and deviation, if the channels' values lie as theirs do.
fn normalised(outputs: &[Tensor], shape: &Shape) -> Option<ValueRange> {
    let range = ValueRange::Standard(Standard::IMAGENET);
    if shape.channels != Channels::Rgb || shape.layout.is_flat() {
        return None;
    }
    let planar = shape.layout.is_planar();
    let plane = (shape.width * shape.height) as usize;
    (0..3)
        .all(|channel| {
            let (low, high) = (range.from_byte(channel, 0), range.from_byte(channel, 255));
            let values = outputs.iter().flat_map(|output| {
                let values = floats(output);
                let (skip, step) = if planar {
                    (channel * plane, 1)
                } else {
                    (channel, 3)
                };
                values.into_iter().skip(skip).step_by(step).take(plane)
            });
            let (least, greatest) = extremes(values);
            least > low - OVERSHOOT
                && greatest < high + OVERSHOOT
                && least < -BEYOND_TANH
                && greatest > BEYOND_TANH
        })
        .then_some(range)
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.clone().into_floats().into_iter().collect()
}

fn extremes(values: impl Iterator<Item = f32>) -> (f32, f32) {
    let all = (f32::INFINITY, f32::NEG_INFINITY);
    values.fold(all, |(least, greatest), value| {
        (least.min(value), greatest.max(value))
    })
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
        .unwrap()
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
        assert_eq!(range([-12.0, 267.0]), ValueRange::Byte);
        let free = ValueRange::Bounds {
            black: -1000.0,
            white: 3000.0,
        };
        assert_eq!(range([-1000.0, 3000.0]), free);
    }

    #[test]
    fn what_was_normalised_as_for_imagenet_is_known_by_its_channels() {
        let imagenet = ValueRange::Standard(Standard::IMAGENET);
        let values: Vec<f32> = (0..3)
            .flat_map(|channel| [0, 255, 128, 40].map(|byte| imagenet.from_byte(channel, byte)))
            .collect();
        let image = ndarray::ArrayD::from_shape_vec(vec![3, 2, 2], values).unwrap();
        let mut remarks = Remarks::default();
        let outputs = [Tensor::Float(image)];
        let told = Told::default();
        let spec = read(&outputs, ElementType::Float32, true, &told, &mut remarks);
        assert_eq!(spec.unwrap().unwrap().range, imagenet);
    }

    #[test]
    fn of_one_vector_the_smoother_reading_is_taken() {
        // A slope in each channel, each from another brightness on.
        let side = 8;
        let value = |channel: usize, at: usize| channel as f32 * 0.4 + at as f32 / 640.0;
        let planes = (0..3).flat_map(|c| (0..side * side).map(move |at| value(c, at)));
        let pixels = (0..side * side).flat_map(|at| (0..3).map(move |c| value(c, at)));
        for (numbers, layout) in [
            (planes.collect::<Vec<f32>>(), Layout::FlatChw),
            (pixels.collect(), Layout::Flat),
        ] {
            let mut remarks = Remarks::default();
            let told = Told::default();
            let outputs = [Tensor::vector(numbers)];
            let spec = read(&outputs, ElementType::Float32, true, &told, &mut remarks);
            assert_eq!(spec.unwrap().unwrap().layout, layout);
            let said = remarks
                .lines(super::super::remarks::Certainty::Guessed)
                .join("\n");
            assert!(
                said.contains("flat-chw") && said.contains("flat-hwc"),
                "{said}"
            );
        }
    }

    fn told(outputs: &[Tensor], told: &Told) -> Result<Option<ImageSpec>, String> {
        let mut remarks = Remarks::default();
        read(outputs, ElementType::Float32, true, told, &mut remarks)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_told_is_not_guessed() {
        let wanted = Told {
            layout: Some(Layout::FlatChw),
            range: Some(ValueRange::Unit),
            sides: Some((4, 2)),
            channels: Some(Channels::Rgb),
        };
        let outputs = [tensor(&[24], [-1.0, 1.0])];
        let spec = told(&outputs, &wanted).unwrap().unwrap();
        assert_eq!(
            (spec.layout, spec.width, spec.height, spec.range),
            (Layout::FlatChw, Some(4), Some(2), ValueRange::Unit)
        );
    }

    #[test]
    fn a_flag_that_cannot_be_honoured_is_refused() {
        let wide = [tensor(&[3, 8, 4], [-1.0, 1.0])];
        let vector = [tensor(&[3072], [-1.0, 1.0])];
        let any = Told::default;
        let cases = [
            (
                &wide,
                Told {
                    layout: Some(Layout::Nhwc),
                    ..any()
                },
                "--layout says nhwc",
            ),
            (
                &wide,
                Told {
                    layout: Some(Layout::Flat),
                    ..any()
                },
                "--layout says flat",
            ),
            (
                &wide,
                Told {
                    sides: Some((8, 4)),
                    ..any()
                },
                "--width and --height say 8 × 4",
            ),
            (
                &wide,
                Told {
                    channels: Some(Channels::Grey),
                    ..any()
                },
                "--channels says 1",
            ),
            (
                &vector,
                Told {
                    channels: Some(Channels::Rgba),
                    ..any()
                },
                "no square of 4 channels",
            ),
            (
                &vector,
                Told {
                    sides: Some((7, 7)),
                    ..any()
                },
                "no 7 × 7 pixels",
            ),
            (
                &vector,
                Told {
                    layout: Some(Layout::Nchw),
                    ..any()
                },
                "--layout says nchw",
            ),
        ];
        for (outputs, wanted, words) in cases {
            let error = told(outputs, &wanted).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
