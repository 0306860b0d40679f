//! The same row gives the same bits, whoever shares its call and however loaded the workers are.

use std::sync::Arc;

use atelier::runtime::{Batching, Graph, Row};
use tokio::sync::Barrier;

use crate::harness::{House, bits, gan_row, latent, z_row};

const CALLERS: u64 = 24;
const ROUNDS: u64 = 12;
const SEEDS: u64 = 16;

/// Many tasks on several threads ask for the same few rows, and compare each answer.
async fn hammer(house: &House, graph: Graph, row: fn(u64) -> Row) {
    let mut alone = Vec::new();
    for seed in 0..SEEDS {
        alone.push(bits(&graph.run(row(seed)).await.expect("the row fits")));
    }
    let alone = Arc::new(alone);
    // A row may cost less than starting a task; they would ask one after the other.
    let all_here = Arc::new(Barrier::new(CALLERS as usize));
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (graph, alone) = (graph.clone(), Arc::clone(&alone));
            let all_here = Arc::clone(&all_here);
            tokio::spawn(async move {
                all_here.wait().await;
                for round in 0..ROUNDS {
                    let seed = (caller * 5 + round * 7) % SEEDS;
                    let answer = graph.run(row(seed)).await.expect("the row fits");
                    assert!(bits(&answer) == alone[seed as usize], "seed {seed}");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("every answer had the same bits");
    }
    let reports = house.log.of(graph.name());
    let rows: usize = reports.iter().map(|report| report.rows).sum();
    assert_eq!(rows as u64, SEEDS + CALLERS * ROUNDS);
    let shares = matches!(graph.proof().batching, Batching::Shared { .. });
    assert_eq!(reports.iter().any(|report| report.rows > 1), shares);
}

/// Some kernels sum in another order where a row does not begin at a multiple of 16 bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn rows_whose_sums_depend_on_their_place_run_by_themselves() {
    let house = House::with_workers(2);
    let row = |seed| Row::new().with("x", latent(seed, 1001));
    let sums = house.open("graphs/sums.onnx", &[row(0), row(1), row(2)]);
    let Batching::RowByRow { reason } = &sums.proof().batching else {
        panic!("rows of 1001 numbers begin at odd places");
    };
    assert!(reason.to_string().contains("last bits"), "{reason}");
    hammer(&house, sums, row).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_conditional_generator_under_load_repeats_every_bit() {
    let house = House::with_workers(2);
    let gan = house.gan();
    hammer(&house, gan, gan_row).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_dense_generator_under_load_repeats_every_bit() {
    let house = House::with_workers(2);
    let row = |seed| z_row(seed, 64);
    let gemm = house.open("graphs/gemm.onnx", &[row(0), row(1), row(2)]);
    hammer(&house, gemm, row).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_convolutional_generator_under_load_repeats_every_bit() {
    let house = House::with_workers(2);
    let row = |seed| z_row(seed, 64);
    let conv = house.open("graphs/conv.onnx", &[row(0), row(1), row(2)]);
    hammer(&house, conv, row).await;
}
