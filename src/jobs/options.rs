//! Bounds on jobs, which the operator sets.

use std::path::PathBuf;
use std::time::Duration;

/// How jobs are kept, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOptions {
    /// The folder in which they outlive the process; in memory where it is absent.
    pub state: Option<PathBuf>,
    /// Jobs that run at the same time.
    pub running: usize,
    /// Jobs that wait or run, all callers' together.
    pub waiting: usize,
    /// Bytes of requests and results that are kept. The oldest results make room for new ones.
    pub keep_bytes: u64,
    /// How long a result is kept.
    pub keep: Duration,
    /// Bytes that must be free on the disk before a job is accepted, so that its results will fit.
    pub reserve: u64,
}

impl JobOptions {
    /// How many jobs one caller may have waiting: one place in eight is for the others.
    pub(super) fn waiting_of_one(&self) -> usize {
        (self.waiting - self.waiting / 8).max(1)
    }
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            state: None,
            running: 2,
            waiting: 10_000,
            keep_bytes: 64 << 20,
            keep: Duration::from_secs(86_400),
            reserve: 64 << 20,
        }
    }
}
