//! Looking at jobs, and forgetting those that are over.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OptionalExtension as _, Savepoint, params};

use super::notices;
use super::schema::{COLUMNS, Row, Stored, ms_of};
use super::{Store, StoreError};
use crate::jobs::job::JobId;

/// Ids of forgotten jobs that are still known as such.
const GONE: i64 = 100_000;
/// Jobs that are over and kept, however small they are.
const KEPT: i64 = 100_000;
/// Room that is made at once, beyond what is needed: a part of all that is kept.
const BEYOND: u64 = 16;

/// What is known of an id.
#[derive(Debug)]
pub(in crate::jobs) enum Found {
    There(Box<Stored>),
    Gone,
    Nothing,
}

impl Store {
    /// A caller's job.
    pub(in crate::jobs) async fn find(&self, id: &JobId, caller: u64) -> Result<Found, StoreError> {
        let (id, caller) = (id.clone(), caller.cast_signed());
        self.writer
            .with(move |database| {
                let found = database
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM jobs WHERE id = ? AND caller = ?"
                    ))?
                    .query_row(params![id.as_str(), caller], Row::read)
                    .optional()?;
                if let Some(row) = found {
                    let answer = database
                        .prepare_cached("SELECT json FROM answers WHERE job = ?")?
                        .query_row([id.as_str()], |row| row.get(0))
                        .optional()?;
                    return Ok(Found::There(Box::new(Stored { row, answer })));
                }
                let gone = database
                    .prepare_cached("SELECT 1 FROM gone WHERE id = ? AND caller = ?")?
                    .exists(params![id.as_str(), caller])?;
                Ok(if gone { Found::Gone } else { Found::Nothing })
            })
            .await
    }

    /// A caller's jobs, the latest first: so many, of those before the one that is named.
    pub(in crate::jobs) async fn list(
        &self,
        caller: u64,
        most: usize,
        before: Option<JobId>,
    ) -> Result<Vec<Row>, StoreError> {
        let caller = caller.cast_signed();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.writer
            .with(move |database| {
                let before: i64 = match before {
                    Some(id) => database
                        .prepare_cached("SELECT seq FROM jobs WHERE id = ? AND caller = ?")?
                        .query_row(params![id.as_str(), caller], |row| row.get(0))
                        .optional()?
                        .unwrap_or(0),
                    None => i64::MAX,
                };
                database
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM jobs WHERE caller = ? AND seq < ? ORDER BY seq DESC LIMIT ?"
                    ))?
                    .query_map(params![caller, before, most], Row::read)?
                    .collect()
            })
            .await
    }

    /// Forgets a job that is over; answers with its row.
    pub(in crate::jobs) async fn forget(
        &self,
        id: &JobId,
        caller: u64,
    ) -> Result<Option<Row>, StoreError> {
        let (id, caller) = (id.clone(), caller.cast_signed());
        self.writer
            .with(move |database| {
                database
                    .prepare_cached(&format!(
                        "DELETE FROM jobs WHERE id = ? AND caller = ? AND state > 0 RETURNING {COLUMNS}"
                    ))?
                    .query_row(params![id.as_str(), caller], Row::read)
                    .optional()
            })
            .await
    }

    /// Forgets what is older than `keep`, and the oldest until the rest takes no more than so many
    /// bytes.
    pub(in crate::jobs) async fn sweep(
        &self,
        keep: Duration,
        most_bytes: u64,
    ) -> Result<Vec<Row>, StoreError> {
        self.writer
            .with(move |database| {
                let oldest = SystemTime::now().checked_sub(keep).map_or(0, ms_of);
                let mut forgotten: Vec<Row> = database
                    .prepare_cached(&format!(
                        "DELETE FROM jobs WHERE state > 0 AND ended_ms < ? RETURNING {COLUMNS}"
                    ))?
                    .query_map([oldest], Row::read)?
                    .collect::<rusqlite::Result<_>>()?;
                let many: Vec<Row> = database
                    .prepare_cached(&format!(
                        "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE state > 0 \
                         ORDER BY ended_ms DESC LIMIT -1 OFFSET ?) RETURNING {COLUMNS}"
                    ))?
                    .query_map([KEPT], Row::read)?
                    .collect::<rusqlite::Result<_>>()?;
                forgotten.extend(many);
                forgotten.extend(evict(database, most_bytes)?);
                database.execute(
                    "DELETE FROM gone WHERE seq <= (SELECT MAX(seq) FROM gone) - ?",
                    [GONE],
                )?;
                notices::sweep(database)?;
                Ok(forgotten)
            })
            .await
    }

    /// Gives pages that hold nothing back to the disk.
    pub(in crate::jobs) async fn shrink(&self) -> Result<(), StoreError> {
        self.writer
            .with(|database| {
                let mut vacuum = database.prepare("PRAGMA incremental_vacuum(1024)")?;
                let mut pages = vacuum.query([])?;
                while pages.next()?.is_some() {}
                Ok(())
            })
            .await
    }
}

/// Forgets finished jobs until the rest takes no more than so many bytes: first the oldest of the caller who
/// takes most, so that nobody pushes out what others have.
pub(super) fn evict(database: &Savepoint<'_>, most: u64) -> rusqlite::Result<Vec<Row>> {
    let held = |database: &Savepoint<'_>| -> rusqlite::Result<u64> {
        let bytes: i64 = database
            .prepare_cached("SELECT bytes FROM totals")?
            .query_row([], |row| row.get(0))?;
        Ok(bytes.unsigned_abs())
    };
    let mut forgotten = Vec::new();
    if held(database)? <= most {
        return Ok(forgotten);
    }
    let most = most - most / BEYOND;
    while held(database)? > most {
        let largest: Option<i64> = database
            .prepare_cached(
                "SELECT caller FROM jobs WHERE state > 0 GROUP BY caller ORDER BY SUM(bytes) DESC LIMIT 1",
            )?
            .query_row([], |row| row.get(0))
            .optional()?;
        let Some(largest) = largest else { break };
        let rows: Vec<Row> = database
            .prepare_cached(&format!(
                "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE caller = ? AND state > 0 \
                 ORDER BY ended_ms LIMIT 1) RETURNING {COLUMNS}"
            ))?
            .query_map([largest], Row::read)?
            .collect::<rusqlite::Result<_>>()?;
        forgotten.extend(rows);
    }
    Ok(forgotten)
}

/// The jobs whose files are kept.
pub(super) fn with_files(database: &Connection) -> rusqlite::Result<HashSet<String>> {
    database
        .prepare("SELECT id FROM jobs WHERE state > 0 AND files <> '[]'")?
        .query_map([], |row| row.get(0))?
        .collect()
}
