//! Settings as a person writes them, in any of the places: every field may be missing.
//!
//! The flags define the names, and the texts below are the flags' help. A field that stands here is
//! read from the file and from the environment without another line of code.

use std::path::PathBuf;

use clap::{Args, Command};
use serde::Deserialize;

use super::alias::{self, Alias};
use crate::runtime::Provider;
use crate::safety::JudgeAction;
use crate::telemetry::LogFormat;

/// All settings, by concern.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct RawSettings {
    /// What paints.
    #[command(flatten)]
    pub engine: EngineWritten,
    /// What files say of where they come from.
    #[command(flatten)]
    pub signing: SigningWritten,
    /// What listens.
    #[command(flatten)]
    pub serving: ServingWritten,
    /// What is done later.
    #[command(flatten)]
    pub jobs: JobsWritten,
    /// What is logged.
    #[command(flatten)]
    pub log: LogWritten,
}

/// Which models, and on what they run.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Engine")]
pub struct EngineWritten {
    /// Folder of models [default: `onnx`, here or beside the program]
    #[arg(long, value_name = "DIR")]
    pub models: Option<PathBuf>,
    /// The model of requests that name none [default: the first that takes any prompt, else the first that takes one]
    #[arg(long, value_name = "ID")]
    pub default_model: Option<String>,
    /// Another name for a model, for callers that ask for one by habit; may be given several times
    #[arg(
        long = "alias",
        alias = "aliases",
        value_name = "NAME=MODEL",
        value_delimiter = ','
    )]
    #[serde(deserialize_with = "alias::table")]
    pub aliases: Option<Vec<Alias>>,
    /// Where graphs run [default: auto]
    #[arg(long, value_enum)]
    pub provider: Option<Provider>,
    /// Of graphs that lie there in several precisions, take `fp16`, `quantized`, `q4` or another
    /// [default: the most exact that can be opened]
    #[arg(long)]
    pub variant: Option<String>,
    /// Graph calls that run at the same time [default: the processors]
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,
    /// Threads that share the work of the calls [default: 1]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// ONNX Runtime's shared library [default: the one that `make build` installs]
    #[arg(long, value_name = "FILE")]
    pub onnxruntime: Option<PathBuf>,
    /// Classifiers that look at every finished image, by their folder or its name among the models; separate
    /// several with commas
    #[arg(long, value_name = "DIR|ID", value_delimiter = ',', num_args = 1..)]
    pub judge: Option<Vec<PathBuf>>,
    /// What becomes of an image that a judge flags: it is given out and the answer says so, or the request is
    /// refused [default: flag]
    #[arg(long, value_enum)]
    pub judge_action: Option<JudgeAction>,
}

/// With what files are signed, and images marked.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Signing")]
pub struct SigningWritten {
    /// Certificate to sign files with (C2PA), in PEM, then those that lead to its root; `atelier certificate
    /// new` makes one for trying
    #[arg(long, value_name = "FILE")]
    pub sign_cert: Option<PathBuf>,
    /// Private key of that certificate, in PEM: Ed25519, or ECDSA over P-256 (ES256)
    #[arg(long, value_name = "FILE")]
    pub sign_key: Option<PathBuf>,
    /// Address of an authority that stamps signed files with the time (RFC 3161); where it doesn't answer, files
    /// leave without a stamp
    #[arg(long, value_name = "URL")]
    pub sign_timestamp: Option<String>,
    /// Folder of the graphs that hide a watermark in images, and read it: `watermark` ships [default: none;
    /// images carry no watermark]
    #[arg(long, value_name = "DIR")]
    pub watermark: Option<PathBuf>,
    /// File of the keys that watermarks are made with; `atelier watermark new-key` writes it
    #[arg(long, value_name = "FILE")]
    pub watermark_key: Option<PathBuf>,
}

