//! A prompt chooses class labels.
//!
//! A model with classes paints what it is told by a number, and people write sentences. This
//! module finds the labels in a sentence, in English, French and Vietnamese, and says which words
//! it went by. It never guesses: a prompt that names two labels of one axis, or none at all, is an
//! error that tells what would work, because a wrong image is worse than a question.
//!
//! ```
//! use atelier::prompts::understand;
//! use atelier::models::{ClassAxis, Encoding, Label, Title};
//!
//! let digit = ClassAxis {
//!     name: "digit".to_owned(),
//!     title: Title::default(),
//!     encoding: Encoding::Index,
//!     labels: (0..10).map(|digit: u8| Label::named(digit.to_string())).collect(),
//! };
//! let axes = [digit];
//! assert_eq!(understand("a handwritten seven, please", &axes)?.labels, [Some(7)]);
//! assert_eq!(understand("une main qui écrit le chiffre sept", &axes)?.labels, [Some(7)]);
//! assert_eq!(understand("vẽ số bảy cho tôi", &axes)?.labels, [Some(7)]);
//! # Ok::<(), atelier::prompts::NotUnderstood>(())
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
//! 7. A plural finds its singular, where that is one label only.
//! 8. Behind "without", "sans" or "không" a label is not wanted: on an axis of two labels that
//!    chooses the other one, on an axis with the label `none` that one. Elsewhere it chooses
//!    nothing, and is told.
//! 9. The labels `no` and `yes` of a question are not looked for; its name and the words of `yes`
//!    are.
//! 10. A direction of the latent is found like a label. The words of quantity beside it say how
//!     many steps: "more" is 1, "less" -1, "much more" 2, "a bit more" 0.5, and "without" -1. One
//!     that stands alone is 1 step, unless the same words name a label.

mod amounts;
mod choose;
mod error;
mod finds;
mod lexicon;
mod negation;
mod numbers;
mod small_words;
mod understood;
#[cfg(test)]
mod tests;

pub use error::{NotUnderstood, Offer};
pub use understood::{Said, Understood};

use self::amounts::amount;
use self::choose::choose;
use self::finds::Find;
use self::lexicon::Lexicon;
use crate::models::words::{Word, words};
use crate::models::{ClassAxis, Direction, Encoding, Label, Title};

/// What a prompt was taken to mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Understanding {
    /// For each axis, in the manifest's order, the index of the chosen label; none where the
    /// prompt says nothing about that axis.
    pub labels: Vec<Option<usize>>,
    /// The words that chose each of them, as they were written.
    pub words: Vec<Option<String>>,
    /// Steps along the directions that are named.
    pub steps: Vec<Steps>,
    /// The words that chose, in their order, as they were written.
    pub understood: Vec<String>,
    /// The words that chose nothing, in their order, without articles and the like.
    pub not_understood: Vec<String>,
}

/// Steps along a direction of the latent.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// The direction's index in the manifest.
    pub direction: usize,
    /// How many.
    pub steps: f32,
    /// The words that asked for them, as they were written.
    pub words: String,
}

/// The words of a model, looked up once for all prompts.
#[derive(Debug)]
pub struct Vocabulary {
    axes: Vec<ClassAxis>,
    /// The directions as if they were the labels of one more axis.
    directions: ClassAxis,
    /// One for each axis, and one for the directions.
    lexicons: Vec<Lexicon>,
}

/// Reads one prompt; a server keeps a [`Vocabulary`] instead.
///
/// # Errors
/// As [`Vocabulary::understand`].
pub fn understand(prompt: &str, axes: &[ClassAxis]) -> Result<Understanding, NotUnderstood> {
    Vocabulary::of(axes, &[]).understand(prompt)
}

impl Vocabulary {
    /// The words for the labels of `axes` and for `directions`.
    pub fn of(axes: &[ClassAxis], directions: &[Direction]) -> Self {
        let directions = ClassAxis {
            name: "edit".to_owned(),
            title: Title {
                en: None,
                fr: Some("Retouche".to_owned()),
                vi: Some("Chỉnh sửa".to_owned()),
            },
            encoding: Encoding::Index,
            labels: directions.iter().map(as_label).collect(),
        };
        let lexicons = axes.iter().chain([&directions]).map(Lexicon::of);
        Self {
            axes: axes.to_vec(),
            lexicons: lexicons.collect(),
            directions,
        }
    }

