//! GET /: a page to paint on, for whoever opens the address in a browser.
//!
//! It is plain files, compiled in as they stand: no build step, no framework, and nothing that
//! comes from elsewhere. The page knows nothing of models or families. It draws its controls from
//! the `parameters` of `GET /models/{id}`, so a family that comes later appears by itself.

use std::sync::LazyLock;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::response::IntoResponse;
use axum::routing::get;

use super::App;
use super::plumbing::static_file::StaticFile;

/// All of it from here, nothing inline, and nobody may frame it. `blob:` are images that the page
/// holds in its own memory.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' blob:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// A file of this folder: its address, its media type and its bytes.
macro_rules! file {
    ($media_type:expr, $name:literal) => {
        (
            concat!("/page/", $name),
            $media_type,
            include_str!($name).as_bytes(),
        )
    };
}

/// What the page loads.
const PARTS: [(&str, &str, &[u8]); 45] = [
    file!(CSS, "style.css"),
    file!(CSS, "controls.css"),
    file!(CSS, "images.css"),
    file!(SVG, "icon.svg"),
    file!(JS, "main.js"),
    file!(JS, "actions.js"),
    file!(JS, "api.js"),
    file!(JS, "brush.js"),
    file!(JS, "check.js"),
    file!(JS, "choice-field.js"),
    file!(JS, "code.js"),
    file!(JS, "compare.js"),
    file!(JS, "details.js"),
    file!(JS, "dom.js"),
    file!(JS, "empty.js"),
    file!(JS, "events.js"),
    file!(JS, "examples.js"),
    file!(JS, "field.js"),
    file!(JS, "fields.js"),
    file!(JS, "files.js"),
    file!(JS, "form.js"),
    file!(JS, "gallery.js"),
    file!(JS, "groups.js"),
    file!(JS, "header.js"),
    file!(JS, "image-input.js"),
    file!(JS, "image-size.js"),
    file!(JS, "interpolation.js"),
    file!(JS, "key.js"),
    file!(JS, "language.js"),
    file!(JS, "latent-input.js"),
    file!(JS, "live.js"),
    file!(JS, "models.js"),
    file!(JS, "number-field.js"),
    file!(JS, "painting.js"),
    file!(JS, "player.js"),
    file!(JS, "progress.js"),
    file!(JS, "prompts.js"),
    file!(JS, "requests.js"),
    file!(JS, "results.js"),
    file!(JS, "slider.js"),
    file!(JS, "store.js"),
    file!(JS, "text-field.js"),
    file!(JS, "texts.js"),
    file!(JS, "values.js"),
    file!(JS, "viewer.js"),
];

pub(super) fn routes() -> Router<App> {
    let start = Router::new().route("/", get(page));
    PARTS
        .into_iter()
        .fold(start, |routes, (path, media_type, bytes)| {
            let still = LazyLock::new(move || StaticFile::new(media_type, bytes));
            let still = std::sync::Arc::new(still);
            let answer = move |request: HeaderMap| async move { still.answer(&request) };
            routes.route(path, get(answer))
        })
}

async fn page(request: HeaderMap) -> impl IntoResponse {
    static PAGE: LazyLock<StaticFile> =
        LazyLock::new(|| StaticFile::new(HTML, include_str!("index.html")));
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE.answer(&request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/page");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !matches!(name.as_str(), "mod.rs" | "index.html"))
            .map(|name| format!("/page/{name}"))
            .collect();
        let mut served: Vec<String> = PARTS.map(|(path, ..)| path.to_owned()).to_vec();
        there.sort();
        served.sort();
        assert_eq!(there, served);
    }
}
