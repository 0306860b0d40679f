//! What a row of a graph has cost recently.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// In this time without a call, half of what a row cost above its proof is forgotten.
const FORGETTING: Duration = Duration::from_secs(5);

/// A smoothed time, which falls back to the proved one where the graph isn't called.
///
/// A spell in which the machine did something else makes rows look costly. If that were believed
/// for good, requests would be refused for taking too long, no call would ever correct it, and they
/// would be refused for ever.
#[derive(Debug)]
pub(in crate::runtime) struct RowCost {
    proved: u64,
    recent: AtomicU64,
    born: Instant,
    /// Nanoseconds from `born` to the last call.
    called: AtomicU64,
}

impl RowCost {
    pub(in crate::runtime) fn proved(row: Duration) -> Self {
        let proved = nanoseconds(row);
        Self {
            proved,
            recent: proved.into(),
            born: Instant::now(),
            called: 0.into(),
        }
    }

    /// Moves it an eighth of the way to what was just measured.
    pub(in crate::runtime) fn measured(&self, call: Duration, rows: usize) {
        let measured = nanoseconds(call) / rows.max(1) as u64;
        let known = self.recent();
        self.recent
            .store(known - known / 8 + measured / 8, Ordering::Relaxed);
        let called = nanoseconds(self.born.elapsed());
        self.called.store(called, Ordering::Relaxed);
    }

    /// What it cost when the graph was loaded.
    pub(in crate::runtime) fn at_proof(&self) -> Duration {
        Duration::from_nanos(self.proved)
    }

    /// Nanoseconds, as the last calls had it.
    pub(in crate::runtime) fn recent(&self) -> u64 {
        self.recent.load(Ordering::Relaxed)
    }

    /// What to expect of a call now.
    pub(in crate::runtime) fn expected(&self) -> Duration {
        let recent = self.recent();
        let Some(above) = recent.checked_sub(self.proved) else {
            return Duration::from_nanos(recent);
        };
        let called = Duration::from_nanos(self.called.load(Ordering::Relaxed));
        let rest = self.born.elapsed().saturating_sub(called);
        let halvings = rest.as_secs_f64() / FORGETTING.as_secs_f64();
        let above = Duration::from_nanos(above).mul_f64((-halvings).exp2());
        Duration::from_nanos(self.proved) + above
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_slow_spell_is_believed_while_calls_confirm_it_and_forgotten_after() {
        let cost = RowCost::proved(MILLISECOND);
        for _ in 0..64 {
            cost.measured(MILLISECOND * 800, 8);
        }
        assert!(cost.expected() > MILLISECOND * 90);
        tokio::time::advance(FORGETTING * 10).await;
        assert!(cost.expected() < MILLISECOND * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn rows_that_became_cheaper_by_sharing_calls_stay_so() {
        let cost = RowCost::proved(MILLISECOND * 8);
        for _ in 0..64 {
            cost.measured(MILLISECOND * 8, 8);
        }
        tokio::time::advance(FORGETTING * 10).await;
        assert!(cost.expected() < MILLISECOND * 2);
    }
}
