//! GET /sdapi/v1/prompt-styles: what the web UI adds to prompts, and here a model's own styles.

use axum::Json;
use axum::extract::{Extension, State as Shared};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoint;
use super::state::State;
use crate::http::App;
use crate::http::dialects::shared::styles_of;
use crate::models::Label;

/// A style.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = A1111Style)]
pub(super) struct Style {
    #[schema(example = "flat")]
    name: String,
    /// What becomes of a prompt.
    #[schema(example = "{prompt}, flat design")]
    prompt: String,
    /// Always empty.
    negative_prompt: &'static str,
}

/// List the styles
///
/// Those of the model that this caller has set, or of the server's default model: the labels of its
/// class axis `style`, or the manners in which it paints images anew; empty where it has none.
#[utoipa::path(
    get,
    path = "/sdapi/v1/prompt-styles",
    operation_id = "a1111_prompt_styles",
    tag = "a1111",
    responses((status = 200, description = "The styles.", body = Vec<Style>))
)]
pub(super) async fn styles(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    headers: HeaderMap,
) -> Json<Vec<Style>> {
    let model = checkpoint::remembered(app.studio(), &state, &headers);
    let model = model.or_else(|| app.studio().default_model());
    let labels = model.map_or_else(Vec::new, |model| styles_of(&model));
    let styles = labels.iter().map(|label: &Label| Style {
        name: label.name.clone(),
        prompt: label.worded("{prompt}"),
        negative_prompt: "",
    });
    Json(styles.collect())
}
