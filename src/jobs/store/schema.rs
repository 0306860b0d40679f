//! The tables, and how a job is read from its row.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Row as SqlRow};

use crate::jobs::job::{JobId, State, Task};

/// States as they are written down. A job that runs is one that waits, until it is over.
const QUEUED: i64 = 0;
const SUCCEEDED: i64 = 1;
const FAILED: i64 = 2;
const CANCELLED: i64 = 3;

/// `bytes` of a job is what its body, its answer and its files take. Bodies go when their job is over.
const TABLES: &str = "
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    submission TEXT NOT NULL,
    caller INTEGER NOT NULL,
    caller_name TEXT,
    task TEXT NOT NULL,
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    request_id TEXT NOT NULL,
    warnings TEXT NOT NULL,
    cost_us INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    ended_ms INTEGER,
    files TEXT NOT NULL DEFAULT '[]',
    bytes INTEGER NOT NULL
);
CREATE INDEX jobs_of_callers ON jobs (caller, seq);
CREATE INDEX jobs_of_submissions ON jobs (submission);
CREATE INDEX jobs_unfinished ON jobs (seq) WHERE state = 0;
CREATE INDEX jobs_finished ON jobs (ended_ms) WHERE state > 0;
CREATE TABLE bodies (job TEXT PRIMARY KEY, json BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE answers (job TEXT PRIMARY KEY, json BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (
    caller INTEGER NOT NULL,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    submission TEXT NOT NULL,
    PRIMARY KEY (caller, name)
) WITHOUT ROWID;
CREATE INDEX keys_of_submissions ON keys (submission);
CREATE TABLE gone (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, caller INTEGER NOT NULL);
CREATE TABLE totals (bytes INTEGER NOT NULL, unfinished INTEGER NOT NULL, unfinished_bytes INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0, 0);
CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
    UPDATE totals SET bytes = bytes + NEW.bytes, unfinished = unfinished + (NEW.state = 0),
        unfinished_bytes = unfinished_bytes + NEW.bytes * (NEW.state = 0);
END;
CREATE TRIGGER jobs_changed AFTER UPDATE OF bytes, state ON jobs BEGIN
    UPDATE totals SET bytes = bytes + NEW.bytes - OLD.bytes,
        unfinished = unfinished + (NEW.state = 0) - (OLD.state = 0),
        unfinished_bytes = unfinished_bytes + NEW.bytes * (NEW.state = 0) - OLD.bytes * (OLD.state = 0);
END;
CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
    UPDATE totals SET bytes = bytes - OLD.bytes, unfinished = unfinished - (OLD.state = 0),
        unfinished_bytes = unfinished_bytes - OLD.bytes * (OLD.state = 0);
    DELETE FROM bodies WHERE job = OLD.id;
    DELETE FROM answers WHERE job = OLD.id;
    INSERT INTO gone (id, caller) VALUES (OLD.id, OLD.caller);
    DELETE FROM keys WHERE submission = OLD.submission
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE submission = OLD.submission);
END;
";

/// What the second version has beside that. `webhook` goes when the job is over: its notice has it then.
const NOTICES: &str = "
ALTER TABLE jobs ADD COLUMN webhook TEXT;
ALTER TABLE jobs ADD COLUMN note TEXT;
CREATE TABLE notices (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    job TEXT NOT NULL,
    caller INTEGER NOT NULL,
    state INTEGER NOT NULL,
    task TEXT NOT NULL,
    model TEXT NOT NULL,
    ended_ms INTEGER NOT NULL,
    next_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    delivery INTEGER NOT NULL DEFAULT 0,
    error TEXT
);
CREATE INDEX notices_due ON notices (next_ms) WHERE delivery = 0;
CREATE INDEX notices_waiting ON notices (caller) WHERE delivery = 0;
CREATE INDEX notices_of_callers ON notices (caller, job);
";

/// What makes tables of each version, in order, out of those of the one before.
const STEPS: [&str; 2] = [TABLES, NOTICES];

/// The columns that [`Row::read`] reads, in its order.
pub(super) const COLUMNS: &str = "id, caller, caller_name, task, model, language, request_id, warnings, \
     state, created_ms, started_ms, ended_ms, files, cost_us, attempts, note";

/// How a database in a file is used: by nobody else, and synced at each commit.
pub(super) fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The lock is taken with the first write.
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")
}

