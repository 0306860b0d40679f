//! The reader's end.

use std::sync::Arc;

use futures_util::stream::{self, Stream};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::buffer::{Letter, Moved, ProgressBuffer};
use super::{Advance, Event};
use crate::service::request::Generation;
use crate::service::studio::preview;

/// A generation under way. Dropping it stops the painting.
#[derive(Debug)]
pub struct Watched {
    mailbox: Arc<ProgressBuffer>,
    generation: Arc<Generation>,
    id: String,
    _painting: AbortOnDropHandle<()>,
}

impl Watched {
    pub(in crate::service) fn new(
        id: String,
        mailbox: Arc<ProgressBuffer>,
        generation: Arc<Generation>,
        painting: AbortOnDropHandle<()>,
    ) -> Self {
        Self {
            mailbox,
            generation,
            id,
            _painting: painting,
        }
    }

    /// The generation's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is painted.
    #[must_use]
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The next event, or none after the last. Not waiting for it to the end loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.mailbox.take(Instant::now()) {
                Letter::Queued(queued) => return Some(Event::Queued(queued)),
                Letter::Moved(moved) => return Some(Event::Progress(self.advance(moved).await)),
                Letter::Image(index, image) => return Some(Event::Image { index, image }),
                Letter::End(end) => {
                    return Some(match *end {
                        Ok(generated) => Event::Done(generated),
                        Err(failure) => Event::Failed(failure),
                    });
                }
                Letter::Later(then) => tokio::select! {
                    () = sleep_until(then) => {}
                    () = self.mailbox.news() => {}
                },
                Letter::Nothing => self.mailbox.news().await,
                Letter::Over => return None,
            }
        }
    }

    /// All events, one after the other.
    pub fn into_stream(self) -> impl Stream<Item = Event> {
        stream::unfold(self, async |mut watched| {
            let event = watched.next().await?;
            Some((event, watched))
        })
    }

    async fn advance(&self, moved: Moved) -> Advance {
        let preview = match moved.preview {
            // Nobody is told of a preview that fails; the image itself will fail too.
            Some(image) => preview(&self.generation, image).await.ok(),
            None => None,
        };
        Advance {
            image: moved.step.sample,
            step: moved.step.done,
            of: moved.step.of,
            preview,
        }
    }
}
