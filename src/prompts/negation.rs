//! "Without", before what is not wanted.
//!
//! A negation reaches over articles and verbs of wearing to the next label, and by "or" to the one
//! after it: "without a hat or glasses". A comma, an "and" or any other word ends it.

use std::sync::LazyLock;

use super::small_words::{Set, is_elided, is_of_wearing};
use crate::models::words::Word;

static NEGATORS: LazyLock<Set> = LazyLock::new(|| {
    Set::of([
        "without no not never isn aren doesn don hasn haven nor",
        "sans pas aucun aucune ni",
        "không chẳng chưa đừng ko",
    ])
});

/// What a negation reaches across to one more label.
static OR: LazyLock<Set> = LazyLock::new(|| Set::of(["or nor", "ou ni", "hoặc hay"]));

/// The position of the word that negates the label that begins at `start`, if one does. `covered`
/// tells which words name labels.
pub(super) fn negator(words: &[Word], covered: &[bool], start: usize) -> Option<usize> {
    let mut over_or = false;
    for at in (0..start).rev() {
        let word = &words[at];
        if word.gap.contains([',', ';', ':', '.', '!', '?', '(', ')']) && !over_or {
            return None;
        }
        if NEGATORS.has(word) && !covered[at] {
            // "No 7" is number seven.
            let numbers = word.key == "no" && words[start].key.bytes().all(|b| b.is_ascii_digit());
            return (!numbers).then_some(at);
        }
        if OR.has(word) && at > 0 && covered[at - 1] {
            over_or = true;
        } else if covered[at] {
            if !over_or {
                return None;
            }
        } else if !is_of_wearing(word) && !is_elided(words, at) {
            return None;
        }
    }
    None
}
