//! GET /metrics: what the studio and the wire have counted, for Prometheus.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use crate::http::App;
use crate::service::Meters;

/// The format that `prometheus-client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds in seconds; a one-call image takes under a millisecond, a long one a minute.
const LATENCY_BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
];

/// Metrics
///
/// Requests by route and status, and the studio's queues, batches and times, in the OpenMetrics
/// text format that Prometheus scrapes.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses((
        status = 200,
        description = "All metrics.",
        body = String,
        content_type = "application/openmetrics-text",
        example = "# TYPE atelier_http_requests_in_flight gauge\natelier_http_requests_in_flight 1\n# EOF\n",
    ))
)]
pub(in crate::http) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, OPEN_METRICS)],
        app.studio().meters().render(),
    )
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// What the wire counts. Labels are of bounded number: routes as registered, never as asked for.
#[derive(Debug)]
pub(in crate::http) struct HttpMeters {
    requests: Family<Answer, Counter>,
    latency: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
}

impl HttpMeters {
    /// Registers the wire's figures beside those of the service.
    pub(in crate::http) fn among(meters: &Meters) -> Self {
        let requests = Family::<Answer, Counter>::default();
        let latency: Family<Route, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        let in_flight = Gauge::default();
        meters.register(|registry| {
            let registry = registry.sub_registry_with_prefix("http");
            registry.register(
                "requests",
                "Requests by route and status; 499 is a caller who left before the answer",
                requests.clone(),
            );
            registry.register(
                "request_seconds",
                "From a request's head to its answer's",
                latency.clone(),
            );
            registry.register(
                "requests_in_flight",
                "Requests without an answer yet",
                in_flight.clone(),
            );
        });
        Self {
            requests,
            latency,
            in_flight,
        }
    }

    /// A request came.
    pub(in crate::http) fn entered(&self) {
        self.in_flight.inc();
    }

    /// A request went, answered or not.
    pub(in crate::http) fn left(&self) {
        self.in_flight.dec();
    }

    /// A request got its answer, or its caller left.
    pub(in crate::http) fn answered(
        &self,
        method: &'static str,
        route: &str,
        status: u16,
        elapsed: Duration,
    ) {
        let answer = Answer {
            method,
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&answer).inc();
        let route = Route {
            route: answer.route,
        };
        let seconds = elapsed.as_secs_f64();
        self.latency.get_or_create(&route).observe(seconds);
    }
}
