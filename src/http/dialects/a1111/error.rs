//! Errors as the clients of the A1111 web UI read them: `FastAPI`'s list of faults, or an exception.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ErrorBody, Kind, Painting, Problem, Problems};
use crate::language::Language;

/// What can come between a request for images and its images.
pub(super) type PaintProblems = Problems<Painting, A1111Error>;

/// An error as the clients of the A1111 web UI read it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum A1111Error {
    /// A field's value can't be honoured.
    #[schema(title = "Validation")]
    Validation {
        /// A fault for each field.
        detail: Vec<A1111Fault>,
    },
    /// All else.
    #[schema(title = "Exception")]
    Exception {
        /// Always `HTTPException`.
        error: &'static str,
        /// What is wrong.
        detail: String,
        /// Always empty.
        body: &'static str,
        /// What kind of problem it is.
        errors: &'static str,
    },
}

/// A field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct A1111Fault {
    /// The path of the field.
    loc: Vec<String>,
    /// What is wrong with it.
    msg: String,
    /// Always `value_error`.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl ErrorBody for A1111Error {
    fn of(problem: Problem, language: Language, _request_id: &str) -> Self {
        if problem.kind != Kind::InvalidField {
            return Self::Exception {
                error: "HTTPException",
                detail: problem.detail.to(language),
                body: "",
                errors: problem.kind.title().to(language),
            };
        }
        let field = problem.field.unwrap_or_default();
        let path = field.split('.').filter(|part| !part.is_empty());
        let fault = A1111Fault {
            loc: std::iter::once("body")
                .chain(path)
                .map(str::to_owned)
                .collect(),
            msg: problem.detail.to(language),
            kind: "value_error",
        };
        Self::Validation {
            detail: vec![fault],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(problem: Problem) -> Value {
        json!(A1111Error::of(problem, Language::English, "id-1"))
    }

    #[test]
    fn a_detail_is_a_list_for_fields_and_a_text_for_all_else() {
        for kind in Kind::ALL {
            let body = body(Problem::new(kind, "why"));
            match kind {
                Kind::InvalidField => assert_eq!(body["detail"][0]["msg"], "why"),
                _ => assert_eq!(body["detail"], "why"),
            }
        }
    }

    #[test]
    fn a_field_is_a_path_within_the_body() {
        let body = body(Problem::field("a.b", "found 0"));
        assert_eq!(body["detail"][0]["loc"], json!(["body", "a", "b"]));
    }
}
