//! Number words, which nobody should have to list in a manifest.

use std::sync::LazyLock;

use super::small_words::Set;
use crate::models::words::Word;

/// The words for 0 to 10 in English, French and Vietnamese.
const WORDS: [[&[&str]; 3]; 11] = [
    [&["zero", "nought"], &["zéro"], &["không"]],
    [&["one"], &["un"], &["một"]],
    [&["two"], &["deux"], &["hai"]],
    [&["three"], &["trois"], &["ba"]],
    [&["four"], &["quatre"], &["bốn"]],
    [&["five"], &["cinq"], &["năm"]],
    [&["six"], &["six"], &["sáu"]],
    [&["seven"], &["sept"], &["bảy", "bẩy"]],
    [&["eight"], &["huit"], &["tám"]],
    [&["nine"], &["neuf"], &["chín"]],
    [&["ten"], &["dix"], &["mười"]],
];

/// Words that make a greater number with their neighbour. (Vietnamese counts tens in "mươi", and
/// "mốt", "tư" and "lăm" are 1, 4 and 5 only after one.)
const GREATER: &str = "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand \
    million billion dix vingt vingts trente quarante cinquante soixante septante huitante nonante \
    cent cents mille million millions mười mươi trăm nghìn ngàn triệu";

static NUMBERS: LazyLock<Set> =
    LazyLock::new(|| Set::of(WORDS.iter().flatten().copied().flatten().copied()));
static GREATER_NUMBERS: LazyLock<Set> = LazyLock::new(|| Set::of(GREATER.split_whitespace()));

/// The words for a label that is a numeral from 0 to 10: English, French, Vietnamese.
pub(super) fn words_of(label: &str) -> Option<&'static [&'static [&'static str]; 3]> {
    let number: usize = label.parse().ok()?;
    WORDS.get(number).filter(|_| number.to_string() == label)
}

/// Whether the number at `at` is a part of a greater one, such as the 7 of "vingt-sept".
pub(super) fn is_part_of_greater(words: &[Word], at: usize) -> bool {
    let greater = |at: usize| GREATER_NUMBERS.has(&words[at]);
    let number = |at: usize| greater(at) || NUMBERS.has(&words[at]) || is_numeral(&words[at]);
    let joined = |one: usize, other: usize| {
        let near = words[one]
            .gap
            .chars()
            .all(|c| c.is_whitespace() || "-‐‑".contains(c));
        near && number(one) && number(other) && (greater(one) || greater(other))
    };
    let after_and = || at >= 2 && words[at - 1].key == "et" && greater(at - 2) && number(at);
    (at > 0 && joined(at - 1, at)) || (at + 1 < words.len() && joined(at, at + 1)) || after_and()
}

fn is_numeral(word: &Word) -> bool {
    word.key.bytes().all(|byte| byte.is_ascii_digit())
}
