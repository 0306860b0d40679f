//! What a problem looks like to the clients of each dialect: one table, a body for each of them.
//!
//! The path alone decides, so that what fails before any handler is reached (a route that isn't
//! there, a method that isn't taken) has the shape that the caller's client reads, too.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Kind, PROBLEM_JSON, Problem};
use crate::language::Language;
use crate::message;

/// In whose shape an error goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Rendering {
    /// RFC 9457.
    Native,
    /// `{"error": {"message", "type", "param", "code"}}`, under `/v1`.
    OpenAi,
    /// `{"error", "detail", "body", "errors"}` or `FastAPI`'s list of faults, under `/sdapi`.
    A1111,
    /// `{"error", "error_type"}`, under `/hf`.
    HuggingFace,
}

impl Rendering {
    /// The one that callers of this path read.
    pub(in crate::http) fn of(path: &str) -> Self {
        let first = path.split('/').nth(1).unwrap_or_default();
        match first {
            "v1" => Self::OpenAi,
            "sdapi" => Self::A1111,
            "hf" => Self::HuggingFace,
            _ => Self::Native,
        }
    }

    /// The body's media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Native => PROBLEM_JSON,
            _ => "application/json",
        }
    }

    /// What the document calls the body.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::Native => "Problem",
            Self::OpenAi => "OpenAiError",
            Self::A1111 => "A1111Error",
            Self::HuggingFace => "HuggingFaceError",
        }
    }

    /// The body, in words of that language.
    pub(super) fn body(self, problem: Problem, language: Language, request_id: &str) -> Vec<u8> {
        let written = match self {
            Self::Native => serde_json::to_vec(&problem.body(language, request_id)),
            Self::OpenAi => serde_json::to_vec(&OpenAiError::of(problem, language)),
            Self::A1111 => serde_json::to_vec(&A1111Error::of(problem, language)),
            Self::HuggingFace => serde_json::to_vec(&HuggingFaceError::of(&problem, language)),
        };
        written.expect("a problem is plain strings and a number")
    }
}

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

/// An error as the clients of Hugging Face read it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct HuggingFaceError {
    /// What is wrong.
    error: String,
    /// Which problem it is; stable.
    error_type: String,
}

impl OpenAiError {
    /// The problem in this shape.
    pub(in crate::http) fn of(problem: Problem, language: Language) -> Self {
        let kind = problem.kind;
        Self {
            error: OpenAiFault {
                message: sentence(&problem, language),
                kind: match kind.status().as_u16() {
                    500.. => "server_error",
                    401 => "authentication_error",
                    403 => "permission_error",
                    429 => "rate_limit_error",
                    408 => "timeout",
                    _ => "invalid_request_error",
                },
                param: problem.field,
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

impl A1111Error {
    fn of(problem: Problem, language: Language) -> Self {
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

impl HuggingFaceError {
    fn of(problem: &Problem, language: Language) -> Self {
        Self {
            error: sentence(problem, language),
            error_type: problem.kind.slug().replace('-', "_"),
        }
    }
}

/// What happened, for shapes in which people see nothing but a message.
fn sentence(problem: &Problem, language: Language) -> String {
    match &problem.field {
        Some(field) if problem.kind == Kind::InvalidField && !field.is_empty() => {
            let named = message!("{field}: {why}", field).with("why", problem.detail.clone());
            named.to(language)
        }
        _ => problem.detail.to(language),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body(rendering: Rendering, problem: Problem) -> Value {
        serde_json::from_slice(&rendering.body(problem, Language::English, "id-1")).unwrap()
    }

    #[test]
    fn the_first_part_of_a_path_decides() {
        for (path, rendering) in [
            ("/v1/images/generations", Rendering::OpenAi),
            ("/v1", Rendering::OpenAi),
            ("/sdapi/v1/txt2img", Rendering::A1111),
            ("/hf/digits-gan", Rendering::HuggingFace),
            ("/generate", Rendering::Native),
            ("/", Rendering::Native),
            ("/v10", Rendering::Native),
        ] {
            assert_eq!(Rendering::of(path), rendering, "{path}");
        }
    }

    #[test]
    fn each_row_in_each_rendering() {
        for kind in Kind::ALL {
            let problem = || Problem::new(kind, "why");
            let open_ai = body(Rendering::OpenAi, problem());
            let error = open_ai["error"].as_object().unwrap();
            let fields: Vec<_> = error.keys().map(String::as_str).collect();
            assert_eq!(fields, ["code", "message", "param", "type"]);
            assert_eq!(error["message"], "why");
            assert!(error["code"].is_string() && error["type"].is_string());

            let a1111 = body(Rendering::A1111, problem());
            match kind {
                Kind::InvalidField => assert_eq!(a1111["detail"][0]["msg"], "why"),
                _ => assert_eq!(a1111["detail"], "why"),
            }
            let hugging_face = body(Rendering::HuggingFace, problem());
            assert_eq!(hugging_face["error"], "why");
            let native = body(Rendering::Native, problem());
            assert_eq!(native["type"], kind.uri());
            assert_eq!(native["request_id"], "id-1");
        }
    }

    #[test]
    fn fields_are_named_in_each() {
        let problem = || Problem::field("a.b", "found 0");
        let open_ai = body(Rendering::OpenAi, problem());
        assert_eq!(open_ai["error"]["param"], "a.b");
        assert_eq!(open_ai["error"]["message"], "a.b: found 0");
        let a1111 = body(Rendering::A1111, problem());
        assert_eq!(a1111["detail"][0]["loc"], json!(["body", "a", "b"]));
        let hugging_face = body(Rendering::HuggingFace, problem());
        assert_eq!(hugging_face["error"], "a.b: found 0");
    }

    #[test]
    fn causes_stay_inside() {
        for rendering in [Rendering::OpenAi, Rendering::A1111, Rendering::HuggingFace] {
            let body = body(rendering, Problem::internal("the secret")).to_string();
            assert!(!body.contains("secret"), "{body}");
        }
    }
}
