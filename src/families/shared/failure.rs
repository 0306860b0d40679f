//! Why sampling failed, past all checks.

use thiserror::Error;

use super::judgement::Judgement;
use super::mismatch::Mismatch;
use crate::imaging::{PaintError, SizeMismatch};
use crate::runtime::RunError;

/// Why sampling failed, past all checks.
#[derive(Debug, Clone, Error)]
pub enum Failure {
    /// A graph failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What a graph yielded is no image.
    #[error("the model's output is no image: {0}")]
    Paint(#[from] PaintError),
    /// An image does not have the model's size, though it was checked to.
    #[error(transparent)]
    Size(#[from] SizeMismatch),
    /// What a graph yielded is no longer what the manifest says.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// A safety judge flags the image, or could not look at it, and no such image is given out.
    #[error("the judge {} flags the image: {}", .0.judge, .0.label)]
    Flagged(Judgement),
    /// Work on pixels broke off.
    #[error("work on an image's pixels broke off")]
    Broken,
    /// A graph's output is not there, or not of the size that it had when it was proved.
    #[error("the model's output {output} is missing or has changed its size")]
    Output {
        /// Its role.
        output: String,
    },
}

impl Failure {
    /// The graph's output of that role is not there.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "roles and names are small, and made for this call"
    )]
    pub(in crate::families) fn missing(output: impl ToString) -> Self {
        let output = output.to_string();
        Self::Output { output }
    }
}
