//! `atelier serve`: the HTTP service.

use std::net::SocketAddr;

use clap::Args;

use super::{ConfigFlag, Exit, console};
use crate::app::{self, Ending, Signals};
use crate::config::RawSettings;
use crate::service::{Model, ModelState, Studio};
use crate::telemetry::{self, Traces};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  atelier serve
  atelier serve --models /srv/models --listen 0.0.0.0:8080 --log json
  ATELIER_QUEUE=64 atelier serve --config /etc/atelier.toml

SIGTERM and Ctrl-C let requests finish before the process leaves; a second one ends it at once.
SIGHUP makes it read keys and models again while requests run.")]
pub(super) struct Serve {
    #[command(flatten)]
    written: RawSettings,
}

impl Serve {
    pub(super) async fn run(self, config: &ConfigFlag, tidy: fn()) -> anyhow::Result<Exit> {
        let settings = config.settings(self.written)?;
        let log = telemetry::start(settings.log());
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        let (engine, serving) = (settings.engine()?, settings.serving()?);
        let otlp = settings.otlp()?;
        let traces = otlp.as_deref().map(Traces::to).transpose()?;
        let scheme = if serving.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let open = |studio: &Studio, address| {
            log.count_lost(studio.meters());
            tracing::info!(%address, workers = studio.workers(), "listening");
        };
        let loaded = |studio: &Studio, address| {
            announce(studio, address, scheme);
            // On a thread of its own: the first requests may be here already.
            tokio::task::spawn_blocking(tidy);
        };
        let ending = app::serve(&engine, &serving, Signals::catch()?, tidy, open, loaded).await?;
        if let Some(traces) = traces {
            traces.end().await;
        }
        Ok(match ending {
            Ending::Orderly => Exit::Success,
            Ending::Forced => Exit::AtOnce,
        })
    }
}

/// Tells the log which models serve, and the person at the terminal what to type next.
fn announce(studio: &Studio, address: SocketAddr, scheme: &str) {
    let mut serving = Vec::new();
    let models = studio.models();
    for state in &*models {
        match state {
            ModelState::Sound(model) => serving.push(model.id()),
            ModelState::Loading { .. } => {}
            ModelState::Broken { id, reason, .. } => {
                tracing::warn!(model = id, %reason, "a model cannot serve");
            }
        }
    }
    let serving = serving.join(", ");
    tracing::info!(models = serving, "all models are loaded");
    let Some(model) = studio.default_model() else {
        tracing::warn!("no model can serve; /readyz stays 503");
        let _unread = console::line(format_args!("Atelier listens on {scheme}://{address}"));
        return;
    };
    let command = curl(&model, address, scheme);
    // Stdout may be closed, and the service is none the worse for it.
    let _unread = console::line(format_args!(
        "Atelier paints with {serving} on {scheme}://{address}\nTry: {command}"
    ));
}

/// A command that saves an image, if pasted into a shell.
fn curl(model: &Model, address: SocketAddr, scheme: &str) -> String {
    let mut host = address;
    if address.ip().is_unspecified() {
        host.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let word = prompt(model);
    let mut body = serde_json::json!({ "seed": 1 });
    if let Some(word) = word {
        body["prompt"] = word.into();
    }
    let name: String = word.unwrap_or(model.id()).to_lowercase();
    let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    // Within single quotes the shell leaves everything alone but their like.
    let body = body.to_string().replace('\'', r"'\''");
    format!(
        "curl -s --fail-with-body {scheme}://{host}/generate -H 'content-type: application/json' \
         -H 'accept: image/png' -d '{body}' -o {name}.png"
    )
}

/// A word that the model understands: the English name of a label near the end of the first axis,
/// since the first labels are often zero or nothing; or a sentence, where any sentence will do.
fn prompt(model: &Model) -> Option<&str> {
    model.parameter("prompt")?;
    if model.manifest().is_pipeline() {
        return Some("a black cat with white paws");
    }
    let labels = &model.manifest().classes.first()?.labels;
    let label = labels.get(labels.len() * 3 / 4)?;
    Some(label.en.first().unwrap_or(&label.name))
}
