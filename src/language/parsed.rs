//! What parsers say, found again among the sentences that they are known to say.
//!
//! A parser writes English, and hands nothing on but its text. Its sentences are few, though, so that
//! a text is held against each of them: what matches is put into words again, in any language.

use super::catalogue::{PARSERS, REASONS};
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
        let values = matched(text.en, words, &|_, _| true)?;
        let arguments = values.into_iter().map(|(name, value)| {
            let phrase = PHRASES.contains(&name).then(|| read(value)).flatten();
            let argument = phrase.map_or_else(|| Argument::plain(value), Argument::Message);
            (name, argument)
        });
        Some(Message::of(text, arguments.collect()))
    })
}

/// The same of why a model can't serve, where `{why}` alone is another sentence, and a known one.
pub(super) fn read_reason(words: &str) -> Option<Message> {
    let words = words.get(..LONGEST).unwrap_or(words);
    REASONS.iter().find_map(|text| {
        let is_known = |name: &str, value: &str| name != "why" || read_reason(value).is_some();
        let values = matched(text.en, words, &is_known)?;
        let arguments = values.into_iter().map(|(name, value)| {
            let reason = (name == "why").then(|| read_reason(value)).flatten();
            let argument = reason.map_or_else(|| Argument::plain(value), Argument::Message);
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

/// What stands for each `{name}` of a template, if the words are made by it and the last of them may stand there.
fn matched<'w>(
    template: &'static str,
    words: &'w str,
    may_be: &dyn Fn(&str, &str) -> bool,
) -> Option<Vec<(&'static str, &'w str)>> {
    let Some((before, hole)) = template.split_once('{') else {
        return (template == words).then(Vec::new);
    };
    let rest = words.strip_prefix(before)?;
    let (name, after) = hole.split_once('}')?;
    let literal = after.split('{').next().unwrap_or_default();
    if literal.is_empty() && after.is_empty() {
        return may_be(name, rest).then(|| vec![(name, rest)]);
    }
    // The last place first: what is quoted may hold the words that follow it.
    rest.rmatch_indices(literal).find_map(|(at, _)| {
        let mut values = matched(after, &rest[at..], may_be)?;
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
    fn why_a_model_cannot_serve_is_put_into_words_part_by_part() {
        let french = |words: &str| Message::reason(words).to(Language::French);
        assert_eq!(
            french("the generator's file a b.onnx is missing"),
            "le fichier a b.onnx du graphe generator manque"
        );
        assert_eq!(
            french("/m/x y.onnx is empty; download or copy it again"),
            "/m/x y.onnx est vide ; téléchargez-le ou copiez-le de nouveau"
        );
        assert_eq!(
            french(
                "unet/model.onnx keeps weights in w.bin, which is not there; put it beside the graph under this name"
            ),
            "unet/model.onnx garde des poids dans w.bin, qui n’est pas là ; mettez-le à côté du graphe sous ce nom"
        );
        // What only a diagnosis tells stays as it is.
        assert_eq!(
            french("g.onnx cannot be loaded: Load model failed: node 7"),
            "g.onnx ne se charge pas : Load model failed: node 7"
        );
        assert_eq!(
            french("something else altogether"),
            "something else altogether"
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
