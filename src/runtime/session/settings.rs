//! How a session is opened: what suits a graph of its size.
//!
//! Measured on Stable Diffusion 1.5 (`benches/README.md`). A plan of memory for each shape that comes is
//! memory that is kept for each of them, and large calls are no faster for it. The highest level of
//! optimisation copies every weight into another order: for gigabytes that lie in a file of their own that
//! costs as much again, where the level below leaves them in the file, mapped.

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

/// Graphs with more bytes than this have one session, where others may have one for each worker: their calls
/// keep all processors busy by themselves, and their weights are not worth holding twice.
pub(in crate::runtime) const SMALL_GRAPH_BYTES: u64 = 64 << 20;
/// From so many bytes beside the graph on, weights stay where they are.
const MAPPED_BYTES: u64 = 256 << 20;

/// How a session is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Settings {
    /// Threads of its own; the pool that all share where there is none.
    pub(in crate::runtime) threads: Option<usize>,
    is_large: bool,
    is_mapped: bool,
}

impl Settings {
    /// For a graph whose files have so many bytes, of which so many are weights beside it, on so many processors.
    pub(in crate::runtime) fn of(bytes: u64, beside: u64, processors: usize) -> Self {
        let is_large = bytes > SMALL_GRAPH_BYTES;
        Self {
            threads: (is_large && processors > 1).then_some(processors),
            is_large,
            is_mapped: beside > MAPPED_BYTES,
        }
    }

    /// The same for a graph whose calls turned out to take long, whatever its size.
    #[must_use]
    pub(in crate::runtime) fn for_long_calls(self, processors: usize) -> Self {
        Self {
            threads: (processors > 1).then_some(processors),
            is_large: true,
            ..self
        }
    }

    /// Whether its calls are long and keep all processors busy, so that two at a time are no faster.
    pub(in crate::runtime) fn is_wide(self) -> bool {
        self.is_large
    }

    pub(in crate::runtime) fn apply(
        self,
        mut builder: SessionBuilder,
    ) -> Result<SessionBuilder, ort::Error> {
        builder = builder.with_optimization_level(match self.is_mapped {
            true => GraphOptimizationLevel::Level2,
            false => GraphOptimizationLevel::All,
        })?;
        if self.is_large {
            builder = builder.with_memory_pattern(false)?;
        }
        if let Some(threads) = self.threads {
            builder = builder
                .with_independent_thread_pool()?
                .with_intra_threads(threads)?
                .with_intra_op_spinning(false)?;
        }
        Ok(builder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_graphs_have_all_processors_and_small_ones_share_a_pool() {
        assert_eq!(Settings::of(1 << 20, 0, 8), Settings::default());
        let large = Settings::of(500 << 20, 0, 8);
        assert_eq!(large.threads, Some(8));
        assert!(large.is_wide() && !large.is_mapped);
        assert!(Settings::of(4 << 30, 4 << 30, 8).is_mapped);
    }

    #[test]
    fn long_calls_make_a_small_graph_a_large_one() {
        let small = Settings::of(1 << 20, 0, 2);
        assert!(!small.is_wide() && small.for_long_calls(2).is_wide());
        assert_eq!(small.for_long_calls(1).threads, None);
    }
}
