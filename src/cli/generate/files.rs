//! Files that are named on the command line, in whole.

use std::fs::File;
use std::io::{self, Read as _};
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

/// Bytes of a file, at most: as many as an image or a file of latents may reasonably have.
const MOST_BYTES: u64 = 256 << 20;

/// A file's bytes.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let bounded = || {
        let mut bytes = Vec::new();
        // A device has no length, and may never end.
        let file = File::open(path)?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            let message = format!("it is longer than {MOST_BYTES} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(bytes)
    };
    bounded().map_err(|source| Unreadable {
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
