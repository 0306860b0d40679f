//! GET /models/{id}/sample: what a model paints, at a glance.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use tokio::task::spawn_blocking;

use super::find;
use crate::http::App;
use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::http::plumbing::static_file::StaticFile;
use crate::http::wire::ImageFile;
use crate::message;
use crate::service::ModelState;

kinds!(NoSample: UnknownModel, UnknownRoute, Loading);

/// The most bytes that a sheet may have: it is shown in small beside others.
const MOST_BYTES: u64 = 8 << 20;

/// Show samples of a model
///
/// A sheet of images that the model generated, side by side, as a PNG. `GET /models` says
/// which models have one.
#[utoipa::path(
    get,
    path = "/models/{id}/sample",
    tag = "models",
    params(("id" = String, Path, description = "The model's id.", example = "digits-gan")),
    responses(
        (
            status = 200,
            description = "The sheet.",
            content((ImageFile = "image/png")),
            headers(("etag" = String, description = "Send it as `If-None-Match` the next time.")),
        ),
        (status = 304, description = "The sheet that `If-None-Match` names is still the one."),
        Problems<NoSample>,
    )
)]
pub(in crate::http) async fn sample(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = find(&app, &id)?;
    if let ModelState::Loading { .. } = state {
        app.studio().serving(Some(&id))?;
    }
    let sheet = state.sound().and_then(|model| model.sample());
    let sheet = sheet.map(ToOwned::to_owned).ok_or_else(|| none(&id))?;
    let bytes = spawn_blocking(|| read(sheet)).await;
    let bytes = bytes.ok().flatten().ok_or_else(|| none(&id))?;
    Ok(StaticFile::new("image/png", bytes).answer(&headers))
}

/// Where the sheet of a model is.
pub(in crate::http) fn address(id: &str) -> String {
    let mut address = String::from("/models/");
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                address.push(byte.into());
            }
            other => address.push_str(&format!("%{other:02X}")),
        }
    }
    address.push_str("/sample");
    address
}

/// The file, unless it is gone or far too large.
fn read(sheet: PathBuf) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(sheet).ok()?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
}

fn none(id: &str) -> Problem {
    let detail = message!("the folder of the model {id} has no samples.png", id);
    Problem::new(Kind::UnknownRoute, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_has_an_address() {
        assert_eq!(address("digits-gan"), "/models/digits-gan/sample");
        assert_eq!(address("số 1/2"), "/models/s%E1%BB%91%201%2F2/sample");
    }
}
