//! `card.toml`: what a folder in the diffusers layout has no place for.
//!
//! Such a folder says how it is run, and nothing of its name, its licence, the steps and guidance
//! that serve it best, or what its training captions were about. Foreign folders have no card and
//! need none.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::manifest::{ManifestError, is_inside};
use super::repository::inside::read_text;
use super::{Card, ClassAxis, Manifest, Ranges};

/// The most pictures that a prompt may look up, and the most collections that they may be of.
const MOST_RECALLED: usize = 16;

/// The card beside a `model_index.json`. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineCard {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub defaults: PipelineDefaults,
    /// Within which numbers its parameters serve it.
    pub ranges: Ranges,
    /// Choices that are put into the prompt as words.
    #[serde(rename = "class")]
    pub classes: Vec<ClassAxis>,
    pub prompts: PipelinePrompts,
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
    /// How much a given image is changed.
    pub strength: Option<f64>,
}

/// What the model was told in training, so that a prompt far from all of it is noticed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelinePrompts {
    /// The file with what its training captions mean; `docs/pipelines.md` says how it is laid out.
    pub known: Option<String>,
    /// The file with those captions in words, one in a line.
    pub names: Option<String>,
    /// The likeness to the nearest of them, a cosine, under which a prompt gets a warning.
    pub far: Option<f32>,
    /// Which of the text encoder's states says what a prompt means, from 0 on.
    pub place: usize,
    /// Where the model looks up pictures of what it knows and paints from them: for each, the state that
    /// looks it up. One that is there twice looks up the two nearest.
    pub recalled: Vec<usize>,
    /// Whose pictures those are.
    pub collections: Vec<Collection>,
    /// Example prompts.
    pub examples: Vec<String>,
}

/// Pictures of what a model knows, which somebody made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// What it is called.
    pub name: String,
    /// Its licence, as SPDX calls it.
    pub license: Option<String>,
    /// What its licence asks to be said.
    pub attribution: Option<String>,
    /// The captions of which it has no picture.
    #[serde(default)]
    pub lacks: Vec<String>,
}

impl PipelineCard {
    /// Reads the card in `folder`; an empty one where there is none.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn read(folder: &Path) -> Result<Self, CardError> {
        match read_text(&folder.join("card.toml")) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(CardError::Unreadable(Arc::new(error))),
        }
    }

    /// Reads the text of a card.
    ///
    /// # Errors
    /// A sentence for the person who wrote it.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        let card: Self = toml::from_str(text)?;
        card.defaults.check()?;
        card.prompts.check()?;
        Manifest::check_axes_of_card(text, &card.classes)?;
        Manifest::check_ranges_of_card(text, &card.ranges)?;
        Ok(card)
    }
}

