//! Webhooks by the Standard Webhooks specification: a signed POST to an address that the caller named, if
//! the operator allows its host.
//!
//! Who names an address has this server send something there, so that the server must not be a way into
//! networks that only it can reach. Only hosts on the operator's list are asked ([`target`]); what their
//! names resolve to must be public, or in a network on the list ([`address`]); the connection goes to the
//! very address that was looked at ([`post`]); and where an answer points elsewhere, nobody goes.

mod address;
mod post;
mod secret;
mod target;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use self::post::Poster;
pub use self::secret::{InvalidSecret, Secret};
pub(in crate::http) use self::target::Refused;
use self::target::Target;
pub use self::target::{Allowed, InvalidHost};
use crate::http::plumbing::time::rfc3339;
use crate::jobs::{Notice, Undelivered};

/// What the operator says of webhooks.
#[derive(Debug, Clone, Default)]
pub struct WebhookOptions {
    /// Where they may go.
    pub allowed: Allowed,
    /// What signs them: the first, and others while callers change over.
    pub secrets: Vec<Secret>,
}

impl WebhookOptions {
    /// Whether webhooks may go to that address, as far as it can be told from the address itself.
    pub(in crate::http) fn check(&self, url: &str) -> Result<(), Refused> {
        Target::read(url, &self.allowed).map(drop)
    }
}

/// What delivers them.
#[derive(Debug, Clone)]
pub(in crate::http) struct Webhooks {
    options: Arc<WebhookOptions>,
    /// None where webhooks are off.
    poster: Option<Poster>,
}

impl Webhooks {
    pub(in crate::http) fn new(options: WebhookOptions) -> Self {
        Self {
            poster: (!options.allowed.is_empty()).then(Poster::new),
            options: Arc::new(options),
        }
    }

    /// Delivers a notice, once.
    pub(in crate::http) async fn deliver(&self, notice: &Notice) -> Result<(), Undelivered> {
        // The list may have become shorter since.
        let target = Target::read(&notice.url, &self.options.allowed).map_err(never)?;
        let off = "webhooks are off";
        let poster = self.poster.as_ref().ok_or_else(|| never(off))?;
        let body = body(notice).to_string();
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let timestamp = since.unwrap_or_default().as_secs();
        let signatures: Vec<String> = self
            .options
            .secrets
            .iter()
            .map(|secret| secret.sign(&notice.id, timestamp, &body))
            .collect();
        let headers = [
            ("webhook-id", notice.id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        let allowed = &self.options.allowed;
        poster.post(&target, allowed, headers, body).await
    }
}

fn never(reason: impl std::fmt::Display) -> Undelivered {
    Undelivered {
        reason: reason.to_string(),
        is_final: true,
    }
}

/// What is told: which job, and how it ended. All else is for those who may ask for the job.
fn body(notice: &Notice) -> serde_json::Value {
    let state = notice.state.name();
    json!({
        "type": format!("job.{state}"),
        "timestamp": rfc3339(notice.ended),
        "data": {
            "id": notice.job.as_str(),
            "state": state,
            "route": notice.task.name(),
            "model": notice.model,
            "url": format!("/jobs/{}", notice.job),
        },
    })
}
