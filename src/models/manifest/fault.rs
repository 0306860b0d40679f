//! What is wrong with a manifest, and where.

use std::fmt;

use toml::de::{DeTable, DeValue};

/// Why a manifest can't be used: one sentence that says what was found and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    /// The line of the text, counted from 1; none where the text has no such place, or where the
    /// manifest was built in code.
    pub line: Option<usize>,
    /// The path of the field, such as `graphs.generator.inputs.z`; empty for the whole manifest.
    pub field: String,
    pub message: String,
}

impl std::error::Error for ManifestError {}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "`{}`: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

impl ManifestError {
    /// From what TOML's reader said, where `field` is the place that it had reached.
    pub(super) fn unreadable(text: &str, field: String, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_at(text, span.start));
        Self {
            line,
            field,
            message: error.message().trim().replace('\n', "; "),
        }
    }

    /// From a fault in a manifest that was read from `text`.
    pub(super) fn located(text: &str, fault: Fault) -> Self {
        Self {
            line: fault.field.line(text),
            ..fault.into()
        }
    }
}

/// A broken rule, before anyone has looked up its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    field: Field,
    message: String,
}

impl From<Fault> for ManifestError {
    fn from(fault: Fault) -> Self {
        Self {
            line: None,
            field: fault.field.to_string(),
            message: fault.message,
        }
    }
}

/// The way to a field, kept in steps because keys may contain dots (`input.1` is a common name).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

impl Field {
    pub(super) fn of(key: &str) -> Self {
        Self(vec![Step::Key(key.to_owned())])
    }

    pub(super) fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        self.step(Step::Item(index))
    }

    /// Says what is wrong here.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault {
            field: self.clone(),
            message: message.into(),
        }
    }

    /// The same as an error, unless `rule` holds.
    pub(super) fn must(&self, rule: bool, message: impl FnOnce() -> String) -> Result<(), Fault> {
        if rule {
            Ok(())
        } else {
            Err(self.fault(message()))
        }
    }

    /// The line where the field stands in `text`, or where the nearest thing around it does.
    pub(super) fn line(&self, text: &str) -> Option<usize> {
        let root = DeTable::parse(text).ok()?;
        let mut place = None;
        let mut value = &DeValue::Table(root.into_inner());
        for step in &self.0 {
            let found = match (step, value) {
                (Step::Key(key), DeValue::Table(table)) => table
                    .iter()
                    .find(|(name, _)| name.get_ref() == key)
                    .map(|(name, inner)| (name.span(), inner)),
                (Step::Item(index), DeValue::Array(items)) => {
                    items.get(*index).map(|inner| (inner.span(), inner))
                }
                _ => None,
            };
            let Some((span, inner)) = found else { break };
            place = Some(span.start);
            value = inner.get_ref();
        }
        place.map(|at| line_at(text, at))
    }

    fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    let dot = if at == 0 { "" } else { "." };
                    let plain = key
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
                    if plain {
                        write!(f, "{dot}{key}")?
                    } else {
                        write!(f, "{dot}{key:?}")?
                    }
                }
            }
        }
        Ok(())
    }
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(byte)
        .filter(|&&byte| byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n\n[graphs.g.inputs]\n\"input.1\" = 2\n\n[[class]]\nname = \"x\"\n";

    #[test]
    fn a_field_is_found_by_its_steps() {
        let line = |field: Field| field.line(TEXT);
        assert_eq!(line(Field::of("a")), Some(1));
        assert_eq!(
            line(Field::of("graphs").key("g").key("inputs").key("input.1")),
            Some(4)
        );
        assert_eq!(line(Field::of("class").item(0).key("name")), Some(7));
    }

    #[test]
    fn an_absent_field_is_placed_at_what_would_hold_it() {
        assert_eq!(Field::of("class").item(0).key("labels").line(TEXT), Some(6));
        assert_eq!(Field::of("latent").line(TEXT), None);
    }

    #[test]
    fn a_path_quotes_keys_that_hold_dots() {
        let field = Field::of("class").item(3).key("a-b").key("input.1");
        assert_eq!(field.to_string(), "class[3].a-b.\"input.1\"");
    }
}
