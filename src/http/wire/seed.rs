//! Seeds: any unsigned 64-bit number, as a number or as text.
//!
//! JavaScript rounds numbers above 2⁵³, so what must arrive as it is comes as text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Seed(pub(in crate::http) u64);

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Seed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", u64::MAX)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Seed, E> {
        Ok(Seed(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Seed, E> {
        let seed = u64::try_from(number);
        seed.map(Seed)
            .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seed, E> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let seed = text.parse().ok().filter(|_| digits);
        seed.map(Seed)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_64_bits_and_may_be_text() {
        let read = |text| serde_json::from_str::<Seed>(text).ok();
        assert_eq!(read("7"), Some(Seed(7)));
        assert_eq!(read("18446744073709551615"), Some(Seed(u64::MAX)));
        let text = "\"6687881544318117707\"";
        assert_eq!(read(text), Some(Seed(6_687_881_544_318_117_707)));
        for wrong in [
            "-1",
            "1.5",
            "\"\"",
            "\"+7\"",
            "\"seven\"",
            "18446744073709551616",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
