//! Notices that are to be delivered.

use std::time::{Duration, SystemTime};

use rusqlite::{OptionalExtension as _, Row as SqlRow, Savepoint, params};

use super::schema::{ms_of, number_of, state_of, time_of};
use super::{Store, StoreError};
use crate::jobs::job::{JobId, State, Task};
use crate::jobs::notices::{Delivery, Notice, TOGETHER, TOGETHER_OF_ONE, WAITING, WAITING_OF_ONE};

/// How long notices are listed.
const LISTED: Duration = Duration::from_secs(7 * 86_400);
/// How many are listed, of all callers.
const MOST: i64 = 10_000;

const PENDING: i64 = 0;
const DELIVERED: i64 = 1;
const DEAD: i64 = 2;

const COLUMNS: &str = "id, url, job, state, task, model, ended_ms, attempts, delivery, error";

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is due, and how long it is until something else is.
#[derive(Debug)]
pub(in crate::jobs) struct Due {
    pub(in crate::jobs) notices: Vec<Notice>,
    pub(in crate::jobs) next: Option<Duration>,
}

impl Store {
    /// What should be delivered now.
    pub(in crate::jobs) async fn due(&self) -> Result<Due, StoreError> {
        self.writer
            .with(|database| {
                let now = ms_of(SystemTime::now());
                // A caller's first ones before anybody's second. Those under way are first of their caller's: they
                // were due before all others.
                let notices = database
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY caller ORDER BY next_ms, seq) AS turn \
                         FROM notices WHERE delivery = 0 AND next_ms <= ?) WHERE turn <= ? ORDER BY turn, next_ms LIMIT ?"
                    ))?
                    .query_map(params![now, count(TOGETHER_OF_ONE), count(TOGETHER)], read)?
                    .collect::<rusqlite::Result<_>>()?;
                let next: Option<i64> = database
                    .prepare_cached("SELECT MIN(next_ms) FROM notices WHERE delivery = 0 AND next_ms > ?")?
                    .query_row([now], |row| row.get(0))?;
                let next = next.map(|next| Duration::from_millis((next - now).unsigned_abs()));
                Ok(Due { notices, next })
            })
            .await
    }

    /// Writes down how an attempt went.
    pub(in crate::jobs) async fn settle_notice(
        &self,
        id: &str,
        delivery: Delivery,
        wait: Duration,
        error: Option<String>,
    ) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.writer
            .with(move |database| {
                let number = match delivery {
                    Delivery::Pending => PENDING,
                    Delivery::Delivered => DELIVERED,
                    Delivery::Dead => DEAD,
                };
                database
                    .prepare_cached(
                        "UPDATE notices SET delivery = ?, attempts = attempts + 1, next_ms = ?, error = ? WHERE id = ?",
                    )?
                    .execute(params![number, ms_of(SystemTime::now() + wait), error, id])
                    .map(drop)
            })
            .await
    }

    /// A caller's notices, the latest first; of one job, or those that are dead.
    pub(in crate::jobs) async fn notices(
        &self,
        caller: u64,
        job: Option<JobId>,
    ) -> Result<Vec<Notice>, StoreError> {
        let caller = caller.cast_signed();
        self.writer
            .with(move |database| match job {
                Some(job) => database
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM notices WHERE caller = ? AND job = ?"
                    ))?
                    .query_map(params![caller, job.as_str()], read)?
                    .collect(),
                None => database
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM notices WHERE caller = ? AND delivery = 2 \
                         ORDER BY ended_ms DESC LIMIT 1000"
                    ))?
                    .query_map([caller], read)?
                    .collect(),
            })
            .await
    }
}

