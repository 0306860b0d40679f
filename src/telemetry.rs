//! What the process says about itself while it runs: a log on stderr, as text or as JSON.
//!
//! Stdout belongs to the answers of commands, so that `atelier openapi > openapi.yaml` works
//! whatever the log says.

use std::io::IsTerminal;

use serde::Deserialize;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What a service logs when `RUST_LOG` says nothing. ONNX Runtime is silent: what fails comes back
/// as an error, and most of what it complains of is a graph being tried out.
const SERVICE: &str = "info,ort=off";
/// The same for a command whose user watches.
const COMMAND: &str = "warn,ort=off";

/// How log lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line, for collectors.
    Json,
}

/// Starts the log, filtered by `RUST_LOG`. A second call in one process changes nothing.
pub fn start(format: LogFormat) {
    start_with(format, SERVICE);
}

/// Starts the log for a command whose user watches: only what went wrong.
pub fn start_quietly(format: LogFormat) {
    start_with(format, COMMAND);
}

fn start_with(format: LogFormat, default: &str) {
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| default.to_owned());
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::ERROR.into())
        .parse_lossy(wanted);
    let registry = tracing_subscriber::registry().with(filter);
    // The other case is that a test of this process was here before.
    let _already_started = match format {
        LogFormat::Text => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
            registry.with(lines).try_init()
        }
        LogFormat::Json => {
            let lines = fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr);
            registry.with(lines).try_init()
        }
    };
}
