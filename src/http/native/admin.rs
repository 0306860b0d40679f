//! POST /admin/models/{id}/load, reload and unload: models come and go while requests run.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::language::Message;
use crate::message;
use crate::service::{Change, Outcome};

kinds!(
    /// Why a model doesn't change.
    ModelWontChange: MissingKey, KeyNotEnough, UnknownModel, BrokenModel
);

/// What became of a model.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ModelChange {
    /// Its id.
    #[schema(example = "digits-gan")]
    model: String,
    /// What became of it.
    outcome: ChangeOutcome,
    /// The digest of what serves now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digest: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ChangeOutcome {
    /// It serves from its folder as that is now.
    Loaded,
    /// It serves as it did: its files are the same.
    Unchanged,
    /// It serves no more.
    Unloaded,
}

/// Load a model
///
/// From its folder in the repository, which may be new. A model that serves already is left as it is if
/// its files are the same. Needs a key with the scope `admin`; on a server without keys, it is answered
/// on loopback and on the port of `--admin-listen`.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/load",
    tag = "server",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses((status = 200, description = "It serves.", body = ModelChange), Problems<ModelWontChange>)
)]
pub(in crate::http) async fn load(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ModelChange>, Problem> {
    answer(app.studio().load(&id).await?)
}

/// Load a model again
///
/// New requests are answered by what its folder holds now, and those that run end with what they
/// began with. If the folder can't serve, the model goes on as it was, and the answer is a problem that
/// says why. SIGHUP does the same for all models.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/reload",
    tag = "server",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses(
        (status = 200, description = "It serves, or its folder is gone and it serves no more.", body = ModelChange),
        Problems<ModelWontChange>,
    )
)]
pub(in crate::http) async fn reload(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ModelChange>, Problem> {
    answer(app.studio().load(&id).await?)
}

/// Unload a model
///
/// It takes no more requests, and its memory is given back when those that run have ended. It stays
/// away until it is loaded.
#[utoipa::path(
    post,
    path = "/admin/models/{id}/unload",
    tag = "server",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses((status = 200, description = "It serves no more.", body = ModelChange), Problems<ModelWontChange>)
)]
pub(in crate::http) async fn unload(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ModelChange>, Problem> {
    answer(app.studio().unload(&id).await?)
}

fn answer(change: Change) -> Result<Json<ModelChange>, Problem> {
    let Change { model, outcome } = change;
    let (outcome, digest) = match outcome {
        Outcome::Loaded { digest } => (ChangeOutcome::Loaded, Some(digest)),
        Outcome::Unchanged => (ChangeOutcome::Unchanged, None),
        Outcome::Unloaded => (ChangeOutcome::Unloaded, None),
        Outcome::Broken { reason } => {
            let detail = message!("the model {model} cannot serve: {reason}", model = ?model);
            let detail = detail.with("reason", Message::reason(reason));
            return Err(Problem::new(Kind::BrokenModel, detail));
        }
        Outcome::Kept { reason } => {
            let detail = message!(
                "the folder of the model {model} can't serve: {reason}; the model goes on as it was",
                model
            );
            let detail = detail.with("reason", Message::reason(reason));
            return Err(Problem::new(Kind::BrokenModel, detail));
        }
    };
    Ok(Json(ModelChange {
        model,
        outcome,
        digest,
    }))
}
