//! GET /openapi.json and /docs: the API's own description, generated from the code.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::error::{Kind, ProblemBody};
use super::native::generate::{DoneEvent, ImageEvent, ProgressEvent, QueuedEvent};
use super::{App, HttpOptions};

/// Swagger UI sets styles of its own in the page; all else it may have from here alone.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document without its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Atelier",
        description = "Generates images with generative models that were exported to ONNX.\n\n\
            All numbers are plain JSON numbers. Sizes are in pixels, durations in milliseconds \
            where a name ends in `_ms`. Fields that are not documented are refused. Errors are \
            `application/problem+json` (RFC 9457), and every answer carries an `x-request-id`: \
            the caller's own if it sent one, and the one that the server's log has.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "", url = ""),
    ),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "images", description = "Generating images, and reading them back."),
        (name = "jobs", description = "Requests that are answered later, and outlive the connection that they came by."),
        (name = "models", description = "The models that are loaded."),
        (name = "server", description = "For those who run the service."),
    ),
    components(schemas(
        ProblemBody,
        QueuedEvent,
        ProgressEvent,
        ImageEvent,
        DoneEvent,
    )),
)]
struct Frame;

/// What the routes are added to.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    let mut frame = Frame::openapi();
    frame.info.contact = None;
    let description = frame.info.description.get_or_insert_default();
    description.push_str("\n\nA problem's `type` is one of these:\n\n| type | status | title |\n| --- | --- | --- |\n");
    for kind in Kind::ALL {
        let row = format!(
            "| `{}` | {} | {} |\n",
            kind.uri(),
            kind.status().as_u16(),
            kind.title().en
        );
        description.push_str(&row);
    }
    frame
}

/// The whole document, as `/openapi.json` serves it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    super::documented_routes(&HttpOptions::default())
        .split_for_parts()
        .1
}

/// The whole document in YAML, as `openapi.yaml` in the repository holds it.
pub fn openapi_yaml() -> String {
    openapi()
        .to_yaml()
        .expect("the document is plain strings, numbers, lists and maps")
}

pub(super) fn routes() -> Router<App> {
    let config = Config::from("/openapi.json")
        // Its default asks a server elsewhere whether the document is valid.
        .validator_url("none")
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .default_models_expand_depth(0)
        .use_base_layout();
    let docs: Router<App> = SwaggerUi::new("/docs").config(config).into();
    docs.layer(from_fn(fence))
        .route("/openapi.json", get(document))
}

async fn document() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
        serde_json::to_vec(&openapi())
            .expect("the document is plain strings, numbers, lists and maps")
            .into()
    });
    let media_type = "application/vnd.oai.openapi+json;version=3.1";
    ([(CONTENT_TYPE, media_type)], DOCUMENT.clone())
}

/// Keeps the page from asking anything of anybody else.
async fn fence(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(DOCS_POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}
