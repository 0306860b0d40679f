//! A submission becomes rows: all of them in one transaction, or none.

use std::time::SystemTime;

use rusqlite::{OptionalExtension as _, Savepoint, params};

use super::finished::evict;
use super::schema::{COLUMNS, Row, ms_of};
use super::{Store, StoreError};
use crate::jobs::job::{JobId, Order, Submission};
use crate::jobs::options::JobOptions;
use crate::service::Caller;

/// Bytes of a row beside what it holds.
const ROW_BYTES: u64 = 512;

/// What became of a submission.
#[derive(Debug)]
pub(in crate::jobs) enum Accepted {
    /// These jobs are new.
    New {
        rows: Vec<Row>,
        /// Older jobs that had to make room.
        evicted: Vec<Row>,
    },
    /// These had been accepted under the same key.
    Known(Vec<Row>),
    /// The key stands for something else.
    KeyReused,
    /// As many wait as may.
    TooMany(usize),
    /// There is no room for so many bytes, whatever makes room.
    TooLarge { wanted: u64, most: u64 },
}

impl Store {
    /// Writes jobs down.
    pub(in crate::jobs) async fn submit(
        &self,
        caller: Caller,
        submission: Submission,
        options: JobOptions,
    ) -> Result<Accepted, StoreError> {
        self.writer
            .with(move |database| submit(database, &caller, &submission, &options))
            .await
    }
}

fn submit(
    database: &Savepoint<'_>,
    caller: &Caller,
    submission: &Submission,
    options: &JobOptions,
) -> rusqlite::Result<Accepted> {
    let id = caller.id().cast_signed();
    if let Some(key) = &submission.key {
        let known: Option<(Vec<u8>, String)> = database
            .prepare_cached("SELECT content, submission FROM keys WHERE caller = ? AND name = ?")?
            .query_row(params![id, key.name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((content, submission)) = known {
            if content != key.content {
                return Ok(Accepted::KeyReused);
            }
            return Ok(Accepted::Known(of_submission(database, &submission)?));
        }
    }
    let orders = submission.orders.iter();
    let wanted: u64 = orders.map(|order| bytes_of(order, submission)).sum();
    // Requests may take half of what is kept, so that there is room for results.
    let most = options.keep_bytes / 2;
    if let Some(refused) = no_room(database, id, submission.orders.len(), options)? {
        return Ok(refused);
    }
    let waiting: i64 = database
        .prepare_cached("SELECT unfinished_bytes FROM totals")?
        .query_row([], |row| row.get(0))?;
    if waiting.unsigned_abs() + wanted > most {
        return Ok(Accepted::TooLarge { wanted, most });
    }
    let evicted = evict(database, options.keep_bytes.saturating_sub(wanted))?;
    let name = JobId::random();
    for order in &submission.orders {
        let job = JobId::random();
        database
            .prepare_cached(
                "INSERT INTO jobs (id, submission, caller, caller_name, task, model, language, request_id, \
                 warnings, cost_us, state, created_ms, bytes, webhook, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
            )?
            .execute(params![
                job.as_str(),
                name.as_str(),
                id,
                caller.name(),
                order.task.name(),
                order.model,
                submission.language.code(),
                submission.request_id,
                serde_json::Value::from(order.warnings.clone()).to_string(),
                i64::try_from(order.cost.as_micros()).unwrap_or(i64::MAX),
                ms_of(SystemTime::now()),
                bytes_of(order, submission).cast_signed(),
                submission.webhook,
                submission.note,
            ])?;
        database
            .prepare_cached("INSERT INTO bodies (job, json) VALUES (?, ?)")?
            .execute(params![job.as_str(), order.body])?;
    }
    if let Some(key) = &submission.key {
        database
            .prepare_cached(
                "INSERT INTO keys (caller, name, content, submission) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![id, key.name, key.content, name.as_str()])?;
    }
    let rows = of_submission(database, name.as_str())?;
    Ok(Accepted::New { rows, evicted })
}

fn no_room(
    database: &Savepoint<'_>,
    caller: i64,
    more: usize,
    options: &JobOptions,
) -> rusqlite::Result<Option<Accepted>> {
    let all: i64 = database
        .prepare_cached("SELECT unfinished FROM totals")?
        .query_row([], |row| row.get(0))?;
    let own: i64 = database
        .prepare_cached("SELECT COUNT(*) FROM jobs WHERE caller = ? AND state = 0")?
        .query_row([caller], |row| row.get(0))?;
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    if count(all) + more > options.waiting {
        return Ok(Some(Accepted::TooMany(options.waiting)));
    }
    let most = options.waiting_of_one();
    Ok((count(own) + more > most).then_some(Accepted::TooMany(most)))
}

fn bytes_of(order: &Order, submission: &Submission) -> u64 {
    let texts = [&submission.webhook, &submission.note];
    let texts = texts.into_iter().flatten().map(String::len);
    (order.body.len() + texts.sum::<usize>()) as u64 + ROW_BYTES
}

fn of_submission(database: &Savepoint<'_>, name: &str) -> rusqlite::Result<Vec<Row>> {
    database
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM jobs WHERE submission = ? ORDER BY seq"
        ))?
        .query_map([name], Row::read)?
        .collect()
}
