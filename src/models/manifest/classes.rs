//! What a model can be told to paint: one choice among the labels of each class axis.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Field};
use crate::models::words::phrase;

/// A `[[class]]` table of a manifest: a question with a fixed list of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassAxis {
    /// What requests and bindings (`class.NAME`) call it: small letters, digits, `_` and `-`.
    pub name: String,
    #[serde(default)]
    pub encoding: Encoding,
    /// The answers; their order is the order of the indices that the graph was trained with. Where
    /// they are `no` and `yes`, requests may say false and true.
    pub labels: Vec<Label>,
}

/// How a chosen label is fed to a graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// One int64 number for each sample: the label's index.
    #[default]
    Index,
    /// A float32 vector with a 1 at the label's index and 0 elsewhere.
    OneHot,
}

/// One answer, and the words by which a prompt may give it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub name: String,
    /// English synonyms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
    /// French synonyms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fr: Vec<String>,
    /// Vietnamese synonyms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vi: Vec<String>,
}

impl Label {
    /// A label that goes by its name alone.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Its synonyms, English first.
    pub fn synonyms(&self) -> impl Iterator<Item = &str> {
        self.en
            .iter()
            .chain(&self.fr)
            .chain(&self.vi)
            .map(String::as_str)
    }
}

impl ClassAxis {
    /// The index of the label with this name, in any case.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let wanted = phrase(name);
        self.labels
            .iter()
            .position(|label| phrase(&label.name) == wanted)
    }

    /// Its labels by all their words, for whoever looks for one that is spelled alike.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().flat_map(|label| {
            let name = label.name.as_str();
            let all = std::iter::once(name).chain(label.synonyms());
            all.map(move |word| (name, word))
        })
    }

    /// The indices of the labels `no` and `yes`, if it is a question that is answered by them.
    pub fn no_and_yes(&self) -> Option<(usize, usize)> {
        let at = |name| self.labels.iter().position(|label| label.name == name);
        match self.labels.len() {
            2 => at("no").zip(at("yes")),
            _ => None,
        }
    }

    fn check(&self, here: &Field) -> Result<(), Fault> {
        is_name(&here.key("name"), &self.name)?;
        let here = here.key("labels");
        here.must(!self.labels.is_empty(), || {
            "found none, expected at least one label".to_owned()
        })?;
        let mut taken: HashMap<String, usize> = HashMap::new();
        for (index, label) in self.labels.iter().enumerate() {
            let here = here.item(index);
            let languages = [("en", &label.en), ("fr", &label.fr), ("vi", &label.vi)];
            let synonyms = languages.into_iter().flat_map(|(language, words)| {
                let here = here.key(language);
                words
                    .iter()
                    .enumerate()
                    .map(move |(at, word)| (here.item(at), word))
            });
            for (field, text) in std::iter::once((here.key("name"), &label.name)).chain(synonyms) {
                is_word(&field, text)?;
                let owner = *taken.entry(phrase(text)).or_insert(index);
                field.must(owner == index, || {
                    let other = &self.labels[owner].name;
                    format!("{text:?} already means the label {other:?}; a word may mean only one")
                })?;
            }
        }
        Ok(())
    }
}

pub(super) fn check(axes: &[ClassAxis]) -> Result<(), Fault> {
    for (at, axis) in axes.iter().enumerate() {
        let here = Field::of("class").item(at);
        axis.check(&here)?;
        here.key("name").must(
            axes[..at].iter().all(|other| other.name != axis.name),
            || {
                format!(
                    "{:?} is the name of an earlier class axis; each needs its own",
                    axis.name
                )
            },
        )?;
    }
    Ok(())
}

/// Holds a name by which requests and bindings go to what names are made of.
pub(super) fn is_name(here: &Field, name: &str) -> Result<(), Fault> {
    let sound = (1..=64).contains(&name.len()) && name.bytes().all(is_name_byte);
    here.must(sound, || {
        format!("found {name:?}, expected 1 to 64 of the characters a-z, 0-9, _ and -")
    })
}

/// Holds a word by which people go to what words are made of.
pub(super) fn is_word(here: &Field, text: &str) -> Result<(), Fault> {
    let sound = text.trim() == text && (1..=64).contains(&text.chars().count());
    here.must(sound && !text.contains(char::is_control), || {
        format!("found {text:?}, expected 1 to 64 characters without space around them")
    })
}

/// What names of axes, directions and states are made of.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
}
