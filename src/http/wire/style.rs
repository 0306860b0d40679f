//! In which style to paint: `"oil"`, `{"oil": 0.7, "mosaic": 0.3}`, or an image as a `data:` address.

use std::collections::BTreeMap;

use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use serde_untagged::UntaggedEnumVisitor;
use utoipa::ToSchema;

use super::{ImageData, Number};
use crate::fields::StyleChoice;

/// A style: by its name, some of them by their weights, or an image in that style.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Style)]
#[expect(
    dead_code,
    reason = "what `style` may be, as the OpenAPI document shows it"
)]
pub(in crate::http) enum StyleWire {
    /// A style's name, or a word for it in English, French or Vietnamese; or an image file as a
    /// `data:` address.
    #[schema(title = "Name", example = "oil")]
    Name(String),
    /// How much of each style, by its name, 0 to 1.
    #[schema(title = "Weights", example = json!({"oil": 0.7, "mosaic": 0.3}))]
    Weights(BTreeMap<String, f32>),
}

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::http) struct Style(pub(in crate::http) StyleChoice);

impl<'de> Deserialize<'de> for Style {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let image = |text: &str| {
            let file = ImageData::deserialize(StrDeserializer::new(text));
            file.map(|ImageData(file)| Self(StyleChoice::Image(file)))
        };
        UntaggedEnumVisitor::new()
            .expecting(
                "a style's name, an object of weights by name, or an image as a data: address",
            )
            .string(|text| match text.starts_with("data:") {
                true => image(text),
                false => Ok(Self(StyleChoice::Name(text.to_owned()))),
            })
            .map(|map| {
                let weights: BTreeMap<String, Number> = map.deserialize()?;
                let weights = weights.into_iter();
                let weights = weights
                    .map(|(name, Number(weight))| (name, weight))
                    .collect();
                Ok(Self(StyleChoice::Weights(weights)))
            })
            .deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_a_name_weights_or_an_image() {
        let read = |text: &str| serde_json::from_str::<Style>(text);
        let name = Style(StyleChoice::Name("oil".to_owned()));
        assert_eq!(read("\"oil\"").ok(), Some(name));
        let weights = [("oil".to_owned(), 0.5)].into();
        let weights = Style(StyleChoice::Weights(weights));
        assert_eq!(read("{\"oil\": 0.5}").ok(), Some(weights));
        let image = read("\"data:image/png;base64,AAEC\"").ok();
        assert_eq!(image, Some(Style(StyleChoice::Image(vec![0, 1, 2]))));
        assert!(
            read("3")
                .expect_err("a number")
                .to_string()
                .contains("a style's name")
        );
        assert!(read("\"data:image/png;base64,§\"").is_err());
    }
}
