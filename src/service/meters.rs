//! What the service counts, in the terms of Prometheus.
//!
//! Names follow its conventions: base units (seconds), a `_total` for what only grows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::runtime::{BatchReport, LookUp, Observer};
use crate::safety::{JudgeObserver, Outcome};

/// The graph that a figure belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GraphLabels {
    model: String,
    graph: String,
}

/// The model that a figure belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: String,
}

/// A cache, and whether it held what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    model: String,
    of: &'static str,
    found: &'static str,
}

/// A safety judge, and what it said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JudgeLabels {
    judge: String,
    outcome: &'static str,
}

/// Why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// A model's id and a graph's role in it.
type GraphKey = (Arc<str>, Arc<str>);
type Histograms<L> = Family<L, Histogram>;

/// The figures of one graph, found once: a call may take no longer than finding them by their
/// labels.
#[derive(Debug, Clone)]
struct GraphMeters {
    queue_seconds: Histogram,
    inference_seconds: Histogram,
    batch_rows: Histogram,
    wasted_rows: Counter,
    failed_calls: Counter,
    stopped_calls: Counter,
}

/// The service's figures and the registry that they are in.
#[derive(Debug)]
pub struct Meters {
    registry: Mutex<Registry>,
    in_flight: Gauge,
    queue_seconds: Histograms<GraphLabels>,
    inference_seconds: Histograms<GraphLabels>,
    batch_rows: Histograms<GraphLabels>,
    wasted_rows: Family<GraphLabels, Counter>,
    failed_calls: Family<GraphLabels, Counter>,
    stopped_calls: Family<GraphLabels, Counter>,
    graphs: RwLock<HashMap<GraphKey, GraphMeters>>,
    encode_seconds: Histograms<ModelLabels>,
    images: Family<ModelLabels, Counter>,
    watermarked: Counter,
    rejections: Family<ReasonLabels, Counter>,
    look_ups: Family<CacheLabels, Counter>,
    judged: Family<JudgeLabels, Counter>,
}

fn seconds() -> Histogram {
    // 50 µs to 52 s.
    Histogram::new(exponential_buckets(50e-6, 2.0, 21))
}

fn rows() -> Histogram {
    Histogram::new([1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0])
}

impl Meters {
    /// All figures at zero.
    #[must_use]
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("atelier");
        let meters = Self {
            registry: Mutex::default(),
            in_flight: Gauge::default(),
            queue_seconds: Family::new_with_constructor(seconds),
            inference_seconds: Family::new_with_constructor(seconds),
            batch_rows: Family::new_with_constructor(rows),
            wasted_rows: Family::default(),
            failed_calls: Family::default(),
            stopped_calls: Family::default(),
            graphs: RwLock::default(),
            encode_seconds: Family::new_with_constructor(seconds),
            images: Family::default(),
            watermarked: Counter::default(),
            rejections: Family::default(),
            look_ups: Family::default(),
            judged: Family::default(),
        };
        registry.register(
            "requests_in_flight",
            "Admitted requests that are not answered yet",
            meters.in_flight.clone(),
        );
        registry.register(
            "queue_seconds",
            "Time that the oldest row of a call waited for a worker",
            meters.queue_seconds.clone(),
        );
        registry.register(
            "inference_seconds",
            "Time of a graph call",
            meters.inference_seconds.clone(),
        );
        registry.register(
            "batch_rows",
            "Rows that shared a graph call",
            meters.batch_rows.clone(),
        );
        registry.register(
            "wasted_rows",
            "Rows that were computed though their caller had left",
            meters.wasted_rows.clone(),
        );
        registry.register(
            "failed_calls",
            "Graph calls that failed",
            meters.failed_calls.clone(),
        );
        registry.register(
            "stopped_calls",
            "Graph calls that were stopped, since all of their callers had left",
            meters.stopped_calls.clone(),
        );
        registry.register(
            "encode_seconds",
            "Time to make files of a request's images",
            meters.encode_seconds.clone(),
        );
        registry.register("images", "Images answered", meters.images.clone());
        registry.register(
            "watermarked",
            "Files answered whose pixels carry a watermark",
            meters.watermarked.clone(),
        );
        registry.register(
            "rejections",
            "Requests that were refused or failed, by reason",
            meters.rejections.clone(),
        );
        registry.register(
            "cache_look_ups",
            "Looks into a model's caches, by whether they spared a graph call",
            meters.look_ups.clone(),
        );
        registry.register(
            "judged_images",
            "Images that a safety judge looked at, by what it said",
            meters.judged.clone(),
        );
        Arc::new(Self {
            registry: Mutex::new(registry),
            ..meters
        })
    }

    /// Lets another room add figures of its own.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// All figures as OpenMetrics text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if encode(&mut text, &registry).is_err() {
            tracing::error!("the figures could not be written");
        }
        text
    }

    pub(super) fn in_flight(&self, requests: usize) {
        self.in_flight
            .set(i64::try_from(requests).unwrap_or(i64::MAX));
    }

    pub(super) fn encoded(&self, model: &str, images: usize, time: Duration) {
        let labels = ModelLabels {
            model: model.to_owned(),
        };
        self.encode_seconds
            .get_or_create(&labels)
            .observe(time.as_secs_f64());
        self.images
            .get_or_create(&labels)
            .inc_by(u64::try_from(images).unwrap_or(u64::MAX));
    }

    pub(super) fn watermarked(&self, files: usize) {
        self.watermarked
            .inc_by(u64::try_from(files).unwrap_or(u64::MAX));
    }

    fn graph(&self, model: &Arc<str>, graph: &Arc<str>) -> GraphMeters {
        let key = (Arc::clone(model), Arc::clone(graph));
        let known = self.graphs.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = known.get(&key) {
            return meters.clone();
        }
        drop(known);
        let labels = GraphLabels {
            model: model.to_string(),
            graph: graph.to_string(),
        };
        let meters = GraphMeters {
            queue_seconds: self.queue_seconds.get_or_create_owned(&labels),
            inference_seconds: self.inference_seconds.get_or_create_owned(&labels),
            batch_rows: self.batch_rows.get_or_create_owned(&labels),
            wasted_rows: self.wasted_rows.get_or_create_owned(&labels),
            failed_calls: self.failed_calls.get_or_create_owned(&labels),
            stopped_calls: self.stopped_calls.get_or_create_owned(&labels),
        };
        let mut known = self.graphs.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert(meters).clone()
    }

    pub(super) fn rejected(&self, reason: &'static str) {
        self.rejections
            .get_or_create(&ReasonLabels { reason })
            .inc();
    }
}

