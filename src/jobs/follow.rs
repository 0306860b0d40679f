//! Following a job: what happens to it, as it happens.

use std::sync::Arc;

use super::failure::Missing;
use super::handle::Jobs;
use super::job::{Job, JobId, Outlook};
use super::live::{Live, News, Step};

/// Up to where a follower was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Up to what has this number.
    Until(u64),
    /// All there is.
    End,
}

/// Something that has happened to a job.
#[derive(Debug, Clone)]
pub enum Event {
    /// It waits.
    Queued(Option<Outlook>),
    /// It is begun.
    Running(Option<Outlook>),
    /// It has come further.
    Progress(Step),
    /// One of its files is there, by its place.
    Image(usize),
    /// It is over.
    Ended(Box<Job>),
}

/// A follower of a job. Leaving changes nothing for the job.
#[derive(Debug)]
pub struct Follower {
    pub(super) jobs: Jobs,
    pub(super) id: JobId,
    pub(super) caller: u64,
    /// None once the job is over.
    pub(super) live: Option<Arc<Live>>,
    pub(super) seen: Seen,
}

impl Follower {
    /// The next event, or none after the last.
    ///
    /// # Errors
    /// [`Missing`] where the job was forgotten meanwhile.
    pub async fn next(&mut self) -> Result<Option<(Seen, Event)>, Missing> {
        let Seen::Until(seen) = self.seen else {
            return Ok(None);
        };
        let news = match &self.live {
            Some(live) => live.after(seen).await,
            None => None,
        };
        let (seen, event) = match news {
            Some((at, news)) => (Seen::Until(at), self.event(news)),
            None => {
                let job = self.jobs.find_of(&self.id, self.caller).await?;
                (Seen::End, Event::Ended(Box::new(job)))
            }
        };
        self.seen = seen;
        Ok(Some((seen, event)))
    }

    fn event(&self, news: News) -> Event {
        match news {
            News::Queued => Event::Queued(self.jobs.outlook(&self.id)),
            News::Running => Event::Running(self.jobs.outlook(&self.id)),
            News::Progress(step) => Event::Progress(step),
            News::Image(at) => Event::Image(at),
        }
    }
}
