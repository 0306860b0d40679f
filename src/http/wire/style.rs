//! In which style to paint: `"oil"`, `{"oil": 0.7, "mosaic": 0.3}`, or an image as a `data:` address.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
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
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Style;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a style's name, an object of weights by name, or an image as a data: address",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Style, E> {
                if !text.starts_with("data:") {
                    return Ok(Style(StyleChoice::Name(text.to_owned())));
                }
                let text = serde::de::value::StrDeserializer::new(text);
                ImageData::deserialize(text).map(|ImageData(file)| Style(StyleChoice::Image(file)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Style, A::Error> {
                let mut weights = BTreeMap::new();
                while let Some((name, Number(weight))) = map.next_entry::<String, Number>()? {
                    weights.insert(name, weight);
                }
                Ok(Style(StyleChoice::Weights(weights)))
            }
        }

        deserializer.deserialize_any(Reader)
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
