//! Answers on their way to those who wait for them.
//!
//! A worker that answers the callers of a call one by one wakes an async thread for each of them,
//! and where processors are scarce that thread takes the worker's place at once: two switches and
//! a system call or two for every row. So a task within the callers' runtime answers all of them,
//! for whom waking is no more than an entry in a list.

use std::ops::AddAssign;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::runtime::error::RunError;
use crate::runtime::tensor::Row;

/// Where the time of one row went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTime {
    /// Waiting for a worker.
    pub queued: Duration,
    /// In the call that it shared.
    pub inference: Duration,
    /// Rows that shared the largest of the calls.
    pub rows: usize,
}

impl AddAssign for CallTime {
    fn add_assign(&mut self, other: Self) {
        self.queued += other.queued;
        self.inference += other.inference;
        self.rows = self.rows.max(other.rows);
    }
}

impl CallTime {
    /// The longest of those that ran beside each other.
    pub fn longest(times: impl IntoIterator<Item = Self>) -> Self {
        let longest = times
            .into_iter()
            .max_by_key(|time| time.queued + time.inference);
        longest.unwrap_or_default()
    }
}

/// What a caller gets back.
pub(in crate::runtime) type Answer = Result<(Row, CallTime), RunError>;

/// A caller, and since when it has waited.
pub(in crate::runtime) struct Reply {
    sender: oneshot::Sender<Answer>,
    pub(in crate::runtime) arrived: Instant,
    /// Where the caller waits, if it is where it called.
    runtime: Option<Handle>,
}

impl Reply {
    /// For a caller of now, with what it waits for.
    pub(in crate::runtime) fn awaited() -> (Self, oneshot::Receiver<Answer>) {
        let (sender, answer) = oneshot::channel();
        let reply = Self {
            sender,
            arrived: Instant::now(),
            runtime: Handle::try_current().ok(),
        };
        (reply, answer)
    }

    /// Whether the caller has left.
    pub(in crate::runtime) fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    pub(in crate::runtime) fn send(self, answer: Answer) {
        // A caller that has left does not want its answer.
        let _ = self.sender.send(answer);
    }
}

/// Answers all callers of a call.
pub(in crate::runtime) fn send_all(mut answers: Vec<(Reply, Answer)>) {
    let send = |answers: Vec<(Reply, Answer)>| {
        for (reply, answer) in answers {
            reply.send(answer);
        }
    };
    let is_async_thread = Handle::try_current().is_ok();
    // On an async thread the callers' tasks are at hand already, and each is woken by an entry in a
    // list. The order of answers within a call is that of arrival either way.
    while answers.len() > 1 && !is_async_thread {
        let Some(runtime) = answers[0].0.runtime.clone() else {
            break;
        };
        // Never through another runtime, which may be at rest.
        let here = |(reply, _): &mut (Reply, Answer)| {
            reply.runtime.as_ref().map(Handle::id) == Some(runtime.id())
        };
        let together = answers.extract_if(.., here).collect();
        runtime.spawn(async move { send(together) });
    }
    send(answers);
}

#[cfg(test)]
mod tests {
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    #[test]
    fn nobody_waits_for_a_runtime_that_is_not_its_own() {
        let (resting, busy) = (runtime(), runtime());
        let awaited = |runtime: &Runtime| {
            let _entered = runtime.enter();
            Reply::awaited()
        };
        let (replies, waiting): (Vec<_>, Vec<_>) = [&resting, &busy, &resting, &busy]
            .into_iter()
            .map(awaited)
            .unzip();
        let (outside, from_outside) = Reply::awaited();
        let answer = |reply: Reply| (reply, Err(RunError::Stopped));
        let all = replies.into_iter().chain([outside]);
        send_all(all.map(answer).collect());
        for (at, mut answer) in waiting.into_iter().enumerate() {
            if at % 2 == 1 {
                let answer = busy.block_on(answer).expect("an answer was sent");
                assert_eq!(answer.unwrap_err(), RunError::Stopped);
            } else {
                assert!(answer.try_recv().is_err(), "its runtime is at rest");
            }
        }
        assert!(from_outside.blocking_recv().is_ok());
    }
}
