//! What a graph's input is fed: something that the family knows, or always the same numbers.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::fault::{Fault, Field};
use super::role::TensorRole;

/// What a graph's input is fed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum InputBinding {
    Role(TensorRole),
    /// The same number in every call, cast to the type that the input has.
    Number(f64),
    /// The same vector for every sample.
    Numbers(Vec<f64>),
}

impl InputBinding {
    /// The role, unless it is a constant.
    pub fn role(&self) -> Option<&TensorRole> {
        match self {
            Self::Role(role) => Some(role),
            Self::Number(_) | Self::Numbers(_) => None,
        }
    }

    pub(super) fn check(&self, here: &Field) -> Result<(), Fault> {
        let numbers = match self {
            Self::Role(_) => return Ok(()),
            Self::Number(number) => std::slice::from_ref(number),
            Self::Numbers(numbers) => numbers.as_slice(),
        };
        here.must(
            !numbers.is_empty() && numbers.iter().all(|number| number.is_finite()),
            || format!("found {numbers:?}, expected a finite number or a list of them"),
        )
    }
}

impl<'de> Deserialize<'de> for InputBinding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Binding;

        impl<'de> Visitor<'de> for Binding {
            type Value = InputBinding;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a role such as \"latent\", a number or a list of numbers")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<InputBinding, E> {
                text.parse().map(InputBinding::Role).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<InputBinding, E> {
                Ok(InputBinding::Number(number as f64))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<InputBinding, E> {
                Ok(InputBinding::Number(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<InputBinding, E> {
                Ok(InputBinding::Number(number))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<InputBinding, A::Error> {
                let mut numbers = Vec::new();
                while let Some(number) = list.next_element()? {
                    numbers.push(number);
                }
                Ok(InputBinding::Numbers(numbers))
            }
        }

        deserializer.deserialize_any(Binding)
    }
}
