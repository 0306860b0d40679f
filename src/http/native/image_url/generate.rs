//! GET /generate/{file}: an image whose request stands in its address.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::{OfAddresses, image, query, split_ending};
use crate::http::App;
use crate::http::error::{Kind, Problem, Problems};
use crate::http::wire::ImageFile;
use crate::message;

/// Paint an image by its address
///
/// Off (404) unless the server was started with `--public-get`. The file's name is the model's id and
/// the kind of image (`png`, `jpg` or `webp`); the query holds the other fields of `POST /generate`,
/// `class.hair=red` for a part of one. Images, lists and walks can't stand in an address. With a
/// `seed` the answer may be kept for ever; without one it is another image each time.
#[utoipa::path(
    get,
    path = "/generate/{file}",
    tag = "images",
    params(
        ("file" = String, Path, description = "The model's id, and the kind of image.", example = "digits-gan.png"),
        ("seed" = Option<u64>, Query, description = "As in `POST /generate`, like every other field."),
        ("class" = Option<String>, Query, description = "The label, by name or index."),
        ("prompt" = Option<String>, Query, description = "What to paint."),
    ),
    responses(
        (
            status = 200,
            description = "The image.",
            content(
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
            ),
            headers(
                ("etag" = String, description = "With a seed: a name for the image's bytes."),
                ("cache-control" = String, description = "How long the image may be kept."),
            ),
        ),
        (status = 304, description = "The image that `If-None-Match` names is still the one."),
        Problems<OfAddresses>,
    )
)]
pub(in crate::http) async fn generate(
    State(app): State<App>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !app.options().public_get {
        let detail = message!("images by their address are off here; --public-get turns them on");
        return Err(Problem::new(Kind::UnknownRoute, detail));
    }
    let Some((model, format)) = split_ending(&file) else {
        let detail = message!(
            "{file} has no ending that says the kind of image; write {file}.png, .jpg or .webp",
            file
        );
        return Err(Problem::new(Kind::UnknownRoute, detail));
    };
    let mut draft = query::draft(query::pairs(&uri)?)?;
    for (field, given) in [
        ("model", draft.model.is_some()),
        ("format", draft.format.is_some()),
    ] {
        if given {
            let detail = message!("is said by the file's name already");
            return Err(Problem::field(field, detail));
        }
    }
    draft.model = Some(model.to_owned());
    draft.format = Some(format);
    image(&app, draft, &headers).await
}
