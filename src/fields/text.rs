//! Texts in the languages of those who use the service.

use std::borrow::Cow;

use crate::language::{Language, Message};

/// A text in English, French and Vietnamese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub en: Cow<'static, str>,
    /// In French.
    pub fr: Cow<'static, str>,
    /// In Vietnamese.
    pub vi: Cow<'static, str>,
}

impl Text {
    /// A text that is the same for every model.
    pub const fn new(en: &'static str, fr: &'static str, vi: &'static str) -> Self {
        Self {
            en: Cow::Borrowed(en),
            fr: Cow::Borrowed(fr),
            vi: Cow::Borrowed(vi),
        }
    }

    /// The same with `name`, in each language, where `{name}` stands.
    #[must_use]
    pub fn with(&self, name: &Self) -> Self {
        let filled = |text: &str, name: &str| Cow::Owned(text.replace("{name}", name));
        Self {
            en: filled(&self.en, &name.en),
            fr: filled(&self.fr, &name.fr),
            vi: filled(&self.vi, &name.vi),
        }
    }

    /// The text in that language.
    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::French => &self.fr,
            Language::Vietnamese => &self.vi,
        }
    }

    /// The text as a message, or as a part of one.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::fixed(&self.en, &self.fr, &self.vi)
    }

    /// The same in that language, whoever asks.
    #[must_use]
    pub fn alone(&self, language: Language) -> Self {
        Self::verbatim(self.to(language))
    }

    /// What a model calls something, in English, French and Vietnamese.
    pub fn of(names: [&str; 3]) -> Self {
        let [en, fr, vi] = names.map(|name| Cow::Owned(name.to_owned()));
        Self { en, fr, vi }
    }

    /// A name of the model's own, which is the same in all languages.
    pub fn verbatim(name: &str) -> Self {
        let name = || Cow::Owned(name.to_owned());
        Self {
            en: name(),
            fr: name(),
            vi: name(),
        }
    }
}
