//! Words that stand together, and where they are found.

use crate::models::words::{Word, words};

/// How accents count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Accents {
    /// They make another word, and may be left out of a phrase of several words.
    #[default]
    Matter,
    /// They make no difference.
    Ignored,
}

/// Words that are denied where they stand together.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    words: Vec<Word>,
    accents: Accents,
}

impl Phrase {
    /// A phrase; nothing for a text without a word in it.
    pub(super) fn new(text: &str, accents: Accents) -> Option<Self> {
        let words = words(text);
        (!words.is_empty()).then_some(Self { words, accents })
    }

    /// Whether a text has these words, one after the other.
    pub(super) fn stands_in(&self, said: &[Word]) -> bool {
        said.windows(self.words.len()).any(|said| self.is(said))
    }

    fn is(&self, said: &[Word]) -> bool {
        let mut pairs = self.words.iter().zip(said);
        // "co gai" is "cô gái" on a keyboard without accents; "ma" alone may be itself.
        let is_typed_bare = self.words.len() > 1 && said.iter().all(Word::is_bare);
        if self.accents == Accents::Ignored || is_typed_bare {
            pairs.all(|(own, said)| own.bare == said.bare)
        } else {
            pairs.all(|(own, said)| own.key == said.key)
        }
    }
}
