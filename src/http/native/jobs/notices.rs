//! GET /webhooks: what callers were to be told and were not.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::{NoJob, missing};
use crate::http::App;
use crate::http::error::{Problem, Problems};
use crate::http::plumbing::answer::json;
use crate::jobs::{JobId, Notice};

/// Bytes of a webhook in JSON.
const BYTES: usize = 512;

/// List your dead webhooks
///
/// Those that were tried for the last time, the latest first; they are listed for a week. The jobs themselves
/// can be asked for as ever.
#[utoipa::path(
    get,
    path = "/webhooks",
    tag = "jobs",
    responses((status = 200, description = "The webhooks.", body = WebhookList), Problems<NoJob>)
)]
pub(in crate::http) async fn notices(State(app): State<App>) -> Result<Response, Problem> {
    let dead = app.jobs().notices(None).await;
    let dead = dead.map_err(|error| missing(&JobId::from(""), &error))?;
    let webhooks: Vec<_> = dead.into_iter().map(WebhookAnswer::of).collect();
    let expected = webhooks.len() * BYTES;
    json(WebhookList { webhooks }, expected).await
}

/// Webhooks, the latest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhooks)]
pub(in crate::http) struct WebhookList {
    /// Them.
    webhooks: Vec<WebhookAnswer>,
}

/// What an address was to be told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookAnswer {
    /// Its id, as the header `webhook-id` has it at each attempt.
    #[schema(example = "msg_6f3f6f0e5d0c4f0f8f2e0d8f4c8d5c55")]
    id: String,
    /// The address.
    #[schema(example = "https://hooks.example.org/done")]
    url: String,
    /// The job that was over.
    job: String,
    /// How far it is: `pending`, `delivered` or `dead`.
    #[schema(example = "dead", pattern = "^(pending|delivered|dead)$")]
    state: &'static str,
    /// Attempts that were made.
    #[schema(example = 10)]
    attempts: u32,
    /// When the job was over, in seconds since 1970.
    ended: u64,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "it answered 500")]
    error: Option<String>,
}

impl WebhookAnswer {
    pub(super) fn of(notice: Notice) -> Self {
        Self {
            id: notice.id,
            url: notice.url,
            job: notice.job.to_string(),
            state: notice.delivery.name(),
            attempts: notice.attempts,
            ended: seconds(notice.ended),
            error: notice.error,
        }
    }
}

/// Since 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
