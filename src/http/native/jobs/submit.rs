//! POST /jobs: work to be done later.

use axum::extract::{Extension, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::lines::{Faults, are_lines, question, questions};
use super::order::Question;
use super::prefer::Deferred;
use super::view::JobAnswer;
use crate::http::App;
use crate::http::error::{Problem, Problems, kinds};
use crate::http::native::generate::request::GenerateRequest;
use crate::http::plumbing::body::{is_json, offload, read, unsupported};
use crate::http::plumbing::language::spoken;
use crate::http::plumbing::observe::RequestId;
use crate::http::plumbing::options::HttpOptions;
use crate::http::webhooks::Refused;
use crate::jobs::{Key, Submission, Submitted, Task};
use crate::language::{Language, Message};
use crate::message;

/// The media types of bodies.
const TAKEN: &str = "application/json, application/jsonl, application/x-ndjson";

kinds!(
    /// What keeps a request from becoming a job.
    Submitting: MissingKey, KeyNotEnough, ForeignOrigin, TooOften, UnreadableBody, UnknownModel, ReadTimeout,
    KeyReused, TooLarge, UnsupportedMedia, InvalidField, BrokenModel, Internal, QueueFull, Loading, Draining,
    StorageFull
);

/// Submit a job
///
/// The body is that of `POST /generate`, or of the route that `route` names. It is checked as that route
/// would check it, and answered at once with status 202 and the job's address; the work is done when there
/// is room, behind requests whose callers wait. A job may take longer than a request: it has no deadline but
/// the operator's longest one. A seed that is left out is drawn now, so that the answer is the same however
/// often the work has to be begun.
///
/// With `Content-Type: application/jsonl` (or `application/x-ndjson`) each line is a body of its own, up
/// to 1,000 of them: all become jobs, or none where one is at fault, and `errors` tells of each such line.
///
/// With an `Idempotency-Key`, the same submission sent again is answered with the same jobs, for as long as
/// they are kept; another submission under that key is refused with 409.
///
/// With `webhook` in the address, that address is told of each job's end.
///
/// `Prefer: respond-async` on `POST /generate`, `/encode` or `/score` does the same as this route.
#[utoipa::path(
    post,
    path = "/jobs",
    tag = "jobs",
    params(
        RouteParam,
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's own name for the submission."),
    ),
    request_body(
        content(
            (GenerateRequest = "application/json"),
            (String = "application/jsonl"),
            (String = "application/x-ndjson"),
        ),
    ),
    responses(
        (
            status = 202,
            description = "The job, or with lines, all jobs in their order.",
            content((SubmittedAnswer = "application/json")),
            headers(
                ("location" = String, description = "The job's address, where there is one job."),
                ("idempotent-replayed" = String, description = "`true`: they had been submitted before."),
            ),
        ),
        Problems<Submitting>,
    )
)]
pub(in crate::http) async fn submit(
    State(app): State<App>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    request: Request,
) -> Result<Response, Problem> {
    let RouteParam { task, webhook } = RouteParam::of(request.uri(), app.options())?;
    let deferred = Deferred::of(request.headers())?;
    let lines = are_lines(request.headers());
    if !lines && !is_json(request.headers()) {
        return Err(unsupported(request.headers(), TAKEN));
    }
    let body = read(request, app.options()).await?;
    let asked = Asked {
        webhook,
        ..Asked::new(deferred, language, request_id)
    };
    if lines {
        let questions = offload(body, move |body| questions(task, body)).await?;
        let submitted = accept(&app, questions, asked).await?;
        return Ok(answer(&app, submitted, true));
    }
    let question = offload(body, move |body| question(task, body)).await?;
    let submitted = accept_one(&app, question, asked).await?;
    Ok(answer(&app, submitted, false))
}

/// What comes beside the requests themselves.
#[derive(Debug)]
pub(in crate::http) struct Asked {
    pub(in crate::http) deferred: Deferred,
    /// Where the end is told.
    pub(in crate::http) webhook: Option<String>,
    pub(in crate::http) language: Language,
    pub(in crate::http) request_id: String,
    /// What the caller should know beside what the request itself gives rise to.
    pub(in crate::http) warnings: Vec<Message>,
    /// What a dialect wants back with its jobs.
    pub(in crate::http) note: Option<String>,
}

impl Asked {
    /// Natively.
    pub(in crate::http) fn new(deferred: Deferred, language: Language, request_id: String) -> Self {
        Self {
            deferred,
            webhook: None,
            language,
            request_id,
            warnings: Vec::new(),
            note: None,
        }
    }
}

/// The answer to a native route whose caller doesn't wait.
pub(in crate::http) async fn defer(
    app: &App,
    question: Question,
    asked: Asked,
) -> Result<Response, Problem> {
    let submitted = accept_one(app, question, asked).await?;
    let mut response = answer(app, submitted, false);
    let applied = HeaderValue::from_static("respond-async");
    response.headers_mut().insert("preference-applied", applied);
    Ok(response)
}

