//! Predictions: creating, showing and cancelling them.

use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Replicate;
use super::answer::{Note, Page, Prediction};
use super::error::ReplicateError;
use super::input::{self, Input};
use crate::http::App;
use crate::http::dialects::shared::{
    DraftBuilder, ModelPath, UniqueFields, WithSettings, accepted, awaited, cancelled, found,
    model_of, model_of_version, version_of,
};
use crate::http::error::{Problem, Problems, kinds};
use crate::http::native::jobs::{Asked, Deferred, Submitting, missing};
use crate::http::plumbing::base::base;
use crate::http::plumbing::body::JsonBody;
use crate::http::plumbing::observe::RequestId;
use crate::jobs::{Job, JobId};
use crate::language::Language;
use crate::message;

/// The longest that a request waits for its prediction.
const LONGEST_WAIT: u64 = 60;
/// What clients send beside, and what means nothing here.
const TAKEN: [&str; 4] = [
    "model",
    "stream",
    "webhook_completed",
    "webhook_events_filter",
];
/// Predictions in a list.
const PAGE: usize = 100;

kinds!(
    /// What keeps a prediction from being shown.
    Showing: MissingKey, KeyNotEnough, UnknownJob, JobGone, Internal
);

type Result<T> = std::result::Result<T, Problem>;
type Created = Result<(StatusCode, Response)>;

/// A request for a prediction.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReplicateRequest)]
pub(super) struct Request {
    /// The model: `owner/name`, `owner/name:version`, or a version alone, which is a model's digest or id.
    #[schema(example = "any/digits-gan")]
    version: Option<String>,
    /// What the model takes.
    #[serde(default)]
    #[schema(value_type = WithSettings<Input>)]
    input: UniqueFields,
    /// Not sent in this dialect; `POST /jobs?webhook=…` has them.
    webhook: Option<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// Create a prediction, in Replicate's dialect
///
/// It is a job. With `Prefer: wait` (or `wait=5`) the answer waits for its end, up to 60 seconds.
#[utoipa::path(
    post,
    path = "/replicate/v1/predictions",
    tag = "replicate",
    params(("Prefer" = Option<String>, Header, description = "`wait`, or `wait=5` for so many seconds.")),
    request_body = Request,
    responses(
        (status = 201, description = "The prediction.", body = Prediction),
        Problems<Submitting, ReplicateError>,
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<Request>,
) -> Created {
    let Some(version) = request.version.clone() else {
        return Err(Problem::field("version", message!("missing; name a model")));
    };
    let asked = Asked::new(Deferred::of(&headers)?, language, request_id);
    let (name, version) = match version.split_once(':') {
        Some((name, version)) => (Some(name), version),
        None if version.contains('/') => (Some(&*version), ""),
        None => (None, &*version),
    };
    let model = match name.and_then(|name| name.split_once('/')) {
        Some((owner, name)) => model_of(app.studio(), owner, name),
        None => model_of_version(app.studio(), version),
    };
    let name = name.map_or_else(|| model.clone(), str::to_owned);
    created(&app, (&name, &model), request, (asked, &headers)).await
}

/// Create a prediction of a model, in Replicate's dialect
///
/// As `/replicate/v1/predictions`, with the model in the address.
#[utoipa::path(
    post,
    path = "/replicate/v1/models/{owner}/{name}/predictions",
    tag = "replicate",
    params(
        ModelPath,
        ("Prefer" = Option<String>, Header, description = "`wait`, or `wait=5` for so many seconds."),
    ),
    request_body = Request,
    responses(
        (status = 201, description = "The prediction.", body = Prediction),
        Problems<Submitting, ReplicateError>,
    )
)]
pub(super) async fn create_of_model(
    State(app): State<App>,
    Path(ModelPath { owner, name }): Path<ModelPath>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<Request>,
) -> Created {
    let asked = Asked::new(Deferred::of(&headers)?, language, request_id);
    let model = model_of(app.studio(), &owner, &name);
    let name = format!("{owner}/{name}");
    created(&app, (&name, &model), request, (asked, &headers)).await
}

async fn created(
    app: &App,
    (name, model): (&str, &str),
    request: Request,
    (asked, headers): (Asked, &HeaderMap),
) -> Created {
    if request.webhook.is_some() {
        let detail = message!("nobody is told of the end here; leave it out, and ask");
        return Err(Problem::field("webhook", detail));
    }
    let mut builder = DraftBuilder::new::<Replicate>(app.studio(), Some(model))?;
    for field in request.others.keys() {
        if !TAKEN.contains(&&**field) {
            builder.unknown(field);
        }
    }
    let UniqueFields(input) = request.input;
    let note = Note {
        model: name.to_owned(),
        version: version_of(builder.model().digest()).to_owned(),
        input: input::given_back(&input),
    };
    input::fill(app, &mut builder, input).await?;
    let asked = Asked {
        note: serde_json::to_string(&note).ok(),
        ..asked
    };
    let mut job = accepted(app, builder, asked).await?;
    if let Some(patience) = wait(headers) {
        job = awaited(app, job.id.as_str(), patience).await?;
    }
    let prediction = Prediction::written(app, &job, headers).await?;
    Ok((StatusCode::CREATED, prediction))
}

/// How long the caller would wait, if it says so.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let preferences = headers.get_all("prefer").iter();
    let mut preferences = preferences
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .map(str::trim);
    let wait = preferences.find_map(|preference| preference.strip_prefix("wait"))?;
    let seconds = wait.strip_prefix('=').map_or(Ok(LONGEST_WAIT), str::parse);
    Some(Duration::from_secs(seconds.ok()?.min(LONGEST_WAIT)))
}

/// Show a prediction, in Replicate's dialect
///
/// Its images come as `data:` addresses.
#[utoipa::path(
    get,
    path = "/replicate/v1/predictions/{id}",
    tag = "replicate",
    params(("id" = String, Path, description = "The prediction's id.")),
    responses(
        (status = 200, description = "The prediction.", body = Prediction),
        Problems<Showing, ReplicateError>,
    )
)]
pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let job = found(&app, &id).await?;
    Prediction::written(&app, &job, &headers).await
}

/// Cancel a prediction, in Replicate's dialect
///
/// One that is over stays as it is.
#[utoipa::path(
    post,
    path = "/replicate/v1/predictions/{id}/cancel",
    tag = "replicate",
    params(("id" = String, Path, description = "The prediction's id.")),
    responses(
        (status = 200, description = "The prediction.", body = Prediction),
        Problems<Showing, ReplicateError>,
    )
)]
pub(super) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let job = cancelled(&app, &id).await?;
    Prediction::written(&app, &job, &headers).await
}

/// List your predictions, in Replicate's dialect
///
/// The latest hundred, without their images.
#[utoipa::path(
    get,
    path = "/replicate/v1/predictions",
    tag = "replicate",
    responses(
        (status = 200, description = "The predictions.", body = Page),
        Problems<Showing, ReplicateError>,
    )
)]
pub(super) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Json<Page>> {
    let jobs = app.jobs().list(PAGE, None).await;
    let jobs = jobs.map_err(|error| missing(&JobId::from(""), &error))?;
    let base = base(&app, &headers);
    let results = jobs.iter().map(|job: &Job| Prediction::of(job, &base));
    Ok(Json(Page {
        previous: None,
        next: None,
        results: results.collect(),
    }))
}
