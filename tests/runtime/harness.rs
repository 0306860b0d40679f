//! An engine whose calls can be watched, and a way to keep its only worker busy.

use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use atelier::runtime::{
    BatchReport, Engine, EngineOptions, Graph, LoadError, Observer, Placement, Provider, Row,
    RunError, Tensor,
};
use tokio::sync::Notify;

/// More turns of the slow graph than any test waits for.
const ENDLESS: i64 = 100_000;

pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(path)
}

/// Keeps every report.
#[derive(Default)]
pub(crate) struct Log {
    reports: Mutex<Vec<BatchReport>>,
    news: Notify,
}

impl Observer for Log {
    fn batch(&self, report: &BatchReport) {
        self.reports
            .lock()
            .expect("no test panics in here")
            .push(report.clone());
        self.news.notify_waiters();
    }
}

impl Log {
    /// The reports of one graph so far.
    pub(crate) fn of(&self, graph: &str) -> Vec<BatchReport> {
        let reports = self.reports.lock().expect("no test panics in here");
        let of_graph = reports.iter().filter(|report| &*report.graph == graph);
        of_graph.cloned().collect()
    }

    /// The graphs in the order of their calls.
    pub(crate) fn graphs(&self) -> Vec<String> {
        let reports = self.reports.lock().expect("no test panics in here");
        reports
            .iter()
            .map(|report| report.graph.to_string())
            .collect()
    }

    /// Waits for a report of the graph.
    pub(crate) async fn next(&self, graph: &str) -> BatchReport {
        loop {
            let news = self.news.notified();
            if let Some(report) = self.of(graph).pop() {
                return report;
            }
            news.await;
        }
    }
}

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) log: Arc<Log>,
}

impl House {
    pub(crate) fn with_workers(workers: usize) -> Self {
        let log = Arc::new(Log::default());
        let options = EngineOptions {
            provider: Provider::Cpu,
            workers,
            observer: Arc::clone(&log) as Arc<dyn Observer>,
            ..EngineOptions::default()
        };
        let engine = Engine::start(&options).expect("`make onnxruntime` installs the library");
        Self { engine, log }
    }

    /// Opens a fixture and proves it; the graph is named by its path.
    pub(crate) fn try_open(&self, path: &str, samples: &[Row]) -> Result<Graph, LoadError> {
        self.open_bounded(path, samples, None)
    }

    pub(crate) fn open_bounded(
        &self,
        path: &str,
        samples: &[Row],
        max_batch: Option<usize>,
    ) -> Result<Graph, LoadError> {
        let placement = Placement {
            model: "fixture".into(),
            graph: path.into(),
            max_batch,
        };
        self.engine
            .inspect(&fixture(path))?
            .prove(placement, samples)
    }

    pub(crate) fn open(&self, path: &str, samples: &[Row]) -> Graph {
        self.try_open(path, samples)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The conditional generator that most fixtures share.
    pub(crate) fn gan(&self) -> Graph {
        self.open("graphs/gan.onnx", &[gan_row(0), gan_row(1), gan_row(2)])
    }

    pub(crate) fn slow(&self) -> Graph {
        let samples = [slow_row(0, 1), slow_row(1, 1)];
        self.open_bounded("graphs/slow.onnx", &samples, Some(2))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Occupies a worker until the answer is dropped.
    pub(crate) async fn occupy(&self, slow: &Graph) -> Caller {
        let caller = Caller::queue(slow, slow_row(9, ENDLESS)).await;
        until_taken(slow).await;
        caller
    }
}

/// A row that waits for its answer; dropping it is hanging up.
pub(crate) struct Caller {
    answer: Pin<Box<dyn Future<Output = Result<Row, RunError>> + Send>>,
}

impl Caller {
    /// Queues the row: when this returns, the row is in the queue or already running.
    pub(crate) async fn queue(graph: &Graph, row: Row) -> Self {
        let graph = graph.clone();
        let mut answer = Box::pin(async move { graph.run(row).await });
        poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Pending => Poll::Ready(()),
            Poll::Ready(early) => panic!("answered before anything could wait: {early:?}"),
        })
        .await;
        Self { answer }
    }

    pub(crate) async fn answer(self) -> Result<Row, RunError> {
        self.answer.await
    }
}

/// Waits until a worker has taken every row of the graph.
pub(crate) async fn until_taken(graph: &Graph) {
    while graph.waiting() > 0 {
        tokio::task::yield_now().await;
    }
}

/// A vector that another seed makes another one.
pub(crate) fn latent(seed: u64, length: usize) -> Tensor {
    let wave = |at: usize| ((seed as f32 + 1.0) * 0.7 + at as f32 * 1.3).sin() * 1.5;
    Tensor::vector((0..length).map(wave).collect())
}

pub(crate) fn z_row(seed: u64, length: usize) -> Row {
    Row::new().with("z", latent(seed, length))
}

pub(crate) fn gan_row(seed: u64) -> Row {
    z_row(seed, 8).with("y", Tensor::index((seed % 4) as i64))
}

pub(crate) fn slow_row(seed: u64, turns: i64) -> Row {
    z_row(seed, 8).with("turns", Tensor::index(turns))
}

/// Every bit of an answer.
pub(crate) fn bits(row: &Row) -> Vec<(String, Vec<usize>, Vec<u32>)> {
    row.iter()
        .map(|(name, tensor)| {
            let floats = tensor.clone().into_floats();
            let bits = floats.iter().map(|value| value.to_bits()).collect();
            (name.to_string(), tensor.shape().to_vec(), bits)
        })
        .collect()
}
