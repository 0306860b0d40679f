//! Why a request fails, in the terms of the service; the wire gives them codes.

use std::time::Duration;

use thiserror::Error;

use crate::families::{self, Judgement};
use crate::fields::InvalidField;
use crate::imaging::PaintError;
use crate::language::Message;
use crate::message;
use crate::models::nearest::among;
use crate::runtime::RunError;
use crate::service::deny::Denial;

/// When to come back to a server that is shutting down: another one should answer by then.
const RETRY_WHEN_DRAINING: Duration = Duration::from_secs(1);

/// When to come back for a model that loads, where nothing better is known.
pub(super) const SOON: Duration = Duration::from_secs(1);

/// When to come back after a graph's queue, the backstop below the gate, was full.
const RETRY_WHEN_QUEUE_FULL: Duration = Duration::from_secs(1);

/// When to come back after memory ran out: sessions give back what only large calls needed within
/// seconds.
const RETRY_WHEN_OUT_OF_MEMORY: Duration = Duration::from_secs(5);

/// Why there are no images.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Failure {
    /// A field's value is at fault; the same request will always fail.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// The operator has none of that painted.
    #[error("{}", self.message())]
    Denied(Denial),
    /// A safety judge flags the image, and no such image is given out.
    #[error("{}", self.message())]
    Flagged(Judgement),
    /// No model goes by that id.
    #[error("{}", self.message())]
    UnknownModel {
        /// The id that was asked for.
        model: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No model was named, and none serves.
    #[error("{}", self.message())]
    NoModel {
        /// How many are there that can't.
        broken: usize,
    },
    /// The model is there and cannot serve.
    #[error("{}", self.message())]
    BrokenModel {
        /// Its id.
        model: String,
    },
    /// As many requests are in flight as may be.
    #[error("{}", self.message())]
    Full {
        /// When there should be room, from the measured rate of service.
        retry_after: Duration,
    },
    /// The model yielded numbers that are no colours.
    #[error("{}", self.message())]
    NotFinite {
        /// How many are NaN or infinite.
        bad: usize,
        /// Of how many.
        of: usize,
    },
    /// The model is there and not loaded yet.
    #[error("{}", self.message())]
    Loading {
        /// Its id, if one was named.
        model: Option<String>,
        /// When it should be.
        retry_after: Duration,
    },
    /// The server is shutting down.
    #[error("{}", self.message())]
    Draining {
        /// When to try again.
        retry_after: Duration,
    },
    /// The model needs more memory for this request than there is left.
    #[error("{}", self.message())]
    OutOfMemory {
        /// Which graph, and what it asked for.
        reason: String,
        /// When other requests may have given back what they hold.
        retry_after: Duration,
    },
    /// The deadline passed before the images were done.
    #[error("{}", self.message())]
    Deadline {
        /// How long the caller would have waited.
        deadline: Duration,
    },
    /// Somebody who knew the generation's id cancelled it.
    #[error("{}", self.message())]
    Cancelled,
    /// The model failed; the cause is in the log, not in the answer.
    #[error("the model failed: {reason}")]
    Internal {
        /// For the log.
        reason: String,
    },
}

impl Failure {
    /// The server is shutting down.
    #[must_use]
    pub fn draining() -> Self {
        Self::Draining {
            retry_after: RETRY_WHEN_DRAINING,
        }
    }

