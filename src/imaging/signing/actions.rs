//! By which actions a file came to be, in the words of the C2PA's specification.

use serde_json::{Value, json};

use super::input::{Input, Role};
use crate::imaging::{
    COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA, Provenance, TRAINED_ALGORITHMIC_MEDIA,
};

/// All that was done, the first first.
pub(super) fn actions(provenance: &Provenance, inputs: &[Input], when: &str) -> Vec<Value> {
    let labels = |role: Role| -> Vec<&str> {
        let of_role = inputs.iter().filter(|input| input.role() == role);
        of_role.map(Input::label).collect()
    };
    let model = json!({ "name": provenance.model, "version": provenance.digest });
    let mut parameters = json!({});
    let beside = labels(Role::Reference);
    if !beside.is_empty() {
        parameters["ingredientIds"] = json!(beside);
    }
    if let Some(prompt) = &provenance.prompt {
        parameters["atelier.prompt"] = json!(prompt);
    }
    let mut made = json!({ "softwareAgent": model });
    made["when"] = json!(when);
    // An image from elsewhere that was enlarged, say, was made by nobody here.
    let is_made = !provenance.model.is_empty() || provenance.chain.is_empty();
    let mut actions = Vec::new();
    let parents = labels(Role::Parent);
    let source_type = if parents.is_empty() {
        made["action"] = json!("c2pa.created");
        TRAINED_ALGORITHMIC_MEDIA
    } else {
        actions.push(json!({
            "action": "c2pa.opened",
            "parameters": { "ingredientIds": parents },
        }));
        made["action"] = json!("c2pa.edited");
        COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA
    };
    made["digitalSourceType"] = json!(source_type);
    if parameters != json!({}) {
        made["parameters"] = parameters;
    }
    if is_made {
        actions.push(made);
    }
    for link in &provenance.chain {
        actions.push(json!({
            "action": "c2pa.edited",
            "description": link,
            "digitalSourceType": source_type,
        }));
    }
    actions
}
