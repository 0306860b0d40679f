//! Who is served next: start-time fair queueing over the time that calls take.
//!
//! Every party has a clock that moves on by the time its rows take, divided by its weight; the one
//! whose clock is furthest behind is next. Who comes back after a rest begins at the clock of
//! whoever is being served, so that nobody saves up for later, and nobody can be starved: all
//! others' clocks pass it by. (P. Goyal, H. M. Vin, H. Cheng: Start-time Fair Queueing, 1996.)

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::flow::Party;

/// Parties that are remembered although they wait for nothing.
const REMEMBERED: usize = 1024;

/// The parties' clocks; a plain value.
#[derive(Debug, Default)]
pub(in crate::runtime) struct FairShares {
    parties: HashMap<Party, Share>,
    /// Those that wait, by their clocks.
    waiting: BTreeSet<(u64, Party)>,
    /// The clock of who was served last, before that service.
    now: u64,
    /// The clock that is furthest ahead.
    latest: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Share {
    clock: u64,
    rows: usize,
}

impl FairShares {
    /// A row of this party waits from now on.
    pub(in crate::runtime) fn arrived(&mut self, party: Party) {
        if self.parties.len() >= REMEMBERED && !self.parties.contains_key(&party) {
            // Whose clock has been passed by is worth no memory: it would begin at `now` again.
            let now = self.now;
            self.parties
                .retain(|_, share| share.rows > 0 || share.clock > now);
        }
        let share = self.parties.entry(party).or_default();
        if share.rows == 0 {
            // Only who comes back is moved up; who waits already keeps what it is owed.
            share.clock = share.clock.max(self.now);
            self.waiting.insert((share.clock, party));
        }
        share.rows += 1;
    }

    /// A row of this party waits no more, and nothing was done for it.
    pub(in crate::runtime) fn left(&mut self, party: Party) {
        let Some(share) = self.parties.get_mut(&party) else {
            return;
        };
        share.rows = share.rows.saturating_sub(1);
        if share.rows == 0 {
            self.waiting.remove(&(share.clock, party));
            self.rest();
        }
    }

    /// Where nobody waits, nobody is owed anything: all clocks are put right.
    fn rest(&mut self) {
        if self.waiting.is_empty() {
            self.now = self.latest;
        }
    }

    /// A row of this party is served, which takes so long.
    pub(in crate::runtime) fn served(&mut self, party: Party, time: Duration) {
        let Some(share) = self.parties.get_mut(&party) else {
            return;
        };
        self.now = self.now.max(share.clock);
        // Before its clock moves on: it stands among those that wait under what the clock shows.
        self.waiting.remove(&(share.clock, party));
        share.clock = Self::after(share.clock, party, time);
        self.latest = self.latest.max(share.clock);
        share.rows = share.rows.saturating_sub(1);
        if share.rows > 0 {
            self.waiting.insert((share.clock, party));
        }
        self.rest();
    }

    /// What a party's clock shows after it was served for so long.
    pub(in crate::runtime) fn after(clock: u64, (_, priority): Party, time: Duration) -> u64 {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        // At least a tick, or a graph whose cost isn't known yet would be free of charge.
        clock.saturating_add((time / u64::from(priority.weight())).max(1))
    }

    /// Those that wait, whoever is furthest behind first.
    pub(in crate::runtime) fn in_turn(&self) -> impl Iterator<Item = Party> {
        self.waiting.iter().map(|&(_, party)| party)
    }

    /// A party's clock.
    pub(in crate::runtime) fn clock(&self, party: Party) -> u64 {
        self.parties
            .get(&party)
            .map_or(self.now, |share| share.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::super::flow::Priority;
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);
    const A: Party = (1, Priority::Interactive);
    const B: Party = (2, Priority::Interactive);
    const LATER: Party = (3, Priority::Background);

    /// Serves rows of a millisecond, and counts whose they were.
    fn serve(shares: &mut FairShares, rows: usize) -> HashMap<Party, usize> {
        let mut served = HashMap::new();
        for _ in 0..rows {
            let next = shares.in_turn().next().expect("somebody waits");
            shares.served(next, MILLISECOND);
            *served.entry(next).or_default() += 1;
        }
        served
    }

    fn waiting(parties: &[(Party, usize)]) -> FairShares {
        let mut shares = FairShares::default();
        for &(party, rows) in parties {
            (0..rows).for_each(|_| shares.arrived(party));
        }
        shares
    }

    #[test]
    fn two_callers_share_equally_however_much_one_of_them_sends() {
        let mut shares = waiting(&[(A, 1000), (B, 100)]);
        let served = serve(&mut shares, 100);
        assert!(served[&A].abs_diff(served[&B]) <= 1, "{served:?}");
    }

    #[test]
    fn who_was_served_long_waits_for_no_longer_than_one_row_of_a_newcomer() {
        let mut shares = waiting(&[(A, 1000)]);
        serve(&mut shares, 500);
        shares.arrived(B);
        shares.arrived(B);
        let served = serve(&mut shares, 4);
        assert_eq!((served[&A], served[&B]), (2, 2));
    }

    #[test]
    fn a_rest_is_not_saved_up() {
        let mut shares = waiting(&[(A, 10_000), (B, 1)]);
        serve(&mut shares, 5000);
        (0..1000).for_each(|_| shares.arrived(B));
        let served = serve(&mut shares, 100);
        assert!(served[&A] >= 49, "{served:?}");
    }

    #[test]
    fn the_lower_priority_gets_its_ninth_and_is_never_starved() {
        let mut shares = waiting(&[(A, 10_000), (LATER, 10_000)]);
        let served = serve(&mut shares, 900);
        assert!(served[&LATER].abs_diff(100) <= 2, "{served:?}");
    }

    #[test]
    fn parties_that_have_gone_are_forgotten() {
        let mut shares = FairShares::default();
        for caller in 0..100_000 {
            let party = (caller, Priority::Interactive);
            shares.arrived(party);
            if caller % 2 == 0 {
                shares.left(party);
            } else {
                shares.served(party, MILLISECOND);
            }
        }
        assert!(shares.parties.len() <= 2 * REMEMBERED);
        assert!(shares.waiting.is_empty());
    }
}
