//! Settings of jobs.

use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::settings::{MANY, MOST, MOST_MIB, Settings, between};

/// The longest that a job may take, and that its results may be kept: a year.
const LONGEST_SECONDS: u64 = 366 * 86_400;

/// Work that outlives its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSettings {
    /// The folder in which it outlives the process.
    pub state: Option<PathBuf>,
    /// Jobs that run at the same time; as many as graph calls where it is absent.
    pub running: Option<usize>,
    /// Jobs that may wait.
    pub waiting: usize,
    /// Bytes of jobs and their results.
    pub keep_bytes: u64,
    /// How long results are kept.
    pub keep: Duration,
    /// What a job may take.
    pub deadline: Duration,
}

impl Settings {
    pub(super) fn jobs(&self) -> Result<JobSettings, ConfigError> {
        let state = self.said("state", |w| &w.jobs.state);
        let state = state
            .map(|said| {
                said.must(
                    |path| !path.is_file(),
                    |path| {
                        format!(
                            "found {}, which is a file, expected a folder",
                            path.display()
                        )
                    },
                )
            })
            .transpose()?;
        let running = self.said("jobs_running", |w| &w.jobs.jobs_running);
        let running = running.map(|said| between(said, 1, MANY)).transpose()?;
        let waiting = self.said_or("jobs_waiting", |w| &w.jobs.jobs_waiting, 10_000);
        let mib = if state.is_some() { 1024 } else { 64 };
        let mib = self.said_or("jobs_keep_mib", |w| &w.jobs.jobs_keep_mib, mib);
        let seconds = |key, read: fn(&super::RawSettings) -> &Option<u64>, usual| {
            let said = self.said_or(key, read, usual);
            between(said, 1, LONGEST_SECONDS).map(Duration::from_secs)
        };
        Ok(JobSettings {
            state: state.map(|said| said.value),
            running,
            waiting: between(waiting, 1, MOST)?,
            keep_bytes: between(mib, 1, MOST_MIB)? << 20,
            keep: seconds("jobs_keep_seconds", |w| &w.jobs.jobs_keep_seconds, 86_400)?,
            deadline: seconds(
                "jobs_deadline_seconds",
                |w| &w.jobs.jobs_deadline_seconds,
                3600,
            )?,
        })
    }
}
