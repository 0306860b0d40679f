//! The manners in which a model paints, by name.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::classes::{is_name, is_word};
use super::family::Family;
use super::fault::{Fault, Field};
use super::graphs::is_inside;
use crate::models::words::phrase;

/// A `[[style]]` table of a manifest.
///
/// What stands for the style is a vector or an image. With neither it is a weight: 1 at the
/// style's own place and 0 at those of the others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedStyle {
    /// What requests call it: small letters, digits, `_` and `-`.
    pub name: String,
    /// English words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
    /// French words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fr: Vec<String>,
    /// Vietnamese words for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vi: Vec<String>,
    /// As many numbers as the painter's `style` takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f32>>,
    /// A file inside the model's folder, with `/` between its parts: what the stylist looks at, or
    /// the painter itself.
    #[serde(
        default,
        rename = "picture",
        alias = "image",
        skip_serializing_if = "Option::is_none"
    )]
    pub image: Option<String>,
}

impl NamedStyle {
    /// All that people may call it: its name, then its words, English first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let listed = self.en.iter().chain(&self.fr).chain(&self.vi);
        std::iter::once(&self.name)
            .chain(listed)
            .map(String::as_str)
    }

    fn check(&self, here: &Field) -> Result<(), Fault> {
        is_name(&here.key("name"), &self.name)?;
        let languages = [("en", &self.en), ("fr", &self.fr), ("vi", &self.vi)];
        for (language, words) in languages {
            for (at, word) in words.iter().enumerate() {
                is_word(&here.key(language).item(at), word)?;
            }
        }
        let both = self.vector.is_some() && self.image.is_some();
        here.key("picture").must(!both, || {
            "a style has a vector or an image, not both; remove one".to_owned()
        })?;
        if let Some(file) = &self.image {
            here.key("picture").must(is_inside(file), || {
                format!("found {file:?}, expected a relative path inside the model's folder")
            })?;
        }
        let numbers = self.vector.iter().flatten();
        for (at, number) in numbers.enumerate() {
            here.key("vector").item(at).must(number.is_finite(), || {
                format!("found {number}, expected a finite number")
            })?;
        }
        Ok(())
    }
}

pub(super) fn check(styles: &[NamedStyle], family: Family) -> Result<(), Fault> {
    Field::of("style").must(family == Family::Style || styles.is_empty(), || {
        format!("the family {family} paints in no style, only style does; remove it")
    })?;
    let length = |style: &NamedStyle| style.vector.as_ref().map(Vec::len);
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (at, style) in styles.iter().enumerate() {
        let here = Field::of("style").item(at);
        style.check(&here)?;
        let first = styles.iter().find_map(length);
        here.key("vector")
            .must(length(style).is_none() || length(style) == first, || {
                let found = length(style).unwrap_or_default();
                let first = first.unwrap_or_default();
                format!("found {found} numbers, expected {first}, as an earlier style has")
            })?;
        for word in style.words() {
            let owner = *taken.entry(phrase(word)).or_insert(at);
            here.key("name").must(owner == at, || {
                let other = &styles[owner].name;
                format!("{word:?} already means the style {other:?}; a word may mean only one")
            })?;
        }
    }
    Ok(())
}
