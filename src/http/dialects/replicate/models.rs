//! GET /replicate/v1/models/{owner}/{name}/versions/{version}: which clients look at before they run one.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::error::ReplicateError;
use crate::http::App;
use crate::http::dialects::shared::{model_of, version_of};
use crate::http::error::{Problem, Problems, kinds};
use crate::http::plumbing::time::rfc3339;

kinds!(NoVersion: MissingKey, KeyNotEnough, UnknownModel, BrokenModel, Loading);

/// A version of a model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplicateVersion)]
pub(super) struct Version {
    /// The model's digest.
    id: String,
    /// When this server had it.
    created_at: String,
    /// A version of the tool that such models are packed with; clients ask for one.
    cog_version: &'static str,
    /// What the model takes and gives, in short: an input of any fields, and a list of images.
    #[schema(value_type = Object)]
    openapi_schema: Value,
}

/// Show a version of a model, in Replicate's dialect
///
/// Clients look at it before they run one.
#[utoipa::path(
    get,
    path = "/replicate/v1/models/{owner}/{name}/versions/{version}",
    tag = "replicate",
    params(
        ("owner" = String, Path, description = "Anything, or the first part of an alias.", example = "any"),
        ("name" = String, Path, description = "The model's id.", example = "digits-gan"),
        ("version" = String, Path, description = "The model's digest; another is answered with the one that there is."),
    ),
    responses(
        (status = 200, description = "The version.", body = Version),
        Problems<NoVersion, ReplicateError>,
    )
)]
pub(super) async fn version(
    State(app): State<App>,
    Path((owner, name, _version)): Path<(String, String, String)>,
) -> Result<Json<Version>, Problem> {
    let id = model_of(app.studio(), &owner, &name);
    let model = app.studio().serving(Some(&id))?;
    let output =
        json!({"type": "array", "items": {"type": "string", "format": "uri"}, "title": "Output"});
    Ok(Json(Version {
        id: version_of(model.digest()).to_owned(),
        created_at: rfc3339(app.started()),
        cog_version: "0.10.0",
        openapi_schema: json!({
            "openapi": "3.0.2",
            "info": {"title": model.id(), "version": "0.1.0"},
            "paths": {},
            "components": {"schemas": {"Input": {"type": "object", "title": "Input"}, "Output": output}},
        }),
    }))
}
