//! Jobs: requests that are answered later.
//!
//! `POST /jobs` takes the body of a native route, or many of them as lines, and `Prefer: respond-async`
//! does the same on the route itself; [`submit`] checks what could be refused later, and fixes what is
//! left to chance. [`worker`] does it. [`show`] and [`events`] tell what came of it.

pub(in crate::http) mod events;
mod lines;
pub(in crate::http) mod notices;
mod order;
mod prefer;
pub(in crate::http) mod show;
pub(in crate::http) mod submit;
mod view;
mod worker;

pub(in crate::http) use self::order::Question;
pub(in crate::http) use self::prefer::{Deferred, Preferred};
pub(in crate::http) use self::submit::{Asked, Submitting, accept_one, defer};
pub(in crate::http) use self::view::JobAnswer;
pub(in crate::http) use self::worker::JobWorker;

use crate::http::error::{Kind, Problem, causes, kinds};
use crate::jobs::{JobId, Missing};
use crate::message;

kinds!(
    /// What keeps a job from being shown.
    NoJob: MissingKey, KeyNotEnough, UnknownJob, JobGone, InvalidField, Internal
);

/// Why a job isn't shown.
pub(in crate::http) fn missing(id: &JobId, missing: &Missing) -> Problem {
    match missing {
        Missing::Unknown => {
            let detail = message!("there is no job {id} of yours", id);
            Problem::new(Kind::UnknownJob, detail)
        }
        Missing::Expired => {
            let detail = message!("the job {id} is no longer kept", id);
            Problem::new(Kind::JobGone, detail)
        }
        Missing::Store(error) => Problem::internal(causes(error)),
    }
}
