//! Image files inside JSON, as base64.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::display::Base64Display;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A file that goes out; encoded straight into the answer's buffer.
#[derive(Debug)]
pub(in crate::http) struct Base64Text(pub(in crate::http) Vec<u8>);

impl Serialize for Base64Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(&self.0, &STANDARD))
    }
}

/// An image file as it stands.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(
    dead_code,
    reason = "bodies of image bytes, as the OpenAPI document shows them"
)]
pub(in crate::http) struct ImageFile(Vec<u8>);

/// A file that came in.
#[derive(Clone, PartialEq)]
pub(in crate::http) struct ImageData(pub(in crate::http) Vec<u8>);

/// Its size only: a log line must never hold an image.
impl fmt::Debug for ImageData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageData({} bytes)", self.0.len())
    }
}

/// Takes base64 with or without its padding; half of the encoders in use leave it out.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The same with the letters that may stand in an address.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl<'de> Deserialize<'de> for ImageData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = ImageData;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image file as base64 text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ImageData, E> {
                decode(text).map(ImageData).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Reader)
    }
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    let text = without_data_url(text)?;
    if text.is_empty() {
        return Err("it is empty; expected an image file as base64 text".to_owned());
    }
    // Line breaks are what mail and the `base64` command put in; few texts have them.
    let unbroken: String;
    let text = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        unbroken = text.split_ascii_whitespace().collect();
        &unbroken
    } else {
        text
    };
    let decoder = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &TOLERANT
    };
    decoder
        .decode(text)
        .map_err(|error| format!("it is no base64 text: {error}"))
}

/// What follows `data:image/png;base64,`, or all of it where there is no such head.
fn without_data_url(text: &str) -> Result<&str, String> {
    let scheme = text.get(..5).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("data:") {
        return Ok(text);
    }
    match text.split_once(',') {
        Some((head, data)) if head.to_ascii_lowercase().ends_with(";base64") => Ok(data),
        _ => Err("a data: address must read data:image/png;base64,… here".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_in() {
        for length in 0..64_u8 {
            let file: Vec<u8> = (0..=length).map(|byte| byte.wrapping_mul(37)).collect();
            let text = serde_json::to_string(&Base64Text(file.clone())).unwrap();
            let read: ImageData = serde_json::from_str(&text).unwrap();
            assert_eq!(read.0, file);
        }
    }

    #[test]
    fn tolerates_what_encoders_do() {
        for text in [
            "AQIDBA==",
            "AQIDBA",
            "AQID\nBA==\n",
            "data:image/png;base64,AQIDBA==",
            "DATA:;Base64,AQIDBA",
        ] {
            assert_eq!(decode(text).as_deref(), Ok(&[1, 2, 3, 4][..]), "{text:?}");
        }
    }

    #[test]
    fn the_letters_of_addresses_are_read_too() {
        let file = [0xfb, 0xff, 0xbf];
        for text in ["+/+/", "-_-_", "data:image/png;base64,-_-_"] {
            assert_eq!(decode(text).as_deref(), Ok(&file[..]), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(decode("").unwrap_err().contains("empty"));
        assert!(decode("no/base64!").unwrap_err().contains("no base64 text"));
        assert!(
            decode("data:image/png,%89PNG")
                .unwrap_err()
                .contains("must read")
        );
    }
}
