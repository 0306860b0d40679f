//! What ends a request: `"upscale": 2` and `"restyle": "oil"`, or objects that say more.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Number, Style, StyleWire, Whole};
use crate::fields::{RestyleChoice, UpscaleChoice};
use crate::service::ChainLink;

/// How images are enlarged in the end.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Upscale(pub(in crate::http) UpscaleChoice);

/// By how much images are enlarged in the end, or which model enlarges them and by how much.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Upscale)]
#[expect(dead_code, reason = "Upscale as the OpenAPI document shows it")]
pub(in crate::http) enum UpscaleWire {
    /// How many times larger each side becomes.
    #[schema(title = "Scale", example = 2)]
    Scale(u64),
    /// Which model, and by how much.
    #[schema(title = "Upscaler")]
    Upscaler {
        /// An upscaler's id, or `lanczos` for a filter.
        #[schema(max_length = 256, example = "upscaler")]
        model: Option<String>,
        /// How many times larger each side becomes.
        #[schema(minimum = 1, maximum = 64, example = 4)]
        scale: Option<u64>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Upscaler {
    model: Option<String>,
    scale: Option<Whole>,
}

impl<'de> Deserialize<'de> for Upscale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Upscale;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or {\"model\": …, \"scale\": …}")
            }

            fn visit_u64<E: Error>(self, scale: u64) -> Result<Upscale, E> {
                let scale = Some(scale);
                Ok(Upscale(UpscaleChoice { model: None, scale }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Upscale, A::Error> {
                let Upscaler { model, scale } =
                    Upscaler::deserialize(MapAccessDeserializer::new(map))?;
                let scale = scale.map(|Whole(scale)| scale);
                Ok(Upscale(UpscaleChoice { model, scale }))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

/// In what manner images are painted over in the end.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Restyle(pub(in crate::http) RestyleChoice);

/// The style that images are painted over in, or which model, in what style and how far.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Restyle)]
#[expect(dead_code, reason = "Restyle as the OpenAPI document shows it")]
pub(in crate::http) enum RestyleWire {
    /// A style's name, or a word for it.
    #[schema(title = "StyleName", example = "oil")]
    Style(String),
    /// Which model, in what style and how far.
    #[schema(title = "Restyler")]
    Restyler {
        /// The id of a model that paints images over.
        #[schema(max_length = 256, example = "painter")]
        model: Option<String>,
        /// The style.
        style: Option<StyleWire>,
        /// How much of it is taken on.
        #[schema(minimum = 0, maximum = 1, example = 0.7)]
        strength: Option<f32>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restyler {
    model: Option<String>,
    style: Option<Style>,
    strength: Option<Number>,
}

impl<'de> Deserialize<'de> for Restyle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Restyle;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a style's name or {\"model\": …, \"style\": …, \"strength\": …}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Restyle, E> {
                let Style(style) = Style::deserialize(StrDeserializer::new(text))?;
                Ok(Restyle(RestyleChoice {
                    style: Some(style),
                    ..RestyleChoice::default()
                }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Restyle, A::Error> {
                let restyler = Restyler::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Restyle(RestyleChoice {
                    model: restyler.model,
                    style: restyler.style.map(|Style(style)| style),
                    strength: restyler.strength.map(|Number(strength)| strength),
                }))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

/// A further model that the images went through.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainLink)]
pub(in crate::http) struct ChainLinkAnswer {
    /// The model's id, or `lanczos`.
    #[schema(example = "upscaler")]
    model: String,
    /// A name for exactly what that model is; a filter has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^sha256:[0-9a-f]{64}$")]
    digest: Option<String>,
    /// What it did: `restyle` or `upscale`.
    #[schema(example = "upscale")]
    task: &'static str,
    /// How many times larger each side became, where it enlarged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    scale: Option<u64>,
}

impl From<ChainLink> for ChainLinkAnswer {
    fn from(link: ChainLink) -> Self {
        Self {
            model: link.model,
            digest: link.digest,
            task: link.task.name(),
            scale: link.scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::StyleChoice;

    #[test]
    fn a_scale_stands_by_itself_or_beside_its_model() {
        let read = |text| serde_json::from_str::<Upscale>(text).map(|Upscale(upscale)| upscale);
        let by = |model: Option<&str>, scale| UpscaleChoice {
            model: model.map(str::to_owned),
            scale,
        };
        assert_eq!(read("2").ok(), Some(by(None, Some(2))));
        assert_eq!(read("{}").ok(), Some(by(None, None)));
        let both = read(r#"{"model": "upscaler", "scale": 4}"#).ok();
        assert_eq!(both, Some(by(Some("upscaler"), Some(4))));
        for wrong in ["-2", "1.5", "true", r#"{"factor": 2}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_style_stands_by_itself_or_beside_its_model() {
        let read = |text| serde_json::from_str::<Restyle>(text).map(|Restyle(restyle)| restyle);
        let oil = || Some(StyleChoice::Name("oil".to_owned()));
        let alone = read("\"oil\"").expect("a style");
        assert_eq!((alone.model, alone.style), (None, oil()));
        let all = read(r#"{"model": "painter", "style": "oil", "strength": 0.5}"#);
        let all = all.expect("a model, a style and a strength");
        assert_eq!((all.model.as_deref(), all.style), (Some("painter"), oil()));
        assert_eq!(all.strength, Some(0.5));
        for wrong in ["3", r#"{"manner": "oil"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
