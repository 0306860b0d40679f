//! A sentence with arguments, which is put into words when it is known for whom.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Language, Text, catalogue, parsed};

/// A sentence of the catalogue with its arguments, or words that can't be translated.
///
/// Written out with `Display` it is English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message(Box<Inner>);

/// Boxed, since most results never hold one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    sentence: Sentence,
    arguments: Vec<(&'static str, Argument)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sentence {
    /// In the catalogue under its English, in which `{name}` stands for an argument.
    Known(&'static str),
    /// One that a parser is known to say.
    Parsed(&'static Text),
    /// Somebody else's words.
    Foreign(String),
    /// Put into words already, in each language.
    Fixed([String; 3]),
}

/// What stands in a message for a `{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The same in every language: a number, a name, what the caller wrote.
    Plain(String),
    /// A part of the sentence that is put into words too.
    Message(Message),
    /// Several parts, with what stands between them.
    Several(Vec<Message>, &'static str),
}

impl Message {
    /// The sentence of the catalogue whose English that is. [`message!`](crate::message) calls it.
    #[must_use]
    pub fn new(english: &'static str, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self(Box::new(Inner {
            sentence: Sentence::Known(english),
            arguments,
        }))
    }

    /// Words that come from elsewhere, and are the same in every language.
    pub fn foreign(words: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            sentence: Sentence::Foreign(words.into()),
            arguments: Vec::new(),
        }))
    }

    /// Words of a parser: put into other languages where they are known, and else left as they are.
    pub fn parsed(words: impl Into<String>) -> Self {
        let words = parsed::shortened(words.into());
        parsed::read(&words).unwrap_or_else(|| Self::foreign(words))
    }

    /// Why a model can't serve, in the words of the error: put into other languages as far as they are known.
    pub fn reason(words: impl Into<String>) -> Self {
        let words = words.into();
        parsed::read_reason(&words).unwrap_or_else(|| Self::foreign(words))
    }

    pub(super) fn of(text: &'static Text, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self(Box::new(Inner {
            sentence: Sentence::Parsed(text),
            arguments,
        }))
    }

    /// A text that is there in English, French and Vietnamese.
    #[must_use]
    pub fn fixed(english: &str, french: &str, vietnamese: &str) -> Self {
        Self(Box::new(Inner {
            sentence: Sentence::Fixed([english, french, vietnamese].map(str::to_owned)),
            arguments: Vec::new(),
        }))
    }

    /// A number, with the comma of those languages that write one. Where it is one to send, it stays as JSON has it.
    pub fn decimal(number: impl fmt::Display) -> Self {
        let english = number.to_string();
        let comma = english.replace('.', ",");
        Self::fixed(&english, &comma, &comma)
    }

    /// The same with one more argument, a message in its turn.
    #[must_use]
    pub fn with(mut self, name: &'static str, part: Self) -> Self {
        self.0.arguments.push((name, Argument::Message(part)));
        self
    }

    /// The same with one more argument: messages, one after the other.
    #[must_use]
    pub fn with_all(
        mut self,
        name: &'static str,
        parts: impl IntoIterator<Item = Self>,
        between: &'static str,
    ) -> Self {
        let parts = parts.into_iter().collect();
        self.0
            .arguments
            .push((name, Argument::Several(parts, between)));
        self
    }

    /// The sentence in that language; in English where the catalogue doesn't have it.
    #[must_use]
    pub fn to(&self, language: Language) -> String {
        let template = match &self.0.sentence {
            Sentence::Known(english) => {
                catalogue::find(english).map_or(*english, |text| text.to(language))
            }
            Sentence::Parsed(text) => text.to(language),
            Sentence::Foreign(words) => return words.clone(),
            Sentence::Fixed(texts) => return texts[language as usize].clone(),
        };
        let mut says = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, hole)) = rest.split_once('{') {
            says.push_str(before);
            let (name, after) = hole.split_once('}').unwrap_or((hole, ""));
            if let Some((_, argument)) = self.0.arguments.iter().find(|(known, _)| *known == name) {
                argument.write(language, &mut says);
            }
            rest = after;
        }
        says.push_str(rest);
        says
    }
}

