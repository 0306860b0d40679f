//! `card.toml`: what a folder in the diffusers layout has no place for.
//!
//! Such a folder says how it is run, and nothing of its name, its licence, or the steps and guidance
//! that serve it best. Foreign folders have no card and need none.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Card;

/// The card beside a `model_index.json`. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineCard {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub defaults: PipelineDefaults,
    pub card: Card,
}

/// What a request gets if it doesn't ask otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineDefaults {
    /// Steps of the scheduler.
    pub steps: Option<usize>,
    /// How far to move away from the unconditional prediction.
    pub guidance: Option<f32>,
}

impl PipelineCard {
    /// Reads the card in `folder`; an empty one where there is none.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let text = match fs::read_to_string(folder.join("card.toml")) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("can't read card.toml: {error}")),
        };
        let card: Self = toml::from_str(&text).map_err(|error| format!("card.toml: {error}"))?;
        let PipelineDefaults { steps, guidance } = card.defaults;
        if steps == Some(0) {
            return Err("card.toml: defaults.steps must be at least 1".to_owned());
        }
        if guidance.is_some_and(|guidance| !(0.0..=100.0).contains(&guidance)) {
            return Err("card.toml: defaults.guidance must be between 0 and 100".to_owned());
        }
        Ok(card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PipelineCard, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("card.toml"), text).unwrap();
        PipelineCard::read(folder.path())
    }

    #[test]
    fn no_card_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let card = PipelineCard::read(folder.path());
        assert_eq!(card, Ok(PipelineCard::default()));
    }

    #[test]
    fn a_card_says_what_serves_best() {
        let card =
            read("title = \"Cats\"\n[defaults]\nsteps = 9\n[card]\nlicense = \"MIT\"").unwrap();
        assert_eq!(card.defaults.steps, Some(9));
        assert_eq!(card.card.license.as_deref(), Some("MIT"));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (text, word) in [
            ("titel = \"Cats\"", "titel"),
            ("[defaults]\nsteps = 0", "defaults.steps"),
            ("[defaults]\nguidance = nan", "defaults.guidance"),
            ("[defaults]\nguidance = -1.0", "defaults.guidance"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
