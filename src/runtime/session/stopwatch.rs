//! How long a call takes while nothing takes the processor from it.
//!
//! Graphs are proved side by side, beside whatever else the machine does, and a call that has to
//! wait for a processor looks slow. A long call is interrupted more surely than a short one, so
//! by the clock alone large batches would seem to cost more a row than they do.

use std::time::Duration;

use tokio::time::Instant;

/// Where Linux tells how long a thread has run, and how long it has waited to run, in nanoseconds.
/// Source: `Documentation/scheduler/sched-stats.rst` of the kernel.
const STATISTICS: &str = "/proc/thread-self/schedstat";

/// Runs from when it is made; the thread's wait for a processor doesn't count.
#[derive(Debug)]
pub(in crate::runtime) struct Stopwatch {
    waited: Duration,
    started: Instant,
}

impl Stopwatch {
    pub(in crate::runtime) fn start() -> Self {
        Self {
            waited: waited(),
            started: Instant::now(),
        }
    }

    /// The time since, on the same thread. Where the system doesn't tell what threads wait for,
    /// that is the clock's.
    pub(in crate::runtime) fn elapsed(&self) -> Duration {
        let elapsed = self.started.elapsed();
        elapsed.saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// How long this thread has waited for a processor in all its life.
fn waited() -> Duration {
    std::fs::read_to_string(STATISTICS)
        .ok()
        .and_then(|text| wait_in(&text))
        .unwrap_or_default()
}

fn wait_in(statistics: &str) -> Option<Duration> {
    let wait = statistics.split_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_the_second_number() {
        assert_eq!(
            wait_in("917351 33640 12\n"),
            Some(Duration::from_nanos(33_640))
        );
        assert_eq!(wait_in(""), None);
        assert_eq!(wait_in("917351 -"), None);
    }

    #[test]
    fn sleeping_counts_and_the_clock_is_never_exceeded() {
        let clock = Instant::now();
        let stopwatch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(20));
        let measured = stopwatch.elapsed();
        // What the thread waits for after its sleep is taken off the clock, and no more.
        assert!(measured > Duration::from_millis(10), "{measured:?}");
        assert!(measured <= clock.elapsed());
    }
}
