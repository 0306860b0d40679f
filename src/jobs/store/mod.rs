//! Where jobs are written down.
//!
//! [`Store`] is a `SQLite` database and a place for files: both in a folder, or both in memory. A thread
//! of its own has the database ([`writer`]), so that no async thread waits for a disk and no blocking
//! thread that paints need. What others ask of it while it syncs goes into its next transaction.

mod files;
mod finished;
mod notices;
mod schema;
mod submitting;
mod waiting;
mod writer;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

pub(super) use self::files::Files;
pub(super) use self::finished::Found;
pub(super) use self::schema::{Row, Stored};
pub(super) use self::submitting::Accepted;
pub(super) use self::waiting::{Begun, Unfinished};
pub(in crate::jobs) use self::writer::StoreError;
use self::writer::Writer;
use super::failure::OpenError;

/// The database's name in the folder.
const DATABASE: &str = "jobs.sqlite3";
/// The folder of files in the folder.
const RESULTS: &str = "results";

/// Jobs, and the files that came of them.
#[derive(Debug, Clone)]
pub(super) struct Store {
    writer: Writer,
    pub(super) files: Arc<Files>,
}

impl Store {
    /// In memory.
    pub(super) fn in_memory() -> Result<Self, OpenError> {
        let connection = Connection::open_in_memory().map_err(StoreError::from)?;
        schema::prepare(&connection).map_err(StoreError::from)?;
        Ok(Self {
            writer: Writer::start(connection),
            files: Arc::new(Files::in_memory()),
        })
    }

    /// In a folder, which is made where it isn't there; with the jobs in it that aren't over.
    pub(super) fn in_folder(folder: &Path) -> Result<(Self, Vec<Unfinished>), OpenError> {
        let failed = |source| OpenError::Folder {
            folder: folder.to_owned(),
            source,
        };
        make_private(folder).map_err(failed)?;
        let results = folder.join(RESULTS);
        make_private(&results).map_err(failed)?;
        let connection = Connection::open(folder.join(DATABASE)).map_err(StoreError::from)?;
        schema::settle(&connection).map_err(|error| match StoreError::from(error) {
            StoreError::Busy => OpenError::InUse {
                folder: folder.to_owned(),
            },
            other => other.into(),
        })?;
        let known = schema::prepare(&connection).map_err(StoreError::from)?;
        if !known {
            let folder = folder.to_owned();
            return Err(OpenError::Later { folder });
        }
        let kept = finished::with_files(&connection).map_err(StoreError::from)?;
        let files = Files::in_folder(results);
        files.remove_all_but(&kept).map_err(failed)?;
        let unfinished = waiting::unfinished(&connection).map_err(StoreError::from)?;
        let store = Self {
            writer: Writer::start(connection),
            files: Arc::new(files),
        };
        Ok((store, unfinished))
    }
}

/// Prompts and images are nobody's but the service's.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
