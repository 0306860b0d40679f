//! Errors as the clients of Replicate read them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ErrorBody, Problem};
use crate::language::Language;

/// An error as the clients of Replicate read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReplicateError {
    /// The kind in words.
    title: String,
    /// What is wrong.
    detail: String,
    /// The HTTP status, again.
    status: u16,
    /// Which problem it is; stable.
    #[serde(rename = "type")]
    kind: String,
}

impl ErrorBody for ReplicateError {
    fn of(problem: Problem, language: Language, _request_id: &str) -> Self {
        Self {
            title: problem.kind.title().to(language).to_owned(),
            status: problem.kind.status().as_u16(),
            kind: problem.kind.uri(),
            detail: problem.sentence(language),
        }
    }
}
