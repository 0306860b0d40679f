//! Where traces go: to a collector, by OTLP over HTTP in its JSON form.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::trace::{self, Span, Value};

/// Where collectors take traces.
const PATH: &str = "/v1/traces";
/// For a collector to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long spans gather before they are sent.
const GATHERING: Duration = Duration::from_millis(500);
/// Spans that are sent at once.
const AT_ONCE: usize = 1024;
/// What the last spans may take when the service ends.
const LAST: Duration = Duration::from_secs(2);
/// Bytes of a collector's answer.
const ANSWER: usize = 1 << 20;
/// The codes that OTLP has for a server's span and for one within.
const SERVER: u8 = 2;
const INTERNAL: u8 = 1;
/// The code of a span that failed.
const ERROR: u8 = 2;

/// What sends traces.
#[derive(Debug)]
pub struct Traces {
    ending: CancellationToken,
    sending: JoinHandle<()>,
}

impl Traces {
    /// Sends them to the collector at that address from now on.
    ///
    /// # Errors
    /// The address is none that is spoken to, or traces are collected already.
    pub fn to(endpoint: &str) -> anyhow::Result<Self> {
        let endpoint = endpoint.trim_end_matches('/');
        let uri: Uri = match endpoint.ends_with(PATH) {
            true => endpoint.parse()?,
            false => format!("{endpoint}{PATH}").parse()?,
        };
        anyhow::ensure!(
            uri.scheme_str() == Some("http") && uri.host().is_some(),
            "traces go to http://HOST:PORT, not to {endpoint}"
        );
        let spans = trace::collect();
        let spans = spans.ok_or_else(|| anyhow::anyhow!("traces are collected already"))?;
        let ending = CancellationToken::new();
        let sending = tokio::spawn(run(uri, spans, ending.clone()));
        Ok(Self { ending, sending })
    }

    /// Sends the spans that still wait, for two seconds at most.
    pub async fn end(self) {
        self.ending.cancel();
        if timeout(LAST, self.sending).await.is_err() {
            tracing::warn!("the last spans were not sent");
        }
    }
}

async fn run(uri: Uri, mut spans: Receiver<Span>, ending: CancellationToken) {
    // One line for each spell of failures, not one for each of them.
    let mut failing = false;
    loop {
        let mut batch = Vec::new();
        let gathered = async {
            spans.recv_many(&mut batch, AT_ONCE).await;
            sleep(GATHERING).await;
        };
        let last = tokio::select! {
            () = gathered => false,
            () = ending.cancelled() => true,
        };
        while batch.len() < AT_ONCE
            && let Ok(span) = spans.try_recv()
        {
            batch.push(span);
        }
        if last && batch.is_empty() {
            return;
        }
        let sent = timeout(PATIENCE, send(&uri, &batch)).await;
        let sent = sent.unwrap_or_else(|_| Err(anyhow::anyhow!("it doesn't answer")));
        match (sent, failing) {
            (Ok(()), _) => failing = false,
            (Err(error), false) => {
                failing = true;
                tracing::warn!(%error, collector = %uri, spans = batch.len(), "traces are lost");
            }
            (Err(_), true) => {}
        }
    }
}

async fn send(uri: &Uri, spans: &[Span]) -> anyhow::Result<()> {
    let host = uri.host().unwrap_or_default();
    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    let body = serde_json::to_vec(&export(spans))?;
    let request = Request::post(path)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body)))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    // Read to its end, so that the collector isn't hung up on.
    let read = Limited::new(answer.into_body(), ANSWER).collect().await;
    anyhow::ensure!(status.is_success(), "it answered {status}");
    read.map(drop).map_err(|error| anyhow::anyhow!(error))
}

/// An `ExportTraceServiceRequest`.
fn export(spans: &[Span]) -> Json {
    let service = [
        attribute("service.name", &Value::Text("atelier".into())),
        attribute(
            "service.version",
            &Value::Text(env!("CARGO_PKG_VERSION").into()),
        ),
    ];
    json!({"resourceSpans": [{
        "resource": {"attributes": service},
        "scopeSpans": [{
            "scope": {"name": "atelier"},
            "spans": spans.iter().map(written).collect::<Vec<_>>(),
        }],
    }]})
}

fn written(span: &Span) -> Json {
    let attributes = span.attributes.iter();
    let mut json = json!({
        "traceId": format!("{:032x}", span.trace),
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": if span.is_request { SERVER } else { INTERNAL },
        "startTimeUnixNano": nanoseconds(span.start),
        "endTimeUnixNano": nanoseconds(span.end),
        "attributes": attributes.map(|(key, value)| attribute(key, value)).collect::<Vec<_>>(),
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = format!("{parent:016x}").into();
    }
    if span.failed {
        json["status"] = json!({"code": ERROR});
    }
    json
}

/// Whole numbers of 64 bits are texts in this form.
fn nanoseconds(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_nanos().to_string()
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({"stringValue": text}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
    };
    json!({"key": key, "value": value})
}
