//! Settings of jobs.

use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::settings::{MANY, MOST, MOST_MIB, Settings, between};
use super::sourced::Sourced;

use crate::http::{Allowed, Secret, WebhookOptions};

/// The longest that a job may take, and that its results may be kept: a year.
const LONGEST_SECONDS: u64 = 366 * 86_400;

/// Work that outlives its connection.
#[derive(Debug, Clone)]
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
    /// Where their ends may be told, and what signs that.
    pub webhooks: WebhookOptions,
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
            webhooks: self.webhooks()?,
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

    fn webhooks(&self) -> Result<WebhookOptions, ConfigError> {
        let secrets = self.said_or("webhook_secret", |w| &w.jobs.webhook_secret, Vec::new());
        let secrets = secrets.must(
            |texts| texts.iter().all(|text| Secret::read(text).is_ok()),
            // Not what was found: it goes into logs.
            |_| "expected whsec_ and base64 of 24 to 64 random bytes".to_owned(),
        )?;
        let texts = secrets.value.iter();
        let secrets: Vec<Secret> = texts.filter_map(|text| Secret::read(text).ok()).collect();
        let hosts: Sourced<Vec<String>> =
            self.said_or("webhook_allow", |w| &w.jobs.webhook_allow, Vec::new());
        let hosts = hosts.must(
            |hosts| hosts.is_empty() || !secrets.is_empty(),
            |_| {
                "webhooks are signed, and there is no secret; give one with --webhook-secret"
                    .to_owned()
            },
        )?;
        let hosts = hosts.must(
            |hosts| Allowed::read(hosts).is_ok(),
            |found| format!("found {found:?}, expected hosts or networks: hooks.example.org, *.example.org, 10.1.0.0/16"),
        )?;
        let allowed = Allowed::read(&hosts.value).unwrap_or_default();
        Ok(WebhookOptions { allowed, secrets })
    }
}
