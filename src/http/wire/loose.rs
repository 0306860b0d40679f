//! Numbers and switches as forms and scripts send them: `4`, `4.0`, `"4"`, `"true"`.
//!
//! The native dialect is strict, since whoever writes for it reads its documentation. The dialects of
//! other services are spoken by clients that exist, and form fields are always text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A whole number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct LooseWhole(pub(in crate::http) u64);

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::http) struct LooseNumber(pub(in crate::http) f32);

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct LooseFlag(pub(in crate::http) bool);

/// A seed; a negative one asks for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct LooseSeed(pub(in crate::http) Option<u64>);

/// What a value was found to be.
enum Found {
    Number(f64),
    Whole(i128),
    Flag(bool),
}

struct Reader(&'static str);

impl Visitor<'_> for Reader {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Found, E> {
        Ok(Found::Flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Found, E> {
        Ok(Found::Whole(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Found, E> {
        Ok(Found::Whole(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Found, E> {
        Ok(Found::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Found, E> {
        let text = text.trim();
        if let Ok(whole) = text.parse::<i128>() {
            return Ok(Found::Whole(whole));
        }
        match (text.to_ascii_lowercase().as_str(), text.parse::<f64>()) {
            ("true", _) => Ok(Found::Flag(true)),
            ("false", _) => Ok(Found::Flag(false)),
            (_, Ok(number)) => Ok(Found::Number(number)),
            (_, Err(_)) => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

impl Found {
    fn read<'de, D: Deserializer<'de>>(from: D, expected: &'static str) -> Result<Self, D::Error> {
        from.deserialize_any(Reader(expected))
    }

    /// As a whole number, also where it was written as `4.0`.
    fn whole(&self) -> Option<i128> {
        match *self {
            Self::Whole(whole) => Some(whole),
            #[expect(clippy::cast_possible_truncation, reason = "it was looked at before")]
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                Some(number as i128)
            }
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for LooseWhole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a whole number from 0";
        let found = Found::read(deserializer, expected)?;
        let whole = found.whole().and_then(|whole| u64::try_from(whole).ok());
        whole
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("expected {expected}")))
    }
}

impl<'de> Deserialize<'de> for LooseSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a whole number of at most 64 bits, where -1 is any";
        let found = Found::read(deserializer, expected)?;
        let whole = found.whole().filter(|&whole| whole <= u64::MAX.into());
        let whole = whole.ok_or_else(|| D::Error::custom(format!("expected {expected}")))?;
        Ok(Self(u64::try_from(whole).ok()))
    }
}

impl<'de> Deserialize<'de> for LooseNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a number";
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "graphs calculate with 32 bits"
        )]
        let number = match Found::read(deserializer, expected)? {
            Found::Number(number) => number as f32,
            Found::Whole(whole) => whole as f32,
            Found::Flag(_) => f32::NAN,
        };
        if number.is_finite() {
            return Ok(Self(number));
        }
        Err(D::Error::custom(format!("expected {expected}")))
    }
}

impl<'de> Deserialize<'de> for LooseFlag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "true or false";
        match Found::read(deserializer, expected)? {
            Found::Flag(flag) => Ok(Self(flag)),
            Found::Whole(0) => Ok(Self(false)),
            Found::Whole(1) => Ok(Self(true)),
            _ => Err(D::Error::custom(format!("expected {expected}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_may_be_text_or_end_in_nothing() {
        for text in ["4", "4.0", "\"4\"", "\" 4.0 \""] {
            assert_eq!(read(text), Ok(LooseWhole(4)), "{text}");
            assert_eq!(read(text), Ok(LooseNumber(4.0)), "{text}");
        }
        for text in ["-1", "4.5", "\"four\"", "true", "[]", "1e300"] {
            assert!(read::<LooseWhole>(text).is_err(), "{text}");
        }
        for text in ["1e300", "\"inf\"", "\"nan\"", "false"] {
            assert!(read::<LooseNumber>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn negative_seeds_are_any() {
        assert_eq!(read("-1"), Ok(LooseSeed(None)));
        assert_eq!(read("\"-1\""), Ok(LooseSeed(None)));
        assert_eq!(read("7"), Ok(LooseSeed(Some(7))));
        let large = 6_687_881_544_318_117_707;
        assert_eq!(read("6687881544318117707"), Ok(LooseSeed(Some(large))));
        assert_eq!(read("\"6687881544318117707\""), Ok(LooseSeed(Some(large))));
        for text in ["7.5", "18446744073709551616", "\"18446744073709551616\""] {
            assert!(read::<LooseSeed>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn switches_may_be_text() {
        for (text, flag) in [
            ("true", true),
            ("\"False\"", false),
            ("1", true),
            ("0", false),
        ] {
            assert_eq!(read(text), Ok(LooseFlag(flag)), "{text}");
        }
        assert!(read::<LooseFlag>("2").is_err());
    }
}
