//! How the runtime reports what it did, without knowing who counts it.

use std::sync::Arc;
use std::time::Duration;

/// One call of a graph, after it has returned.
#[derive(Debug, Clone)]
pub struct BatchReport {
    /// The model that the graph belongs to.
    pub model: Arc<str>,
    /// The graph's role in its model.
    pub graph: Arc<str>,
    /// How many rows shared the call.
    pub rows: usize,
    /// Rows whose caller had left when the call returned: work for nobody.
    pub wasted: usize,
    /// How long the oldest row had waited before the call.
    pub queued: Duration,
    /// How long the call took.
    pub inference: Duration,
    /// Whether the call succeeded.
    pub succeeded: bool,
}

/// A look into a cache of what a graph has answered before.
#[derive(Debug, Clone)]
pub struct LookUp<'l> {
    /// The model that the cache belongs to.
    pub model: &'l str,
    /// What it holds, as `text_embedding`.
    pub of: &'static str,
    /// Whether it held what was looked for, so that no graph was called.
    pub found: bool,
}

/// Whoever counts calls.
pub trait Observer: Send + Sync + 'static {
    /// Called by a worker after each call of a graph; it must not block.
    fn batch(&self, report: &BatchReport);

    /// Called by whoever asks a cache before a graph; it must not block.
    fn looked_up(&self, _look: &LookUp<'_>) {}
}

/// Counts nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Observer for Silent {
    fn batch(&self, _report: &BatchReport) {}
}
