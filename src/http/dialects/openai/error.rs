//! Errors as the clients of OpenAI read them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ErrorBody, Kind, Painting, Problem, Problems};
use crate::language::Language;

/// What can come between a request for images and its images.
pub(super) type PaintProblems = Problems<Painting, OpenAiError>;

/// An error as the clients of OpenAI read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OpenAiError {
    error: OpenAiFault,
}

/// All four fields are always there: the clients' types require them.
#[derive(Debug, Serialize, ToSchema)]
struct OpenAiFault {
    /// What is wrong, and where it can be said, what would be right.
    message: String,
    /// `invalid_request_error` for what the caller can mend, `server_error` or `timeout`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The field at fault.
    param: Option<String>,
    /// Which problem it is; stable.
    code: Option<String>,
}

impl ErrorBody for OpenAiError {
    fn of(problem: Problem, language: Language, _request_id: &str) -> Self {
        let kind = problem.kind;
        Self {
            error: OpenAiFault {
                message: problem.sentence(language),
                kind: match kind.status().as_u16() {
                    500.. => "server_error",
                    401 => "authentication_error",
                    403 => "permission_error",
                    429 => "rate_limit_error",
                    408 => "timeout",
                    _ => "invalid_request_error",
                },
                param: problem.field.filter(|field| !field.is_empty()),
                // Where that service has a name for the same thing, programs may look for it.
                code: Some(match kind {
                    Kind::UnknownModel => "model_not_found".to_owned(),
                    Kind::UnknownRoute => "unknown_url".to_owned(),
                    _ => kind.slug().replace('-', "_"),
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use std::collections::BTreeSet;

    use super::*;

    fn body(problem: Problem) -> Value {
        json!(OpenAiError::of(problem, Language::English, "id-1"))
    }

    #[test]
    fn all_four_fields_are_always_there() {
        for kind in Kind::ALL {
            let body = body(Problem::new(kind, "why"));
            let error = body["error"].as_object().unwrap();
            let fields: BTreeSet<_> = error.keys().map(String::as_str).collect();
            assert_eq!(fields, BTreeSet::from(["code", "message", "param", "type"]));
            assert_eq!(error["message"], "why");
            assert!(error["code"].is_string() && error["type"].is_string());
        }
    }

    #[test]
    fn a_field_is_named_in_the_message_too() {
        let body = body(Problem::field("a.b", "found 0"));
        assert_eq!(body["error"]["param"], "a.b");
        assert_eq!(body["error"]["message"], "a.b: found 0");
    }
}