/// Why a card can't be used, as a sentence for the person who wrote it.
#[derive(Debug, Clone, Error)]
pub enum CardError {
    /// The system doesn't give it.
    #[error("can't read card.toml: {0}")]
    Unreadable(#[source] Arc<std::io::Error>),
    /// It isn't TOML, or has a field that a card doesn't have.
    #[error("card.toml: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A field's value can't be.
    #[error("card.toml: {0}")]
    Field(#[from] InvalidCard),
    /// Its classes or ranges can't be.
    #[error("card.toml, {0}")]
    Classes(#[from] ManifestError),
}

/// What can't be in a field of a card.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum InvalidCard {
    #[error("defaults.steps must be at least 1")]
    Steps,
    #[error("defaults.guidance must be between 0 and 100")]
    Guidance,
    #[error("defaults.strength must be above 0 and at most 1")]
    Strength,
    #[error("prompts.{absent} is missing, and goes with prompts.{present}")]
    Alone {
        absent: &'static str,
        present: &'static str,
    },
    #[error("prompts.{field}: found {file:?}, expected a relative path inside the model's folder")]
    Outside { field: &'static str, file: String },
    #[error("prompts.far: found {0}, expected a cosine, between -1 and 1")]
    Far(f32),
    #[error("prompts.examples[{0}] is empty")]
    EmptyExample(usize),
    #[error("prompts.{0} goes with prompts.known, which is missing")]
    NothingKnown(&'static str),
    #[error("prompts.{field} has {count} entries, expected at most {MOST_RECALLED}")]
    TooMany { field: &'static str, count: usize },
    #[error("prompts.collections[{0}].name is empty")]
    NamelessCollection(usize),
}

impl PipelineDefaults {
    fn check(self) -> Result<(), InvalidCard> {
        if self.steps == Some(0) {
            return Err(InvalidCard::Steps);
        }
        if (self.guidance).is_some_and(|guidance| !(0.0..=100.0).contains(&guidance)) {
            return Err(InvalidCard::Guidance);
        }
        if (self.strength).is_some_and(|strength| !(strength > 0.0 && strength <= 1.0)) {
            return Err(InvalidCard::Strength);
        }
        Ok(())
    }
}

impl PipelinePrompts {
    /// The fields of what is known go together: one of them without the others says nothing.
    fn check(&self) -> Result<(), InvalidCard> {
        let there = [
            ("known", self.known.is_some()),
            ("names", self.names.is_some()),
            ("far", self.far.is_some()),
        ];
        let absent = there.iter().find(|(_, is_there)| !is_there);
        let present = there.iter().find(|(_, is_there)| *is_there);
        if let (Some(&(absent, _)), Some(&(present, _))) = (absent, present) {
            return Err(InvalidCard::Alone { absent, present });
        }
        for (field, file) in [("known", &self.known), ("names", &self.names)] {
            if let Some(file) = file.as_ref().filter(|file| !is_inside(file)) {
                let file = file.clone();
                return Err(InvalidCard::Outside { field, file });
            }
        }
        if let Some(far) = self.far.filter(|far| !(-1.0..=1.0).contains(far)) {
            return Err(InvalidCard::Far(far));
        }
        let lists = [
            ("recalled", self.recalled.len()),
            ("collections", self.collections.len()),
        ];
        for (field, count) in lists {
            if count > 0 && self.known.is_none() {
                return Err(InvalidCard::NothingKnown(field));
            }
            if count > MOST_RECALLED {
                return Err(InvalidCard::TooMany { field, count });
            }
        }
        let mut collections = self.collections.iter();
        if let Some(at) = collections.position(|one| one.name.trim().is_empty()) {
            return Err(InvalidCard::NamelessCollection(at));
        }
        match self.examples.iter().position(|text| text.trim().is_empty()) {
            Some(at) => Err(InvalidCard::EmptyExample(at)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<PipelineCard, CardError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("card.toml"), text).unwrap();
        PipelineCard::read(folder.path())
    }

    #[test]
    fn no_card_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let card = PipelineCard::read(folder.path());
        assert_eq!(card.unwrap(), PipelineCard::default());
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
            ("[defaults]\nstrength = 0.0", "defaults.strength"),
            ("[defaults]\nstrength = nan", "defaults.strength"),
            (
                "[prompts]\nknown = \"a\"\nfar = 0.5",
                "prompts.names is missing",
            ),
            ("[prompts]\nfar = 0.5", "prompts.known is missing"),
            (
                "[prompts]\nrecalled = [0]",
                "prompts.recalled goes with prompts.known",
            ),
            (
                "[prompts]\nknown = \"a\"\nnames = \"b\"\nfar = 0.5\ncollections = [{ name = \"\" }]",
                "prompts.collections[0].name is empty",
            ),
            (
                "[prompts]\nexamples = [\"a cat\", \" \"]",
                "prompts.examples[1]",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
        for (label, word) in [
            (
                "name = \"flat\"",
                "line 3: `class[0].labels[0].prompt`: missing",
            ),
            (
                "name = \"flat\", prompt = \"flat\"",
                "expected {} in it once",
            ),
            (
                "name = \"flat\", prompt = \"{} {}\"",
                "expected {} in it once",
            ),
            ("name = \"flat\", prompt = \"{}\\n\"", "in one line"),
            ("name = \" \", prompt = \"{}\"", "`class[0].labels[0].name`"),
        ] {
            let error = read(&format!(
                "[[class]]\nname = \"style\"\nlabels = [{{ {label} }}]"
            ))
            .unwrap_err()
            .to_string();
            assert!(error.contains(word), "{label}: {error}");
        }
        for (known, far, word) in [
            ("../a", "0.5", "prompts.known: found \"../a\""),
            ("a", "2.0", "prompts.far: found 2"),
            ("a", "nan", "prompts.far: found NaN"),
        ] {
            let text = format!("[prompts]\nknown = {known:?}\nnames = \"b\"\nfar = {far}");
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
