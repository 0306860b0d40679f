//! In which ways jobs are refused, or not there.

use std::path::PathBuf;

use thiserror::Error;

pub(super) use super::store::StoreError;

/// Why a submission isn't accepted. Nothing of it is kept.
#[derive(Debug, Error)]
pub enum Refused {
    /// As many jobs wait as may, or as many of this caller's.
    #[error("as many jobs wait as may")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// Its requests are larger than all that is kept.
    #[error("the requests take {wanted} bytes, and {most} are kept")]
    TooLarge {
        /// Bytes that it would take.
        wanted: u64,
        /// Bytes that there are for requests.
        most: u64,
    },
    /// The key was used for something else.
    #[error("the key was used for another request")]
    KeyReused,
    /// The disk has no room for the job or for its results.
    #[error("the disk is full")]
    DiskFull,
    /// The server is leaving.
    #[error("the server is shutting down")]
    Closing,
    /// The store failed.
    #[error("jobs can't be kept")]
    Store(#[source] StoreError),
}

/// Why a job can't be shown.
#[derive(Debug, Error)]
pub enum Missing {
    /// There is none of that id, or it is somebody else's.
    #[error("there is no such job")]
    Unknown,
    /// It was there once.
    #[error("the job is no longer kept")]
    Expired,
    /// The store failed.
    #[error("jobs can't be read")]
    Store(#[source] StoreError),
}

/// Why jobs can't be kept at all.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder can't be made or written to.
    #[error("{folder}: jobs can't be kept there", folder = .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process keeps its jobs there.
    #[error("{folder}: another process keeps its jobs there", folder = .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A later version has written there.
    #[error("{folder}: a later version of this program has kept its jobs there", folder = .folder.display())]
    Later {
        /// The folder.
        folder: PathBuf,
    },
    /// The database can't be opened.
    #[error("jobs can't be kept")]
    Store(#[from] StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            other => Self::Store(other),
        }
    }
}

impl From<StoreError> for Missing {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
