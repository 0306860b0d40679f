//! What a file says of where it comes from, and how far that can be believed.
//!
//! A file may carry a signed manifest (C2PA), which is checked; a digital source type by the IPTC and words
//! of ours, which anybody could have written; and the settings that tools for generating images leave
//! behind. [`examine`] finds them, in files from anywhere; [`Findings::says`] puts them into sentences.
//!
//! What its pixels carry stays when all that is gone; looking for it takes graphs, so others do that.
//!
//! It says what *files* say. A file that says nothing may be of a camera, of a model, or of a model and
//! cleaned afterwards.

mod claims;
mod kind;
mod manifest;
mod pixels;
mod sentences;
#[cfg(test)]
mod tests;
mod trust;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use self::claims::{Action, Agent, Claims, IngredientClaim};
pub use self::kind::Kind;
pub use self::manifest::{Fault, Signed, Validation};
pub use self::pixels::{Mark, Pixels};
pub use self::sentences::{Assurance, Origin};
pub use self::trust::{Trust, TrustError};

use super::manifests::Unread;
use super::{FoundProvenance, read_provenance, read_texts};
use crate::language::Message;
use crate::message;

/// Characters of a text from a file that are handed on.
pub(super) const MOST_LETTERS: usize = 4_000;
/// The keyword under which tools for generating images write their settings.
const SETTINGS: &str = "parameters";

/// All that a file says of itself.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What kind of file it is.
    pub kind: Kind,
    /// What is signed, or that it can't be read.
    pub signed: Option<Result<Signed, Unread>>,
    /// What its unsigned metadata says.
    pub metadata: FoundProvenance,
    /// The settings of a tool for generating images.
    pub settings: Option<String>,
    /// What its pixels carry, where they were looked at.
    pub pixels: Option<Pixels>,
}

/// A file that nothing is looked for in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct UnknownKind;

impl UnknownKind {
    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        message!(
            "the file is none that pictures are looked for in: PNG, JPEG, WebP, GIF, AVIF or HEIC"
        )
    }
}

/// Looks what a file says of itself. Nothing is fetched, and its pixels are not unpacked: whoever looks at those
/// puts what was found into [`Findings::pixels`].
///
/// # Errors
/// [`UnknownKind`]: it is no image file of a kind that is known here.
pub fn examine(file: &[u8], trust: &Trust) -> Result<Findings, UnknownKind> {
    let kind = Kind::of(file).ok_or(UnknownKind)?;
    // Libraries that parse what strangers wrote have bounds of their own, and may still have faults: a
    // file that finds one says nothing that can be believed, and that is all that may come of it.
    let caught = |reason: &str| Some(Err(Unread::Damaged(reason.to_owned())));
    let signed = catch_unwind(AssertUnwindSafe(|| manifest::read(file, kind, trust)));
    let signed = signed.unwrap_or_else(|_| caught("reading it failed"));
    let metadata = catch_unwind(|| read_provenance(file).unwrap_or_default());
    let texts = catch_unwind(|| read_texts(file));
    let mut texts = texts.unwrap_or_default().into_iter();
    let settings = texts.find(|(keyword, _)| keyword == SETTINGS);
    Ok(Findings {
        kind,
        signed,
        metadata: metadata.map(bounded).unwrap_or_default(),
        settings: settings.map(|(_, text)| cut(&text)),
        pixels: None,
    })
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(MOST_LETTERS).collect()
}

fn bounded(found: FoundProvenance) -> FoundProvenance {
    let cut = |text: Option<String>| text.map(|text| cut(&text)).filter(|text| !text.is_empty());
    let list = |texts: Vec<String>| {
        let texts = texts.into_iter().take(64);
        texts.map(|text| self::cut(&text)).collect()
    };
    FoundProvenance {
        software: cut(found.software),
        digital_source_type: cut(found.digital_source_type),
        model: cut(found.model),
        digest: cut(found.digest),
        family: cut(found.family),
        seed: found.seed,
        prompt: cut(found.prompt),
        chain: list(found.chain),
        sources: list(found.sources),
    }
}
