//! What somebody who wrote a name wrong may have meant.

use strsim::osa_distance;

use super::words::words;
use crate::language::Message;
use crate::message;

/// The most names that are proposed.
const MOST: usize = 3;

/// Letters that make the beginning of a name, rather than a word of their own.
const BEGUN: usize = 3;

/// Those of `known` that are spelled most like `wanted`, nearest first; few, and none where
/// nothing is alike. Each name is known by several spellings and proposed once.
///
/// Accents, case and what joins words do not count. A third of the letters may differ, or two in
/// short words, as long as one letter is right. A name may also be left unfinished.
pub fn nearest<'k, S: AsRef<str>>(
    wanted: &str,
    known: impl IntoIterator<Item = (&'k str, S)>,
) -> Vec<&'k str> {
    let wanted = letters(wanted);
    let mut ranked: Vec<(usize, &str)> = Vec::new();
    for (name, spelling) in known {
        let spelling = letters(spelling.as_ref());
        let longer = length(&wanted).max(length(&spelling));
        let is_begun = length(&wanted) >= BEGUN && spelling.starts_with(&wanted);
        let distance = osa_distance(&wanted, &spelling);
        let distance = if is_begun { distance.min(1) } else { distance };
        if distance > (longer / 3).max(2) || distance >= longer {
            continue;
        }
        match ranked.iter_mut().find(|(_, known)| *known == name) {
            Some((best, _)) => *best = distance.min(*best),
            None => ranked.push((distance, name)),
        }
    }
    ranked.sort_by_key(|&(distance, _)| distance);
    ranked
        .into_iter()
        .take(MOST)
        .map(|(_, name)| name)
        .collect()
}

/// A proposal as part of a sentence: ` (did you mean red or rose?)`, or nothing.
pub fn proposal(names: &[&str]) -> Message {
    match names {
        [] => Message::foreign(""),
        [one] => message!(" (did you mean {one}?)", one),
        [some @ .., last] => {
            message!(
                " (did you mean {some} or {last}?)",
                some = some.join(", "),
                last
            )
        }
    }
}

/// The proposal for a name that is none of `known`.
pub fn among<S: AsRef<str>>(wanted: &str, known: &[S]) -> Message {
    let known = known.iter().map(S::as_ref);
    proposal(&nearest(wanted, known.map(|name| (name, name))))
}

fn letters(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.bare).collect();
    words.join(" ")
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [(&str, &str); 5] = [
        ("pixel-art", "pixel-art"),
        ("robot", "robot"),
        ("robot", "người máy"),
        ("portrait", "portrait"),
        ("no", "no"),
    ];

    fn nearest(wanted: &str) -> Vec<&str> {
        super::nearest(wanted, KNOWN)
    }

    #[test]
    fn a_name_that_was_begun_is_finished() {
        assert_eq!(nearest("port"), ["portrait"]);
        assert_eq!(nearest("Pix"), ["pixel-art"]);
    }

    #[test]
    fn slips_of_the_finger_are_seen_through() {
        assert_eq!(nearest("Pixel art"), ["pixel-art"]);
        assert_eq!(nearest("pixleart"), ["pixel-art"]);
        assert_eq!(nearest("robbot"), ["robot"]);
        assert_eq!(nearest("rboot"), ["robot"]);
        assert_eq!(nearest("protrait"), ["portrait"]);
    }

    #[test]
    fn any_of_a_names_spellings_will_do() {
        assert_eq!(nearest("nguoi may"), ["robot"]);
    }

    #[test]
    fn nothing_is_proposed_where_nothing_is_alike() {
        assert!(nearest("watercolour").is_empty());
        assert!(nearest("xy").is_empty());
        assert!(nearest("").is_empty());
    }

    #[test]
    fn the_nearest_come_first_and_few_come() {
        let many = ["aaaa", "aaab", "aabb", "aaaaa", "zzzz"].map(|name| (name, name));
        assert_eq!(super::nearest("aaaa", many), ["aaaa", "aaab", "aaaaa"]);
    }

    #[test]
    fn a_proposal_is_part_of_a_sentence() {
        assert_eq!(proposal(&[]), "");
        assert_eq!(proposal(&["a"]), " (did you mean a?)");
        assert_eq!(proposal(&["a", "b", "c"]), " (did you mean a, b or c?)");
    }
}
