//! Numbers that say in plain words what was expected, and lists of them.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use utoipa::ToSchema;

/// A whole number from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Whole(pub(in crate::http) u64);

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::http) struct Number(pub(in crate::http) f32);

/// A list of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Vector(pub(in crate::http) Vec<f32>);

/// One vector, or a list of vectors.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Vectors(pub(in crate::http) Vec<Vec<f32>>);

/// Where images start from.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Latents)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(in crate::http) enum VectorsWire {
    /// One latent.
    #[schema(title = "Vector")]
    One(Vec<f32>),
    /// One latent for each image.
    #[schema(title = "Vectors")]
    Many(Vec<Vec<f32>>),
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                u64::try_from(number)
                    .map(Whole)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
            }
        }

        deserializer.deserialize_u64(Reader)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f32(NumberReader)
    }
}

struct NumberReader;

impl Visitor<'_> for NumberReader {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
        finite(number).map(Number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(number as f32))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
        Ok(Number(number as f32))
    }
}

/// Graphs calculate with 32 bits, and an infinity is no latent.
fn finite<E: Error>(number: f64) -> Result<f32, E> {
    let narrow = number as f32;
    if narrow.is_finite() {
        return Ok(narrow);
    }
    let expected = "a number between -3.4e38 and 3.4e38";
    Err(E::invalid_value(Unexpected::Float(number), &expected))
}

/// What stands in a list that may be one vector or hold several.
enum Item {
    Number(f32),
    Vector(Vec<f32>),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a list of numbers")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Item, E> {
                finite(number).map(Item::Number)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Item, E> {
                Ok(Item::Number(number as f32))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Item, E> {
                Ok(Item::Number(number as f32))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Item, A::Error> {
                vector(list).map(Item::Vector)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Vectors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Vectors;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers, or a list of such lists")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vectors, A::Error> {
                let mixed = || A::Error::custom("numbers and lists of numbers stand side by side");
                let mut numbers = Vec::new();
                let mut vectors = Vec::new();
                while let Some(item) = list.next_element()? {
                    match item {
                        Item::Number(number) if vectors.is_empty() => numbers.push(number),
                        Item::Vector(vector) if numbers.is_empty() => vectors.push(vector),
                        _ => return Err(mixed()),
                    }
                }
                if !numbers.is_empty() {
                    vectors.push(numbers);
                }
                Ok(Vectors(vectors))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Vector;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vector, A::Error> {
                vector(list).map(Vector)
            }
        }

        deserializer.deserialize_seq(Reader)
    }
}

/// The rest of a list of numbers.
pub(super) fn vector<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Vec<f32>, A::Error> {
    let mut numbers = Vec::with_capacity(list.size_hint().unwrap_or(0).min(4096));
    while let Some(Number(number)) = list.next_element()? {
        numbers.push(number);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(text: &str) -> Result<Vec<Vec<f32>>, String> {
        let read: Result<Vectors, _> = serde_json::from_str(text);
        read.map(|vectors| vectors.0)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_vector_is_a_list_of_one() {
        assert_eq!(vectors("[1, -2, 0.5]").unwrap(), [[1.0, -2.0, 0.5]]);
        assert_eq!(
            vectors("[[1, 2], [3]]").unwrap(),
            [vec![1.0, 2.0], vec![3.0]]
        );
        assert!(vectors("[]").unwrap().is_empty());
    }

    #[test]
    fn mixtures_and_infinities_are_refused() {
        assert!(vectors("[1, [2]]").unwrap_err().contains("side by side"));
        assert!(vectors("[[1], 2]").unwrap_err().contains("side by side"));
        assert!(vectors("[1e39]").unwrap_err().contains("between -3.4e38"));
        assert!(
            vectors("[[\"1\"]]")
                .unwrap_err()
                .contains("expected a number")
        );
    }

    #[test]
    fn whole_numbers_are_neither_negative_nor_broken() {
        let read = |text| serde_json::from_str::<Whole>(text).map_err(|error| error.to_string());
        assert_eq!(read("18446744073709551615"), Ok(Whole(u64::MAX)));
        for wrong in ["-1", "1.5", "\"1\""] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains("expected a whole number from 0"), "{error}");
        }
    }
}
