//! Parts of a weighted sum of latents.

use serde::Deserialize;
use utoipa::ToSchema;

use super::number::Vector;
use super::object::Described;
use super::{ImageData, Number, Seed};
use crate::service::{Endpoint, MixTerm};

/// A part of a mix, in which exactly one of `seed`, `latent` and `image` says what is mixed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MixTerm)]
pub(in crate::http) struct TermWire {
    /// The latent that this seed draws.
    #[schema(value_type = Option<u64>, example = 1)]
    seed: Option<Seed>,
    /// A latent, as plain numbers.
    #[schema(value_type = Option<Vec<f32>>)]
    latent: Option<Vector>,
    /// An image file (PNG, JPEG or WebP) as base64 text, which the model encodes.
    #[schema(value_type = Option<String>)]
    image: Option<ImageData>,
    /// What the latent is multiplied by; 1 if left out.
    #[schema(value_type = Option<f32>, minimum = -10, maximum = 10, example = 0.7)]
    weight: Option<Number>,
}

/// A part of a mix that says one thing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "TermWire")]
pub(in crate::http) struct Term(pub(in crate::http) MixTerm);

impl Described for Term {
    const EXPECTED: &'static str = "an object with seed, latent or image, and a weight";
}

impl TryFrom<TermWire> for Term {
    type Error = &'static str;

    fn try_from(wire: TermWire) -> Result<Self, &'static str> {
        let of = match (wire.seed, wire.latent, wire.image) {
            (Some(Seed(seed)), None, None) => Endpoint::Seed(seed),
            (None, Some(Vector(latent)), None) => Endpoint::Latent(latent),
            (None, None, Some(ImageData(image))) => Endpoint::Image(image),
            _ => return Err("expected exactly one of seed, latent and image"),
        };
        let weight = wire.weight.map_or(1.0, |Number(weight)| weight);
        Ok(Self(MixTerm { of, weight }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MixTerm, String> {
        let term: Result<Term, _> = serde_json::from_str(text);
        term.map(|Term(term)| term)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_part_says_one_thing_and_weighs_1() {
        let term = read(r#"{"seed": 3}"#).unwrap();
        assert_eq!((term.of, term.weight), (Endpoint::Seed(3), 1.0));
        let term = read(r#"{"latent": [1, 2], "weight": -0.5}"#).unwrap();
        let latent = Endpoint::Latent(vec![1.0, 2.0]);
        assert_eq!((term.of, term.weight), (latent, -0.5));
        let term = read(r#"{"image": "AQ==", "weight": 2}"#).unwrap();
        assert_eq!(term.of, Endpoint::Image(vec![1]));
        for wrong in [r#"{"weight": 1}"#, r#"{"seed": 1, "latent": [1]}"#] {
            let error = read(wrong).unwrap_err();
            assert!(error.starts_with("expected exactly one of seed"), "{error}");
        }
        assert!(
            read(r#"{"seed": 1, "wait": 1}"#)
                .unwrap_err()
                .contains("wait")
        );
    }
}
