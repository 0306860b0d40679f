//! What a signed manifest states, as far as it is handed on.

use c2pa::Manifest;
use serde::Serialize;
use serde_json::Value;

use super::cut;

/// Entries of each list that are handed on.
const MOST: usize = 32;

/// What a manifest states.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    /// The program that wrote it.
    pub generator: Option<String>,
    /// What was done, the first first.
    pub actions: Vec<Action>,
    /// Of what it was made.
    pub ingredients: Vec<IngredientClaim>,
}

/// Something that was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Action {
    /// As the C2PA's specification names it: `c2pa.created`.
    pub action: String,
    /// Where the content came from with it, by the IPTC's vocabulary: the last part of the identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digital_source_type: Option<String>,
    /// By what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
}

/// A program or a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its version; of a model of ours, its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Something that went into it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IngredientClaim {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `parentOf`, `componentOf` or `inputTo`.
    pub relationship: String,
    /// Whether it had a signed manifest, which is still there.
    pub is_signed: bool,
}

impl Claims {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let generator = manifest.claim_generator_info.as_ref();
        let generator = generator.and_then(|infos| infos.first()).map(|info| {
            let version = info.version.as_deref().unwrap_or_default();
            cut(format!("{} {version}", info.name).trim_end())
        });
        let generator = generator.or_else(|| manifest.claim_generator().map(cut));
        let labels = manifest
            .assertions()
            .iter()
            .map(|assertion| assertion.label());
        let labels = labels
            .filter(|label| label.starts_with("c2pa.actions"))
            .take(MOST);
        let actions = labels.filter_map(|label| manifest.find_assertion::<Value>(label).ok());
        let actions =
            actions.flat_map(|data| data["actions"].as_array().cloned().unwrap_or_default());
        Self {
            generator,
            actions: actions
                .take(MOST)
                .map(|action| Action::of(&action))
                .collect(),
            ingredients: manifest
                .ingredients()
                .iter()
                .take(MOST)
                .map(ingredient)
                .collect(),
        }
    }

    /// Where the content came from, once for each that is stated.
    pub fn source_types(&self) -> impl Iterator<Item = &str> {
        self.actions
            .iter()
            .filter_map(|action| action.digital_source_type.as_deref())
    }
}

impl Action {
    fn of(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().map(cut);
        let source_type = text("digitalSourceType");
        let agent = match &value["softwareAgent"] {
            Value::String(name) => Some(Agent {
                name: cut(name),
                version: None,
            }),
            Value::Object(agent) => agent.get("name").and_then(Value::as_str).map(|name| Agent {
                name: cut(name),
                version: agent.get("version").and_then(Value::as_str).map(cut),
            }),
            _ => None,
        };
        Self {
            action: text("action").unwrap_or_default(),
            digital_source_type: source_type.map(|name| last_part(&name).to_owned()),
            agent: agent.filter(|agent| !agent.name.is_empty()),
        }
    }
}

/// The name within its vocabulary.
pub(super) fn last_part(identifier: &str) -> &str {
    identifier.rsplit(['/', '#']).next().unwrap_or(identifier)
}

fn ingredient(ingredient: &c2pa::Ingredient) -> IngredientClaim {
    let relationship = serde_json::to_value(ingredient.relationship());
    let relationship = relationship
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned));
    let title = ingredient.title().filter(|title| !title.is_empty());
    IngredientClaim {
        title: title.map(cut),
        relationship: relationship.unwrap_or_default(),
        is_signed: ingredient.active_manifest().is_some(),
    }
}
