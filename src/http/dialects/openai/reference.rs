//! Images as JSON refers to them.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as Derive, Serialize};
use utoipa::ToSchema;

use crate::http::wire::ImageData;

/// An image: base64 text, a `data:` address, or an object that holds one as `image_url`.
#[derive(Debug, Clone, PartialEq, ToSchema)]
#[schema(as = ImageReference, value_type = ReferenceWire)]
pub(super) struct Reference(pub(super) Vec<u8>);

/// One image, or a list of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct References(pub(super) Vec<Reference>);

/// What an image may be in JSON.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ImageReferenceWire)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(super) enum ReferenceWire {
    /// Base64 text or a `data:` address.
    #[schema(title = "Text")]
    Text(String),
    /// As the API has it.
    #[schema(title = "Object")]
    Object {
        /// A `data:` address; images are not fetched from elsewhere.
        image_url: String,
    },
}

#[derive(Derive)]
#[serde(deny_unknown_fields)]
struct Object {
    image_url: Option<String>,
    file_id: Option<serde_json::Value>,
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Reference;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image file as base64 text, or {\"image_url\": \"data:…\"}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Reference, E> {
                read(text)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reference, A::Error> {
                let object = Object::deserialize(MapAccessDeserializer::new(map))?;
                if object.file_id.is_some() {
                    let message = "there are no files to refer to by file_id; send image_url";
                    return Err(A::Error::custom(message));
                }
                let url = object.image_url;
                read(&url.ok_or_else(|| A::Error::missing_field("image_url"))?)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

fn read<E: Error>(text: &str) -> Result<Reference, E> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let message = "images are not fetched from other servers; send a data: address";
        return Err(E::custom(message));
    }
    let ImageData(file) = ImageData::deserialize(StrDeserializer::new(text))?;
    Ok(Reference(file))
}

impl<'de> Deserialize<'de> for References {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = References;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image, or a list of images")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<References, E> {
                read(text).map(|one| References(vec![one]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<References, A::Error> {
                let one = Reference::deserialize(MapAccessDeserializer::new(map))?;
                Ok(References(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<References, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(References(all))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<u8>>, String> {
        let read: Result<References, _> = serde_json::from_str(text);
        let References(all) = read.map_err(|error| error.to_string())?;
        Ok(all.into_iter().map(|Reference(file)| file).collect())
    }

    #[test]
    fn images_come_in_many_shapes() {
        let one = vec![vec![1_u8, 2, 3]];
        for text in [
            r#""AQID""#,
            r#""data:image/png;base64,AQID""#,
            r#"["AQID"]"#,
            r#"{"image_url": "data:image/png;base64,AQID"}"#,
            r#"[{"image_url": "AQID"}]"#,
        ] {
            assert_eq!(read(text).as_ref(), Ok(&one), "{text}");
        }
        assert_eq!(read(r#"["AQID", "AQID"]"#).map(|all| all.len()), Ok(2));
    }

    #[test]
    fn nothing_is_fetched_from_anywhere() {
        for (text, word) in [
            (r#""https://example.org/cat.png""#, "not fetched"),
            (r#"{"image_url": "http://169.254.169.254/"}"#, "not fetched"),
            (r#"{"file_id": "file-1"}"#, "no files"),
            ("{}", "image_url"),
            ("3", "an image"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
