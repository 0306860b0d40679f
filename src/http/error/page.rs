//! GET /problems/{kind}: where the `type` of a problem leads.

use axum::Json;
use axum::extract::Path;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Kind, Problem, Problems, kinds};
use crate::language::Language;
use crate::message;

kinds!(NoSuchKind: UnknownRoute);

/// A kind of problem, explained.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ProblemKind {
    /// What `type` says.
    #[serde(rename = "type")]
    #[schema(example = "/problems/queue-full", format = "uri-reference")]
    kind: String,
    /// The kind in words.
    #[schema(example = "The server is at capacity")]
    title: &'static str,
    /// The HTTP status of its answers.
    #[schema(example = 503, minimum = 400, maximum = 599)]
    status: u16,
    /// When it happens, and what to do about it.
    meaning: &'static str,
    /// Whether the same request would fail again. Its answers carry `x-should-retry: false` then.
    #[schema(example = false)]
    repeats: bool,
}

/// Explain a kind of problem
///
/// The `type` of each error leads here.
#[utoipa::path(
    get,
    path = "/problems/{kind}",
    tag = "server",
    params(("kind" = String, Path, description = "The last part of a problem's `type`.", example = "queue-full")),
    responses(
        (status = 200, description = "What the kind means.", body = ProblemKind),
        Problems<NoSuchKind>,
    )
)]
pub(in crate::http) async fn problem(
    Path(slug): Path<String>,
    language: Language,
) -> Result<Json<ProblemKind>, Problem> {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.slug() == slug) else {
        let known = Kind::ALL.map(Kind::slug).join(", ");
        let detail =
            message!("there is no problem {slug}; the problems are {known}", slug = ?slug, known);
        return Err(Problem::new(Kind::UnknownRoute, detail));
    };
    Ok(Json(ProblemKind {
        kind: kind.uri(),
        title: kind.title().to(language),
        status: kind.status().as_u16(),
        meaning: kind.meaning().to(language),
        repeats: kind.repeats(),
    }))
}
