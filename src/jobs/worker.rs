//! Who does what jobs ask for.

use std::pin::Pin;
use std::sync::Arc;

use super::job::{File, JobId, Task};
use super::live::Report;
use super::notices::{Notice, Undelivered};
use crate::language::Language;
use crate::service::{Caller, Failure};

/// Does what jobs ask for.
pub trait Worker: std::fmt::Debug + Send + Sync + 'static {
    /// Does it, on the caller's behalf. Dropping the future stops the work.
    fn run(
        &self,
        placed: Arc<Placed>,
        report: Report,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

    /// A failure as the job's caller reads it.
    fn problem(&self, failure: Failure, placed: &Placed) -> Vec<u8>;

    /// Tells an address of a job's end, once.
    fn notify(
        &self,
        notice: &Notice,
    ) -> Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + '_>>;

    /// Graph calls that run at the same time, by which work is divided to say when a job will be over.
    fn workers(&self) -> usize;
}

/// A job that was begun.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub caller: Caller,
    /// What it asks for.
    pub task: Task,
    /// All that it says.
    pub body: Vec<u8>,
    /// In which language the answer speaks.
    pub language: Language,
    /// The request by which it came.
    pub request_id: String,
}

/// What came of a job.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The synchronous route's answer, without the bytes of files.
    pub json: Vec<u8>,
    /// The files, in their order.
    pub files: Vec<Arc<File>>,
}
