//! What parsers say, found again among the sentences that they are known to say.
//!
//! A parser writes English, and hands nothing on but its text. Its sentences are few, though, so that
//! a text is held against each of them: what matches is put into words again, in any language.

use super::catalogue::PARSERS;
use super::message::{Argument, Message};

/// Longer texts quote something long.
const LONGEST: usize = 2048;
/// Bytes that are kept of these: of the beginning, which says what is wrong, and of the end, which says
/// what would be right.
const KEPT: (usize, usize) = (200, 1600);

/// Arguments that are sentences or phrases of a parser themselves. All others are quoted.
const PHRASES: [&str; 4] = ["why", "found", "expected", "names"];

/// The message that a parser's words make, if they are known.
pub(super) fn read(words: &str) -> Option<Message> {
    PARSERS.iter().find_map(|text| {
        let values = matched(text.en, words)?;
        let arguments = values.into_iter().map(|(name, value)| {
            let phrase = PHRASES.contains(&name).then(|| read(value)).flatten();
            let argument = phrase.map_or_else(|| Argument::plain(value), Argument::Message);
            (name, argument)
        });
        Some(Message::of(text, arguments.collect()))
    })
}

/// The text without the middle of a long quotation.
pub(super) fn shortened(words: String) -> String {
    if words.len() <= LONGEST {
        return words;
    }
    let head = words.floor_char_boundary(KEPT.0);
    let tail = words.ceil_char_boundary(words.len() - KEPT.1);
    format!("{}…{}", &words[..head], &words[tail..])
}

/// What stands for each `{name}` of a template, if the words are made by it.
fn matched<'w>(template: &'static str, words: &'w str) -> Option<Vec<(&'static str, &'w str)>> {
    let Some((before, hole)) = template.split_once('{') else {
        return (template == words).then(Vec::new);
    };
    let rest = words.strip_prefix(before)?;
    let (name, after) = hole.split_once('}')?;
    let literal = after.split('{').next().unwrap_or_default();
    if literal.is_empty() && after.is_empty() {
        return Some(vec![(name, rest)]);
    }
    // The last place first: what is quoted may hold the words that follow it.
    rest.rmatch_indices(literal).find_map(|(at, _)| {
        let mut values = matched(after, &rest[at..])?;
        values.insert(0, (name, &rest[..at]));
        Some(values)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn french(words: &str) -> String {
        Message::parsed(words).to(Language::French)
    }

    #[test]
    fn a_parsers_sentence_is_found_with_what_it_quotes() {
        assert_eq!(
            french("invalid type: string \"x, expected a number\", expected a whole number from 0"),
            "trouvé : le texte \"x, expected a number\" ; attendu : un nombre entier à partir de 0"
        );
        assert_eq!(
            french("trailing comma at line 1 column 9"),
            "une virgule de trop, ligne 1, colonne 9"
        );
    }

    #[test]
    fn what_is_quoted_is_never_translated() {
        assert_eq!(
            french("unknown field `null`, expected `map` or `n`"),
            "le champ `null` n’existe pas ; attendu : `map` ou `n`"
        );
    }

    #[test]
    fn english_stays_as_the_parser_wrote_it() {
        let words = "missing field `steps`";
        assert_eq!(Message::parsed(words).to_string(), words);
    }

    #[test]
    fn what_nobody_knows_stays_as_it_is() {
        assert_eq!(french("a new sentence"), "a new sentence");
    }

    #[test]
    fn a_long_quotation_is_cut_in_its_middle() {
        let long = format!(
            "invalid type: string \"{}\", expected a number",
            "é".repeat(1 << 20)
        );
        let french = french(&long);
        assert!(french.len() < LONGEST, "{}", french.len());
        assert!(french.starts_with("trouvé : le texte \"éé"), "{french}");
        assert!(french.ends_with("é\" ; attendu : un nombre"), "{french}");
    }
}
