//! Traces, as a collector that knows OTLP's JSON form receives them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::program::{Server, fixture, until};

/// An `ExportTraceServiceRequest`; what isn't in it as the protocol has it can't be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Export {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceSpans {
    resource: Resource,
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeSpans {
    #[serde(rename = "scope")]
    _scope: Value,
    spans: Vec<Span>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Span {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    #[serde(rename = "status")]
    _status: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    key: String,
    value: HashMap<String, Value>,
}

impl Span {
    fn attribute(&self, key: &str, kind: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|one| one.key == key)?;
        found.value.get(kind)?.as_str()
    }

    fn times(&self) -> (u128, u128) {
        let number = |text: &str| text.parse().expect("nanoseconds");
        (
            number(&self.start_time_unix_nano),
            number(&self.end_time_unix_nano),
        )
    }
}

type Received = Arc<Mutex<Vec<Span>>>;

async fn receive(
    State(received): State<Received>,
    headers: HeaderMap,
    body: String,
) -> Json<Value> {
    assert_eq!(headers["content-type"], "application/json");
    let export: Export = serde_json::from_str(&body).expect("it is the protocol's");
    for resource in export.resource_spans {
        let mut of_resource = resource.resource.attributes.iter();
        assert!(of_resource.any(|one| one.key == "service.name"));
        let spans = resource
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        received.lock().expect("no panic").extend(spans);
    }
    Json(json!({}))
}

async fn collector() -> (Received, String) {
    let received = Received::default();
    let router = Router::new()
        .route("/v1/traces", post(receive))
        .with_state(Arc::clone(&received));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, url)
}

#[tokio::test]
async fn a_collector_is_told_where_a_requests_time_went() {
    let (received, url) = collector().await;
    let server = Server::start(&fixture("models"), &["--otlp", &url]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = "00f067aa0ba902b7";
    let request = server.client.post(format!("{}/generate", server.url));
    let answer = request
        .json(&json!({"model": "gan", "n": 3}))
        .header("traceparent", format!("00-{trace}-{parent}-01"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let place = answer.headers()["traceparent"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert!(place.starts_with(&format!("00-{trace}-")), "{place}");
    let of_trace = || {
        let spans = received.lock().expect("no panic");
        let own = spans.iter().filter(|span| span.trace_id == trace);
        own.cloned().collect::<Vec<Span>>()
    };
    until(async || of_trace().iter().any(|span| span.kind == 2)).await;
    let spans = of_trace();
    let whole = spans.iter().find(|span| span.kind == 2).expect("it came");
    assert_eq!(whole.name, "POST /generate");
    assert_eq!(whole.parent_span_id.as_deref(), Some(parent));
    assert!(place.contains(&whole.span_id), "{place}");
    assert_eq!(
        whole.attribute("http.response.status_code", "intValue"),
        Some("200")
    );
    for name in ["parse", "queue", "graph call", "encode"] {
        let part = spans.iter().find(|span| span.name == name);
        let part = part.unwrap_or_else(|| panic!("{name} is missing: {spans:?}"));
        assert_eq!(
            part.parent_span_id.as_deref(),
            Some(&*whole.span_id),
            "{name}"
        );
        let ((start, end), (first, last)) = (part.times(), whole.times());
        // Clocks that are read one after the other differ by next to nothing.
        let slack = 5_000_000;
        assert!(
            first <= start + slack && start <= end && end <= last + slack,
            "{name}"
        );
    }
    let calls = spans.iter().filter(|span| span.name == "graph call");
    let sizes: Vec<&str> = calls
        .map(|call| {
            call.attribute("atelier.batch_size", "intValue")
                .expect("a size")
        })
        .collect();
    assert_eq!(sizes.len(), 3, "a span for each row");
    assert!(
        sizes.iter().all(|size| ["1", "2", "3"].contains(size)),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_no_request() {
    let server = Server::start(&fixture("models"), &["--otlp", "http://127.0.0.1:9"]);
    for _ in 0..20 {
        let answer = server.generate(&json!({"model": "gan"})).await;
        assert_eq!(answer.expect("no panic").expect("an answer").status(), 200);
    }
}
