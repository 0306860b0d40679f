//! What the process says about itself while it runs: a log on stderr, as text or as JSON.
//!
//! Stdout belongs to the answers of commands, so that `atelier openapi > openapi.yaml` works
//! whatever the log says.

mod traces;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use serde::Deserialize;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use self::traces::Traces;

use crate::service::Meters;

/// What a service logs when `RUST_LOG` says nothing. ONNX Runtime is silent: what fails comes back
/// as an error, and most of what it complains of is a graph being tried out. So is what reads manifests: what
/// strangers write into their files is no news.
const SERVICE: &str = "info,ort=off,c2pa=off";
/// The same for a command whose user watches.
const COMMAND: &str = "warn,ort=off,c2pa=off";

/// Lines that may wait to be written; further ones are lost.
const MOST_LINES: usize = 8192;
/// What the last lines may take to be written when the service ends.
const LAST_LINES: Duration = Duration::from_secs(2);
/// How much later than it came a line may be written.
const GATHERING: Duration = Duration::from_millis(5);
/// Bytes that are written at once.
const BUFFER: usize = 16 << 10;

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

/// Starts the log of a service, filtered by `RUST_LOG`. A second call in one process changes nothing.
///
/// Lines are written by a thread of their own, many at a time: a busy service writes thousands in a
/// second, and whoever reads stderr slowly must not hold up its requests.
#[must_use = "dropping it ends the log"]
pub fn start(format: LogFormat) -> Log {
    let (lines, writer) = NonBlockingBuilder::default()
        .buffered_lines_limit(MOST_LINES)
        .lossy(true)
        .thread_name("atelier-log")
        .finish(Unhurried(BufWriter::with_capacity(BUFFER, io::stderr())));
    let lost = lines.error_counter();
    start_with(format, SERVICE, lines);
    Log {
        writer: Some(writer),
        lost,
    }
}

/// Starts the log for a command whose user watches: only what went wrong.
pub fn start_quietly(format: LogFormat) {
    start_with(format, COMMAND, io::stderr);
}

/// Lets lines gather after each write. To be woken up for every one of them would cost more than
/// writing them does.
#[derive(Debug)]
struct Unhurried<W>(W);

impl<W: Write> Write for Unhurried<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.0.write(lines)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(GATHERING);
        Ok(())
    }
}

/// A service's log. Dropping it writes the lines that wait, for two seconds at most.
#[derive(Debug)]
pub struct Log {
    writer: Option<WorkerGuard>,
    lost: ErrorCounter,
}

impl Drop for Log {
    fn drop(&mut self) {
        // On a thread that may be left behind: where nobody reads stderr, this ends in a complaint
        // to stdout, and where nobody reads that, in another one to stderr.
        let writer = self.writer.take();
        let (written, end) = mpsc::channel::<()>();
        thread::spawn(move || {
            drop(writer);
            drop(written);
        });
        let _written_or_late = end.recv_timeout(LAST_LINES);
    }
}

impl Log {
    /// Has the lines counted that were lost since stderr was read too slowly.
    pub fn count_lost(&self, meters: &Meters) {
        let lost = Box::new(Lost(self.lost.clone()));
        meters.register(|registry| registry.register_collector(lost));
    }
}

/// The lines that were lost, for Prometheus.
#[derive(Debug)]
struct Lost(ErrorCounter);

impl Collector for Lost {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let lines = u64::try_from(self.0.dropped_lines()).unwrap_or(u64::MAX);
        let lines = ConstCounter::new(lines);
        let help = "Log lines that were not written, since stderr was read too slowly.";
        let encoder =
            encoder.encode_descriptor("log_lines_lost", help, None, lines.metric_type())?;
        lines.encode(encoder)
    }
}

fn start_with<W>(format: LogFormat, default: &str, writer: W)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| default.to_owned());
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::ERROR.into())
        .parse_lossy(wanted);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(writer);
    // The other case is that a test of this process was here before.
    let _already_started = match format {
        LogFormat::Text => {
            let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            registry.with(lines.with_ansi(colour)).try_init()
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
}
