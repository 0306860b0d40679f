//! GET /jobs, GET and DELETE /jobs/{id}, GET /jobs/{id}/images/{image}.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::submit::JobList;
use super::view::JobAnswer;
use super::{NoJob, missing};
use crate::http::App;
use crate::http::error::{Kind, Problem, Problems};
use crate::http::plumbing::answer::json;
use crate::http::plumbing::static_file::StaticFile;
use crate::http::wire::ImageFile;
use crate::imaging::FileFormat;
use crate::jobs::JobId;
use crate::language::Message;
use crate::message;

/// Jobs on a page, if nobody says.
const PAGE: usize = 100;
/// The most jobs on a page.
const MOST: usize = 1000;
/// Bytes of a job in JSON, its files aside.
const JOB_BYTES: usize = 1024;

/// Look at a job
///
/// With `answer` once it has succeeded, as the route would have given it, and each image at an address of its
/// own, too. Jobs are seen by the caller who submitted them.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    tag = "jobs",
    params(
        ("id" = String, Path, description = "The job's id.", example = "6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55"),
        FilesParam,
    ),
    responses((status = 200, description = "The job.", body = JobAnswer), Problems<NoJob>)
)]
pub(in crate::http) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let params: FilesParam = query(&uri)?;
    let id = JobId::from(&*id);
    let found = async {
        let job = app.jobs().find(&id).await?;
        let answer = match params.b64 {
            Some(false) => JobAnswer::of(job),
            _ => JobAnswer::with_files(job, &app).await?,
        };
        Ok(answer.told(app.jobs().notices(Some(&id)).await?))
    };
    let job = found.await.map_err(|error| missing(&id, &error))?;
    let expected = job.file_bytes() + JOB_BYTES;
    json(job, expected).await
}

fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let read = Query::try_from_uri(uri);
    let wrong = |error: axum::extract::rejection::QueryRejection| {
        Problem::field("", Message::parsed(error.body_text()))
    };
    read.map(|Query(params)| params).map_err(wrong)
}

/// What of a job is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct FilesParam {
    /// `false`: the images' bytes aren't wanted, since they are fetched from their addresses.
    b64: Option<bool>,
}

/// List your jobs
///
/// The latest first, without their answers.
#[utoipa::path(
    get,
    path = "/jobs",
    tag = "jobs",
    params(PageParams),
    responses((status = 200, description = "The jobs.", body = JobList), Problems<NoJob>)
)]
pub(in crate::http) async fn list(State(app): State<App>, uri: Uri) -> Result<Response, Problem> {
    let params: PageParams = query(&uri)?;
    let most = params.limit.unwrap_or(PAGE).min(MOST);
    let before = params.before.as_deref().map(JobId::from);
    let jobs = app.jobs().list(most, before).await;
    let jobs = jobs.map_err(|error| missing(&JobId::from(""), &error))?;
    let jobs: Vec<_> = jobs.into_iter().map(JobAnswer::of).collect();
    let expected = jobs.len() * JOB_BYTES;
    json(JobList { jobs }, expected).await
}

/// A part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct PageParams {
    /// So many at most, up to 1000; 100 if left out.
    limit: Option<usize>,
    /// Only those that were submitted before the job of this id.
    before: Option<String>,
}

/// Cancel a job
///
/// One that waits is taken out of the queue; one that runs is stopped within one graph call. One that is over
/// is forgotten, with its files.
#[utoipa::path(
    delete,
    path = "/jobs/{id}",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 204, description = "It is cancelled, or forgotten."), Problems<NoJob>)
)]
pub(in crate::http) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = JobId::from(&*id);
    let cancelled = app.jobs().cancel(&id).await;
    cancelled.map_err(|error| missing(&id, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fetch an image of a job
///
/// An image can be fetched once it is finished, also while others of the same job are still being generated.
#[utoipa::path(
    get,
    path = "/jobs/{id}/images/{image}",
    tag = "jobs",
    params(
        ("id" = String, Path, description = "The job's id."),
        ("image" = usize, Path, description = "The image's place in the answer, from 0."),
    ),
    responses(
        (
            status = 200,
            description = "The image.",
            content(
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
                (ImageFile = "image/gif"),
                (ImageFile = "image/apng"),
            ),
            headers(("etag" = String, description = "Send it as `If-None-Match` the next time.")),
        ),
        (status = 304, description = "The image that `If-None-Match` names is still the one."),
        Problems<NoJob>,
    )
)]
pub(in crate::http) async fn image(
    State(app): State<App>,
    Path((id, at)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = JobId::from(&*id);
    let none = || {
        let detail = message!(
            "the job {id} has no image {at}, or none yet",
            id = id,
            at = at
        );
        Problem::new(Kind::UnknownJob, detail)
    };
    let place: usize = at.parse().map_err(|_| none())?;
    app.jobs()
        .find(&id)
        .await
        .map_err(|error| missing(&id, &error))?;
    let file = app.jobs().file(&id, place).await.map_err(|_| none())?;
    let format = FileFormat::from_media_type(&file.media_type).unwrap_or_default();
    Ok(StaticFile::new(format.media_type(), file.bytes.clone()).answer(&headers))
}
