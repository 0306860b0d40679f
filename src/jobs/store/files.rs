//! The files that came of jobs: in a folder, or in memory.
//!
//! A file is written under another name, synced, and then renamed, and the folder is synced before a
//! row says that the file is there. So a row never promises what a crash has taken; what no row promises
//! is removed at the next start.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File as Opened};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::StoreError;
use crate::jobs::job::{File, JobId};

/// What a file is called until it is whole.
const UNFINISHED: &str = ".part";

/// Where the files are.
#[derive(Debug)]
pub(in crate::jobs) enum Files {
    Folder(PathBuf),
    Memory(Mutex<HashMap<String, Vec<Arc<File>>>>),
}

impl Files {
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }

    pub(super) fn in_memory() -> Self {
        Self::Memory(Mutex::default())
    }

    /// Keeps the files of a job; in a folder, this blocks until they are on the disk.
    pub(in crate::jobs) fn keep(&self, id: &JobId, files: &[Arc<File>]) -> Result<(), StoreError> {
        match self {
            Self::Folder(folder) => {
                let kept = files
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, file)| write(&path(folder, id, at), &file.bytes));
                let kept = kept.and_then(|()| Opened::open(folder)?.sync_all());
                if kept.is_err() {
                    self.remove(id, files.len());
                }
                Ok(kept?)
            }
            Self::Memory(all) => {
                held(all).insert(id.to_string(), files.to_vec());
                Ok(())
            }
        }
    }

    /// The bytes of one file; in a folder, this blocks.
    pub(in crate::jobs) fn read(&self, id: &JobId, at: usize) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Folder(folder) => Ok(fs::read(path(folder, id, at))?),
            Self::Memory(all) => {
                let file = held(all)
                    .get(id.as_str())
                    .and_then(|files| files.get(at).cloned());
                let file = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
                Ok(file.bytes.clone())
            }
        }
    }

    /// Removes the files of a job that is forgotten. What stays there for a fault is removed at the next
    /// start.
    pub(in crate::jobs) fn remove(&self, id: &JobId, count: usize) {
        match self {
            Self::Folder(folder) => {
                for at in 0..count {
                    let path = path(folder, id, at);
                    drop(fs::remove_file(part(&path)));
                    drop(fs::remove_file(path));
                }
            }
            Self::Memory(all) => drop(held(all).remove(id.as_str())),
        }
    }

    /// Bytes that are free on the disk; none where that isn't known, or there is no disk.
    pub(in crate::jobs) fn free(&self) -> Option<u64> {
        match self {
            Self::Folder(folder) => free(folder),
            Self::Memory(_) => None,
        }
    }

    /// Removes all files but those of these jobs.
    pub(super) fn remove_all_but(&self, kept: &HashSet<String>) -> io::Result<()> {
        let Self::Folder(folder) = self else {
            return Ok(());
        };
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let job = name.rsplit_once('.').map_or(&*name, |(job, _)| job);
            if name.ends_with(UNFINISHED) || !kept.contains(job) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn held(
    all: &Mutex<HashMap<String, Vec<Arc<File>>>>,
) -> MutexGuard<'_, HashMap<String, Vec<Arc<File>>>> {
    // No code that can panic runs under this lock.
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

fn path(folder: &Path, id: &JobId, at: usize) -> PathBuf {
    folder.join(format!("{id}.{at}"))
}

fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = part(path);
    let mut file = Opened::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}
