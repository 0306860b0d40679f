//! A value together with who said it.

use std::fmt;
use std::path::PathBuf;

use super::error::ConfigError;

/// Where a setting was written, as its author would look for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nobody wrote it.
    Default(&'static str),
    /// In the settings file.
    File {
        /// Its path.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The setting.
        key: &'static str,
    },
    /// In the variable of that name.
    Variable(String),
    /// On the command line.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(key) => write!(f, "{key} (by default)"),
            Self::File { path, line, key } => write!(f, "{}, line {line}: {key}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(key) => write!(f, "--{}", key.replace('_', "-")),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Sourced<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Sourced<T> {
    /// The value, unless it breaks `rule`.
    pub(super) fn must(
        self,
        rule: impl FnOnce(&T) -> bool,
        reason: impl FnOnce(&T) -> String,
    ) -> Result<Self, ConfigError> {
        if rule(&self.value) {
            return Ok(self);
        }
        Err(ConfigError::Value {
            reason: reason(&self.value),
            place: self.place,
        })
    }
}
