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
}
