//! GET /metrics: what the studio and the wire have counted, for Prometheus.

mod text_format;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::IntoResponse;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use tokio::time::timeout;

use self::text_format::from_open_metrics;
use crate::http::App;
use crate::jobs::Jobs;
use crate::service::{Meters, Studio};

/// For what is looked up on the disk.
const PATIENCE: Duration = Duration::from_millis(500);
/// The format for those who don't ask for the newer one.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The format that `prometheus-client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds in seconds; a one-call image takes under a millisecond, a long one a minute.
const LATENCY_BUCKETS: [f64; 16] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0,
];

/// Metrics
///
/// Requests by route and status, and the queues, batches and times, in OpenMetrics where
/// `Accept` names it, as Prometheus does, else in Prometheus' older text format.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses((
        status = 200,
        description = "All metrics.",
        content(
            (
                String = "text/plain",
                example = "# TYPE atelier_http_requests_in_flight gauge\natelier_http_requests_in_flight 1\n",
            ),
            (
                String = "application/openmetrics-text",
                example = "# TYPE atelier_http_requests_in_flight gauge\natelier_http_requests_in_flight 1\n# EOF\n",
            ),
        ),
    ))
)]
pub(in crate::http) async fn metrics(
    State(app): State<App>,
    headers: HeaderMap,
) -> impl IntoResponse {
    app.meters().looked_at(app.studio());
    app.meters().looked_at_jobs(app.jobs()).await;
    let text = app.studio().meters().render();
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/openmetrics-text")) {
        return ([(CONTENT_TYPE, OPEN_METRICS)], text);
    }
    ([(CONTENT_TYPE, PLAIN)], from_open_metrics(&text))
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
    state: StateMeters,
}

/// What is looked up when somebody asks for it, and not kept true all the time.
#[derive(Debug, Default)]
struct StateMeters {
    rows_waiting: Gauge,
    reserved: Gauge<u64, AtomicU64>,
    budget: Gauge<u64, AtomicU64>,
    calls: Gauge<u64, AtomicU64>,
    ready: Family<ModelState, Gauge>,
    jobs: Family<JobState, Gauge<u64, AtomicU64>>,
    jobs_kept: Gauge<u64, AtomicU64>,
    webhooks: Family<JobState, Gauge<u64, AtomicU64>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelState {
    model: String,
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
        let state = StateMeters::default();
        meters.register(|registry| {
            registry.register(
                "rows_waiting",
                "Rows that wait for a worker, for whichever graph",
                state.rows_waiting.clone(),
            );
            registry.register(
                "memory_reserved_bytes",
                "Memory that requests have reserved",
                state.reserved.clone(),
            );
            registry.register(
                "memory_budget_bytes",
                "Memory that requests may reserve in all",
                state.budget.clone(),
            );
            registry.register(
                "call_memory_bytes",
                "Memory that graph calls take and sessions keep of them, as estimated",
                state.calls.clone(),
            );
            registry.register(
                "model_ready",
                "Whether a model serves: 1, or 0 for one that is broken or still to be loaded",
                state.ready.clone(),
            );
            registry.register(
                "jobs",
                "Jobs that wait for their turn (queued) or run (running)",
                state.jobs.clone(),
            );
            registry.register(
                "jobs_kept_bytes",
                "Requests and results of jobs that are kept",
                state.jobs_kept.clone(),
            );
            registry.register(
                "webhooks",
                "Webhooks that are still to be sent (waiting) or were given up (dead)",
                state.webhooks.clone(),
            );
            let version = [("version", env!("CARGO_PKG_VERSION"))];
            registry.register("build", "What runs", Info::new(version));
        });
        Self {
            requests,
            latency,
            in_flight,
            state,
        }
    }

    /// Somebody asks for the figures.
    fn looked_at(&self, studio: &Studio) {
        let rows = i64::try_from(studio.rows_waiting()).unwrap_or(i64::MAX);
        self.state.rows_waiting.set(rows);
        let (reserved, budget) = studio.memory();
        self.state.reserved.set(reserved);
        self.state.budget.set(budget);
        self.state.calls.set(studio.call_memory().0);
        for model in &*studio.models() {
            let serves = model.sound().is_some();
            let labels = ModelState {
                model: model.id().to_owned(),
            };
            self.state
                .ready
                .get_or_create(&labels)
                .set(i64::from(serves));
        }
    }

    /// The same of jobs. Where the disk fails, or keeps whoever watches the service waiting, figures stay as
    /// they were.
    async fn looked_at_jobs(&self, jobs: &Jobs) {
        let Ok(Ok(figures)) = timeout(PATIENCE, jobs.figures()).await else {
            return;
        };
        let set = |gauges: &Family<JobState, Gauge<u64, AtomicU64>>, state, number| {
            gauges.get_or_create(&JobState { state }).set(number);
        };
        set(&self.state.jobs, "queued", figures.waiting as u64);
        set(&self.state.jobs, "running", figures.running as u64);
        set(&self.state.webhooks, "waiting", figures.webhooks_waiting);
        set(&self.state.webhooks, "dead", figures.webhooks_dead);
        self.state.jobs_kept.set(figures.kept_bytes);
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
