//! The places in a prompt that name a label, and how sure each of them is.

use std::ops::Range;

use super::lexicon::{Lexicon, Spelled};
use super::negation;
use super::numbers::is_part_of_greater;
use super::small_words::{Doubt, follows_noun, is_elided, is_small, judge};
use crate::models::words::Word;

/// A word typed without accents that is at most this long, in letters, may be an ordinary word of
/// another language ("bon", "nam", "chin"), so it must not be among words that nobody knows.
const SHORT: usize = 4;

/// A run of words that names a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) axis: usize,
    pub(super) label: usize,
    /// What says that it is not wanted: "without", "sans", "không".
    pub(super) negator: Option<usize>,
    start: usize,
    end: usize,
    strength: Strength,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    Strong,
    /// A small word that may be meant.
    Weak,
    /// Accents were left out.
    Bare,
}

impl Find {
    /// The positions of its words.
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The positions of its words, and of what negates it.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.negator.into_iter().chain(self.span())
    }

    /// From what negates it to its last word.
    pub(super) fn whole(&self) -> Range<usize> {
        self.negator.unwrap_or(self.start)..self.end
    }

    fn is_inside(&self, other: &Self) -> bool {
        let longer = other.span().len() > self.span().len();
        longer && other.start <= self.start && self.end <= other.end
    }
}

/// All finds that count, in the order of their axes and then of their words.
pub(super) fn find(words: &[Word], lexicons: &[Lexicon]) -> Vec<Find> {
    let mut finds = Vec::new();
    for (axis, lexicon) in lexicons.iter().enumerate() {
        for start in 0..words.len() {
            let longest = words.len().min(start + lexicon.longest());
            for end in start + 1..=longest {
                let Some(spelled) = lexicon.look_up(&words[start..end]) else {
                    continue;
                };
                let (label, mut strength) = match spelled {
                    Spelled::Exactly(label) => (label, Strength::Strong),
                    Spelled::Barely(label) => (label, Strength::Bare),
                };
                if end == start + 1 {
                    let Some(weighed) = weigh(words, start, strength) else {
                        continue;
                    };
                    strength = weighed;
                }
                finds.push(Find {
                    axis,
                    label,
                    negator: None,
                    start,
                    end,
                    strength,
                });
            }
        }
    }
    let all = finds.clone();
    finds.retain(|find| !all.iter().any(|other| find.is_inside(other)));
    drop_short_among_strangers(words, &mut finds);
    drop_weak_beside_strong(&mut finds);
    negate(words, &mut finds);
    finds
}

fn negate(words: &[Word], finds: &mut [Find]) {
    let mut covered = vec![false; words.len()];
    for find in finds.iter() {
        covered[find.span()].fill(true);
    }
    for find in finds {
        find.negator = negation::negator(words, &covered, find.start);
    }
}

/// How strong a find of one word is where it stands; none if it means something else there.
fn weigh(words: &[Word], at: usize, strength: Strength) -> Option<Strength> {
    if is_elided(words, at) || is_part_of_greater(words, at) {
        return None;
    }
    if !is_small(words, at) {
        return Some(strength);
    }
    match judge(words, at) {
        Doubt::Label => Some(strength),
        Doubt::Perhaps if strength == Strength::Strong => Some(Strength::Weak),
        Doubt::Perhaps => Some(strength),
        Doubt::SmallWord => None,
    }
}

fn drop_short_among_strangers(words: &[Word], finds: &mut Vec<Find>) {
    let known = |at| is_small(words, at) || finds.iter().any(|find| find.span().contains(&at));
    if (0..words.len()).all(known) {
        return;
    }
    finds.retain(|find| {
        let short = find.span().len() == 1 && words[find.start].bare.chars().count() <= SHORT;
        find.strength != Strength::Bare || !short || follows_noun(words, find.start)
    });
}

fn drop_weak_beside_strong(finds: &mut Vec<Find>) {
    let strong = |find: &&Find| find.strength == Strength::Strong;
    let decided: Vec<usize> = finds.iter().filter(strong).map(|find| find.axis).collect();
    finds.retain(|find| find.strength == Strength::Strong || !decided.contains(&find.axis));
}
