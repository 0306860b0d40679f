//! Where a latent can be moved to on purpose: "more smile" as a vector.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::classes::{is_name, is_word};
use super::fault::{Fault, Field};
use super::latent::Latent;
use crate::models::words::phrase;

/// How far a direction goes, to either side, where its table does not say.
const USUAL_RANGE: [f32; 2] = [-3.0, 3.0];

/// A `[[direction]]` table of a manifest: a step in latent space that a person has a word for.
///
/// Such vectors are differences of mean latents with and without an attribute (Larsen et al. 2016,
/// section 4.2), or found without labels (Härkönen et al. 2020).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Direction {
    /// What `edit` calls it: small letters, digits, `_` and `-`.
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
    /// One step: as many numbers as a latent has, in row-major order.
    pub vector: Vec<f32>,
    /// The fewest and the most steps that still make images; -3 to 3 if not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f32; 2]>,
}

impl Direction {
    /// The fewest and the most steps.
    pub fn range(&self) -> [f32; 2] {
        self.range.unwrap_or(USUAL_RANGE)
    }

    /// All that people may call it: its name, then its words, English first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let listed = self.en.iter().chain(&self.fr).chain(&self.vi);
        std::iter::once(&self.name)
            .chain(listed)
            .map(String::as_str)
    }

    fn check(&self, here: &Field, length: usize) -> Result<(), Fault> {
        is_name(&here.key("name"), &self.name)?;
        let languages = [("en", &self.en), ("fr", &self.fr), ("vi", &self.vi)];
        for (language, words) in languages {
            for (at, word) in words.iter().enumerate() {
                is_word(&here.key(language).item(at), word)?;
            }
        }
        let vector = here.key("vector");
        vector.must(self.vector.len() == length, || {
            format!(
                "found {} numbers, expected {length}, as many as a latent has",
                self.vector.len()
            )
        })?;
        for (at, number) in self.vector.iter().enumerate() {
            vector.item(at).must(number.is_finite(), || {
                format!("found {number}, expected a finite number")
            })?;
        }
        vector.must(self.vector.iter().any(|&number| number != 0.0), || {
            "all numbers are 0, which leads nowhere".to_owned()
        })?;
        let [least, most] = self.range();
        let sound = least.is_finite() && most.is_finite() && least <= 0.0 && 0.0 <= most;
        here.key("range").must(sound && least < most, || {
            format!("found [{least}, {most}], expected finite numbers around 0, such as [-3, 3]")
        })
    }
}

pub(super) fn check(directions: &[Direction], latent: Option<&Latent>) -> Result<(), Fault> {
    let Some(latent) = latent else {
        return Field::of("direction").must(directions.is_empty(), || {
            "this family starts from no latent, so there is nothing to move; remove it".to_owned()
        });
    };
    for (at, direction) in directions.iter().enumerate() {
        let here = Field::of("direction").item(at);
        direction.check(&here, latent.len())?;
        for earlier in &directions[..at] {
            let shared = direction.words().find(|word| {
                let wanted = phrase(word);
                earlier.words().any(|word| phrase(word) == wanted)
            });
            here.key("name").must(shared.is_none(), || {
                format!(
                    "{:?} already means the direction {:?}; each needs words of its own",
                    shared.unwrap_or_default(),
                    earlier.name
                )
            })?;
        }
    }
    Ok(())
}
