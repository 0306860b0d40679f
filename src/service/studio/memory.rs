//! How the memory that models leave is shared out.
//!
//! Bodies, images that are being unpacked and generations have a budget each, so that none of them
//! can take from another what that one needs in order to end: bodies that wait for memory while all
//! of it is held by bodies would wait for ever.

use crate::memory::{self, Budget};

/// Of what the system lets the process have, the part that is used if nobody says: the rest is for
/// the system's own buffers and for what is no one's.
const SHARE: f64 = 0.75;
/// What requests have at least, however much the models take.
const LEAST: u64 = 128 << 20;

/// The budgets of all requests together.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    pub(super) bodies: Budget,
    pub(super) decoding: Budget,
    pub(super) generating: Budget,
}

impl Shares {
    /// What is left of `most` bytes for the whole process, once the models have been loaded.
    pub(super) fn beside_models(most: Option<u64>) -> Self {
        let most = most.or_else(usual);
        let models = memory::resident().unwrap_or(0);
        let Some(most) = most else {
            return Self::of(u64::MAX);
        };
        let left = most.saturating_sub(models);
        if left < LEAST {
            tracing::warn!(
                memory_mib = most >> 20,
                models_mib = models >> 20,
                requests_mib = LEAST >> 20,
                "models leave requests hardly any memory"
            );
        }
        Self::of(left.max(LEAST))
    }

    fn of(bytes: u64) -> Self {
        Self {
            bodies: Budget::new(bytes / 4),
            decoding: Budget::new(bytes / 4),
            generating: Budget::new(bytes / 2),
        }
    }

    pub(super) fn reserved(&self) -> u64 {
        let all = [&self.bodies, &self.decoding, &self.generating];
        all.into_iter().map(Budget::reserved).sum()
    }

    pub(super) fn total(&self) -> u64 {
        let all = [&self.bodies, &self.decoding, &self.generating];
        all.into_iter()
            .map(Budget::total)
            .fold(0, u64::saturating_add)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of some bytes"
)]
fn usual() -> Option<u64> {
    memory::limit().map(|limit| (limit as f64 * SHARE) as u64)
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
