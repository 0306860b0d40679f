//! Whose a row is: what the pool needs to know to share the workers out fairly.
//!
//! A [`Flow`] is set around the future of a request and read where its rows are sent, so that the
//! families in between need not hand it on. A task that a request spawns is outside of it.

use tokio::task_local;

task_local! {
    static CURRENT: Flow;
}

/// A request's place among those who share the workers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Whoever shares with others: rows of one caller count together.
    pub caller: u64,
    /// How large this caller's share is.
    pub priority: Priority,
    /// The request's place in the order of admission; of one caller's, the oldest goes first.
    pub request: u64,
}

/// How much of the workers a flow gets beside others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody waits for it.
    #[default]
    Interactive,
    /// Whenever there is time; an eighth of what others get, and never nothing.
    Background,
}

impl Priority {
    /// The share, in relation to others'.
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Self::Interactive => 8,
            Self::Background => 1,
        }
    }
}

/// The flows that are served alike: a caller's requests of one priority.
pub(in crate::runtime) type Party = (u64, Priority);

/// A row's place: in the order of its caller's requests, then in that of arrival over all graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::runtime) struct Place {
    pub(in crate::runtime) party: Party,
    pub(in crate::runtime) request: u64,
    pub(in crate::runtime) sequence: u64,
}

impl Flow {
    /// Runs the future as part of this flow.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// That of the task which asks; the same one for all that are in none.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(|flow| *flow).unwrap_or_default()
    }

    pub(in crate::runtime) fn place(self, sequence: u64) -> Place {
        Place {
            party: (self.caller, self.priority),
            request: self.request,
            sequence,
        }
    }
}
