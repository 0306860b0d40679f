//! A walk from one latent to another, or from one prompt to another.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number::vector;
use super::object::Described;
use super::{ImageData, Seed, Whole};
use crate::service::{Endpoint, Walk, WalkMode};

/// A walk through latent space; each step is an image.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Interpolation {
    /// Where it starts.
    #[schema(value_type = EndWire)]
    from: End,
    /// Where it ends.
    #[schema(value_type = EndWire)]
    to: End,
    /// How many images, both ends included.
    #[schema(value_type = u64, minimum = 2, example = 8)]
    steps: Whole,
    /// The line it follows. On a straight one, latents drawn from a normal distribution grow short
    /// in the middle, and their images dull.
    #[serde(default)]
    mode: WalkMode,
}

impl Described for Interpolation {
    const EXPECTED: &'static str = "an object with from, to and steps";
}

#[derive(Debug, Clone, PartialEq)]
enum End {
    Latent(Vec<f32>),
    Seed(u64),
    Image(Vec<u8>),
    Prompt(String, Option<u64>),
}

/// An end of a walk: a latent, the latent that a seed draws, an image that the model encodes, or
/// for a diffusion model, a prompt.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = InterpolationEnd)]
#[expect(dead_code, reason = "End as the OpenAPI document shows it")]
enum EndWire {
    /// A latent, as plain numbers.
    #[schema(title = "Latent")]
    Latent(Vec<f32>),
    /// The latent that a seed draws.
    #[schema(title = "Seed")]
    Seed {
        /// The seed.
        seed: u64,
    },
    /// An image file (PNG, JPEG or WebP), encoded by the model.
    #[schema(title = "Image")]
    Image {
        /// Base64 text, or a `data:` address of it.
        image: String,
    },
    /// diffusion: a prompt and the noise that a seed draws; the request's own seed if left out.
    #[schema(title = "Prompt")]
    Prompt {
        /// What the image should show.
        prompt: String,
        /// The seed.
        seed: Option<u64>,
    },
}

impl From<Interpolation> for Walk {
    fn from(walk: Interpolation) -> Self {
        Self {
            from: walk.from.into(),
            to: walk.to.into(),
            steps: walk.steps.0,
            mode: walk.mode,
        }
    }
}

impl From<End> for Endpoint {
    fn from(end: End) -> Self {
        match end {
            End::Latent(latent) => Self::Latent(latent),
            End::Seed(seed) => Self::Seed(seed),
            End::Image(image) => Self::Image(image),
            End::Prompt(prompt, seed) => Self::Prompt { prompt, seed },
        }
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = End;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of numbers, {\"seed\": …}, {\"image\": …} or {\"prompt\": …}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<End, A::Error> {
                vector(list).map(End::Latent)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<End, A::Error> {
                let choice = Choice::deserialize(MapAccessDeserializer::new(map))?;
                let seed = choice.seed.map(|Seed(seed)| seed);
                match (choice.prompt, seed, choice.image) {
                    (Some(prompt), seed, None) => Ok(End::Prompt(prompt, seed)),
                    (None, Some(seed), None) => Ok(End::Seed(seed)),
                    (None, None, Some(ImageData(image))) => Ok(End::Image(image)),
                    _ => Err(A::Error::custom(
                        "expected either seed or image, or prompt with or without seed",
                    )),
                }
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

/// The object form of an [`End`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    prompt: Option<String>,
    seed: Option<Seed>,
    image: Option<ImageData>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Walk, String> {
        let walk: Result<Interpolation, _> = serde_json::from_str(text);
        walk.map(Walk::from).map_err(|error| error.to_string())
    }

    #[test]
    fn ends_have_four_forms() {
        let walk = read(r#"{"from": [1, 2], "to": {"seed": 7}, "steps": 3}"#).unwrap();
        assert_eq!(walk.from, Endpoint::Latent(vec![1.0, 2.0]));
        assert_eq!(walk.to, Endpoint::Seed(7));
        assert_eq!(walk.mode, WalkMode::Spherical);
        let walk = read(r#"{"from": {"image": "AQ=="}, "to": [1], "steps": 3, "mode": "linear"}"#);
        assert_eq!(walk.unwrap().from, Endpoint::Image(vec![1]));
        let walk = read(
            r#"{"from": {"prompt": "a cat", "seed": 7}, "to": {"prompt": "a dog"}, "steps": 3}"#,
        );
        let prompt = |prompt: &str, seed| Endpoint::Prompt {
            prompt: prompt.to_owned(),
            seed,
        };
        let walk = walk.unwrap();
        assert_eq!(walk.from, prompt("a cat", Some(7)));
        assert_eq!(walk.to, prompt("a dog", None));
    }

    #[test]
    fn an_end_is_one_thing() {
        for wrong in ["{}", r#"{"seed": 1, "image": "AQ=="}"#] {
            let error = read(&format!(r#"{{"from": {wrong}, "to": [1], "steps": 3}}"#));
            assert!(error.unwrap_err().contains("either seed or image"));
        }
        let error = read(r#"{"from": 7, "to": [1], "steps": 3}"#).unwrap_err();
        assert!(
            error.contains("expected a list of numbers, {\"seed\": …}"),
            "{error}"
        );
    }
}
