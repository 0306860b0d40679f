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
mod commission;
mod edits;
pub(in crate::http) mod files;
mod form;
mod generations;
mod models;
mod reference;
mod request;
mod size;
mod stream;
mod variations;

use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::commission::Commission;
use self::request::ImagesRequest;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::observe::RequestId;
use crate::language::Language;

pub(in crate::http) use self::stream::StreamedImage;

/// What fields are called here, where the native dialect calls them something else.
const NAMES: [(&str, &str); 1] = [("guidance", "guidance_scale")];

pub(in crate::http) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(generations::generations))
        .routes(routes!(edits::edits))
        .routes(routes!(variations::variations))
        .routes(routes!(models::list))
        .routes(routes!(models::show))
        .routes(routes!(files::file))
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
    RequestId(request_id): RequestId,
    headers: &HeaderMap,
    route: Route,
    request: ImagesRequest,
) -> Result<Response, Problem> {
    let painted = async {
        let mut commission = Commission::read(app, route, request).await?;
        let draft = std::mem::take(&mut commission.draft);
        let generation = app.studio().parse(draft).await?;
        if commission.streams {
            let watched = app.studio().watch(generation)?;
            let language = Language::accepted(headers);
            return Ok(stream::stream(
                watched, route, commission, request_id, language,
            ));
        }
        let generated = app.studio().generate(generation).await?;
        answer::answer(app, headers, commission, generated).await
    };
    painted
        .await
        .map_err(|problem: Problem| problem.renamed(&NAMES))
}
