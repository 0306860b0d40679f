//! Errors as the clients of fal read them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ErrorBody, Problem};
use crate::language::Language;

/// An error as the clients of fal read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct FalError {
    /// What is wrong.
    detail: String,
    /// Which problem it is; stable.
    error_type: String,
}

impl ErrorBody for FalError {
    fn of(problem: Problem, language: Language, _request_id: &str) -> Self {
        Self {
            detail: problem.sentence(language),
            error_type: problem.kind.slug().replace('-', "_"),
        }
    }
}
