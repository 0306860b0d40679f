//! Objects that are written as objects alone.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

/// How an object is told of, where something else stands in its place.
pub(in crate::http) trait Described {
    const EXPECTED: &'static str;
}

/// Its fields by their names. What serde derives takes a list of their values too, in an order that
/// nothing tells.
#[derive(Debug)]
pub(in crate::http) struct Object<T>(pub(in crate::http) T);

impl<'de, T: Deserialize<'de> + Described> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Described> Visitor<'de> for Reader<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::wire::{Interpolation, Term};

    #[test]
    fn a_list_of_values_is_no_object() {
        let list = r#"[{"seed": 1}, {"seed": 2}, 3]"#;
        let fault = serde_json::from_str::<Object<Interpolation>>(list).unwrap_err();
        assert!(
            fault.to_string().contains(Interpolation::EXPECTED),
            "{fault}"
        );
        let fault = serde_json::from_str::<Object<Term>>("[1, null, null, 1]").unwrap_err();
        assert!(fault.to_string().contains(Term::EXPECTED), "{fault}");
        assert!(serde_json::from_str::<Object<Term>>(r#"{"seed": 1}"#).is_ok());
    }
}