/// Writes down that a job's end is to be told, if an address was given for it.
pub(super) fn add(database: &Savepoint<'_>, job: &JobId, state: State) -> rusqlite::Result<()> {
    let asked: Option<(i64, String)> = database
        .prepare_cached("SELECT caller, webhook FROM jobs WHERE id = ? AND webhook IS NOT NULL")?
        .query_row([job.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((caller, url)) = asked else {
        return Ok(());
    };
    let (own, all): (i64, i64) = database
        .prepare_cached(
            "SELECT (SELECT COUNT(*) FROM notices WHERE delivery = 0 AND caller = ?), \
             (SELECT COUNT(*) FROM notices WHERE delivery = 0)",
        )?
        .query_row([caller], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (delivery, error) = match own >= WAITING_OF_ONE || all >= WAITING {
        true => (DEAD, Some("too many others wait to be delivered")),
        false => (PENDING, None),
    };
    let now = ms_of(SystemTime::now());
    database
        .prepare_cached(
            "INSERT INTO notices (id, url, job, caller, state, task, model, ended_ms, next_ms, delivery, error) \
             SELECT ?, ?, id, caller, ?, task, model, ?, ?, ?, ? FROM jobs WHERE id = ?",
        )?
        .execute(params![
            format!("msg_{}", uuid::Uuid::new_v4().simple()),
            url,
            number_of(state),
            now,
            now,
            delivery,
            error,
            job.as_str(),
        ])?;
    // From here on the notice has it.
    database
        .prepare_cached("UPDATE jobs SET webhook = NULL WHERE id = ?")?
        .execute([job.as_str()])
        .map(drop)
}

/// Forgets notices that were listed for long enough.
pub(super) fn sweep(database: &Savepoint<'_>) -> rusqlite::Result<()> {
    let oldest = SystemTime::now().checked_sub(LISTED).map_or(0, ms_of);
    database.execute(
        "DELETE FROM notices WHERE delivery > 0 AND ended_ms < ?",
        [oldest],
    )?;
    database.execute(
        "DELETE FROM notices WHERE delivery > 0 AND seq <= (SELECT MAX(seq) FROM notices) - ?",
        [MOST],
    )?;
    Ok(())
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Notice> {
    let task: String = row.get(4)?;
    Ok(Notice {
        id: row.get(0)?,
        url: row.get(1)?,
        job: JobId::from(row.get_ref(2)?.as_str()?),
        state: state_of(row.get(3)?),
        task: Task::of(&task).unwrap_or(Task::Generate),
        model: row.get(5)?,
        ended: time_of(row.get(6)?),
        attempts: row.get(7)?,
        delivery: match row.get(8)? {
            PENDING => Delivery::Pending,
            DELIVERED => Delivery::Delivered,
            _ => Delivery::Dead,
        },
        error: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::schema;
    use super::*;

    #[test]
    fn what_ends_while_too_many_wait_is_dead_and_listed() {
        let mut database = Connection::open_in_memory().expect("a database");
        schema::prepare(&database).expect("tables");
        let job = |id: &str, caller: i64| {
            format!(
                "INSERT INTO jobs (id, submission, caller, task, model, language, request_id, warnings, cost_us, \
                 state, created_ms, bytes, webhook) \
                 VALUES ('{id}', 's', {caller}, 'generate', 'm', 'en', 'r', '[]', 0, 1, 0, 0, 'https://{id}/');"
            )
        };
        database
            .execute_batch(&format!(
                "{} {} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {WAITING_OF_ONE}) \
                 INSERT INTO notices (id, url, job, caller, state, task, model, ended_ms, next_ms) \
                 SELECT i, '', i, 1, 1, 'generate', 'm', 0, 0 FROM n;",
                job("a", 1),
                job("b", 2),
            ))
            .expect("rows");
        let savepoint = database.savepoint().expect("a savepoint");
        let added = |id: &str| {
            add(&savepoint, &JobId::from(id), State::Succeeded).expect("a notice");
            let sql = "SELECT url, delivery FROM notices WHERE job = ?";
            let read = |row: &SqlRow<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
            savepoint.query_row(sql, [id], read).expect("it is there")
        };
        assert_eq!(added("a"), ("https://a/".to_owned(), DEAD));
        assert_eq!(added("b"), ("https://b/".to_owned(), PENDING));
    }
}