/// Makes a job of a request.
pub(in crate::http) async fn accept_one(
    app: &App,
    question: Question,
    asked: Asked,
) -> Result<Submitted, Problem> {
    let webhook = asked.webhook.as_deref();
    let key = key(asked.deferred.key, webhook, [&question]);
    let mut order = question.order(app, asked.language).await?;
    order
        .warnings
        .splice(0..0, spoken(&asked.warnings, asked.language));
    let submission = Submission {
        orders: vec![order],
        language: asked.language,
        request_id: asked.request_id,
        key,
        webhook: asked.webhook,
        note: asked.note,
    };
    Ok(app.jobs().submit(submission).await?)
}

/// Makes a job of each request, or none where one is at fault.
async fn accept(
    app: &App,
    questions: Vec<(usize, Question)>,
    asked: Asked,
) -> Result<Submitted, Problem> {
    let key = key(
        asked.deferred.key,
        asked.webhook.as_deref(),
        questions.iter().map(|(_, question)| question),
    );
    let (mut orders, mut faults) = (Vec::with_capacity(questions.len()), Faults::default());
    for (line, question) in questions {
        match question.order(app, asked.language).await {
            Ok(order) => orders.push(order),
            Err(problem) => faults.add(line, problem)?,
        }
        if faults.are_enough() {
            break;
        }
    }
    faults.told()?;
    let submission = Submission {
        orders,
        language: asked.language,
        request_id: asked.request_id,
        key,
        webhook: asked.webhook,
        note: asked.note,
    };
    Ok(app.jobs().submit(submission).await?)
}

fn key<'q>(
    name: Option<String>,
    webhook: Option<&str>,
    questions: impl IntoIterator<Item = &'q Question>,
) -> Option<Key> {
    let name = name?;
    let mut hash = Sha256::new();
    // Requests are objects, so that no address is taken for one.
    if let Some(webhook) = webhook {
        hash.update(webhook);
        hash.update("\n");
    }
    for question in questions {
        hash.update(question.content().to_string());
        hash.update("\n");
    }
    let content = hash.finalize().into();
    Some(Key { name, content })
}

fn answer(app: &App, submitted: Submitted, lines: bool) -> Response {
    let first = submitted.jobs.first().map(|job| job.id.to_string());
    let jobs = submitted.jobs.into_iter().map(JobAnswer::of).collect();
    let answer = match (lines, first) {
        (false, Some(id)) => {
            let Some(job) = Vec::into_iter(jobs).next() else {
                return Problem::internal("a submission without jobs").into_response();
            };
            let location = [(header::LOCATION, format!("/jobs/{id}"))];
            (StatusCode::ACCEPTED, location, axum::Json(job)).into_response()
        }
        (_, _) => (StatusCode::ACCEPTED, axum::Json(JobList { jobs })).into_response(),
    };
    let mut answer = answer;
    if submitted.is_known {
        let known = HeaderValue::from_static("true");
        answer.headers_mut().insert("idempotent-replayed", known);
    }
    if !app.jobs().outlive_the_process() {
        let lasts = HeaderValue::from_static("memory");
        answer.headers_mut().insert("x-atelier-jobs", lasts);
    }
    answer
}

/// Jobs, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(in crate::http) struct JobList {
    /// Them.
    pub(super) jobs: Vec<JobAnswer>,
}

/// One job, or several where the body held lines.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Submitted)]
#[expect(dead_code, reason = "what may come, as the OpenAPI document shows it")]
enum SubmittedAnswer {
    One(Box<JobAnswer>),
    Several(JobList),
}

/// What the address of a submission says.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
struct RouteParam {
    /// The route whose body it is: `generate` (the default), `encode` or `score`.
    #[param(rename = "route", value_type = Option<String>, example = "generate")]
    task: Task,
    /// An address that is told when a job is over, by a signed POST (Standard Webhooks), if its host is on the
    /// operator's list.
    #[param(value_type = Option<String>, example = "https://hooks.example.org/done")]
    webhook: Option<String>,
}

impl RouteParam {
    fn of(uri: &Uri, options: &HttpOptions) -> Result<Self, Problem> {
        let Query(pairs): Query<Vec<(String, String)>> = Query::try_from_uri(uri)
            .map_err(|error| Problem::field("", Message::parsed(error.body_text())))?;
        let (mut task, mut webhook) = (Task::Generate, None);
        for (name, value) in pairs {
            match &*name {
                "route" => {
                    task = Task::of(&value).ok_or_else(|| {
                        let detail = message!(
                            "found {found}, expected generate, encode or score",
                            found = ?value
                        );
                        Problem::field("route", detail)
                    })?;
                }
                "webhook" => {
                    let checked = options.webhooks.check(&value);
                    checked.map_err(|Refused(why)| Problem::field("webhook", why))?;
                    webhook = Some(value);
                }
                _ => {
                    let detail = message!("unknown; expected route or webhook");
                    return Err(Problem::field(name, detail));
                }
            }
        }
        Ok(Self { task, webhook })
    }
}
