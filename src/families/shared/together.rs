//! The images of one request, painted at the same time, so that their rows share calls.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::failure::Failure;

/// Images that are painted at the same time, where a family has no reason for another number.
pub(in crate::families) const AT_ONCE: usize = 64;

/// Paints `count` images, at most `at_once` at the same time, and answers in their order.
///
/// An image alone, which is what most requests want, waits without the list and the wakers that
/// company needs: of the memory that hundreds of waiting requests hold, a processor's cache keeps
/// little, and fetching it back takes longer than computing with it.
pub(in crate::families) async fn paint_all<T, F>(
    count: usize,
    at_once: usize,
    mut paint: impl FnMut(usize) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    if count == 1 {
        return Ok(vec![paint(0).await?]);
    }
    let paintings = stream::iter(0..count).map(paint);
    paintings.buffered(at_once).try_collect().await
}
