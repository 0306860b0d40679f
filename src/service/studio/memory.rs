//! How the memory that models leave is shared out.
//!
//! Bodies, images that are being unpacked, generations and graph calls have a budget each, so that none
//! of them can take from another what that one needs in order to end: bodies that wait for memory while
//! all of it is held by bodies would wait for ever. Calls, which take most by far, have half.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::memory::{self, Budget};

/// Of what the system lets the process have, the part that is used if nobody says: the rest is for
/// the system's own buffers and for what is no one's.
const SHARE: f64 = 0.75;
/// What requests have at least, however much the models take.
const LEAST: u64 = 256 << 20;

/// The budgets of all requests together.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    pub(super) bodies: Budget,
    pub(super) decoding: Budget,
    pub(super) generating: Budget,
    /// Bytes for graph calls, which the workers share.
    calls: Arc<AtomicU64>,
}

impl Shares {
    /// What will be left of `most` bytes for the whole process beside models whose files have so many.
    pub(super) fn before_models(most: Option<u64>, files: u64) -> Self {
        let left = left_of(most, files);
        if left < LEAST {
            tracing::warn!("{}", too_little(most, files));
        }
        Self::of(left.max(LEAST))
    }

    /// Shares out anew what is left of `most` bytes, now that the models are loaded.
    pub(super) fn settle_beside_models(&self, most: Option<u64>) {
        let left = left_of(most, 0);
        if left < LEAST {
            tracing::warn!("{}", too_little(most, 0));
        }
        let bytes = left.max(LEAST);
        self.bodies.resize(bytes / 8);
        self.decoding.resize(bytes / 8);
        self.generating.resize(bytes / 4);
        self.calls.store(bytes / 2, Ordering::Relaxed);
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn of(bytes: u64) -> Self {
        Self {
            bodies: Budget::new(bytes / 8),
            decoding: Budget::new(bytes / 8),
            generating: Budget::new(bytes / 4),
            calls: Arc::new(AtomicU64::new(bytes / 2)),
        }
    }

    /// What is left for graph calls of `graphs` bytes, beside models that hold so many.
    pub(super) fn calls_beside(graphs: u64, models: u64) -> u64 {
        graphs.saturating_sub(models).max(LEAST / 2)
    }

    pub(super) fn reserved(&self) -> u64 {
        let all = [&self.bodies, &self.decoding, &self.generating];
        all.into_iter().map(Budget::reserved).sum()
    }

    pub(super) fn total(&self) -> u64 {
        let all = [&self.bodies, &self.decoding, &self.generating];
        all.into_iter()
            .map(Budget::total)
            .fold(self.calls(), u64::saturating_add)
    }
}

/// What is left of `most` bytes beside what the process has and `soon` more bytes.
fn left_of(most: Option<u64>, soon: u64) -> u64 {
    let most = most.or_else(usual);
    let taken = memory::resident().unwrap_or(0).saturating_add(soon);
    let left = most.map(|most| most.saturating_sub(taken));
    // A limit on addresses counts what was reserved as well as what is used.
    let addresses = memory::addresses_left().map(part);
    left.into_iter().chain(addresses).min().unwrap_or(u64::MAX)
}

/// What an operator should know whose models and `soon` more bytes don't go into the memory that was named:
/// nothing is left out, so that more is taken.
fn too_little(most: Option<u64>, soon: u64) -> String {
    let taken = memory::resident().unwrap_or(0).saturating_add(soon);
    let most = most.or_else(usual).unwrap_or(taken);
    let needed = taken.saturating_add(LEAST);
    format!(
        "{most} MiB of memory don't hold the models and requests beside them: the process and its models take \
         {taken} MiB, and requests get {least} MiB all the same; every model is loaded, and it may come to \
         {needed} MiB. Give it that much (--memory-mib {needed}), or fewer models",
        most = most >> 20,
        taken = taken >> 20,
        least = LEAST >> 20,
        needed = needed >> 20,
    )
}

fn usual() -> Option<u64> {
    memory::limit().map(part)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of some bytes"
)]
fn part(bytes: u64) -> u64 {
    (bytes as f64 * SHARE) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_does_not_hold_the_models_is_told_with_what_would() {
        let says = too_little(Some(64 << 20), 1 << 30);
        assert!(
            says.starts_with("64 MiB of memory don't hold the models"),
            "{says}"
        );
        let taken = (memory::resident().expect("on Linux") >> 20) + 1024;
        let named = says.split("--memory-mib ").nth(1).expect("a number");
        let named: u64 = named
            .split(')')
            .next()
            .expect("a number")
            .parse()
            .expect("a number");
        assert!(named.abs_diff(taken + 256) < 64, "{says}");
    }

    #[test]
    fn requests_share_what_the_models_leave() {
        let models = memory::resident().expect("on Linux");
        let shares = Shares::before_models(Some(models + (3 << 30)), 2 << 30);
        let total = shares.total();
        assert!(total > 900 << 20 && total <= 1100 << 20, "{total}");
        shares.settle_beside_models(Some(models + (1 << 30)));
        let total = shares.total();
        assert!(total > 900 << 20 && total <= 1100 << 20, "{total}");
        let next_to_nothing = Shares::before_models(Some(1), 0);
        assert_eq!(next_to_nothing.total(), LEAST);
    }
}
