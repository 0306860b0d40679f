//! Judges behind a model: each finished image passes them before it leaves.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::time::Instant;

use super::judge::SafetyJudge;
use crate::families::{Failure, Judgement, Sampled, Shape, Told, Transform, in_place, pixels_of};
use crate::imaging::Image;
use crate::language::Message;
use crate::message;
use crate::runtime::{CallTime, RunError};
use crate::trace::Trace;

/// What becomes of an image that is flagged.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum JudgeAction {
    /// It is given out, and the answer says so.
    #[default]
    Flag,
    /// Its request is refused, with the reason.
    Refuse,
}

/// What a judge said of an image, for the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Passed,
    /// A label was there.
    Flagged,
    /// It could not say.
    Failed,
}

impl Outcome {
    /// As the figures name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flagged => "flagged",
            Self::Failed => "failed",
        }
    }
}

/// Is told of each image that was judged.
pub trait JudgeObserver: Debug + Send + Sync {
    /// A judge has looked at an image.
    fn judged(&self, judge: &str, outcome: Outcome);
}

/// All judges, and what becomes of what they flag.
#[derive(Debug)]
pub struct Judges {
    judges: Vec<SafetyJudge>,
    action: JudgeAction,
    observer: Arc<dyn JudgeObserver>,
}

impl Judges {
    /// Judges that every image passes.
    #[must_use]
    pub fn new(
        judges: Vec<SafetyJudge>,
        action: JudgeAction,
        observer: Arc<dyn JudgeObserver>,
    ) -> Self {
        Self {
            judges,
            action,
            observer,
        }
    }

    /// What becomes of an image that is flagged.
    #[must_use]
    pub fn action(&self) -> JudgeAction {
        self.action
    }

    /// Bytes that their sessions hold between two calls.
    #[must_use]
    pub fn session_bytes(&self) -> u64 {
        self.judges.iter().map(SafetyJudge::session_bytes).sum()
    }

    /// One judge's words on an image.
    async fn ask(
        &self,
        judge: &SafetyJudge,
        image: &Image,
        told: &Told<'_>,
    ) -> Result<(Vec<Judgement>, CallTime), Failure> {
        let asked = judge.judge(image).await;
        told();
        match asked {
            Ok((said, time)) => {
                let outcome = match &said[..] {
                    said if said.iter().any(|one| one.score.is_none()) => Outcome::Failed,
                    said if said.iter().any(|one| one.flagged) => Outcome::Flagged,
                    _ => Outcome::Passed,
                };
                self.observer.judged(judge.id(), outcome);
                for one in said.iter().filter(|one| one.flagged) {
                    let (judge, label) = (judge.id(), &*one.label);
                    tracing::info!(judge, label, score = one.score, "an image was flagged");
                }
                Ok((said, time))
            }
            // Its request is over, or the server is: nothing was wrong with the judge.
            Err(failure) if is_ending(&failure) => Err(failure),
            Err(failure) => {
                self.observer.judged(judge.id(), Outcome::Failed);
                tracing::error!(judge = judge.id(), %failure, "a judge failed");
                Ok((judge.silent(), CallTime::default()))
            }
        }
    }
}

impl Transform for Judges {
    fn size(&self, given: (u32, u32)) -> (u32, u32) {
        given
    }

    fn calls(&self, _shape: Shape) -> usize {
        self.judges.len()
    }

    fn cost(&self, _shape: Shape) -> Duration {
        self.judges.iter().map(SafetyJudge::cost).sum()
    }

    fn call_bytes(&self, _shape: Shape, _times: f64) -> u64 {
        let calls = self.judges.iter().map(SafetyJudge::call_bytes);
        calls.max().unwrap_or(0)
    }

    fn apply<'a>(
        &'a self,
        image: &'a Image,
        seed: u64,
        told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>> {
        Box::pin(async move {
            let started = Instant::now();
            let asked = self.judges.iter().map(|judge| self.ask(judge, image, told));
            let (mut judged, mut times) = (Vec::new(), Vec::new());
            for answer in join_all(asked).await {
                let (said, time) = answer?;
                judged.extend(said);
                times.push(time);
            }
            let lasted = (started.elapsed(), Duration::ZERO);
            Trace::current().add("judge", lasted, Vec::new);
            let flagged = judged.iter().find(|one| one.flagged);
            if let (Some(one), JudgeAction::Refuse) = (flagged, self.action) {
                return Err(Failure::Flagged(one.clone()));
            }
            Ok(Sampled {
                image: in_place(pixels_of(image), || image.clone()),
                seed: Some(seed),
                labels: Vec::new(),
                score: None,
                sources: Arc::default(),
                warnings: judged
                    .iter()
                    .filter(|one| one.flagged)
                    .map(warning)
                    .collect(),
                judged,
                time: CallTime::longest(times),
            })
        })
    }
}

fn warning(flagged: &Judgement) -> Message {
    let (judge, label) = (&*flagged.judge, &*flagged.label);
    match flagged.score {
        Some(score) => {
            let message = message!(
                "the judge {judge} flags the image: {label}, {score}",
                judge,
                label
            );
            message.with("score", Message::decimal(format_args!("{score:.2}")))
        }
        None => message!(
            "the judge {judge} could not look at the image, which counts as flagged: {label}",
            judge,
            label
        ),
    }
}

/// Whether a call ended for another reason than the graph's own.
fn is_ending(failure: &Failure) -> bool {
    match failure {
        Failure::Run(RunError::Stopped | RunError::QueueFull { .. }) => true,
        Failure::Run(run) => run.is_out_of_memory(),
        _ => false,
    }
}
