//! What the service says to people, in English, French and Vietnamese.
//!
//! A sentence is written where it is needed, in English, with its arguments by name:
//!
//! ```
//! use atelier::language::{Language, Message};
//! use atelier::message;
//!
//! let says: Message = message!("the deadline of {deadline} ms passed", deadline = 200);
//! assert_eq!(says.to_string(), "the deadline of 200 ms passed");
//! assert_eq!(says.to(Language::French), "le délai de 200 ms est passé");
//! ```
//!
//! The English is its name in the `catalogue`, where its translations stand; a test reads all of
//! `src/` and fails where one is missing. No room but `http` chooses a language: all others hand
//! messages on, so that they need not know who asks.

mod catalogue;
mod message;
mod parsed;

pub use message::{Argument, Message};

/// A language that the service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// What is spoken to those who ask for nothing else.
    #[default]
    English,
    /// Français.
    French,
    /// Tiếng Việt.
    Vietnamese,
}

impl Language {
    /// All of them, English first.
    pub const ALL: [Self; 3] = [Self::English, Self::French, Self::Vietnamese];

    /// Its ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Vietnamese => "vi",
        }
    }

    /// The language of a tag such as `fr-CA`, if it is spoken here.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// A fixed text in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub en: &'static str,
    /// In French.
    pub fr: &'static str,
    /// In Vietnamese.
    pub vi: &'static str,
}

impl Text {
    /// The text in that language.
    #[must_use]
    pub const fn to(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::French => self.fr,
            Language::Vietnamese => self.vi,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_language_whatever_its_region() {
        assert_eq!(Language::of_tag("fr-CA"), Some(Language::French));
        assert_eq!(Language::of_tag("VI"), Some(Language::Vietnamese));
        assert_eq!(Language::of_tag("de"), None);
        assert_eq!(Language::of_tag(""), None);
    }
}
