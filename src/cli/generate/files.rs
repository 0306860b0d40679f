//! Files that are named on the command line, in whole.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use thiserror::Error;

use crate::imaging::FileFormat;

/// A file that can't be read.
#[derive(Debug, Error)]
#[error("cannot read {}: {source}", path.display())]
pub(super) struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

/// A file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    std::fs::read(path).map_err(|source| Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file so that nobody ever sees half of it.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".{name}.part"));
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(failed)?;
    }
    std::fs::write(&part, bytes).with_context(failed)?;
    std::fs::rename(&part, path).with_context(failed)
}

/// The format that a file's name ends in.
pub(super) fn format_of(path: &Path) -> Option<FileFormat> {
    path.extension()?.to_str()?.parse().ok()
}
