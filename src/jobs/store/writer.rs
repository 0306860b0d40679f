//! The thread that has the database.
//!
//! Other threads send it closures. All that came while it was busy runs in one
//! transaction, each in a savepoint of its own, and is answered once that transaction is on the disk:
//! one sync serves everybody who waits.

use rusqlite::{Connection, ErrorCode, Savepoint, Transaction};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// Closures that may wait for the thread; more wait where they come from.
const WAITING: usize = 256;
/// Closures that share a transaction.
const TOGETHER: usize = 64;

/// Why the store didn't do something.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no room on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// Another process has the database.
    #[error("another process has the database")]
    Busy,
    /// The database says no.
    #[error("the database failed")]
    Database(#[source] rusqlite::Error),
    /// A file can't be written or read.
    #[error("a file can't be written or read")]
    File(#[source] std::io::Error),
    /// Others in the same transaction have brought it down.
    #[error("the transaction failed: {0}")]
    Together(String),
    /// The thread has ended.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge => Self::DiskFull,
            _ => Self::File(error),
        }
    }
}

/// Does its part of a transaction, and answers with what tells its sender how that ended.
type Work = Box<dyn FnOnce(&mut Transaction<'_>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Result<(), &StoreError>)>;

/// A handle on the thread, which ends with the last of them.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Work>);

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (sender, works) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("jobs".to_owned())
            .spawn(move || run(connection, works))
            .expect("the system has a thread more");
        Self(sender)
    }

    /// Runs the closure in the next transaction, and waits until that is on the disk.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Savepoint<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |transaction| {
            let done = within(transaction, act);
            Box::new(move |committed| {
                let outcome = match (done, committed) {
                    (Ok(value), Ok(())) => Ok(value),
                    (Err(error), _) => Err(error.into()),
                    (Ok(_), Err(StoreError::DiskFull)) => Err(StoreError::DiskFull),
                    (Ok(_), Err(error)) => Err(StoreError::Together(error.to_string())),
                };
                // A sender who has left doesn't want to know.
                drop(answer.send(outcome));
            })
        });
        self.0.send(work).await.map_err(|_| StoreError::Closed)?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}

fn within<T>(
    transaction: &mut Transaction<'_>,
    act: impl FnOnce(&Savepoint<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let savepoint = transaction.savepoint()?;
    let value = act(&savepoint)?;
    savepoint.commit()?;
    Ok(value)
}

fn run(mut connection: Connection, mut works: mpsc::Receiver<Work>) {
    while let Some(first) = works.blocking_recv() {
        let mut told: Vec<Tell> = Vec::new();
        let outcome = (|| {
            let mut transaction = connection.transaction()?;
            told.push(first(&mut transaction));
            while told.len() < TOGETHER
                && let Ok(work) = works.try_recv()
            {
                told.push(work(&mut transaction));
            }
            // A full disk may have ended it already, and then all of it is undone.
            transaction.commit()
        })()
        .map_err(StoreError::from);
        for tell in told {
            tell(outcome.as_ref().map(|done| *done));
        }
    }
}
