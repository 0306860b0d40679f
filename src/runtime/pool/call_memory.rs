//! The memory that calls may take together, with what sessions keep of earlier ones.
//!
//! A session keeps what its largest call took, until it shrinks. So a call counts twice: while it runs,
//! and afterwards as what its session keeps. The next call in turn waits until it fits, and nothing
//! overtakes it meanwhile, or a large call would wait for ever behind small ones. One call alone always
//! runs, once nobody else keeps anything: what could never fit is refused before it is queued.

/// Bytes of calls, as they were estimated.
#[derive(Debug)]
pub(in crate::runtime) struct CallMemory {
    total: u64,
    /// Of calls that run.
    running: u64,
    /// Of sessions at rest.
    kept: u64,
    /// Of further sessions that were opened, for the weights.
    sessions: u64,
}

impl Default for CallMemory {
    fn default() -> Self {
        Self {
            total: u64::MAX,
            running: 0,
            kept: 0,
            sessions: 0,
        }
    }
}

impl CallMemory {
    /// How much there is from now on.
    pub(in crate::runtime) fn bound(&mut self, total: u64) {
        self.total = total;
    }

    pub(in crate::runtime) fn total(&self) -> u64 {
        self.total
    }

    /// In use, by calls that run, by what sessions keep, and by further sessions.
    pub(in crate::runtime) fn used(&self) -> u64 {
        let calls = self.running.saturating_add(self.kept);
        calls.saturating_add(self.sessions)
    }

    /// What sessions at rest keep.
    pub(in crate::runtime) fn kept(&self) -> u64 {
        self.kept
    }

    /// Whether a call that takes so much fits beside everything else, on a session that keeps `own`.
    pub(in crate::runtime) fn fits(&self, call: u64, own: u64) -> bool {
        let more = grown(call, own) - own;
        more == 0 || self.used().saturating_add(more) <= self.total
    }

    /// Whether nothing is there that could make room: the next call runs alone, whatever it takes.
    pub(in crate::runtime) fn is_alone(&self) -> bool {
        self.running == 0 && self.kept == 0
    }

    /// A session begins a call, and leaves those at rest; answers with what it will keep.
    pub(in crate::runtime) fn begin(&mut self, call: u64, own: u64) -> u64 {
        let claimed = grown(call, own);
        self.kept -= own;
        self.running = self.running.saturating_add(claimed);
        claimed
    }

    /// Its call is over.
    pub(in crate::runtime) fn end(&mut self, claimed: u64) {
        self.running = self.running.saturating_sub(claimed);
    }

    /// Another session of some graph was opened.
    pub(in crate::runtime) fn opened(&mut self, bytes: u64) {
        self.sessions = self.sessions.saturating_add(bytes);
    }

    /// Such sessions have gone.
    pub(in crate::runtime) fn closed(&mut self, bytes: u64) {
        self.sessions = self.sessions.saturating_sub(bytes);
    }

    /// A session has come to rest, and keeps so much.
    pub(in crate::runtime) fn rest(&mut self, keeps: u64) {
        self.kept = self.kept.saturating_add(keeps);
    }

    /// A session at rest has gone, or is about to give back what it keeps.
    pub(in crate::runtime) fn leave(&mut self, kept: u64) {
        self.kept = self.kept.saturating_sub(kept);
    }
}

/// What a session holds after a call: pieces that a smaller call has left don't join to a larger one.
fn grown(call: u64, own: u64) -> u64 {
    if call <= own {
        own
    } else {
        own.saturating_add(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(total: u64) -> CallMemory {
        let mut memory = CallMemory::default();
        memory.bound(total);
        memory
    }

    #[test]
    fn a_call_waits_for_those_that_run_and_for_what_sessions_keep() {
        let mut memory = of(100);
        let claimed = memory.begin(70, 0);
        assert!(!memory.fits(40, 0) && memory.fits(30, 0));
        memory.end(claimed);
        memory.rest(claimed);
        assert!(!memory.fits(40, 0), "the first session keeps 70");
        memory.leave(claimed);
        assert!(memory.fits(100, 0) && memory.is_alone());
    }

    #[test]
    fn a_session_uses_again_what_it_keeps_and_grows_by_what_is_larger() {
        let mut memory = of(100);
        memory.rest(60);
        assert!(memory.fits(60, 60) && !memory.fits(70, 60));
        assert_eq!(memory.begin(50, 60), 60);
        assert_eq!(memory.used(), 60);
    }

    #[test]
    fn without_a_bound_everything_fits() {
        let mut memory = CallMemory::default();
        for _ in 0..3 {
            assert!(memory.fits(u64::MAX, 0));
            assert_eq!(memory.begin(u64::MAX, 0), u64::MAX);
        }
    }
}
