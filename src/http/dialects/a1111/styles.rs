//! Styles: what the web UI adds to prompts, and here the labels of a model's class axis `style`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State as Shared};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoint;
use super::state::State;
use crate::http::App;
use crate::http::dialects::shared::DraftBuilder;
use crate::message;
use crate::service::ClassChoice;

/// The class axis whose labels are styles.
const AXIS: &str = "style";

/// Chooses the label that the first of these styles names; says of all others that they were not used.
pub(super) fn choose(builder: &mut DraftBuilder, wanted: &[String]) {
    let model = Arc::clone(builder.model());
    let axis = model.manifest().class(AXIS).map(|(_, axis)| axis);
    let mut chosen: Option<&str> = None;
    for style in wanted.iter().filter(|style| !style.trim().is_empty()) {
        let label = axis.and_then(|axis| axis.labels.get(axis.index_of(style)?));
        match (axis, label, chosen) {
            (None, _, _) => {
                let why = message!("{model} has no styles", model = model.id());
                builder.unused(&format!("styles {style:?}"), why);
            }
            (Some(axis), None, _) => {
                let names: Vec<&str> = axis.labels.iter().map(|label| &*label.name).collect();
                let why = message!(
                    "those of {model} are {names}",
                    model = model.id(),
                    names = names.join(", ")
                );
                builder.unused(&format!("styles {style:?}"), why);
            }
            (_, Some(_), Some(other)) => {
                let why = message!(
                    "an image has one style here, and this one has {other}",
                    other
                );
                builder.unused(&format!("styles {style:?}"), why);
            }
            (_, Some(label), None) => chosen = Some(&label.name),
        }
    }
    let Some(chosen) = chosen else { return };
    let choice = ClassChoice::Name(chosen.to_owned());
    match &mut builder.draft.class {
        Some(ClassChoice::Axes(axes)) => {
            axes.entry(AXIS.to_owned()).or_insert(choice);
        }
        Some(_) => builder.unused("styles", message!("class says which it is")),
        class => *class = Some(ClassChoice::Axes([(AXIS.to_owned(), choice)].into())),
    }
}

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
/// The labels of the class axis `style` of the model that this caller has set, or of the server's
/// default model; empty where it has none.
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
    let axis = model
        .as_ref()
        .and_then(|model| Some(model.manifest().class(AXIS)?.1));
    let labels = axis.into_iter().flat_map(|axis| &axis.labels);
    let styles = labels.map(|label| Style {
        name: label.name.clone(),
        prompt: label.worded("{prompt}"),
        negative_prompt: "",
    });
    Json(styles.collect())
}
