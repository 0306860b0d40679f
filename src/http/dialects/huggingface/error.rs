//! Errors as the clients of Hugging Face read them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ErrorBody, Painting, Problem, Problems};
use crate::language::Language;

/// What can come between a request for an image and the image.
pub(super) type PaintProblems = Problems<Painting, HuggingFaceError>;

/// An error as the clients of Hugging Face read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct HuggingFaceError {
    /// What is wrong.
    error: String,
    /// Which problem it is; stable.
    error_type: String,
}

impl ErrorBody for HuggingFaceError {
    fn of(problem: Problem, language: Language, _request_id: &str) -> Self {
        Self {
            error: problem.sentence(language),
            error_type: problem.kind.slug().replace('-', "_"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_in_the_message() {
        let problem = Problem::field("a.b", "found 0");
        let body = HuggingFaceError::of(problem, Language::English, "id-1");
        assert_eq!(body.error, "a.b: found 0");
        assert_eq!(body.error_type, "invalid_field");
    }
}
