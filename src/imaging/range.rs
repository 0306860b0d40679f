//! The numbers that stand for black and white, as a manifest writes them.
//!
//! A graph says nowhere whether -1 or 0 is black. Most end in a `tanh`, a sigmoid or bytes; some in
//! bounds of their own, and some take what was normalised channel by channel, as networks do that
//! were trained beside a classifier of `ImageNet`.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// The numbers that stand for black and white. Values beyond them are clamped, never stretched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRange {
    /// `"-1..1"`: −1 is black and 1 is white, what a `tanh` ends in.
    SignedUnit,
    /// `"0..1"`: 0 is black and 1 is white, what a sigmoid ends in.
    Unit,
    /// `"0..255"`: 0 is black and 255 is white.
    Byte,
    /// `[-0.5, 0.5]`: the first number is black and the second white.
    Bounds { black: f32, white: f32 },
    /// `{ mean = […], deviation = […] }`: of a value in 0..1, less its channel's mean, divided by
    /// its channel's deviation.
    Standard(Standard),
}

/// A mean and a deviation for each channel; the last ones hold for channels beyond those written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    mean: [f32; 4],
    deviation: [f32; 4],
}

const NAMES: [(&str, ValueRange); 3] = [
    ("-1..1", ValueRange::SignedUnit),
    ("0..1", ValueRange::Unit),
    ("0..255", ValueRange::Byte),
];

impl ValueRange {
    /// The byte for a channel's value: clamped to the range, scaled, and rounded to the nearest.
    ///
    /// A value halfway between two bytes goes to the even one, because that is what
    /// `numpy.round` does in diffusers' `VaeImageProcessor`, whose bytes these are meant to equal. The
    /// operations and their order are the same for the same reason. NaN becomes 0; `paint`
    /// refuses it before it gets here.
    pub fn to_byte(self, channel: usize, value: f32) -> u8 {
        let scaled = self.level(channel, value);
        // `round_ties_even` is a library call for each value where the processor is not known to
        // have SSE4.1. Here the addition rounds instead, to even, as all of IEEE 754 does: the sum
        // is so large that it has no bits for a fraction.
        const NO_FRACTION: f32 = 12_582_912.0; // 1.5 × 2²³
        ((scaled + NO_FRACTION) - NO_FRACTION) as u8
    }

    /// The same before it is rounded: 0 to 255.
    pub fn level(self, channel: usize, value: f32) -> f32 {
        match self {
            Self::SignedUnit => (value * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0,
            Self::Unit => value.clamp(0.0, 1.0) * 255.0,
            Self::Byte => value.clamp(0.0, 255.0),
            Self::Bounds { black, white } => {
                ((value - black) / (white - black)).clamp(0.0, 1.0) * 255.0
            }
            Self::Standard(standard) => standard.undo(channel, value).clamp(0.0, 1.0) * 255.0,
        }
    }

    /// The value that stands for a channel's byte; [`to_byte`](Self::to_byte) takes it back exactly.
    pub fn from_byte(self, channel: usize, byte: u8) -> f32 {
        let byte = f32::from(byte);
        match self {
            Self::SignedUnit => byte / 255.0 * 2.0 - 1.0,
            Self::Unit => byte / 255.0,
            Self::Byte => byte,
            Self::Bounds { black, white } => byte / 255.0 * (white - black) + black,
            Self::Standard(standard) => standard.apply(channel, byte / 255.0),
        }
    }

    /// The least and the greatest value that is not clamped, of any channel.
    pub fn bounds(self) -> (f32, f32) {
        match self {
            Self::SignedUnit => (-1.0, 1.0),
            Self::Unit => (0.0, 1.0),
            Self::Byte => (0.0, 255.0),
            Self::Bounds { black, white } => (black.min(white), black.max(white)),
            Self::Standard(standard) => {
                let of = |value: f32| (0..4).map(move |channel| standard.apply(channel, value));
                (
                    of(0.0).fold(f32::INFINITY, f32::min),
                    of(1.0).fold(f32::NEG_INFINITY, f32::max),
                )
            }
        }
    }

    /// Refuses numbers that no image could have.
    ///
    /// # Errors
    /// [`InvalidRange`], a sentence that goes after the field's name.
    pub fn check(self) -> Result<(), InvalidRange> {
        match self {
            Self::Bounds { black, white } => {
                let apart = black.is_finite() && white.is_finite() && black != white;
                apart
                    .then_some(())
                    .ok_or(InvalidRange::Bounds { black, white })
            }
            Self::Standard(Standard { mean, deviation }) => {
                let finite = mean.iter().all(|mean| mean.is_finite());
                let positive = |deviation: &f32| deviation.is_finite() && *deviation > 0.0;
                (finite && deviation.iter().all(positive))
                    .then_some(())
                    .ok_or(InvalidRange::Standard)
            }
            Self::SignedUnit | Self::Unit | Self::Byte => Ok(()),
        }
    }
}

/// Numbers that no image could have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum InvalidRange {
    /// Black and white are the same, or none.
    #[error("found [{black:?}, {white:?}], expected two finite numbers that differ: black, white")]
    Bounds {
        /// What stands for black.
        black: f32,
        /// What stands for white.
        white: f32,
    },
    /// A mean or a deviation is none.
    #[error("expected finite means, and deviations that are finite and above 0")]
    Standard,
}

