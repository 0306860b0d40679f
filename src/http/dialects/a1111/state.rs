//! What this dialect keeps between requests: who is at work, and the options that all have in common.

use std::sync::{Arc, Mutex, PoisonError};

use super::jobs::Jobs;
use crate::imaging::FileFormat;

/// The state; cloning it is cheap.
#[derive(Debug, Clone)]
pub(in crate::http) struct State(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    jobs: Jobs,
    shares_options: bool,
    checkpoint: Mutex<Option<String>>,
    samples_format: Mutex<Option<FileFormat>>,
}

impl State {
    /// With `shares_options`, the model and the format that one caller sets are everybody's.
    pub(super) fn new(shares_options: bool) -> Self {
        Self(Arc::new(Kept {
            jobs: Jobs::default(),
            shares_options,
            checkpoint: Mutex::default(),
            samples_format: Mutex::default(),
        }))
    }

    /// What is being painted for whom.
    pub(super) fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Whether options are kept for all.
    pub(super) fn shares_options(&self) -> bool {
        self.0.shares_options
    }

    /// The id of the model that was set for all.
    pub(super) fn checkpoint(&self) -> Option<String> {
        let checkpoint = self.0.checkpoint.lock();
        checkpoint.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the model for all.
    pub(super) fn set_checkpoint(&self, id: &str) {
        let checkpoint = self.0.checkpoint.lock();
        *checkpoint.unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }

    /// The format that was set for all.
    pub(super) fn samples_format(&self) -> Option<FileFormat> {
        let format = self.0.samples_format.lock();
        *format.unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the format for all.
    pub(super) fn set_samples_format(&self, format: FileFormat) {
        let kept = self.0.samples_format.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some(format);
    }
}
