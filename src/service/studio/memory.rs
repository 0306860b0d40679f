//! How the memory that models leave is shared out.
//!
//! Bodies, images that are being unpacked, generations and graph calls have a budget each, so that none
//! of them can take from another what that one needs in order to end: bodies that wait for memory while
//! all of it is held by bodies would wait for ever. Calls, which take most by far, have half.

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
    pub(super) calls: u64,
}

impl Shares {
    /// What is left of `most` bytes for the whole process, once the models have been loaded.
    pub(super) fn beside_models(most: Option<u64>) -> Self {
        let most = most.or_else(usual);
        let models = memory::resident().unwrap_or(0);
        let left = most.map(|most| most.saturating_sub(models));
        // A limit on addresses counts what was reserved as well as what is used.
        let addresses = memory::addresses_left().map(part);
        let Some(left) = left.into_iter().chain(addresses).min() else {
            return Self::of(u64::MAX);
        };
        if left < LEAST {
            tracing::warn!(
                models_mib = models >> 20,
                requests_mib = LEAST >> 20,
                "models leave requests hardly any memory"
            );
        }
        Self::of(left.max(LEAST))
    }

    fn of(bytes: u64) -> Self {
        Self {
            bodies: Budget::new(bytes / 8),
            decoding: Budget::new(bytes / 8),
            generating: Budget::new(bytes / 4),
            calls: bytes / 2,
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
            .fold(self.calls, u64::saturating_add)
    }
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
    fn requests_share_what_the_models_leave() {
        let models = memory::resident().expect("on Linux");
        let shares = Shares::beside_models(Some(models + (1 << 30)));
        let total = shares.total();
        assert!(total > 900 << 20 && total <= 1100 << 20, "{total}");
        let next_to_nothing = Shares::beside_models(Some(1));
        assert_eq!(next_to_nothing.total(), LEAST);
    }
}
