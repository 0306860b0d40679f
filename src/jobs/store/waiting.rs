//! Jobs that aren't over: taking one up, putting it back, writing down how it ended.

use std::time::{Duration, SystemTime};

use rusqlite::{Connection, params};

use super::notices;
use super::schema::{COLUMNS, Row, ms_of, number_of};
use super::{Store, StoreError};
use crate::jobs::job::{JobId, State};

/// A job that was waiting when the process began.
#[derive(Debug)]
pub(in crate::jobs) struct Unfinished {
    pub(in crate::jobs) id: JobId,
    pub(in crate::jobs) caller: u64,
    pub(in crate::jobs) cost: Duration,
}

/// A job that was taken up.
#[derive(Debug)]
pub(in crate::jobs) struct Begun {
    pub(in crate::jobs) row: Row,
    pub(in crate::jobs) body: Vec<u8>,
}

/// Those that aren't over, the oldest first.
pub(super) fn unfinished(database: &Connection) -> rusqlite::Result<Vec<Unfinished>> {
    database
        .prepare("SELECT id, caller, cost_us FROM jobs WHERE state = 0 ORDER BY seq")?
        .query_map([], |row| {
            Ok(Unfinished {
                id: JobId::from(row.get_ref(0)?.as_str()?),
                caller: row.get::<_, i64>(1)?.cast_unsigned(),
                cost: Duration::from_micros(row.get::<_, i64>(2)?.unsigned_abs()),
            })
        })?
        .collect()
}

impl Store {
    /// Takes a job up, which counts as an attempt; none where it is over meanwhile.
    pub(in crate::jobs) async fn begin(&self, id: &JobId) -> Result<Option<Begun>, StoreError> {
        let id = id.clone();
        self.writer
            .with(move |database| {
                let begun = database
                    .prepare_cached(
                        "UPDATE jobs SET attempts = attempts + 1, started_ms = ? WHERE id = ? AND state = 0",
                    )?
                    .execute(params![ms_of(SystemTime::now()), id.as_str()])?;
                if begun == 0 {
                    return Ok(None);
                }
                let row = database
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?"))?
                    .query_row([id.as_str()], Row::read)?;
                let body = database
                    .prepare_cached("SELECT json FROM bodies WHERE job = ?")?
                    .query_row([id.as_str()], |row| row.get(0))?;
                Ok(Some(Begun { row, body }))
            })
            .await
    }

    /// Bytes that are kept, webhooks that are still to be sent, and those that were given up.
    pub(in crate::jobs) async fn figures(&self) -> Result<(u64, u64, u64), StoreError> {
        self.writer
            .with(|database| {
                database
                    .prepare_cached(
                        "SELECT bytes, (SELECT COUNT(*) FROM notices WHERE delivery = 0), \
                         (SELECT COUNT(*) FROM notices WHERE delivery = 2) FROM totals",
                    )?
                    .query_row([], |row| {
                        let number = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
                        Ok((number(0)?, number(1)?, number(2)?))
                    })
            })
            .await
    }

    /// Puts a job back that was stopped for no fault of its own: that was no attempt.
    pub(in crate::jobs) async fn put_back(&self, id: &JobId) -> Result<(), StoreError> {
        let id = id.clone();
        self.writer
            .with(move |database| {
                database
                    .prepare_cached(
                        "UPDATE jobs SET attempts = MAX(attempts - 1, 0), started_ms = NULL WHERE id = ? AND state = 0",
                    )?
                    .execute([id.as_str()])
                    .map(drop)
            })
            .await
    }

    /// Writes down how a job ended; tells whether it hadn't ended before.
    pub(in crate::jobs) async fn end(
        &self,
        id: &JobId,
        state: State,
        answer: Option<Vec<u8>>,
        (files, bytes): (Vec<String>, u64),
    ) -> Result<bool, StoreError> {
        let id = id.clone();
        self.writer
            .with(move |database| {
                let length = answer.as_ref().map_or(0, Vec::len) as u64;
                let ended = database
                    .prepare_cached(
                        "UPDATE jobs SET state = ?, ended_ms = ?, files = ?, bytes = ? + COALESCE(LENGTH(CAST(note AS BLOB)), 0) WHERE id = ? AND state = 0",
                    )?
                    .execute(params![
                        number_of(state),
                        ms_of(SystemTime::now()),
                        serde_json::Value::from(files).to_string(),
                        (bytes + length).cast_signed(),
                        id.as_str(),
                    ])?;
                if ended == 0 {
                    return Ok(false);
                }
                database
                    .prepare_cached("DELETE FROM bodies WHERE job = ?")?
                    .execute([id.as_str()])?;
                notices::add(database, &id, state)?;
                if let Some(answer) = answer {
                    database
                        .prepare_cached("INSERT INTO answers (job, json) VALUES (?, ?)")?
                        .execute(params![id.as_str(), answer])?;
                }
                Ok(true)
            })
            .await
    }
}