impl Argument {
    /// Something that is written alike in every language.
    pub fn plain(value: impl fmt::Display) -> Self {
        Self::Plain(value.to_string())
    }

    fn write(&self, language: Language, says: &mut String) {
        match self {
            Self::Plain(words) => says.push_str(words),
            Self::Message(part) => says.push_str(&part.to(language)),
            Self::Several(parts, between) => {
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        says.push_str(between);
                    }
                    says.push_str(&part.to(language));
                }
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to(Language::English))
    }
}

/// Its English, for what is written for programs.
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether that is its English.
impl PartialEq<String> for Message {
    fn eq(&self, english: &String) -> bool {
        self.to(Language::English) == *english
    }
}

/// Whether that is its English.
impl PartialEq<&str> for Message {
    fn eq(&self, english: &&str) -> bool {
        self.to(Language::English) == *english
    }
}

impl From<String> for Message {
    fn from(words: String) -> Self {
        Self::foreign(words)
    }
}

impl From<&str> for Message {
    fn from(words: &str) -> Self {
        Self::foreign(words)
    }
}

/// A [`Message`]: an English sentence in which `{name}` stands for an
/// argument, then the arguments: `name`, `name = value`, or `name = ?value` for what its `Debug`
/// writes.
#[macro_export]
macro_rules! message {
    ($english:literal $(, $($arguments:tt)*)?) => {
        $crate::language::Message::new($english, $crate::message_arguments!([] $($($arguments)*)?))
    };
}

/// The arguments of [`message!`], one after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! message_arguments {
    ([$($done:expr,)*]) => {
        vec![$($done,)*]
    };
    ([$($done:expr,)*] $name:ident = ? $value:expr $(, $($rest:tt)*)?) => {
        $crate::message_arguments!([
            $($done,)*
            (stringify!($name), $crate::language::Argument::plain(format_args!("{:?}", $value))),
        ] $($($rest)*)?)
    };
    ([$($done:expr,)*] $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::message_arguments!([
            $($done,)*
            (stringify!($name), $crate::language::Argument::plain(&$value)),
        ] $($($rest)*)?)
    };
    ([$($done:expr,)*] $name:ident $(, $($rest:tt)*)?) => {
        $crate::message_arguments!([
            $($done,)*
            (stringify!($name), $crate::language::Argument::plain(&$name)),
        ] $($($rest)*)?)
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stand_where_each_language_puts_them() {
        let says = message!("the deadline of {deadline} ms passed", deadline = 200);
        assert_eq!(says.to(Language::English), "the deadline of 200 ms passed");
        assert_eq!(says.to(Language::French), "le délai de 200 ms est passé");
        assert_eq!(says.to(Language::Vietnamese), "đã quá hạn 200 ms");
        assert_eq!(says.to_string(), says.to(Language::English));
    }

    #[test]
    fn what_a_caller_wrote_is_quoted_and_never_read_as_a_hole() {
        let (model, known) = ("{known}", "cats");
        let says = message!(
            "there is no model {model}{proposal}; the models are {known}",
            model = ?model,
            known,
            proposal = ""
        );
        assert_eq!(
            says.to_string(),
            "there is no model \"{known}\"; the models are cats"
        );
    }

    #[test]
    fn a_part_is_put_into_words_too() {
        let part = message!("the generation was cancelled");
        let says = message!("{field}: {why}", field = "id").with("why", part.clone());
        assert_eq!(
            says.to(Language::French),
            "id : la génération a été annulée"
        );
        let says =
            message!("{field}: {why}", field = "id").with_all("why", [part.clone(), part], "; ");
        assert_eq!(
            says.to(Language::Vietnamese),
            "id: lượt tạo ảnh đã bị hủy; lượt tạo ảnh đã bị hủy"
        );
    }

    #[test]
    fn words_from_elsewhere_stay_as_they_are() {
        let says = Message::foreign("expected `,` at line 1");
        assert_eq!(says.to(Language::Vietnamese), "expected `,` at line 1");
    }
}