impl JudgeObserver for Meters {
    fn judged(&self, judge: &str, outcome: Outcome) {
        let labels = JudgeLabels {
            judge: judge.to_owned(),
            outcome: outcome.name(),
        };
        self.judged.get_or_create(&labels).inc();
    }
}

impl Observer for Meters {
    #[expect(clippy::cast_precision_loss, reason = "a batch has a handful of rows")]
    fn batch(&self, report: &BatchReport) {
        let meters = self.graph(&report.model, &report.graph);
        meters.queue_seconds.observe(report.queued.as_secs_f64());
        meters
            .inference_seconds
            .observe(report.inference.as_secs_f64());
        meters.batch_rows.observe(report.rows as f64);
        if report.wasted > 0 {
            meters
                .wasted_rows
                .inc_by(u64::try_from(report.wasted).unwrap_or(u64::MAX));
        }
        if !report.succeeded {
            // One that nobody waits for is stopped between two nodes, and says that it failed.
            let stopped = report.wasted >= report.rows;
            let counted = match stopped {
                true => meters.stopped_calls,
                false => meters.failed_calls,
            };
            counted.inc();
        }
    }

    fn looked_up(&self, look: &LookUp<'_>) {
        let labels = CacheLabels {
            model: look.model.to_owned(),
            of: look.of,
            found: if look.found { "yes" } else { "no" },
        };
        self.look_ups.get_or_create(&labels).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(wasted: usize, succeeded: bool) -> BatchReport {
        BatchReport {
            model: "digits-gan".into(),
            graph: "generator".into(),
            rows: 8,
            wasted,
            queued: Duration::from_millis(1),
            inference: Duration::from_millis(2),
            succeeded,
        }
    }

    #[test]
    fn a_call_that_nobody_waits_for_is_stopped_and_has_not_failed() {
        let meters = Meters::new();
        meters.batch(&report(8, false));
        meters.batch(&report(7, false));
        meters.batch(&report(8, false));
        let text = meters.render();
        for line in [
            "atelier_failed_calls_total{model=\"digits-gan\",graph=\"generator\"} 1",
            "atelier_stopped_calls_total{model=\"digits-gan\",graph=\"generator\"} 2",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_batch_shows_in_the_text_with_its_model_and_graph() {
        let meters = Meters::new();
        meters.batch(&report(1, true));
        let text = meters.render();
        for line in [
            "atelier_batch_rows_sum{model=\"digits-gan\",graph=\"generator\"} 8.0",
            "atelier_wasted_rows_total{model=\"digits-gan\",graph=\"generator\"} 1",
            "atelier_inference_seconds_count{model=\"digits-gan\",graph=\"generator\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
