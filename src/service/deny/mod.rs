//! What the operator won't have painted: lists of words, held against prompts and styles.
//!
//! Words are whole words, compared as labels are (`models::words`): case, composition and the place of a
//! Vietnamese tone make no difference, and *ma* is not *má*. What was typed without accents meets a phrase
//! of several words that has some, since nothing else was probably meant.
//!
//! It is a list of words and no judgement: it knows no meaning, and what is spelled otherwise passes.

mod file;
mod phrase;
#[cfg(test)]
mod tests;

pub use self::file::DenyFileError;

use self::phrase::Phrase;
use crate::fields::{Draft, Endpoint, RestyleChoice, StyleChoice};
use crate::language::Message;
use crate::models::words::{Word, words};

/// A request's field that a list denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule's name, for the log.
    pub rule: String,
    /// The field in which its words stand.
    pub field: String,
    /// What the caller is told.
    pub reason: Message,
}

/// The operator's rules; none of them, by default.
#[derive(Debug, Clone, Default)]
pub struct DenyList {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    name: String,
    phrases: Vec<Phrase>,
    reason: Message,
}

impl DenyList {
    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether nothing is denied.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The first rule that a request breaks.
    pub(in crate::service) fn denies(&self, draft: &Draft) -> Option<Denial> {
        if self.rules.is_empty() {
            return None;
        }
        texts(draft).find_map(|(field, text)| self.denies_text(&field, text))
    }

    fn denies_text(&self, field: &str, text: &str) -> Option<Denial> {
        let said: Vec<Word> = words(text);
        let breaks = |rule: &&Rule| rule.phrases.iter().any(|phrase| phrase.stands_in(&said));
        let rule = self.rules.iter().find(breaks)?;
        Some(Denial {
            rule: rule.name.clone(),
            field: field.to_owned(),
            reason: rule.reason.clone(),
        })
    }
}

/// All that a caller says of what the image should show, with the field where it stands. What it should
/// not show is left out.
fn texts(draft: &Draft) -> impl Iterator<Item = (String, &str)> {
    let prompt = draft
        .prompt
        .as_deref()
        .map(|text| ("prompt".to_owned(), text));
    let styles = draft
        .style
        .iter()
        .flat_map(|style| of_style("style", style));
    let restyles = draft
        .restyle
        .iter()
        .flat_map(|RestyleChoice { style, .. }| {
            style
                .iter()
                .flat_map(|style| of_style("restyle.style", style))
        });
    let walk = draft.interpolate.iter().flat_map(|walk| {
        [
            ("interpolate.from", &walk.from),
            ("interpolate.to", &walk.to),
        ]
    });
    let walk = walk.filter_map(|(field, end)| of_endpoint(field.to_owned(), end));
    let mix = draft.mix.iter().flatten().enumerate();
    let mix = mix.filter_map(|(at, term)| of_endpoint(format!("mix[{at}]"), &term.of));
    prompt
        .into_iter()
        .chain(styles)
        .chain(restyles)
        .chain(walk)
        .chain(mix)
}

fn of_style<'d>(field: &str, style: &'d StyleChoice) -> Vec<(String, &'d str)> {
    let names: Vec<&str> = match style {
        StyleChoice::Name(name) => vec![name],
        StyleChoice::Weights(weights) => weights.keys().map(String::as_str).collect(),
        StyleChoice::Image(_) => Vec::new(),
    };
    names
        .into_iter()
        .map(|name| (field.to_owned(), name))
        .collect()
}

fn of_endpoint(field: String, end: &Endpoint) -> Option<(String, &str)> {
    match end {
        Endpoint::Prompt { prompt, .. } => Some((field + ".prompt", prompt)),
        _ => None,
    }
}
