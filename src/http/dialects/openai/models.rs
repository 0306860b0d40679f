//! GET /v1/models and GET /v1/models/{id}: the models that serve, and their other names.

use std::time::UNIX_EPOCH;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::OpenAiError;
use crate::http::App;
use crate::http::dialects::shared::is_built_in;
use crate::http::error::{Problem, Problems, kinds};
use crate::service::ModelState;

kinds!(NotServing: UnknownModel, BrokenModel);

/// The models.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiModels)]
pub(super) struct ModelList {
    /// Always `list`.
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<ModelAnswer>,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiModel)]
pub(super) struct ModelAnswer {
    /// What requests call it.
    #[schema(example = "digits-gan")]
    id: String,
    /// Always `model`.
    #[schema(example = "model")]
    object: &'static str,
    /// When the server loaded it, in seconds since 1970-01-01T00:00:00Z.
    #[schema(example = 1_764_000_000)]
    created: u64,
    /// Always `atelier`.
    #[schema(example = "atelier")]
    owned_by: &'static str,
    /// For any other name of it: the id of the model itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "digits-gan")]
    root: Option<String>,
}

/// List the models, in OpenAI's dialect
///
/// Those that serve, and the names that the operator gave them.
#[utoipa::path(
    get,
    path = "/v1/models",
    tag = "openai",
    responses((status = 200, description = "The models.", body = ModelList))
)]
pub(super) async fn list(State(app): State<App>) -> Json<ModelList> {
    let studio = app.studio();
    let models = studio.models();
    let sound = models.iter().filter_map(ModelState::sound);
    let sound = sound.map(|model| model.id());
    let aliases = studio.aliases().keys().map(String::as_str);
    let names = sound.chain(aliases);
    Json(ModelList {
        object: "list",
        // A name for a broken model is left out with it.
        data: names.filter_map(|name| model(&app, name).ok()).collect(),
    })
}

/// Describe a model, in OpenAI's dialect
///
/// By its id, by a name that the operator gave it, or by one that clients have built in (`dall-e-3`),
/// which means the default model. `GET /models/{id}` says much more.
#[utoipa::path(
    get,
    path = "/v1/models/{id}",
    tag = "openai",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses((status = 200, description = "The model.", body = ModelAnswer), Problems<NotServing, OpenAiError>)
)]
pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ModelAnswer>, Problem> {
    Ok(Json(model(&app, &id)?))
}

fn model(app: &App, name: &str) -> Result<ModelAnswer, Problem> {
    let studio = app.studio();
    let model = studio.serving(Some(name).filter(|name| !is_built_in(studio, name)))?;
    let loaded = app.started().duration_since(UNIX_EPOCH);
    Ok(ModelAnswer {
        id: name.to_owned(),
        object: "model",
        created: loaded.map_or(0, |since| since.as_secs()),
        owned_by: "atelier",
        root: (name != model.id()).then(|| model.id().to_owned()),
    })
}
