//! Quick rows run on the thread of a caller, others on a worker's.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use atelier::runtime::{
    BatchReport, Engine, EngineOptions, Graph, Observer, Placement, Provider, Row,
};
use futures_util::future::join_all;

use crate::harness::{fixture, gan_row, slow_row, z_row};

/// Rows of each call, and whether a worker ran it.
#[derive(Default)]
struct Calls(Mutex<Vec<(usize, bool)>>);

impl Observer for Calls {
    fn batch(&self, report: &BatchReport) {
        let thread = thread::current();
        let name = thread.name().unwrap_or_default();
        let by_worker = name.starts_with("atelier-worker");
        let mut calls = self.0.lock().expect("no test panics in here");
        calls.push((report.rows, by_worker));
    }
}

impl Calls {
    fn take(&self) -> Vec<(usize, bool)> {
        std::mem::take(&mut *self.0.lock().expect("no test panics in here"))
    }
}

fn house(path: &str, samples: &[Row], workers: usize) -> (Engine, Graph, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    let engine = Engine::start(&EngineOptions {
        provider: Provider::Cpu,
        workers,
        observer: Arc::clone(&calls) as Arc<dyn Observer>,
        ..EngineOptions::default()
    })
    .expect("`make onnxruntime` installs the library");
    let placement = Placement {
        model: "fixture".into(),
        graph: path.into(),
        max_batch: None,
    };
    let inspected = engine.inspect(&fixture(path)).expect("a sound graph");
    let graph = inspected.prove(placement, samples).expect("it runs");
    (engine, graph, calls)
}

// On a busy machine a call may look slow, and then a worker takes the next ones: hence the tries.
const TRIES: u64 = 200;

#[tokio::test]
async fn rows_are_dealt_to_all_workers_that_have_nothing_to_do() {
    let samples = [z_row(0, 64), z_row(1, 64)];
    let (_engine, conv, calls) = house("graphs/conv.onnx", &samples, 2);
    for seed in 0..TRIES {
        tokio::time::sleep(Duration::from_millis(1)).await; // they rest
        let rows = (0..16).map(|at| conv.run(z_row(seed + at, 64)));
        for answer in join_all(rows).await {
            answer.unwrap();
        }
    }
    let calls = calls.take();
    assert!(calls.contains(&(8, true)), "{calls:?}");
}

#[tokio::test]
async fn a_quick_row_runs_on_its_callers_thread() {
    let (_engine, gan, calls) = house("graphs/gan.onnx", &[gan_row(0), gan_row(1)], 1);
    for seed in 0..TRIES {
        gan.run(gan_row(seed)).await.unwrap();
    }
    let calls = calls.take();
    assert!(calls.contains(&(1, false)), "{calls:?}");
}

#[tokio::test]
async fn whoever_leads_takes_along_all_who_have_sent_a_row() {
    let (_engine, gan, calls) = house("graphs/gan.onnx", &[gan_row(0), gan_row(1)], 1);
    for seed in 0..TRIES {
        let rows = (0..3).map(|at| gan.run(gan_row(seed + at)));
        for answer in join_all(rows).await {
            answer.unwrap();
        }
    }
    let calls = calls.take();
    assert!(calls.contains(&(3, false)), "{calls:?}");
}

#[tokio::test]
async fn a_graph_whose_rows_may_take_any_time_runs_on_a_workers_thread() {
    let samples = [slow_row(0, 1), slow_row(1, 1)];
    let (_engine, looping, calls) = house("graphs/slow.onnx", &samples, 1);
    for seed in 0..20 {
        looping.run(slow_row(seed, 0)).await.unwrap();
    }
    let calls = calls.take();
    assert!(calls.iter().all(|&(_, by_worker)| by_worker), "{calls:?}");
}
