//! How much of a direction a prompt asks for: "a bit more smile", "moins de sourire", "cười hơn".

use std::sync::LazyLock;

use super::small_words::{Set, is_of_wearing};
use crate::models::words::Word;

static MORE: LazyLock<Set> = LazyLock::new(|| Set::of(["more", "plus", "thêm hơn nhiều"]));
static LESS: LazyLock<Set> = LazyLock::new(|| Set::of(["less fewer", "moins", "bớt ít"]));
static MUCH: LazyLock<Set> =
    LazyLock::new(|| Set::of(["much very lot lots", "beaucoup très", "rất"]));
static SLIGHTLY: LazyLock<Set> =
    LazyLock::new(|| Set::of(["slightly bit little somewhat", "peu légèrement", "hơi chút"]));

/// The words around a direction that say how much of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Amount {
    /// Steps along the direction.
    pub(super) steps: f32,
    /// The positions of the words that say so.
    pub(super) words: Vec<usize>,
}

/// How much is asked of the direction that stands from `start` to before `end`, if it is said.
///
/// Words of quantity stand right before it ("a bit more smile") or, in Vietnamese and after a
/// verb, right behind it ("cười nhiều hơn", "smiling more").
pub(super) fn amount(words: &[Word], start: usize, end: usize) -> Option<Amount> {
    let passes = |at: &usize| is_quantity(&words[*at]) || is_of_wearing(&words[*at]);
    let before = (0..start)
        .rev()
        .take_while(|at| !is_pause(&words[*at]) && passes(at));
    let behind =
        (end..words.len()).take_while(|at| !is_pause(&words[at - 1]) && is_quantity(&words[*at]));
    let mut said: Vec<usize> = before.chain(behind).collect();
    said.retain(|&at| is_quantity(&words[at]));
    said.sort_unstable();
    let has = |set: &Set| said.iter().any(|&at| set.spells(&words[at]));
    let sign = match (has(&LESS), has(&MORE) || has(&MUCH) || has(&SLIGHTLY)) {
        (true, _) => -1.0,
        (false, true) => 1.0,
        (false, false) => return None,
    };
    let size = if has(&MUCH) && !has(&SLIGHTLY) {
        2.0
    } else if has(&SLIGHTLY) {
        0.5
    } else {
        1.0
    };
    Some(Amount {
        steps: sign * size,
        words: said,
    })
}

fn is_quantity(word: &Word) -> bool {
    [&MORE, &LESS, &MUCH, &SLIGHTLY]
        .into_iter()
        .any(|set| set.spells(word))
}

fn is_pause(word: &Word) -> bool {
    word.gap.contains([',', ';', ':', '.', '!', '?'])
}
