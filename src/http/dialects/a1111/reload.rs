//! POST /sdapi/v1/refresh-checkpoints, unload-checkpoint and reload-checkpoint.
//!
//! There is one model at a time in that program. Here "the model" is the one that the caller has set, or
//! else the default one.

use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::checkpoint;
use super::state::State;
use crate::http::App;
use crate::http::error::Problem;

/// Look for new models, in A1111's dialect
///
/// Reads the repository again: what is new or has changed is loaded, and what is gone serves no more.
#[utoipa::path(
    post,
    path = "/sdapi/v1/refresh-checkpoints",
    operation_id = "a1111_refresh_checkpoints",
    tag = "a1111",
    responses((status = 200, description = "It was read.", body = Value))
)]
pub(super) async fn refresh(Shared(app): Shared<App>) -> Result<Json<Value>, Problem> {
    app.studio().reload_all().await?;
    Ok(Json(Value::Null))
}

/// Unload the model, in A1111's dialect
///
/// It takes no more requests until it is loaded again.
#[utoipa::path(
    post,
    path = "/sdapi/v1/unload-checkpoint",
    operation_id = "a1111_unload_checkpoint",
    tag = "a1111",
    responses((status = 200, description = "It was unloaded, if there was one.", body = Value))
)]
pub(super) async fn unload(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let model = checkpoint::remembered(app.studio(), &state, &headers);
    if let Some(model) = model.or_else(|| app.studio().default_model()) {
        app.studio().unload(model.id()).await?;
    }
    Ok(Json(json!({})))
}

/// Load the model again, in A1111's dialect
///
/// Those that were unloaded come back; if none was, the model is read from its folder again.
#[utoipa::path(
    post,
    path = "/sdapi/v1/reload-checkpoint",
    operation_id = "a1111_reload_checkpoint",
    tag = "a1111",
    responses((status = 200, description = "It serves.", body = Value))
)]
pub(super) async fn reload(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    if app.studio().load_unloaded().await?.is_empty() {
        let model = checkpoint::remembered(app.studio(), &state, &headers);
        if let Some(model) = model.or_else(|| app.studio().default_model()) {
            app.studio().load(model.id()).await?;
        }
    }
    Ok(Json(json!({})))
}
