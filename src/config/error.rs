//! Why settings cannot be used.

use std::path::PathBuf;

use super::sourced::Place;

/// One sentence that names the setting, where it was written, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML, or holds something that is no setting.
    #[error("{}, line {line}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What was found, and what would be right.
        reason: String,
    },
    /// A setting's value cannot be honoured.
    #[error("{place}: {reason}")]
    Value {
        /// The setting as its author knows it, `--queue` say.
        place: Place,
        /// What was found, and what would be right.
        reason: String,
    },
    /// No folder of models was named, and none is where it is looked for.
    #[error("no folder of models was found (looked for {looked}); name one with --models DIR")]
    NoModels {
        /// The places, joined.
        looked: String,
    },
}