/// Makes the tables where there are none, and of older ones those of today; tells whether they are of a
/// version that is known.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<bool> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let Ok(done) = usize::try_from(found) else {
        return Ok(false);
    };
    for (at, step) in STEPS.iter().enumerate().skip(done) {
        let version = at + 1;
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {step} PRAGMA user_version = {version}; COMMIT;"
        ))?;
    }
    Ok(done <= STEPS.len())
}

/// A job's row.
#[derive(Debug, Clone)]
pub(in crate::jobs) struct Row {
    pub(in crate::jobs) id: JobId,
    pub(in crate::jobs) caller: u64,
    pub(in crate::jobs) caller_name: Option<String>,
    pub(in crate::jobs) task: Task,
    pub(in crate::jobs) model: String,
    pub(in crate::jobs) language: String,
    pub(in crate::jobs) request_id: String,
    pub(in crate::jobs) warnings: Vec<String>,
    pub(in crate::jobs) state: State,
    pub(in crate::jobs) created: SystemTime,
    pub(in crate::jobs) started: Option<SystemTime>,
    pub(in crate::jobs) ended: Option<SystemTime>,
    pub(in crate::jobs) files: Vec<String>,
    pub(in crate::jobs) cost: Duration,
    pub(in crate::jobs) attempts: u32,
    pub(in crate::jobs) note: Option<String>,
}

/// A row, with what the worker answered.
#[derive(Debug, Clone)]
pub(in crate::jobs) struct Stored {
    pub(in crate::jobs) row: Row,
    pub(in crate::jobs) answer: Option<Vec<u8>>,
}

impl Row {
    pub(super) fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let list = |text: String| serde_json::from_str(&text).unwrap_or_default();
        let task: String = row.get(3)?;
        Ok(Self {
            id: JobId::from(row.get_ref(0)?.as_str()?),
            caller: row.get::<_, i64>(1)?.cast_unsigned(),
            caller_name: row.get(2)?,
            task: Task::of(&task).unwrap_or(Task::Generate),
            model: row.get(4)?,
            language: row.get(5)?,
            request_id: row.get(6)?,
            warnings: list(row.get(7)?),
            state: state_of(row.get(8)?),
            created: time_of(row.get(9)?),
            started: row.get::<_, Option<i64>>(10)?.map(time_of),
            ended: row.get::<_, Option<i64>>(11)?.map(time_of),
            files: list(row.get(12)?),
            cost: Duration::from_micros(row.get::<_, i64>(13)?.unsigned_abs()),
            attempts: row.get(14)?,
            note: row.get(15)?,
        })
    }
}

pub(super) fn state_of(number: i64) -> State {
    match number {
        QUEUED => State::Queued,
        SUCCEEDED => State::Succeeded,
        CANCELLED => State::Cancelled,
        _ => State::Failed,
    }
}

pub(super) fn number_of(state: State) -> i64 {
    match state {
        State::Queued | State::Running => QUEUED,
        State::Succeeded => SUCCEEDED,
        State::Failed => FAILED,
        State::Cancelled => CANCELLED,
    }
}

/// Milliseconds since 1970.
pub(super) fn ms_of(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn time_of(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_version_wrote_is_read_by_this_one() {
        let old = Connection::open_in_memory().expect("a database");
        old.execute_batch(&format!("{TABLES} PRAGMA user_version = 1;"))
            .expect("tables");
        old.execute_batch(
            "INSERT INTO jobs (id, submission, caller, task, model, language, request_id, warnings, cost_us, \
             state, created_ms, bytes) VALUES ('a', 's', 1, 'encode', 'm', 'fr', 'r', '[]', 5, 0, 7, 9)",
        )
        .expect("a job");
        assert!(prepare(&old).expect("a step"));
        // Once is enough.
        assert!(prepare(&old).expect("nothing to do"));
        let row = old
            .query_row(&format!("SELECT {COLUMNS} FROM jobs"), [], Row::read)
            .expect("the job");
        assert_eq!((row.task, &*row.model, row.note), (Task::Encode, "m", None));
        let webhooks: i64 = old
            .query_row("SELECT COUNT(webhook) FROM jobs", [], |row| row.get(0))
            .expect("the column");
        assert_eq!(webhooks, 0);
    }

    #[test]
    fn what_a_later_version_wrote_is_left_alone() {
        let later = Connection::open_in_memory().expect("a database");
        later
            .pragma_update(None, "user_version", 3)
            .expect("a version");
        assert!(!prepare(&later).expect("nothing to do"));
    }
}
