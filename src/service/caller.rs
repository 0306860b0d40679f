//! Who asks: as far as sharing, limits and the log go.
//!
//! The wire learns who it is and runs the whole request within [`Caller::scope`]; what admits the
//! request asks [`Caller::current`]. A task that is spawned meanwhile is outside of it.

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::task_local;

use crate::runtime::Priority;

task_local! {
    static CURRENT: Caller;
}

/// Whoever sent a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    id: u64,
    name: Option<Arc<str>>,
    priority: Priority,
}

impl Caller {
    /// Whoever holds the key of that name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            id: number(b'k', name.as_bytes()),
            name: Some(name.into()),
            priority: Priority::default(),
        }
    }

    /// Somebody at an address. Of an IPv6 address the first half counts: the other half is the
    /// caller's own to choose.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        let id = match address.to_canonical() {
            IpAddr::V4(address) => number(b'4', &address.octets()),
            IpAddr::V6(address) => number(b'6', &address.octets()[..8]),
        };
        Self {
            id,
            ..Self::default()
        }
    }

    /// The caller who had that number and that key, for work that goes on after their request.
    #[must_use]
    pub fn known(id: u64, name: Option<&str>) -> Self {
        Self {
            id,
            name: name.map(Into::into),
            priority: Priority::Background,
        }
    }

    /// The same one, for a request that others may go before.
    #[must_use]
    pub fn with_priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }

    /// A number that is the same for all of this caller's requests.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name of the caller's key.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether others may go first.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Runs the future on this caller's behalf.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// On whose behalf the current task runs; nobody in particular where that isn't known.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }
}

/// The first bytes of a hash: nobody can choose a name that shares another's number.
fn number(kind: u8, bytes: &[u8]) -> u64 {
    let hash = Sha256::new()
        .chain_update([kind])
        .chain_update(bytes)
        .finalize();
    let (first, _) = hash.split_first_chunk::<8>().expect("a hash has 32 bytes");
    u64::from_le_bytes(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> u64 {
        Caller::at(address.parse().expect("an address")).id()
    }

    #[test]
    fn an_address_is_the_same_caller_in_all_its_spellings() {
        assert_eq!(at("10.0.0.1"), at("::ffff:10.0.0.1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db9::1"));
    }

    #[tokio::test]
    async fn a_request_runs_on_its_callers_behalf() {
        let caller = Caller::named("site").with_priority(Priority::Background);
        let seen = caller.clone().scope(async { Caller::current() }).await;
        assert_eq!(seen, caller);
        assert_eq!(Caller::current(), Caller::default());
    }
}
