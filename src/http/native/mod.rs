//! The routes of Atelier's own interface, a file or folder each.

pub(in crate::http) mod admin;
pub(in crate::http) mod encode;
pub(in crate::http) mod generate;
pub(in crate::http) mod generations;
pub(in crate::http) mod health;
pub(in crate::http) mod image_url;
pub(in crate::http) mod jobs;
pub(in crate::http) mod metrics;
pub(in crate::http) mod models;
pub(in crate::http) mod question;
pub(in crate::http) mod sample;
pub(in crate::http) mod score;
pub(in crate::http) mod verify;

use super::App;
use crate::service::{Failure, ModelState};

/// The model of that id, whatever its state.
fn find(app: &App, id: &str) -> Result<ModelState, Failure> {
    app.studio().model(id).ok_or_else(|| {
        let known = app.studio().models();
        Failure::UnknownModel {
            known: known.iter().map(|state| state.id().to_owned()).collect(),
            model: id.to_owned(),
        }
    })
}
