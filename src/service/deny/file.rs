//! The operator's file of rules, in TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::phrase::{Accents, Phrase};
use super::{DenyList, Rule};
use crate::language::Message;
use crate::message;
use crate::models::read_text;

/// Rules that a list may have, and phrases all together: each is looked for in each prompt.
const MOST_PHRASES: usize = 10_000;

/// A file that is no list of rules.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct DenyFileError {
    path: PathBuf,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    deny: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    name: String,
    words: Vec<String>,
    #[serde(default)]
    accents: Accents,
    reason: Option<Reason>,
}

/// In one language for all, or in each.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reason {
    One(String),
    Each { en: String, fr: String, vi: String },
}

impl DenyList {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// [`DenyFileError`] says what is wrong, and where.
    pub fn read(path: &Path) -> Result<Self, DenyFileError> {
        let failed = |reason: String| DenyFileError {
            path: path.to_owned(),
            reason,
        };
        let text = read_text(path).map_err(|error| failed(format!("cannot read it: {error}")))?;
        let written: Written = toml::from_str(&text).map_err(|error| {
            let reason = error.message().trim().replace('\n', "; ");
            let start = error.span().map_or(0, |span| span.start);
            let line = text
                .bytes()
                .take(start)
                .filter(|&byte| byte == b'\n')
                .count()
                + 1;
            failed(format!("line {line}: {reason}"))
        })?;
        let rules = written.deny.into_iter().map(WrittenRule::checked);
        let rules: Vec<Rule> = rules.collect::<Result<_, _>>().map_err(failed)?;
        let phrases: usize = rules.iter().map(|rule| rule.phrases.len()).sum();
        if phrases > MOST_PHRASES {
            return Err(failed(format!(
                "{phrases} words; at most {MOST_PHRASES} are held against prompts"
            )));
        }
        Ok(Self { rules })
    }
}

impl WrittenRule {
    fn checked(self) -> Result<Rule, String> {
        let name = self.name;
        let phrases = self.words.iter().map(|text| {
            let phrase = Phrase::new(text, self.accents);
            phrase.ok_or_else(|| format!("the rule {name:?}: {text:?} has no word in it"))
        });
        let phrases: Vec<Phrase> = phrases.collect::<Result<_, _>>()?;
        if phrases.is_empty() {
            return Err(format!("the rule {name:?} has no words"));
        }
        let reason = match self.reason {
            None => message!("this server doesn't paint that"),
            Some(Reason::One(reason)) => Message::foreign(reason),
            Some(Reason::Each { en, fr, vi }) => Message::fixed(&en, &fr, &vi),
        };
        Ok(Rule {
            name,
            phrases,
            reason,
        })
    }
}
