//! What a job is, as its caller and its worker see it.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::language::Language;

/// A job's name, which nobody can guess.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobId(String);

impl JobId {
    pub(super) fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for JobId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a job asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Images.
    Generate,
    /// An image's place in a latent space.
    Encode,
    /// What a model makes of an image.
    Score,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Generate, Self::Encode, Self::Score];

    /// As the routes are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Encode => "encode",
            Self::Score => "score",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Queued,
    /// It is being done.
    Running,
    /// Its answer is there.
    Succeeded,
    /// It came to nothing.
    Failed,
    /// Its caller took it back.
    Cancelled,
}

impl State {
    /// As answers name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A request that was checked and may become a job.
#[derive(Debug, Clone)]
pub struct Order {
    /// What it asks for.
    pub task: Task,
    /// All that it says, with its seed and its model, for the worker to read.
    pub body: Vec<u8>,
    /// The model's id.
    pub model: String,
    /// Time that it should keep one worker of graphs busy.
    pub cost: Duration,
    /// What the caller should know already.
    pub warnings: Vec<String>,
}

/// Several orders that are accepted together, or not at all.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Them.
    pub orders: Vec<Order>,
    /// In which language their answers speak.
    pub language: Language,
    /// The request by which they came, for the log.
    pub request_id: String,
    /// The caller's own name for this submission.
    pub key: Option<Key>,
    /// Where the end of each of its jobs is told.
    pub webhook: Option<String>,
    /// What whoever submits them wants back with each.
    pub note: Option<String>,
}

/// A name by which a caller says that two submissions are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub name: String,
    /// A hash of all that was submitted under it.
    pub content: [u8; 32],
}

/// What became of a submission.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The jobs, in the order of their requests.
    pub jobs: Vec<Job>,
    /// Whether they had been accepted before, under the same key.
    pub is_known: bool,
}

/// A job as it stands.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it asks for.
    pub task: Task,
    /// The model's id.
    pub model: String,
    /// How far it is.
    pub state: State,
    /// When it was accepted.
    pub created: SystemTime,
    /// When it was begun, the last time.
    pub started: Option<SystemTime>,
    /// When it was over.
    pub ended: Option<SystemTime>,
    /// When it will be forgotten, at the latest.
    pub expires: Option<SystemTime>,
    /// What the caller should know.
    pub warnings: Vec<String>,
    /// What is to come, while it isn't over.
    pub outlook: Option<Outlook>,
    /// What the worker answered: the synchronous route's JSON without the bytes of files, or a
    /// problem.
    pub answer: Option<Vec<u8>>,
    /// The media types of its files.
    pub files: Vec<String>,
    /// What whoever submitted it wanted back.
    pub note: Option<String>,
}

/// What is known of a job that isn't over.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Jobs that are begun before it.
    pub position: usize,
    /// When it should be begun, or was.
    pub start: SystemTime,
    /// When it should be over.
    pub end: SystemTime,
    /// Steps that are over, and steps in all, once they are known.
    pub progress: Option<(usize, usize)>,
}

/// A file that came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