    /// Finds the labels and directions that `prompt` names.
    ///
    /// The time grows with the length of the prompt, and with the square of the number of labels
    /// in it, so whoever takes prompts from strangers bounds their length.
    ///
    /// # Errors
    /// There is nothing to choose, nothing in the prompt names a label or a direction, or two
    /// labels of one axis are named.
    pub fn understand(&self, prompt: &str) -> Result<Understanding, NotUnderstood> {
        let offered = || {
            let some = (!self.directions.labels.is_empty()).then_some(&self.directions);
            self.axes.iter().chain(some)
        };
        if offered().next().is_none() {
            return Err(NotUnderstood::Unpromptable);
        }
        let words = words(prompt);
        let (mut labels, directions): (Vec<Find>, Vec<Find>) = finds::find(&words, &self.lexicons)
            .into_iter()
            .partition(|find| find.axis < self.axes.len());
        let mut used = vec![false; words.len()];
        let steps = steps(&words, &directions, &mut labels, &mut used);
        let choice = choose(&self.axes, &words, &labels)?;
        if choice.labels.iter().all(Option::is_none) && steps.is_empty() {
            return Err(NotUnderstood::nothing(offered()));
        }
        for find in choice.by.iter().flatten() {
            find.places().for_each(|at| used[at] = true);
        }
        let asked: Vec<usize> = labels.iter().filter_map(|find| find.negator).collect();
        let small = |at| small_words::is_small(&words, at) && !asked.contains(&at);
        let left = |at: usize| !used[at] && !small(at);
        Ok(Understanding {
            words: choice
                .by
                .iter()
                .map(|finds| {
                    let places = finds.iter().flat_map(|find| find.places());
                    (!finds.is_empty()).then(|| written(&words, places))
                })
                .collect(),
            labels: choice.labels,
            steps,
            understood: each(&words, |at| used[at]),
            not_understood: each(&words, left),
        })
    }
}

/// The steps along directions; a label that the same words name gives way to a direction that is
/// given in an amount, and else goes before it.
fn steps(
    words: &[Word],
    directions: &[Find],
    labels: &mut Vec<Find>,
    used: &mut [bool],
) -> Vec<Steps> {
    let mut steps: Vec<Steps> = Vec::new();
    for find in directions {
        let span = find.span();
        let amount = amount(words, span.start, span.end);
        let is_rival = |label: &Find| label.span() == span;
        if amount.is_none() && labels.iter().any(is_rival) {
            continue;
        }
        labels.retain(|label| !is_rival(label));
        let mut places: Vec<usize> = span.clone().collect();
        let number = match (amount, find.negator) {
            (Some(amount), _) => {
                places.extend(amount.words);
                amount.steps
            }
            (None, Some(negator)) => {
                places.push(negator);
                -1.0
            }
            (None, None) => 1.0,
        };
        places.iter().for_each(|&at| used[at] = true);
        if steps.iter().all(|known| known.direction != find.label) {
            steps.push(Steps {
                direction: find.label,
                steps: number,
                words: written(words, places),
            });
        }
    }
    steps
}

/// The words at some places, in their order.
fn written(words: &[Word], places: impl IntoIterator<Item = usize>) -> String {
    let mut places: Vec<usize> = places.into_iter().collect();
    places.sort_unstable();
    places.dedup();
    each(words, |at| places.contains(&at)).join(" ")
}

fn each(words: &[Word], wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let chosen = words.iter().enumerate().filter(|&(at, _)| wanted(at));
    chosen.map(|(_, word)| word.written.clone()).collect()
}

fn as_label(direction: &Direction) -> Label {
    Label {
        name: direction.name.clone(),
        en: direction.en.clone(),
        fr: direction.fr.clone(),
        vi: direction.vi.clone(),
        prompt: None,
    }
}
