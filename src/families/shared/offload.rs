//! Work on pixels that would hold up an async thread.

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};

use super::failure::Failure;
use crate::imaging::Image;

/// Pixels that are worked on where we are: moving more to another thread costs less than they do.
const AT_ONCE: u64 = 64 * 1024;

/// Does it here, or on a blocking thread where that many pixels take long.
pub(in crate::families) async fn offload<T: Send + 'static>(
    pixels: u64,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    if pixels <= AT_ONCE {
        return Ok(work());
    }
    let done = spawn_blocking(work).await;
    done.map_err(|_| Failure::Broken)
}

/// Does it here, on what the caller has borrowed. Where that many pixels take long, this thread ceases to be
/// one of the async threads meanwhile, and what waited for it goes on on another.
pub(crate) fn in_place<T>(pixels: u64, work: impl FnOnce() -> T) -> T {
    let flavor = || Handle::try_current().map(|handle| handle.runtime_flavor());
    // A runtime of one thread has no other.
    if pixels > AT_ONCE && matches!(flavor(), Ok(RuntimeFlavor::MultiThread)) {
        return block_in_place(work);
    }
    work()
}

/// How many pixels an image has.
pub(crate) fn pixels_of(image: &Image) -> u64 {
    u64::from(image.width()) * u64::from(image.height())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_many_pixels_are_worked_on() {
        let (done, wanted) = mpsc::channel();
        // On the only async thread, it would wait for what never gets its turn.
        let large = tokio::spawn(async move {
            in_place(AT_ONCE + 1, || wanted.recv_timeout(Duration::from_secs(60)))
        });
        let other = tokio::spawn(async move { done.send(7) });
        assert_eq!(large.await.expect("no panic"), Ok(7));
        other.await.expect("no panic").expect("it was waited for");
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_does_it_itself() {
        assert_eq!(in_place(AT_ONCE + 1, || 7), 7);
        assert_eq!(in_place(1, || 7), 7);
    }
}
