//! The dialect of OpenAI's image API, so that its clients work with this address as their base.
//!
//! ```text
//! client = OpenAI(base_url="http://localhost:8080/v1", api_key="any")
//! client.images.generate(model="digits-gan", prompt="seven", extra_body={"seed": 7})
//! ```
//!
//! One wire type ([`request::ImagesRequest`]) serves three routes; whatever a model here takes beyond
//! that API stands beside its fields, and what it can't honour comes back in `warnings`. Images
//! go out as base64 unless a `url` is asked for, which leads to a bounded store ([`files`]).

mod answer;
mod prepared;
mod edits;
mod error;
mod files;
mod form;
mod generations;
mod models;
mod reference;
mod request;
mod size;
mod stream;
mod variations;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::error::OpenAiError;
use self::files::Files;
use self::prepared::PreparedRequest;
use self::request::ImagesRequest;
use self::stream::StreamedImage;
use crate::http::App;
use crate::http::dialect::{Dialect, Names};
use crate::http::error::Problem;
use crate::http::plumbing::observe::RequestId;
use crate::http::plumbing::options::HttpOptions;
use crate::language::Language;

/// The dialect.
#[derive(Debug)]
pub(super) struct OpenAi;

/// What no route's attributes name.
#[derive(OpenApi)]
#[openapi(components(schemas(StreamedImage)))]
struct Events;

impl Dialect for OpenAi {
    const PREFIX: &'static str = "v1";
    const TAG: &'static str = "openai";
    const ABOUT: &'static str =
        "As the clients of OpenAI's image API speak; give them `http://HOST/v1` as their base.";
    const NAMES: Names = &[("guidance", "guidance_scale")];

    type Error = OpenAiError;
    type State = Arc<Files>;

    fn state(options: &HttpOptions) -> Arc<Files> {
        Arc::new(Files::new(options.keep.clone()))
    }

    fn routes() -> OpenApiRouter<App> {
        OpenApiRouter::with_openapi(Events::openapi())
            .routes(routes!(generations::generations))
            .routes(routes!(edits::edits))
            .routes(routes!(variations::variations))
            .routes(routes!(models::list))
            .routes(routes!(models::show))
            .routes(routes!(files::file))
    }
}

/// Which of the routes was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Generations,
    Edits,
    Variations,
}

/// What all three routes do.
async fn paint(
    app: &App,
    files: &Files,
    RequestId(request_id): RequestId,
    headers: &HeaderMap,
    route: Route,
    request: ImagesRequest,
) -> Result<Response, Problem> {
    let prepared = PreparedRequest::read(app, route, request).await?;
    let generation = Arc::clone(&prepared.generation);
    if prepared.streams {
        let watched = app.studio().watch(generation);
        let watched = watched.map_err(|failure| prepared.names.rename(failure.into()))?;
        let language = Language::accepted(headers);
        return Ok(stream::stream(
            watched, route, prepared, request_id, language,
        ));
    }
    let generated = app.studio().generate(generation).await;
    let generated = generated.map_err(|failure| prepared.names.rename(failure.into()))?;
    answer::answer(app, files, headers, prepared, generated).await
}

#[cfg(fuzzing)]
pub(super) fn read_fields(fields: serde_json::Map<String, serde_json::Value>) {
    let _read = request::ImagesRequest::of(fields);
}
