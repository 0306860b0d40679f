//! Safety judges: classifiers that look at every finished image before it leaves.
//!
//! A judge is a graph like any other: its rows share calls with those of strangers, wait for memory, end
//! with their request, and are counted. It never changes an image. What it finds is told in the answer, or,
//! where the operator wants that, the image isn't given out and the reason is.

mod error;
mod judge;
mod link;
mod scores;

pub use self::error::JudgeError;
pub use self::judge::SafetyJudge;
pub use self::link::{JudgeAction, JudgeObserver, Judges, Outcome};
