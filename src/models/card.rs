//! Where a model comes from, what it is for, and how well it does.
//!
//! People who choose a model, and people who appear in its images, deserve to know what it was
//! made from and where it fails. The card sits in the manifest, so that it travels with the
//! weights and `GET /models/{id}` can show it. None of it changes a pixel, and so none of it
//! enters the model's digest: a card can be corrected without making old images unverifiable.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::language::Language;

/// The `[card]` table of a manifest. Everything is optional, and shown as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Card {
    /// The licence of the weights, as an SPDX expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// What the model is meant for, and what it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended_use: Option<String>,
    /// The command, or the words, by which the weights can be made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<String>,
    /// What it was trained on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Source>,
    /// What was measured, each with the command that measures it again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<Measure>,
    /// Known limits and biases, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// Sentences that a licence requires to be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribution: Vec<String>,
    /// What people read, in French.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub fr: Option<CardWords>,
    /// What people read, in Vietnamese.
    #[serde(skip_serializing)]
    #[schema(ignore)]
    pub vi: Option<CardWords>,
}

/// The `[card.fr]` or `[card.vi]` table of a manifest: what it says in English, in another language.
/// What is left out stays English.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CardWords {
    /// The manifest's `title`.
    pub title: Option<String>,
    /// The manifest's `summary`.
    pub summary: Option<String>,
    /// The card's own.
    pub intended_use: Option<String>,
    /// The card's own, all of them.
    pub limits: Option<Vec<String>>,
    /// What else the card says, sentence by sentence: of data, figures, licences and credits.
    pub sentences: Vec<Sentence>,
}

/// A sentence of the card in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// The English; `#` stands for any number, so that figures that are measured anew change nothing.
    pub en: String,
    /// The same in that language, with the numbers in the same order.
    pub says: String,
}

impl CardWords {
    /// Puts a sentence of the card into this language, where it is known.
    fn put(&self, english: &mut String) {
        let mut known = self.sentences.iter();
        if let Some(said) = known.find_map(|sentence| sentence.read(english)) {
            *english = said;
        }
    }
}

impl Sentence {
    /// What it says with the numbers of that English, if it is this sentence.
    fn read(&self, english: &str) -> Option<String> {
        let mut rest = english;
        let mut numbers = Vec::new();
        let mut parts = self.en.split('#');
        rest = rest.strip_prefix(parts.next()?)?;
        for part in parts {
            let digit = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
            let length = rest.find(|letter| !digit(letter)).unwrap_or(rest.len());
            // A full stop or a comma behind a number is the sentence's.
            let number = rest[..length].trim_end_matches(['.', ',']);
            numbers.push(number);
            rest = rest[number.len()..].strip_prefix(part)?;
        }
        if !rest.is_empty() || numbers.iter().any(|number| number.is_empty()) {
            return None;
        }
        let mut numbers = numbers.into_iter();
        let mut parts = self.says.split('#');
        let mut said = parts.next()?.to_owned();
        for part in parts {
            said.push_str(numbers.next()?);
            said.push_str(part);
        }
        Some(said)
    }
}

impl Card {
    /// What it says in that language besides English, if anything.
    #[must_use]
    pub fn words(&self, language: Language) -> Option<&CardWords> {
        match language {
            Language::English => None,
            Language::French => self.fr.as_ref(),
            Language::Vietnamese => self.vi.as_ref(),
        }
    }

    /// The card in that language.
    #[must_use]
    pub fn to(&self, language: Language) -> Self {
        let mut card = self.clone();
        if let Some(words) = self.words(language) {
            card.intended_use = words.intended_use.clone().or(card.intended_use);
            card.limits = words.limits.clone().unwrap_or(card.limits);
            let mut sentences = Vec::new();
            sentences.extend(&mut card.license);
            for source in &mut card.data {
                sentences.push(&mut source.name);
                sentences.extend(source.license.iter_mut().chain(&mut source.note));
            }
            for measure in &mut card.quality {
                sentences.push(&mut measure.metric);
                sentences.extend(&mut measure.unit);
            }
            sentences.extend(&mut card.attribution);
            sentences
                .into_iter()
                .for_each(|sentence| words.put(sentence));
        }
        card
    }
}

/// A body of training data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    /// The package that carries it, with its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The licence of the data, as an SPDX expression where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What was measured, such as `accuracy of a classifier trained on 10,000 samples`.
    pub metric: String,
    pub value: f64,
    /// The unit of `value`, such as `%`, `dB` or `nats`; none for a bare number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The command that measures it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_language_leaves_out_stays_english() {
        let card: Card = toml::from_str(
            "intended_use = \"Teaching.\"\nlimits = [\"Small.\"]\n[fr]\nlimits = [\"Petit.\"]",
        )
        .unwrap();
        let french = card.to(Language::French);
        assert_eq!(french.intended_use.as_deref(), Some("Teaching."));
        assert_eq!(french.limits, ["Petit."]);
        assert_eq!(card.to(Language::Vietnamese).limits, ["Small."]);
        assert_eq!(card.to(Language::English).limits, ["Small."]);
    }

    #[test]
    fn shipped_cards_speak_french_and_vietnamese() {
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
        let mut cards = 0;
        for folder in std::fs::read_dir(shipped).unwrap() {
            let folder = folder.unwrap().path();
            let files = ["model.toml", "card.toml"].map(|name| folder.join(name));
            let Some(file) = files.iter().find(|file| file.exists()) else {
                continue;
            };
            let manifest: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
            let card: Card = manifest["card"].clone().try_into().unwrap();
            cards += 1;
            for language in [Language::French, Language::Vietnamese] {
                let said = card.to(language);
                let english = |what: &str| format!("{}: {what:?} is English still", file.display());
                assert_ne!(
                    said.intended_use,
                    card.intended_use,
                    "{}",
                    english("intended_use")
                );
                assert_eq!(
                    said.limits.len(),
                    card.limits.len(),
                    "{}",
                    english("limits")
                );
                for (said, own) in said.quality.iter().zip(&card.quality) {
                    assert_ne!(said.metric, own.metric, "{}", english(&own.metric));
                }
                for (said, own) in said.data.iter().zip(&card.data) {
                    if let Some(note) = &own.note {
                        assert_ne!(said.note, own.note, "{}", english(note));
                    }
                }
            }
        }
        assert!(cards >= 10, "the shipped models are found");
    }

    #[test]
    fn sentences_are_told_apart_by_all_but_their_numbers() {
        let card: Card = toml::from_str(
            r##"
            data = [{ name = "7,410 digits", note = "2,169 more, held out." }]
            quality = [
              { metric = "named as asked, at 16 levels (real ones 98.5)", value = 97.0, unit = "of 100" },
              { metric = "named as asked", value = 97.0 },
            ]
            [fr]
            sentences = [
              { en = "# digits", says = "# chiffres" },
              { en = "# more, held out.", says = "# de plus, mis de côté." },
              { en = "named as asked, at # levels (real ones #)", says = "reconnus, sur # niveaux (les vrais : #)" },
              { en = "of #", says = "sur #" },
            ]"##,
        )
        .unwrap();
        let french = card.to(Language::French);
        assert_eq!(french.data[0].name, "7,410 chiffres");
        assert_eq!(
            french.data[0].note.as_deref(),
            Some("2,169 de plus, mis de côté.")
        );
        assert_eq!(
            french.quality[0].metric,
            "reconnus, sur 16 niveaux (les vrais : 98.5)"
        );
        assert_eq!(french.quality[0].unit.as_deref(), Some("sur 100"));
        assert_eq!(french.quality[1].metric, "named as asked");
    }
}
