//! What a model can be told to paint: one choice among the labels of each class axis.
//!
//! A graph takes the choice as a tensor. A pipeline, whose graphs take words, takes it as words: each
//! label of a `card.toml` says what becomes of the prompt.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Field};
use crate::language::Message;
use crate::models::words::phrase;

/// A `[[class]]` table of a manifest: a question with a fixed list of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassAxis {
    /// What requests and bindings (`class.NAME`) call it: small letters, digits, `_` and `-`.
    pub name: String,
    /// What people call it, such as `{ en = "Hair", fr = "Cheveux", vi = "Tóc" }`.
    #[serde(default, skip_serializing_if = "Title::is_empty")]
    pub title: Title,
    #[serde(default)]
    pub encoding: Encoding,
    /// The answers; their order is the order of the indices that the graph was trained with. Where
    /// they are `no` and `yes`, requests may say false and true.
    pub labels: Vec<Label>,
}

/// What people call something, by language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Hair")]
    pub en: Option<String>,
    /// In French.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Cheveux")]
    pub fr: Option<String>,
    /// In Vietnamese.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tóc")]
    pub vi: Option<String>,
}

impl Title {
    /// Whether nothing is said in any language.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it is called in each language: English, French, Vietnamese. What a language leaves out is
    /// said in English, and by this name where English says nothing either.
    pub fn or<'t>(&'t self, name: &'t str) -> [&'t str; 3] {
        let english = self.en.as_deref().unwrap_or(name);
        [
            english,
            self.fr.as_deref().unwrap_or(english),
            self.vi.as_deref().unwrap_or(english),
        ]
    }
}

/// What stands for the prompt in a label's template.
const HOLE: &str = "{}";

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
    /// Of a pipeline: what the prompt becomes; `{}` stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "{}, flat style")]
    pub prompt: Option<String>,
}

impl Label {
    /// A label that goes by its name alone.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// One that is called by a word in English, French and Vietnamese.
    pub fn spelled(name: &str, [en, fr, vi]: [&str; 3]) -> Self {
        let words = |word: &str| vec![word.to_owned()];
        Self {
            en: words(en),
            fr: words(fr),
            vi: words(vi),
            ..Self::named(name)
        }
    }

    /// Its name, or the first word for it in the reader's language.
    #[must_use]
    pub fn message(&self) -> Message {
        let word = |words: &[String]| words.first().unwrap_or(&self.name).clone();
        Message::fixed(&self.name, &word(&self.fr), &word(&self.vi))
    }

    /// The prompt as this label has it said.
    pub fn worded(&self, prompt: &str) -> String {
        let Some(template) = &self.prompt else {
            return prompt.to_owned();
        };
        match prompt.trim().is_empty() {
            // A style of nothing in particular is a style still, without the comma before it.
            true => {
                let words = template.replace(HOLE, " ");
                let loose = |letter: char| letter.is_whitespace() || ",;:".contains(letter);
                words.trim_matches(loose).to_owned()
            }
            false => template.replace(HOLE, prompt),
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
        let titles = [
            ("en", &self.title.en),
            ("fr", &self.title.fr),
            ("vi", &self.title.vi),
        ];
        for (language, title) in titles {
            if let Some(title) = title {
                is_word(&here.key("title").key(language), title)?;
            }
        }
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

/// Where the chosen labels of a model go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    /// Into its graphs, as tensors.
    IntoGraphs,
    /// Into its prompt, as words.
    IntoPrompts,
}

/// Holds each label's template to where the labels go.
pub(super) fn check_templates(axes: &[ClassAxis], goes: Goes) -> Result<(), Fault> {
    for (at, axis) in axes.iter().enumerate() {
        let here = Field::of("class").item(at);
        let is_tensor = goes == Goes::IntoGraphs;
        here.key("encoding")
            .must(is_tensor || axis.encoding == Encoding::Index, || {
                "no graph takes these labels, they go into the prompt; remove it".to_owned()
            })?;
        for (index, label) in axis.labels.iter().enumerate() {
            let here = here.key("labels").item(index).key("prompt");
            match (&label.prompt, goes) {
                (None, Goes::IntoGraphs) => {}
                (Some(_), Goes::IntoGraphs) => {
                    let message = "only the labels of a card.toml say what a prompt becomes; this \
                                   one goes into a graph, so remove it";
                    return Err(here.fault(message));
                }
                (None, Goes::IntoPrompts) => {
                    let message =
                        "missing; say what the prompt becomes, such as \"{}, flat style\"";
                    return Err(here.fault(message));
                }
                (Some(template), Goes::IntoPrompts) => check_template(&here, template)?,
            }
        }
    }
    Ok(())
}

fn check_template(here: &Field, template: &str) -> Result<(), Fault> {
    here.must(template.matches(HOLE).count() == 1, || {
        format!("found {template:?}, expected {HOLE} in it once, which stands for the prompt")
    })?;
    let sound = template.chars().count() <= 256 && !template.contains(char::is_control);
    here.must(sound, || {
        format!("found {template:?}, expected at most 256 characters in one line")
    })
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

#[cfg(test)]
mod tests {
    use super::Label;

    #[test]
    fn a_label_of_a_pipeline_has_the_prompt_said_in_its_own_way() {
        let label = |template: &str| Label {
            prompt: Some(template.to_owned()),
            ..Label::named("flat")
        };
        let flat = label("{}, flat style");
        assert_eq!(flat.worded("un chat"), "un chat, flat style");
        assert_eq!(flat.worded(" "), "flat style");
        assert_eq!(
            label("a drawing of {}, in ink").worded("a {} cat"),
            "a drawing of a {} cat, in ink"
        );
        assert_eq!(label("{}").worded(""), "");
        assert_eq!(Label::named("flat").worded("a cat"), "a cat");
    }
}
