//! Work on pixels that would hold up an async thread.

use super::failure::Failure;

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
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Failure::Broken)
}