impl Standard {
    /// What torchvision's pretrained networks take.
    pub const IMAGENET: Self = Self {
        mean: [0.485, 0.456, 0.406, 0.406],
        deviation: [0.229, 0.224, 0.225, 0.225],
    };

    /// One number for all channels, or one for each; nothing where there is none, or too many.
    pub fn new(mean: &[f32], deviation: &[f32]) -> Option<Self> {
        let spread = |numbers: &[f32]| {
            let last = numbers.last().filter(|_| numbers.len() <= 4)?;
            Some(std::array::from_fn(|channel| {
                *numbers.get(channel).unwrap_or(last)
            }))
        };
        Some(Self {
            mean: spread(mean)?,
            deviation: spread(deviation)?,
        })
    }

    fn apply(self, channel: usize, value: f32) -> f32 {
        (value - self.mean[channel]) / self.deviation[channel]
    }

    fn undo(self, channel: usize, value: f32) -> f32 {
        value * self.deviation[channel] + self.mean[channel]
    }
}

/// As a manifest writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStandard {
    mean: Vec<f32>,
    deviation: Vec<f32>,
}

impl Serialize for ValueRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bounds { black, white } => [black, white].serialize(serializer),
            Self::Standard(Standard { mean, deviation }) => {
                // What is repeated at the end needs not be written.
                let short = |numbers: &[f32; 4]| {
                    let mut numbers = numbers.to_vec();
                    while let [.., before, last] = numbers[..]
                        && before == last
                    {
                        numbers.pop();
                    }
                    numbers
                };
                let written = WrittenStandard {
                    mean: short(mean),
                    deviation: short(deviation),
                };
                written.serialize(serializer)
            }
            named => {
                let name = NAMES.iter().find(|(_, range)| range == named);
                serializer.serialize_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

impl<'de> Deserialize<'de> for ValueRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Range;

        impl<'de> Visitor<'de> for Range {
            type Value = ValueRange;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "\"-1..1\", \"0..1\", \"0..255\", [black, white] or \
                     { mean = […], deviation = […] }",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ValueRange, E> {
                let named = NAMES.iter().find(|(name, _)| *name == text);
                named
                    .map(|(_, range)| *range)
                    .ok_or_else(|| E::unknown_variant(text, &["-1..1", "0..1", "0..255"]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ValueRange, A::Error> {
                let mut numbers: Vec<f32> = Vec::new();
                while let Some(number) = list.next_element()? {
                    numbers.push(number);
                }
                match numbers[..] {
                    [black, white] => Ok(ValueRange::Bounds { black, white }),
                    _ => Err(de::Error::invalid_length(numbers.len(), &"[black, white]")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<ValueRange, A::Error> {
                let written = WrittenStandard::deserialize(MapAccessDeserializer::new(table))?;
                let standard = Standard::new(&written.mean, &written.deviation);
                standard.map(ValueRange::Standard).ok_or_else(|| {
                    de::Error::custom("mean and deviation hold one number, or one for each channel")
                })
            }
        }

        deserializer.deserialize_any(Range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [ValueRange; 6] {
        [
            ValueRange::SignedUnit,
            ValueRange::Unit,
            ValueRange::Byte,
            ValueRange::Bounds {
                black: -12.0,
                white: 267.0,
            },
            // White on black, as ink is.
            ValueRange::Bounds {
                black: 0.5,
                white: -0.5,
            },
            ValueRange::Standard(Standard::IMAGENET),
        ]
    }

    #[test]
    fn a_range_is_read_as_it_is_written() {
        let written = |range: ValueRange| serde_json::to_value(range).unwrap();
        assert_eq!(written(ValueRange::SignedUnit), "-1..1");
        assert_eq!(
            written(ValueRange::Standard(Standard::IMAGENET))["mean"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        for range in all() {
            assert_eq!(
                serde_json::from_value::<ValueRange>(written(range)).unwrap(),
                range
            );
        }
        let wrong = serde_json::from_str::<ValueRange>("\"0..2\"").unwrap_err();
        assert!(
            wrong.to_string().contains("unknown variant `0..2`"),
            "{wrong}"
        );
        assert!(serde_json::from_str::<ValueRange>("[1]").is_err());
        assert!(serde_json::from_str::<ValueRange>("{\"mean\": [], \"deviation\": [1]}").is_err());
    }

    #[test]
    fn numbers_that_no_image_could_have_are_refused() {
        let flat = ValueRange::Bounds {
            black: 1.0,
            white: 1.0,
        };
        assert!(flat.check().is_err());
        let none = Standard::new(&[0.5], &[0.0]).map(ValueRange::Standard);
        assert!(none.unwrap().check().is_err());
        assert!(all().into_iter().all(|range| range.check().is_ok()));
    }

    #[test]
    fn black_and_white_are_the_ends_and_the_rest_is_clamped() {
        for (range, black, white) in [
            (ValueRange::SignedUnit, -1.0, 1.0),
            (ValueRange::Unit, 0.0, 1.0),
            (ValueRange::Byte, 0.0, 255.0),
        ] {
            assert_eq!((range.to_byte(0, black), range.to_byte(0, white)), (0, 255));
            assert_eq!(
                (range.to_byte(0, black - 9.0), range.to_byte(0, white + 9.0)),
                (0, 255)
            );
            assert_eq!(
                (range.from_byte(0, 0), range.from_byte(0, 255)),
                (black, white)
            );
            assert_eq!(range.bounds(), (black, white));
        }
    }

    #[test]
    fn bytes_are_rounded_to_the_nearest_and_halves_to_even() {
        for step in 0..=255 * 64 {
            let value = step as f32 / 64.0;
            let byte = ValueRange::Byte.to_byte(0, value);
            assert_eq!(f32::from(byte), value.round_ties_even(), "{value}");
        }
    }

    #[test]
    fn halves_round_to_the_even_byte_as_numpy_does() {
        // numpy: (np.float32([0.5, 1.5, 126.5, 127.5])).round() == [0, 2, 126, 128]
        let bytes = [0.5, 1.5, 126.5, 127.5].map(|value| ValueRange::Byte.to_byte(0, value));
        assert_eq!(bytes, [0, 2, 126, 128]);
        assert_eq!(ValueRange::SignedUnit.to_byte(0, 0.0), 128);
        assert_eq!(ValueRange::Unit.to_byte(0, 0.3), 76);
    }

    #[test]
    fn every_byte_survives_every_range() {
        for range in all() {
            for channel in 0..4 {
                for byte in 0..=255 {
                    let value = range.from_byte(channel, byte);
                    assert_eq!(range.to_byte(channel, value), byte, "{range:?}");
                }
            }
        }
    }
}
