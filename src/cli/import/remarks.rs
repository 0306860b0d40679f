//! What the person who imports a graph should know of each line of its draft.

use std::fmt;

use crate::models::Note;

/// How sure a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// The graph showed it when it ran.
    Seen,
    /// It is the likeliest reading; look at the preview.
    Guessed,
    /// No graph can tell; somebody has to.
    Unknown,
    /// The model will most likely not do what is wanted of it.
    Doubt,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seen => "Seen",
            Self::Guessed => "Guessed",
            Self::Unknown => "Not known",
            Self::Doubt => "CAREFUL",
        })
    }
}

/// Remarks on fields of a drafted manifest.
#[derive(Debug, Default)]
pub(super) struct Remarks(Vec<Remark>);

#[derive(Debug)]
struct Remark {
    field: Vec<String>,
    certainty: Certainty,
    text: String,
}

impl Remarks {
    pub(super) fn add(&mut self, field: &[&str], certainty: Certainty, text: impl Into<String>) {
        self.0.push(Remark {
            field: field.iter().map(|&key| key.to_owned()).collect(),
            certainty,
            text: text.into(),
        });
    }

    pub(super) fn seen(&mut self, field: &[&str], text: impl Into<String>) {
        self.add(field, Certainty::Seen, text);
    }

    pub(super) fn guessed(&mut self, field: &[&str], text: impl Into<String>) {
        self.add(field, Certainty::Guessed, text);
    }

    pub(super) fn unknown(&mut self, field: &[&str], text: impl Into<String>) {
        self.add(field, Certainty::Unknown, text);
    }

    /// Says what makes the whole model doubtful.
    pub(super) fn doubt(&mut self, text: impl Into<String>) {
        self.add(&["schema"], Certainty::Doubt, text);
    }

    /// Adds all of another's.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The lines for a terminal of one certainty: the field, and what is to be said of it.
    pub(super) fn lines(&self, certainty: Certainty) -> Vec<String> {
        let mine = self.0.iter().filter(|remark| remark.certainty == certainty);
        let line = |remark: &Remark| match remark.certainty {
            Certainty::Doubt => remark.text.clone(),
            _ => format!("{}: {}", remark.field.join("."), remark.text),
        };
        mine.map(line).collect()
    }

    /// The comments for the manifest.
    pub(super) fn notes(&self) -> Vec<Note> {
        let note = |remark: &Remark| {
            let text = format!("{}: {}", remark.certainty, remark.text);
            Note::new(remark.field.iter().map(String::as_str), text)
        };
        self.0.iter().map(note).collect()
    }
}