    /// A model is not loaded yet, or the default one is not.
    pub(super) fn loading(model: Option<&str>) -> Self {
        Self::Loading {
            model: model.map(str::to_owned),
            retry_after: SOON,
        }
    }

    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Invalid(invalid) => invalid.message.clone(),
            Self::Denied(denial) => denial.reason.clone(),
            Self::Flagged(flagged) => message!(
                "the image is not given out: the judge {judge} flags it as {label}; ask for something else, or for another seed",
                judge = flagged.judge,
                label = flagged.label
            ),
            Self::UnknownModel { model, known } => message!(
                "there is no model {model}{proposal}; the models are {known}",
                model = ?model,
                known = known.join(", ")
            )
            .with("proposal", among(model, known)),
            Self::NoModel { broken: 0 } => {
                message!("no model serves here: the server's folder of models has none")
            }
            Self::NoModel { broken } => message!(
                "no model serves here: each of the {count} that there are can't be loaded; GET /models and the server's log say why",
                count = broken
            ),
            // Why is for the operator, in the words of the log: it may name files of the machine.
            Self::BrokenModel { model } => message!(
                "the model {model} cannot serve; GET /models and the server's log say why",
                model = ?model
            ),
            Self::Full { retry_after } => message!(
                "the server has as much work as it takes; try again in {seconds} s",
                seconds = retry_after.as_secs()
            ),
            Self::NotFinite { bad, of } => message!(
                "{bad} of {of} numbers that the model yielded are NaN or infinite; another seed may do",
                bad,
                of
            ),
            Self::Loading { model, retry_after } => {
                let seconds = retry_after.as_secs().max(1);
                match model {
                    Some(model) => message!(
                        "the model {model} is still loading; try again in {seconds} s",
                        model = ?model,
                        seconds
                    ),
                    None => message!(
                        "the models are still loading; try again in {seconds} s",
                        seconds
                    ),
                }
            }
            Self::Draining { .. } => {
                message!("the server is shutting down; another one will answer")
            }
            Self::OutOfMemory { reason, .. } => {
                message!(
                    "{reason}; ask for a smaller size or fewer images",
                    reason = reason
                )
            }
            Self::Deadline { deadline } => message!(
                "the deadline of {deadline} ms passed",
                deadline = deadline.as_millis()
            ),
            Self::Cancelled => message!("the generation was cancelled"),
            Self::Internal { reason } => Message::foreign(format!("the model failed: {reason}")),
        }
    }
}

impl From<families::Failure> for Failure {
    fn from(failure: families::Failure) -> Self {
        match failure {
            // Neither is the model's fault, and both pass: another server, or a later try, will do.
            families::Failure::Run(RunError::Stopped) => Self::draining(),
            families::Failure::Run(RunError::QueueFull { .. }) => Self::Full {
                retry_after: RETRY_WHEN_QUEUE_FULL,
            },
            families::Failure::Run(run) if run.is_out_of_memory() => Self::OutOfMemory {
                reason: run.to_string(),
                retry_after: RETRY_WHEN_OUT_OF_MEMORY,
            },
            families::Failure::Flagged(flagged) if flagged.score.is_some() => {
                Self::Flagged(flagged)
            }
            // What nobody could look at is not given out either, and that is ours to mend.
            families::Failure::Flagged(unseen) => Self::Internal {
                reason: format!("the judge {} could not look at the image", unseen.judge),
            },
            families::Failure::Paint(PaintError::NotFinite { bad, of }) => {
                Self::NotFinite { bad, of }
            }
            failure => Self::Internal {
                reason: failure.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{CallError, OnnxRuntimeError};

    fn after(run: RunError) -> Failure {
        families::Failure::Run(run).into()
    }

    #[test]
    fn what_passes_invites_another_try_and_what_does_not_is_ours() {
        let graph = String::from("generator");
        assert_eq!(after(RunError::Stopped), Failure::draining());
        let full = after(RunError::QueueFull {
            graph: graph.clone(),
        });
        assert!(matches!(full, Failure::Full { .. }));
        let failed = |reason: CallError| {
            let graph = graph.clone();
            after(RunError::Failed { graph, reason })
        };
        assert!(matches!(
            failed(CallError::Panicked),
            Failure::Internal { .. }
        ));
        let starved = failed(OnnxRuntimeError::OutOfMemory { bytes: None }.into());
        assert!(matches!(starved, Failure::OutOfMemory { .. }));
        assert!(starved.to_string().contains("smaller size"), "{starved}");
    }

    #[test]
    fn numbers_that_are_no_colours_are_told_from_faults_of_the_server() {
        let bad = PaintError::NotFinite { bad: 3, of: 784 };
        let failure = Failure::from(families::Failure::from(bad));
        assert_eq!(failure, Failure::NotFinite { bad: 3, of: 784 });
        assert!(failure.to_string().starts_with("3 of 784 numbers"));
    }
}
