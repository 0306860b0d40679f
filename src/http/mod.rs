//! The wire: routes, layers, and the one place that knows status codes.
//!
//! [`router`] is the whole of it. Each route has one file that holds its wire types, its OpenAPI
//! attributes and its handler, so that a reader of `generate.rs` sees all of `POST /generate`.
//! What the routes share:
//!
//! - [`HttpOptions`]: limits and CORS.
//! - `error`: one table from failures to problems.
//! - `body`: reading a body within its limits, and parsing it with the path of what is wrong.
//! - `accept` and `answer`: choosing the form of an answer, and writing it.
//! - `wire`: how numbers, classes and images look in JSON.
//! - `dialect`: what a dialect of another service is; `dialects` has a folder for each of them.
//! - `observe`: request ids, one log line for each request, and the counters.
//!
//! This is the only room that names axum.

mod dialect;
mod dialects;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod native;
mod openapi;
mod page;
mod plumbing;
mod webhooks;
mod wire;

use std::any::Any;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::native::verify::VerifyAnswer;
pub use self::openapi::{openapi, openapi_yaml};
pub use self::plumbing::access::{Crowded, Encrypted};
pub use self::plumbing::options::{Cors, HttpOptions, InvalidOrigin, Keep};
pub use self::webhooks::{Allowed, InvalidHost, InvalidSecret, Secret, WebhookOptions};

use self::dialect::Spoken;
use self::error::{Kind, Problem, ProblemBody, Rendering};
use self::native::metrics::HttpMeters;
use self::plumbing::access::{CallerRates, OperatorsPort};
use self::webhooks::Webhooks;
use crate::jobs::{JobOptions, Jobs, OpenError};
use crate::message;
use crate::service::Studio;

/// What every handler may reach.
#[derive(Debug, Clone)]
struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    studio: Studio,
    /// The same for requests that nobody waits for.
    patient: Studio,
    jobs: Jobs,
    options: HttpOptions,
    meters: HttpMeters,
    rates: CallerRates,
    dialects: &'static [Spoken],
    started: SystemTime,
}

impl App {
    fn new(studio: Studio, options: HttpOptions, jobs: Jobs) -> Self {
        Self(Arc::new(Inner {
            meters: HttpMeters::among(studio.meters()),
            rates: CallerRates::new(options.rates),
            dialects: dialects::ALL,
            started: SystemTime::now(),
            patient: studio.patient(options.job_deadline),
            jobs,
            options,
            studio,
        }))
    }

    fn studio(&self) -> &Studio {
        &self.0.studio
    }

    /// The engine for requests that nobody waits for.
    fn patient(&self) -> &Studio {
        &self.0.patient
    }

    /// Work that outlives its connection.
    fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    fn options(&self) -> &HttpOptions {
        &self.0.options
    }

    /// How often each caller has asked.
    fn rates(&self) -> &CallerRates {
        &self.0.rates
    }

    /// When the models had been loaded.
    fn started(&self) -> SystemTime {
        self.0.started
    }

    fn meters(&self) -> &HttpMeters {
        &self.0.meters
    }

    /// The dialect of another service that is spoken at that address.
    fn dialect(&self, path: &str) -> Option<&'static Spoken> {
        dialect::at(self.0.dialects, path)
    }

    /// What errors look like at that address.
    fn rendering(&self, path: &str) -> Rendering {
        let native = Rendering::of::<ProblemBody>();
        self.dialect(path).map_or(native, Spoken::rendering)
    }
}

/// The service as axum serves it, on one port or on two.
#[derive(Debug)]
pub struct Routers {
    /// Everything.
    pub public: Router,
    /// Probes, metrics and administration alone, for a port that only the operator reaches.
    pub admin: Router,
}

impl Routers {
    /// Both of them over the same service.
    #[must_use]
    pub fn new(studio: Studio, options: &HttpOptions, jobs: Jobs) -> Self {
        let app = App::new(studio, options.clone(), jobs);
        Self {
            public: public(&app),
            admin: admin(&app),
        }
    }
}

/// Everything, on one port, with jobs in memory. Within a runtime.
pub fn router(studio: Studio, options: &HttpOptions) -> Router {
    let jobs = jobs(&studio, options, JobOptions::default());
    let jobs = jobs.expect("no folder is needed for jobs in memory");
    public(&App::new(studio, options.clone(), jobs))
}

/// Jobs, done by that engine: those of the folder that the options name go on at once. Within a runtime.
///
/// # Errors
/// [`OpenError`], where the folder can't be had.
pub fn jobs(studio: &Studio, http: &HttpOptions, options: JobOptions) -> Result<Jobs, OpenError> {
    let patient = studio.patient(http.job_deadline);
    let webhooks = Webhooks::new(http.webhooks.clone());
    let worker = native::jobs::JobWorker::new(patient, webhooks);
    Jobs::open(options, Arc::new(worker))
}

