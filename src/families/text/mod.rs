//! A prompt chooses class labels.
//!
//! A model with classes paints what it is told by a number, and people write sentences. This
//! module finds the labels in a sentence, in English, French and Vietnamese, and says which words
//! it went by. It never guesses: a prompt that names two labels of one axis, or none at all, is an
//! error that tells what would work, because a wrong picture is worse than a question.
//!
//! ```
//! use atelier::families::text::understand;
//! use atelier::models::{ClassAxis, Encoding, Label};
//!
//! let digit = ClassAxis {
//!     name: "digit".to_owned(),
//!     encoding: Encoding::Index,
//!     labels: (0..10).map(|digit: u8| Label::named(digit.to_string())).collect(),
//! };
//! let axes = [digit];
//! assert_eq!(understand("a handwritten seven, please", &axes)?.labels, [Some(7)]);
//! assert_eq!(understand("une main qui écrit le chiffre sept", &axes)?.labels, [Some(7)]);
//! assert_eq!(understand("vẽ số bảy cho tôi", &axes)?.labels, [Some(7)]);
//! # Ok::<(), atelier::families::text::NotUnderstood>(())
//! ```
//!
//! # How it reads
//!
//! 1. Every run of words that spells a label, a synonym or the number word of a label that is a
//!    numeral (0 to 10, listed or not) is a find. Case, composition and the place of a Vietnamese
//!    tone mark make no difference; accents do.
//! 2. Words typed without any accent find what they spell with accents, if that is one label only
//!    and nothing is spelled like that already. Such a find is weak.
//! 3. A word that is also a small word of one of the languages ("one", "un", "một", "không") counts
//!    by its place: in "un sept" it is an article, in "le chiffre un" a number. In doubt it is weak.
//! 4. A number word inside a greater number ("vingt-sept", "bảy mươi") is not a find.
//! 5. A find inside a longer one falls away, on whatever axis: "black" in "black hair".
//! 6. On each axis, weak finds count only where there is no strong one.

mod error;
mod finds;
mod lexicon;
mod numbers;
mod small_words;
#[cfg(test)]
mod tests;

pub use error::{NotUnderstood, Offer};

use self::finds::Find;
use self::lexicon::Lexicon;
use crate::models::ClassAxis;
use crate::models::words::{Word, words};

/// What a prompt was taken to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understanding {
    /// For each axis, in the manifest's order, the index of the chosen label; none where the
    /// prompt says nothing about that axis. At least one is chosen.
    pub labels: Vec<Option<usize>>,
    /// The words that chose, in their order, as they were written.
    pub understood: Vec<String>,
    /// The words that chose nothing, in their order, without articles and the like.
    pub not_understood: Vec<String>,
}

/// The words of a model, looked up once for all prompts.
#[derive(Debug)]
pub struct Vocabulary {
    axes: Vec<ClassAxis>,
    lexicons: Vec<Lexicon>,
}

/// Reads one prompt; a server keeps a [`Vocabulary`] instead.
///
/// # Errors
/// As [`Vocabulary::understand`].
pub fn understand(prompt: &str, axes: &[ClassAxis]) -> Result<Understanding, NotUnderstood> {
    Vocabulary::of(axes).understand(prompt)
}

impl Vocabulary {
    /// The words for the labels of `axes`.
    pub fn of(axes: &[ClassAxis]) -> Self {
        let lexicons = axes.iter().map(Lexicon::of).collect();
        Self {
            axes: axes.to_vec(),
            lexicons,
        }
    }

    /// Finds the labels that `prompt` names.
    ///
    /// The time grows with the length of the prompt, and with the square of the number of labels
    /// in it, so whoever takes prompts from strangers bounds their length.
    ///
    /// # Errors
    /// There is no axis to choose on, nothing in the prompt names a label, or two labels of one
    /// axis are named.
    pub fn understand(&self, prompt: &str) -> Result<Understanding, NotUnderstood> {
        if self.axes.is_empty() {
            return Err(NotUnderstood::Unpromptable);
        }
        let words = words(prompt);
        let finds = finds::find(&words, &self.lexicons);
        let labels = self.choose(&words, &finds)?;
        let mut understood = vec![false; words.len()];
        for find in &finds {
            understood[find.span()].fill(true);
        }
        let written = |wanted: &dyn Fn(usize) -> bool| {
            let chosen = words.iter().enumerate().filter(|&(at, _)| wanted(at));
            chosen.map(|(_, word)| word.written.clone()).collect()
        };
        Ok(Understanding {
            labels,
            understood: written(&|at| understood[at]),
            not_understood: written(&|at| !understood[at] && !small_words::is_small(&words, at)),
        })
    }

    /// The label of each axis, if the finds agree on it.
    fn choose(&self, words: &[Word], finds: &[Find]) -> Result<Vec<Option<usize>>, NotUnderstood> {
        let mut labels = vec![None; self.axes.len()];
        for find in finds {
            let label = labels[find.axis].get_or_insert(find.label);
            if *label != find.label {
                let axis = &self.axes[find.axis];
                let rivals = finds.iter().filter(|rival| rival.axis == find.axis);
                return Err(NotUnderstood::two_labels(
                    axis,
                    rivals.map(|rival| (rival.label, &words[rival.span()])),
                ));
            }
        }
        if labels.iter().all(Option::is_none) {
            return Err(NotUnderstood::nothing(&self.axes));
        }
        Ok(labels)
    }
}