/// Where the service listens, and how much it takes on.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Service")]
pub struct ServingWritten {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Requests that may be in flight; more are refused with 503 [default: 256]
    #[arg(long, value_name = "N")]
    pub queue: Option<usize>,
    /// Memory that the process should stay within [default: three quarters of what the system, or its
    /// container, lets it have]
    #[arg(long, visible_alias = "memory", value_name = "MIB")]
    pub memory_mib: Option<u64>,
    /// Connections that may be open; for more, those that are idle are closed [default: 1024]
    #[arg(long, value_name = "N")]
    pub max_connections: Option<usize>,
    /// Connections that one address may have open, unless it is a trusted proxy's [default: seven
    /// eighths of all]
    #[arg(long, value_name = "N")]
    pub max_connections_per_address: Option<usize>,
    /// Another address, for probes, metrics and administration alone
    #[arg(long, value_name = "HOST:PORT")]
    pub admin_listen: Option<String>,
    /// Certificate for TLS, in PEM, with its chain; read again on SIGHUP
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Authorities, in PEM, whose signed files `POST /verify` and `atelier verify` call trusted [default:
    /// none but the service's own certificate]
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// File of words that nothing is painted for, in prompts and styles; read again on SIGHUP
    #[arg(long, value_name = "FILE")]
    pub deny: Option<PathBuf>,
    /// File of API keys; `atelier keys add` writes it
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// One key with all scopes, for services that are set up by their environment alone
    #[arg(long, value_name = "KEY")]
    pub api_key: Option<String>,
    /// Accept requests without a key from everybody who can reach the address [default: on loopback alone]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub open: Option<bool>,
    /// Requests for images that a caller may send in a minute [default: any number]
    #[arg(long, value_name = "N")]
    pub per_minute: Option<u32>,
    /// Requests for images that a caller may send in a day [default: any number]
    #[arg(long, value_name = "N")]
    pub per_day: Option<u32>,
    /// Names by which the service is reached; separate several with commas [default: on loopback, its
    /// names; elsewhere any]
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    pub hosts: Option<Vec<String>>,
    /// Networks of proxies whose X-Forwarded-For and Forwarded headers are believed; separate several with
    /// commas
    #[arg(long, value_name = "NETWORK", value_delimiter = ',', num_args = 1..)]
    pub trusted_proxies: Option<Vec<String>>,
    /// Images that one request may ask for [default: 64]
    #[arg(long, value_name = "N")]
    pub max_images: Option<usize>,
    /// Time that a request may take, and may at most ask for [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub deadline_seconds: Option<u64>,
    /// Size that a request's body may have [default: 16]
    #[arg(long, value_name = "MIB")]
    pub max_body_mib: Option<usize>,
    /// Web origins that may call from a browser, or `*`; separate several with commas
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', num_args = 1..)]
    pub cors: Option<Vec<String>>,
    /// Where callers reach the service, for the links that it hands out [default: the Host header]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Let images be had by an address alone, as `GET /generate/MODEL.png?seed=7`
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub public_get: Option<bool>,
    /// The model that paints avatars at /avatars/NAME.png [default: avatars-gan]
    #[arg(long, value_name = "ID")]
    pub avatar_model: Option<String>,
    /// In A1111's dialect, keep the model that a client sets for all clients, as that program does
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub a1111_shared_options: Option<bool>,
    /// After SIGTERM, time for load balancers to look elsewhere before the port closes [default: 0]
    #[arg(long, value_name = "SECONDS")]
    pub grace_seconds: Option<u64>,
    /// After SIGTERM, time for requests to finish [default: 30]
    #[arg(long, value_name = "SECONDS")]
    pub drain_seconds: Option<u64>,
}

/// Work that outlives its connection.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Jobs")]
pub struct JobsWritten {
    /// Folder in which jobs and their results outlive the process [default: none; they are in memory]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Jobs that run at the same time, beside requests [default: the workers]
    #[arg(long, value_name = "N")]
    pub jobs_running: Option<usize>,
    /// Jobs that may wait; more are refused with 503 [default: 10000]
    #[arg(long, value_name = "N")]
    pub jobs_waiting: Option<usize>,
    /// Room for jobs and their results; the oldest results make room for new ones [default: 1024 with
    /// --state, else 64]
    #[arg(long, value_name = "MIB")]
    pub jobs_keep_mib: Option<u64>,
    /// Time for which results are kept [default: 86400]
    #[arg(long, value_name = "SECONDS")]
    pub jobs_keep_seconds: Option<u64>,
    /// Time that a job may take, and may at most ask for [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    pub jobs_deadline_seconds: Option<u64>,
    /// Hosts that may be told of the ends of jobs, as hooks.example.org, *.example.org or 10.1.0.0/16; separate
    /// several with commas [default: none]
    #[arg(long, value_name = "HOST", value_delimiter = ',', num_args = 1..)]
    pub webhook_allow: Option<Vec<String>>,
    /// What signs webhooks: whsec_ and base64 of 24 to 64 random bytes; several, separated by commas, while
    /// receivers change over
    #[arg(long, value_name = "SECRET", value_delimiter = ',', num_args = 1..)]
    pub webhook_secret: Option<Vec<String>>,
}

/// How the log is written.
#[derive(Debug, Clone, Default, PartialEq, Args, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Log")]
pub struct LogWritten {
    /// How log lines are written, to stderr; `RUST_LOG` says which [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
    /// Address of the collector that traces are sent to, by OTLP over HTTP [default: none]
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
}

/// A command line that takes every setting and nothing else.
pub(super) fn command() -> Command {
    RawSettings::augment_args(Command::new("atelier").no_binary_name(true))
}

/// The names of all settings, as the file spells them.
pub(super) fn keys() -> Vec<String> {
    command()
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect()
}
