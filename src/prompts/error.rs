//! Why a prompt chose nothing, with what would have.

use super::numbers;
use crate::language::Message;
use crate::message;
use crate::models::words::Word;
use crate::models::{ClassAxis, Label};

/// The most labels of one axis that an error lists.
const MOST_EXAMPLES: usize = 16;

/// Why a prompt can't be followed. Each message tells what would work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// The model has no classes.
    #[error("{}", self.message())]
    Unpromptable,
    /// Two or more labels of one axis are named.
    #[error("{}", self.message())]
    Ambiguous {
        axis: Message,
        /// The labels, each with the words that name it.
        labels: Vec<String>,
    },
    /// No label is named.
    #[error("{}", self.message())]
    Nothing {
        /// A prompt that would do, in quotes.
        example: Message,
        /// All that can be said.
        offers: Vec<Offer>,
    },
}

/// What can be chosen on one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// By its name in English, and by what people call it elsewhere.
    pub axis: Message,
    /// The first labels: in English each with a synonym in each language that has one, elsewhere
    /// by the word of that language.
    pub labels: Vec<Message>,
    /// How many labels are not listed.
    pub more: usize,
}

impl NotUnderstood {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Unpromptable => {
                message!("this model can't be prompted: it has no classes to choose from")
            }
            Self::Ambiguous { axis, labels } => message!(
                "the prompt names several labels of {axis}: {labels}; name one",
                labels = labels.join(", ")
            )
            .with("axis", axis.clone()),
            Self::Nothing { example, offers } => message!(
                    "nothing in the prompt names what this model can paint; {example} would do. It knows, {offers}"
                )
                .with("example", example.clone())
                .with_all("offers", offers.iter().map(Offer::message), "; "),
        }
    }

    pub(super) fn two_labels<'a>(
        axis: &ClassAxis,
        finds: impl Iterator<Item = (usize, &'a [Word])>,
    ) -> Self {
        let mut labels: Vec<String> = Vec::new();
        for (label, words) in finds {
            let name = &axis.labels[label].name;
            let written: Vec<&str> = words.iter().map(|word| word.written.as_str()).collect();
            let words = written.join(" ");
            let shown = if *name == words {
                words
            } else {
                format!("{name} ({words:?})")
            };
            if !labels.contains(&shown) {
                labels.push(shown);
            }
        }
        Self::Ambiguous {
            axis: quoted(axis),
            labels,
        }
    }

    pub(super) fn nothing<'a>(axes: impl Iterator<Item = &'a ClassAxis> + Clone) -> Self {
        let [english, french, vietnamese] = example_of(axes.clone());
        let offers = axes.map(|axis| Offer {
            axis: quoted(axis),
            labels: axis
                .labels
                .iter()
                .take(MOST_EXAMPLES)
                .map(example)
                .collect(),
            more: axis.labels.len().saturating_sub(MOST_EXAMPLES),
        });
        Self::Nothing {
            example: Message::fixed(
                &format!("{english:?}"),
                &format!("« {french} »"),
                &format!("“{vietnamese}”"),
            ),
            offers: offers.collect(),
        }
    }
}

/// An axis: the name that requests have for it, or what people call it in the reader's language.
fn quoted(axis: &ClassAxis) -> Message {
    let [_, french, vietnamese] = axis.title.or(&axis.name);
    let english = format!("`{}`", axis.name);
    Message::fixed(
        &english,
        &format!("« {french} »"),
        &format!("“{vietnamese}”"),
    )
}

/// A prompt that names a label of each of the first two axes, in each language. The first labels are often zero
/// or nothing, so it takes later ones.
pub(super) fn example_of<'a>(axes: impl Iterator<Item = &'a ClassAxis>) -> [String; 3] {
    let labels = axes
        .take(2)
        .filter_map(|axis| axis.labels.get(axis.labels.len() * 3 / 4));
    let words: Vec<[&str; 3]> = labels
        .map(|label| {
            let firsts = firsts(label);
            firsts.map(|word| word.unwrap_or(&label.name))
        })
        .collect();
    [0, 1, 2].map(|language| {
        let words: Vec<&str> = words.iter().map(|words| words[language]).collect();
        words.join(", ")
    })
}

/// The first word for a label in each language that has one.
fn firsts(label: &Label) -> [Option<&str>; 3] {
    let implied = numbers::words_of(&label.name);
    let mut firsts: [Option<&str>; 3] = [None; 3];
    for (language, listed) in [&label.en, &label.fr, &label.vi].into_iter().enumerate() {
        let implied = || implied.and_then(|words| words[language].first().copied());
        firsts[language] = listed.first().map(String::as_str).or_else(implied);
    }
    firsts
}

/// A label with its first synonym in each language, as `7 (seven, sept, bảy)`, or `sept` and `bảy`.
fn example(label: &Label) -> Message {
    let firsts = firsts(label);
    let mut words: Vec<&str> = Vec::new();
    for word in firsts.into_iter().flatten() {
        if word != label.name && !words.contains(&word) {
            words.push(word);
        }
    }
    let english = if words.is_empty() {
        label.name.clone()
    } else {
        format!("{} ({})", label.name, words.join(", "))
    };
    let [_, french, vietnamese] = firsts.map(|word| word.unwrap_or(&label.name));
    Message::fixed(&english, french, vietnamese)
}

impl Offer {
    fn message(&self) -> Message {
        let says = match self.more {
            0 => message!("for {axis}: {labels}"),
            more => message!("for {axis}: {labels} and {more} more", more),
        };
        says.with("axis", self.axis.clone())
            .with_all("labels", self.labels.iter().cloned(), ", ")
    }
}
