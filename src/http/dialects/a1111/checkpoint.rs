//! Models by the names that this dialect has for them.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::state::State;
use crate::http::error::Problem;
use crate::service::{Model, ModelState, Studio};

/// Holds the model that a caller has set by `POST /sdapi/v1/options`.
const NAME: &str = "atelier-model";

/// The first letters of a digest, which this dialect calls the hash.
pub(super) fn hash(model: &Model) -> &str {
    let digest = sha256(model);
    digest.get(..10).unwrap_or(digest)
}

/// The digest without its head.
pub(super) fn sha256(model: &Model) -> &str {
    let digest = model.digest();
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// `digits-gan [0123456789]`
pub(super) fn title(model: &Model) -> String {
    format!("{} [{}]", model.id(), hash(model))
}

/// The model of a title, an id, an alias, a file's name or a hash.
pub(super) fn find(studio: &Studio, name: &str) -> Result<Arc<Model>, Problem> {
    let bare = name.split(" [").next().unwrap_or(name).trim();
    let bare = ["safetensors", "ckpt", "onnx"]
        .iter()
        .find_map(|ending| bare.strip_suffix(ending)?.strip_suffix('.'))
        .unwrap_or(bare);
    if studio.model(bare).is_some() {
        return Ok(studio.serving(Some(bare))?);
    }
    let models = studio.models();
    let by_hash = models.iter().find_map(|state| match state {
        ModelState::Sound(model) if bare.len() >= 8 && sha256(model).starts_with(bare) => {
            Some(Arc::clone(model))
        }
        _ => None,
    });
    match by_hash {
        Some(model) => Ok(model),
        None => Ok(studio.serving(Some(bare))?),
    }
}

/// The model that this caller has set, or that was set for all, if it serves.
pub(super) fn remembered(
    studio: &Studio,
    state: &State,
    headers: &HeaderMap,
) -> Option<Arc<Model>> {
    let id = in_cookie(headers, NAME).or_else(|| state.checkpoint())?;
    studio.serving(Some(&id)).ok()
}

/// What a cookie of that name holds.
pub(super) fn in_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// The cookie that has a caller remember a model.
pub(super) fn cookie_of(model: &Model) -> String {
    cookie(NAME, model.id())
}

/// A cookie of that name, which comes back to this dialect's routes alone.
pub(super) fn cookie(name: &str, value: &str) -> String {
    let value = URL_SAFE_NO_PAD.encode(value);
    format!("{name}={value}; Path=/sdapi; HttpOnly; SameSite=Lax")
}
