//! GET /sdapi/v1/sd-models: the models that serve.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoint;
use crate::http::App;
use crate::service::ModelState;

/// A model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Model)]
pub(super) struct ModelAnswer {
    /// Its id and hash, by which `override_settings` names it.
    #[schema(example = "digits-gan [0123456789]")]
    title: String,
    /// Its id.
    #[schema(example = "digits-gan")]
    model_name: String,
    /// The first letters of its digest.
    hash: String,
    /// Its digest.
    sha256: String,
    /// Its id.
    #[schema(example = "digits-gan")]
    filename: String,
    /// Always null.
    config: Option<String>,
}

/// List the models, in A1111's dialect
///
/// Those that serve. `GET /models` says much more of them.
#[utoipa::path(
    get,
    path = "/sdapi/v1/sd-models",
    operation_id = "a1111_models",
    tag = "a1111",
    responses((status = 200, description = "The models.", body = Vec<ModelAnswer>))
)]
pub(super) async fn models(State(app): State<App>) -> Json<Vec<ModelAnswer>> {
    let states = app.studio().models();
    let sound = states.iter().filter_map(ModelState::sound);
    let answers = sound.map(|model| ModelAnswer {
        title: checkpoint::title(model),
        model_name: model.id().to_owned(),
        hash: checkpoint::hash(model).to_owned(),
        sha256: checkpoint::sha256(model).to_owned(),
        filename: model.id().to_owned(),
        config: None,
    });
    Json(answers.collect())
}
