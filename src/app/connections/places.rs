//! The places for connections, and who has to leave for whom.
//!
//! Silence must not be enough to keep others out. Where all places are taken, the connection that
//! has been idle longest is closed for a new one: first of the address that has most of them. Where
//! all are busy, a few more are let in as [`Entry::Crowded`], for probes alone.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, Doing};

/// Connections beyond all places, so that probes are answered and others are told no.
const CROWDED: usize = 64;
/// A head that has taken longer than this may be interrupted for somebody else.
const SLOW_HEAD: Duration = Duration::from_secs(1);

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) most: usize,
    pub(super) per_address: usize,
}

/// All open connections.
#[derive(Debug, Clone)]
pub(super) struct Places(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    bounds: Bounds,
    open: HashMap<u64, Open>,
    by_address: HashMap<IpAddr, usize>,
    crowded: usize,
    next: u64,
}

#[derive(Debug)]
struct Open {
    address: IpAddr,
    activity: Activity,
    close: CancellationToken,
}

/// How a connection is let in.
#[derive(Debug)]
pub(super) enum Entry {
    /// Like every other.
    Usual(Place),
    /// Beyond all places: for probes, and to be told no.
    Crowded(Place),
    /// Not at all.
    Refused,
}

/// A connection's place; dropping it is leaving.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    /// None for one beyond all places.
    number: Option<u64>,
}

impl Places {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(State {
            bounds,
            open: HashMap::new(),
            by_address: HashMap::new(),
            crowded: 0,
            next: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Open connections, those beyond all places included.
    pub(super) fn open(&self) -> usize {
        let state = self.state();
        state.open.len() + state.crowded
    }

    /// Lets a connection in; `close` is cancelled when it has to make room, which the answer's
    /// second part says of another one.
    pub(super) fn enter(
        &self,
        address: IpAddr,
        trusted: bool,
        activity: &Activity,
        close: &CancellationToken,
    ) -> (Entry, Option<CancellationToken>) {
        let mut state = self.state();
        let now = Instant::now();
        let held = state.by_address.get(&address).copied().unwrap_or(0);
        let full_address = !trusted && held >= state.bounds.per_address;
        let full = state.open.len() >= state.bounds.most;
        let leaver = match (full_address, full) {
            (true, _) => state.who_leaves(Some(address), now),
            (false, true) => state.who_leaves(None, now),
            (false, false) => None,
        };
        if (full_address || full) && leaver.is_none() {
            if state.crowded >= CROWDED {
                return (Entry::Refused, None);
            }
            state.crowded += 1;
            let places = self.clone();
            let number = None;
            return (Entry::Crowded(Place { places, number }), None);
        }
        let leaving = leaver.and_then(|number| state.remove(number));
        let number = state.next;
        state.next += 1;
        let open = Open {
            address,
            activity: activity.clone(),
            close: close.clone(),
        };
        state.open.insert(number, open);
        *state.by_address.entry(address).or_default() += 1;
        let place = Place {
            places: self.clone(),
            number: Some(number),
        };
        (Entry::Usual(place), leaving.map(|open| open.close))
    }
}

impl State {
    /// The idle connection to close, if there is one: of this address, or of whichever has most.
    fn who_leaves(&self, of: Option<IpAddr>, now: Instant) -> Option<u64> {
        let connections = self.open.iter();
        let candidates = connections.filter_map(|(&number, open)| {
            let (doing, since) = open.activity.get();
            let may = match doing {
                Doing::Idle => true,
                Doing::Head => now.saturating_duration_since(since) > SLOW_HEAD,
                Doing::Busy => false,
            };
            let matches = of.is_none_or(|address| address == open.address);
            let crowd = self.by_address.get(&open.address).copied().unwrap_or(0);
            (may && matches).then_some((std::cmp::Reverse(crowd), since, number))
        });
        candidates.min().map(|(_, _, number)| number)
    }

    fn remove(&mut self, number: u64) -> Option<Open> {
        let open = self.open.remove(&number)?;
        if let Some(held) = self.by_address.get_mut(&open.address) {
            *held -= 1;
            if *held == 0 {
                self.by_address.remove(&open.address);
            }
        }
        Some(open)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state();
        match self.number {
            Some(number) => drop(state.remove(number)),
            None => state.crowded -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct House {
        places: Places,
        born: Instant,
        inside: Vec<(Place, Activity, CancellationToken)>,
    }

    impl House {
        fn of(most: usize, per_address: usize) -> Self {
            Self {
                places: Places::new(Bounds { most, per_address }),
                born: Instant::now(),
                inside: Vec::new(),
            }
        }

        /// Whether it was let in like others, and whether somebody was closed for it.
        fn enter(&mut self, last: u8, trusted: bool) -> (bool, bool) {
            let activity = Activity::begun(self.born);
            let close = CancellationToken::new();
            let address = IpAddr::from([192, 0, 2, last]);
            let (entry, leaving) = self.places.enter(address, trusted, &activity, &close);
            let closed = leaving.is_some();
            if let Some(leaving) = leaving {
                leaving.cancel();
            }
            match entry {
                Entry::Usual(place) => {
                    self.inside.push((place, activity, close));
                    (true, closed)
                }
                Entry::Crowded(place) => {
                    self.inside.push((place, activity, close));
                    (false, closed)
                }
                Entry::Refused => (false, closed),
            }
        }

        fn closed(&self) -> Vec<usize> {
            let inside = self.inside.iter().enumerate();
            let closed = inside.filter(|(_, (_, _, close))| close.is_cancelled());
            closed.map(|(at, _)| at).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_that_was_idle_longest_makes_room() {
        let mut house = House::of(3, 3);
        for last in 1..=3 {
            house.enter(last, false);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        house.inside[0].1.set(Doing::Busy);
        assert_eq!(house.enter(4, false), (true, true));
        assert_eq!(house.closed(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_address_that_has_most_gives_way_first() {
        let mut house = House::of(4, 4);
        house.enter(1, false);
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..3 {
            house.enter(2, false);
        }
        house.enter(3, false);
        assert_eq!(house.closed(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_busy_some_come_in_for_probes_and_the_rest_not_at_all() {
        let mut house = House::of(2, 2);
        for last in 1..=2 {
            house.enter(last, false);
        }
        for (_, activity, _) in &house.inside {
            activity.set(Doing::Busy);
        }
        for _ in 0..2 * CROWDED {
            assert_eq!(house.enter(3, false), (false, false));
        }
        assert_eq!(house.places.open(), 2 + CROWDED);
        house.inside.clear();
        assert_eq!(house.places.open(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_a_bound_of_its_own_and_a_trusted_proxy_has_none() {
        let mut house = House::of(8, 2);
        house.enter(1, false);
        house.enter(1, false);
        assert_eq!(house.enter(1, false), (true, true));
        assert_eq!(house.closed(), [0]);
        for _ in 0..4 {
            assert_eq!(house.enter(2, true), (true, false));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_counts_as_idle_after_a_moment() {
        let mut house = House::of(1, 1);
        house.enter(1, false);
        house.inside[0].1.bytes_came();
        assert_eq!(house.enter(2, false), (false, false));
        tokio::time::advance(SLOW_HEAD * 2).await;
        assert_eq!(house.enter(2, false), (true, true));
    }
}
