//! What graphs take of memory, and give back.

use std::time::Duration;

use atelier::runtime::{CallError, Graph, OnnxRuntimeError, Row, RunError, Tensor};

use crate::harness::House;

/// A graph that takes vectors of any length.
fn open(house: &House) -> Graph {
    let row = |x: f32| Row::new().with("x", Tensor::vector(vec![x; 1024]));
    house.open("graphs/open.onnx", &[row(0.0), row(1.0)])
}

#[test]
fn what_a_call_takes_grows_with_its_rows_and_their_size() {
    let house = House::with_workers(1);
    let memory = open(&house).memory();
    let one = memory.call_bytes(1, 1.0);
    // Its input and output at least, outside and in.
    assert!(one >= 2 * 4 * 1024, "{one}");
    assert!(one < 1 << 20, "{one}");
    assert!(memory.call_bytes(16, 1.0) > one);
    let large = memory.call_bytes(1, 1024.0);
    assert!((4 << 20..1 << 30).contains(&large), "{large}");
}

#[test]
fn a_session_that_holds_weights_says_so() {
    let house = House::with_workers(1);
    let row = |seed| Row::new().with("z", crate::harness::latent(seed, 64));
    let graph = house.open("graphs/gemm.onnx", &[row(0), row(1)]);
    // Three layers, which the graph computes when it is loaded.
    let weights = 4 * (64 * 256 + 256 * 512 + 512 * 784);
    let held = graph.memory().session_bytes;
    assert!((weights..20 * weights).contains(&held), "{held}");
}

#[tokio::test]
async fn a_size_relates_to_the_rows_that_it_was_proved_with() {
    let house = House::with_workers(1);
    let graph = open(&house);
    let row = Row::new().with("x", Tensor::zeros(&[4096]));
    assert!((graph.size_of(&row) - 4.0).abs() < 1e-9);
}

#[test]
fn memory_that_ran_out_is_told_from_other_failures() {
    let failed = |reason: CallError| RunError::Failed {
        graph: "unet".to_owned(),
        reason,
    };
    let bytes = Some(3 << 30);
    let starved = failed(OnnxRuntimeError::OutOfMemory { bytes }.into());
    assert!(starved.is_out_of_memory());
    assert!(starved.to_string().contains("3072 MiB"), "{starved}");
    assert!(!failed(CallError::Panicked).is_out_of_memory());
}

#[tokio::test]
async fn a_session_gives_back_what_only_a_large_call_needed() {
    let house = House::with_workers(1);
    let graph = open(&house);
    let before = house.engine.memory_held();
    let large = Row::new().with("x", Tensor::zeros(&[16 << 20]));
    graph.run(large).await.expect("64 MiB can be had");
    let stretched = house.engine.memory_held();
    assert!(stretched > before + (60 << 20), "{before} to {stretched}");
    let given_back = async {
        while house.engine.memory_held() > before + (9 << 20) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let patience = Duration::from_secs(30);
    let given_back = tokio::time::timeout(patience, given_back).await;
    let held = house.engine.memory_held();
    assert!(
        given_back.is_ok(),
        "{before}, {stretched}, and still {held}"
    );
    // And the session serves on.
    graph
        .run(Row::new().with("x", Tensor::zeros(&[8])))
        .await
        .unwrap();
}
