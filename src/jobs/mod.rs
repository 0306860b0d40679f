//! Work that outlives the connection it came by.
//!
//! A job is a request of one of the native routes that was accepted, kept, and is done when there is
//! room: [`Jobs::submit`] checks nothing but bounds (its caller has checked the request), writes
//! the jobs down in one transaction, and only then says that they were accepted. [`Jobs`] runs a bounded
//! number of them at a time through a [`Worker`], callers in turn, and keeps what came of them as long
//! and as much as [`JobOptions`] allow.
//!
//! ```text
//! submit ─► Store (a row, synced) ─► Queue (fair, in memory) ─► Worker ─► files, then the row's end
//! ```
//!
//! With a folder a job survives the process: a row says `queued` until its results are on the disk, so
//! that one which was being painted when the process was killed is painted anew. Its seed was drawn when
//! it was accepted, so the files are the same. Without a folder everything is in memory, behind the
//! same types.
//!
//! Nothing here knows of HTTP: the wire implements [`Worker`], which reads a job's body and writes its
//! answer.

mod failure;
mod follow;
mod handle;
mod job;
mod live;
mod notices;
mod options;
mod queue;
mod runner;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use self::failure::{Missing, OpenError, Refused};
pub use self::follow::{Event, Follower, Seen};
pub use self::handle::{Figures, Jobs};
pub use self::job::{File, Job, JobId, Key, Order, Outlook, State, Submission, Submitted, Task};
pub use self::live::{Report, Step};
pub use self::notices::{Delivery, Notice, Undelivered};
pub use self::options::JobOptions;
pub use self::worker::{Answer, Placed, Worker};