fn admin(app: &App) -> Router {
    let (routes, _) = operators_routes().split_for_parts();
    let routes = routes
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method);
    let routes = layered(routes, app).layer(Extension(OperatorsPort));
    routes.with_state(app.clone())
}

fn public(app: &App) -> Router {
    let (routes, _) = documented_routes(app.options()).split_for_parts();
    let routes = routes
        .merge(openapi::routes())
        .merge(page::routes())
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method);
    let routes = layered(routes, app).with_state(app.clone());
    // Before any route is looked for.
    let tidied = ServiceBuilder::new()
        .map_request(plumbing::address::tidy)
        .service(routes);
    Router::new().fallback_service(tidied)
}

/// Puts around all routes what they share.
fn layered(routes: Router<App>, app: &App) -> Router<App> {
    // From the outside in; a request passes the first layer first.
    let layers = ServiceBuilder::new()
        // Names the request, or keeps the caller's `x-request-id`; counts it, logs its one line
        // when it is answered or given up, and writes the body of a problem, which holds the id.
        .layer(from_fn_with_state(app.clone(), plumbing::observe::observe))
        // Answers the preflight requests of browsers and names the origins that may read answers.
        // Absent unless the operator allows an origin.
        .option_layer(app.options().cors.layer())
        // Learns who asks, and runs the rest on their behalf.
        .layer(from_fn_with_state(app.clone(), plumbing::access::admit))
        // A handler that panics answers 500 like every other fault of ours; the process lives on.
        .layer(CatchPanicLayer::custom(panicked));
    // The limits on a body's size and on the time it takes are no layers: `body::read` keeps both
    // before a byte is parsed, since it must answer with a problem that names the limit. The
    // limits on a head's size and time are with the connection, before there is a request.
    routes.layer(layers)
}

/// The routes of the API, each registered together with its documentation.
fn documented_routes(options: &HttpOptions) -> OpenApiRouter<App> {
    let native = OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(native::generate::generate))
        .routes(routes!(native::image_url::generate::generate))
        .routes(routes!(native::image_url::avatar::avatar))
        .routes(routes!(native::generations::cancel))
        .routes(routes!(
            native::jobs::submit::submit,
            native::jobs::show::list
        ))
        .routes(routes!(
            native::jobs::show::show,
            native::jobs::show::cancel
        ))
        .routes(routes!(native::jobs::events::events))
        .routes(routes!(native::jobs::notices::notices))
        .routes(routes!(native::jobs::show::image))
        .routes(routes!(native::encode::encode))
        .routes(routes!(native::score::score))
        .routes(routes!(native::verify::verify))
        .routes(routes!(native::models::list))
        .routes(routes!(native::models::show))
        .routes(routes!(native::sample::sample))
        .merge(operators_routes())
        .routes(routes!(error::problem));
    dialects::ALL.iter().fold(native, |routes, dialect| {
        routes.merge(dialect.routes(options))
    })
}

/// What is for whoever runs the service.
fn operators_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(native::admin::load))
        .routes(routes!(native::admin::reload))
        .routes(routes!(native::admin::unload))
        .routes(routes!(native::health::live))
        .routes(routes!(native::health::ready))
        .routes(routes!(native::metrics::metrics))
}

async fn unknown_route(uri: Uri) -> Problem {
    let path = uri.path();
    let detail = message!(
        "there is nothing at {path}; GET /docs shows what there is",
        path
    );
    Problem::new(Kind::UnknownRoute, detail)
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    // Which ones those are, axum knows, and adds when all layers have been passed.
    let detail = message!(
        "{path} doesn't take {method}; Allow says what it takes",
        path = uri.path(),
        method
    );
    Problem::new(Kind::WrongMethod, detail)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is CatchPanicLayer's"
)]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)");
    Problem::internal(format!("panicked: {message}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::service::StudioOptions;

    #[tokio::test]
    async fn a_handler_that_panics_answers_like_every_other_fault_of_ours() {
        let models = tempfile::tempdir().expect("a folder without models");
        let options = StudioOptions {
            models: models.path().to_owned(),
            ..StudioOptions::default()
        };
        let studio = Studio::open(&options).expect("ONNX Runtime is installed");
        let http = HttpOptions::default();
        let jobs = jobs(&studio, &http, JobOptions::default()).expect("in memory");
        let app = App::new(studio, http, jobs);
        async fn fail() {
            panic!("a secret");
        }
        let routes = layered(Router::new().route("/fail", get(fail)), &app).with_state(app);
        let request = Request::get("/fail")
            .body(Body::empty())
            .expect("a request");
        let response = routes.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("/problems/internal"), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}
