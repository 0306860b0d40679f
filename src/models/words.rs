//! Words, so that two spellings of one word are seen to be one.
//!
//! Labels are compared with each other when a manifest is read, and with a prompt when one comes.
//! Both must agree on what the same word is, hence one place for it. "ZÉRO" and "zéro" are one
//! word; so are "hoà" and "hòa", two habits of placing the same Vietnamese tone; so are a composed
//! and a decomposed "é", which look alike and differ in bytes. "hai" and "hãi" are two words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The tone marks of Vietnamese: grave, acute, tilde, hook above, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// One word of a text, with the forms by which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it was written, composed (NFC).
    pub written: String,
    /// What must be equal for two words to be the same: lower case, decomposed, tones last.
    pub key: String,
    /// The key without its accents: what remains of the word on a keyboard that has none.
    pub bare: String,
    /// The characters between this word and the next one.
    pub gap: String,
}

impl Word {
    fn new(written: &str) -> Self {
        let key = key(written);
        Self {
            written: written.to_owned(),
            bare: bare(&key),
            key,
            gap: String::new(),
        }
    }

    /// Whether it was written without any accent.
    pub fn is_bare(&self) -> bool {
        self.key == self.bare
    }
}

/// The words of a text, in order.
///
/// A word is a run of letters, digits and accents. A point or a comma between two digits belongs
/// to the number, so that "3.14" doesn't contain a 3, and so does a sign before it: -1 is not 1.
pub fn words(text: &str) -> Vec<Word> {
    let text: Vec<char> = text.nfc().collect();
    let mut words: Vec<Word> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = (start..text.len())
            .find(|&at| !in_word(&text, at))
            .unwrap_or(text.len());
        if end > start {
            let written: String = text[start..end].iter().collect();
            words.push(Word::new(&written));
            start = end;
        } else {
            if let Some(last) = words.last_mut() {
                last.gap.push(text[start]);
            }
            start += 1;
        }
    }
    words
}

/// The words of a text as one string, equal for texts that are spelled alike.
///
/// A text without any word ("★") stands for itself.
pub fn phrase(text: &str) -> String {
    let keys: Vec<String> = words(text).into_iter().map(|word| word.key).collect();
    if keys.is_empty() {
        key(text.trim())
    } else {
        keys.join(" ")
    }
}

fn in_word(text: &[char], at: usize) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    match text[at] {
        '.' | ',' => at > 0 && digit(at - 1) && digit(at + 1),
        // A hyphen within a word ("digit-7") is no sign.
        '-' | '+' | '−' => digit(at + 1) && (at == 0 || text[at - 1].is_whitespace()),
        // Variation selectors and keycaps are marks too, but no part of a word.
        'º' | 'ª' => false,
        letter => letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter),
    }
}

fn key(written: &str) -> String {
    let (letters, tones): (String, String) = written
        .to_lowercase()
        .nfd()
        .partition(|mark| !TONES.contains(mark));
    letters + &tones
}

fn bare(key: &str) -> String {
    key.chars()
        .filter(|&mark| !is_combining_mark(mark))
        .map(|letter| if letter == 'đ' { 'd' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.written).collect()
    }

    #[test]
    fn words_end_where_letters_and_digits_end() {
        assert_eq!(
            written("Dessine-moi n°7, s'il te plaît"),
            ["Dessine", "moi", "n", "7", "s", "il", "te", "plaît"]
        );
        assert_eq!(written("7️⃣"), ["7"]);
        assert!(words(" … ").is_empty());
    }

    #[test]
    fn a_number_keeps_its_point() {
        assert_eq!(written("3.14 and 2,5, 7."), ["3.14", "and", "2,5", "7"]);
    }

    #[test]
    fn case_composition_and_tone_placement_make_no_difference() {
        assert_eq!(phrase("ZÉRO"), phrase("ze\u{301}ro"));
        assert_eq!(phrase("Pixel-Art"), phrase("pixel art"));
        assert_eq!(phrase("hoà"), phrase("hòa"));
        assert_eq!(phrase("BẢY"), phrase("bảy"));
    }

    #[test]
    fn accents_make_another_word() {
        assert_ne!(phrase("hai"), phrase("hãi"));
        assert_ne!(phrase("péché"), phrase("pêche"));
        assert_ne!(phrase("năm"), phrase("nam"));
    }

    #[test]
    fn bare_words_are_what_a_keyboard_without_accents_types() {
        let bare: Vec<String> = words("Đen bảy mười zéro")
            .into_iter()
            .map(|w| w.bare)
            .collect();
        assert_eq!(bare, ["den", "bay", "muoi", "zero"]);
        assert!(words("muoi")[0].is_bare());
        assert!(!words("đen")[0].is_bare());
    }

    #[test]
    fn a_number_keeps_its_sign() {
        assert_ne!(phrase("-1"), phrase("1"));
        assert_ne!(phrase("+3"), phrase("3"));
        assert_eq!(phrase(" -1 "), phrase("-1"));
        assert_eq!(phrase("-hair-"), phrase("hair"));
        assert_eq!(
            written("a −2, digit-7 and 3-4"),
            ["a", "−2", "digit", "7", "and", "3", "4"]
        );
    }

    #[test]
    fn a_text_without_words_stands_for_itself() {
        assert_eq!(phrase(" ★ "), "★");
        assert_ne!(phrase("★"), phrase("☆"));
    }
}
