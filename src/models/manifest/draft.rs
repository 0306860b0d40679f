//! A manifest written back to TOML, for a person to finish.
//!
//! Importing a foreign graph guesses what the graph doesn't say. The guesses are worth nothing
//! unless the person who reads the draft sees which lines they are, so each is marked by a comment
//! above its line.

use super::{Manifest, fault::Field};

/// A remark about one field of a drafted manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    field: Field,
    remark: String,
}

impl Note {
    /// A remark to stand above the field that the keys lead to, such as `["picture", "range"]`.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a str>, remark: impl Into<String>) -> Self {
        let mut keys = keys.into_iter();
        let first = Field::of(keys.next().unwrap_or_default());
        Self {
            field: keys.fold(first, |field, key| field.key(key)),
            remark: remark.into(),
        }
    }
}

impl Manifest {
    /// The text of a `model.toml` that [`parse`](Self::parse) reads back to an equal manifest.
    ///
    /// Each note stands as a comment above the line of its field; a note whose field is not in the
    /// text stands above the table that would hold it, or else at the top.
    pub fn to_toml(&self, notes: &[Note]) -> String {
        let text = toml::to_string(&**self).expect("a manifest has only tables, lists and scalars");
        let mut placed: Vec<(usize, &str)> = notes
            .iter()
            .map(|note| (note.field.line(&text).unwrap_or(1), note.remark.as_str()))
            .collect();
        placed.sort_by_key(|&(line, _)| line);
        let mut placed = placed.into_iter().peekable();
        let mut noted = String::with_capacity(text.len());
        for (line, content) in (1..).zip(text.lines()) {
            while let Some((_, remark)) = placed.next_if(|&(at, _)| at == line) {
                for sentence in remark.lines() {
                    noted.push_str(&format!("# {sentence}\n"));
                }
            }
            noted.push_str(content);
            noted.push('\n');
        }
        noted
    }
}
