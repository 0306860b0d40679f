//! All that a prompt may write for the labels of one axis.

use std::collections::HashMap;

use super::numbers;
use crate::models::ClassAxis;
use crate::models::words::{Word, words};

/// The spellings of one axis.
#[derive(Debug)]
pub(super) struct Lexicon {
    /// Keys of words, joined by spaces → label.
    exact: HashMap<String, usize>,
    /// The same without accents; none where two labels would be spelled alike.
    bare: HashMap<String, Option<Spelling>>,
    /// Keys without the ends that make plurals; none where two labels would be spelled alike.
    singular: HashMap<String, Option<usize>>,
    /// The number of words in the longest spelling.
    longest: usize,
}

#[derive(Debug)]
struct Spelling {
    label: usize,
    words: Vec<Word>,
}

/// How a run of words spells a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelled {
    /// With every accent, or with none to be written.
    Exactly(usize),
    /// With accents left out.
    Barely(usize),
}

impl Lexicon {
    pub(super) fn of(axis: &ClassAxis) -> Self {
        let mut spellings: Vec<Spelling> = Vec::new();
        let labels = || axis.labels.iter().enumerate();
        let question = axis.no_and_yes();
        for (label, entry) in labels() {
            // "No" and "yes" answer a question that no prompt asks.
            let name = question.is_none().then_some(entry.name.as_str());
            let listed = name.into_iter().chain(entry.synonyms());
            spellings.extend(listed.map(|text| Spelling {
                label,
                words: words(text),
            }));
        }
        if let Some((_, yes)) = question {
            spellings.push(Spelling {
                label: yes,
                words: words(&axis.name.replace('_', " ")),
            });
        }
        // What the manifest lists goes before what numerals imply, hence the second round.
        for (label, entry) in labels() {
            let implied = numbers::words_of(&entry.name)
                .into_iter()
                .flatten()
                .copied()
                .flatten();
            spellings.extend(implied.map(|text| Spelling {
                label,
                words: words(text),
            }));
        }
        spellings.retain(|spelling| !spelling.words.is_empty());

        let mut lexicon = Self {
            exact: HashMap::new(),
            bare: HashMap::new(),
            singular: HashMap::new(),
            longest: 0,
        };
        for spelling in &spellings {
            lexicon.longest = lexicon.longest.max(spelling.words.len());
            lexicon
                .exact
                .entry(key(&spelling.words))
                .or_insert(spelling.label);
            let held = lexicon.singular.entry(singular(&spelling.words));
            let held = held.or_insert(Some(spelling.label));
            if *held != Some(spelling.label) {
                *held = None;
            }
        }
        for spelling in spellings {
            let bare = bare(&spelling.words);
            let owner = lexicon.exact.get(&key(&spelling.words));
            if lexicon.exact.contains_key(&bare) || owner != Some(&spelling.label) {
                continue;
            }
            let label = spelling.label;
            let held = lexicon.bare.entry(bare).or_insert(Some(spelling));
            if held.as_ref().is_some_and(|held| held.label != label) {
                *held = None;
            }
        }
        lexicon
    }

    /// The number of words in the longest spelling.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The label that the words spell, all of them together.
    pub(super) fn look_up(&self, words: &[Word]) -> Option<Spelled> {
        if let Some(&label) = self.exact.get(&key(words)) {
            return Some(Spelled::Exactly(label));
        }
        if let Some(&Some(label)) = self.singular.get(&singular(words)) {
            return Some(Spelled::Exactly(label));
        }
        let spelling = self.bare.get(&bare(words))?.as_ref()?;
        // Somebody who typed an accent meant it.
        let fits = |(word, whole): (&Word, &Word)| word.is_bare() || word.key == whole.key;
        words
            .iter()
            .zip(&spelling.words)
            .all(fits)
            .then_some(Spelled::Barely(spelling.label))
    }
}

fn key(words: &[Word]) -> String {
    words
        .iter()
        .map(|word| word.key.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words without the `s` or `x` that ends a plural in English and French ("roses", "cheveux").
fn singular(words: &[Word]) -> String {
    let one = |word: &Word| {
        let ended = word.key.strip_suffix(['s', 'x']);
        let long = |stem: &&str| stem.chars().count() >= 3;
        ended.filter(long).unwrap_or(&word.key).to_owned()
    };
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn bare(words: &[Word]) -> String {
    words
        .iter()
        .map(|word| word.bare.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
