//! Attention that an export spells out, and that is computed block by block instead.

use atelier::runtime::{Graph, Placement, Row, Tensor};
use ndarray::{Array2, ArrayD, Ix2, s};

use crate::harness::{Caller, House, bits, fixture, latent};

const KINDS: [(&str, f32); 4] = [
    ("usual", 0.5),
    ("constant", 0.25),
    ("computed", 0.2),
    ("masked", 0.5),
];

/// A row of so many positions, of 8 numbers each.
fn row(seed: u64, positions: usize) -> Row {
    let values = latent(seed, positions * 8).into_floats();
    let values = values.into_shape_with_order(vec![positions, 8]);
    Row::new().with("x", Tensor::Float(values.expect("8 numbers each")))
}

fn open(house: &House, kind: &str) -> Graph {
    let samples = [row(0, 12), row(1, 12), row(2, 12)];
    house.open(&format!("graphs/attention-{kind}.onnx"), &samples)
}

fn is_fused(graph: &Graph) -> bool {
    let mut notes = graph.proof().notes.iter();
    notes.any(|note| note.to_string().contains("block by block (places: 1)"))
}

/// What the fixture's nodes say: two heads of a row that is its own query, key and value.
fn spelled_out(row: &Row, scale: f32) -> ArrayD<f32> {
    let x = row.get("x").expect("it is there").clone().into_floats();
    let x = x.into_dimensionality::<Ix2>().expect("two axes");
    let mut mixed = Array2::<f32>::zeros(x.dim());
    for head in 0..2 {
        let part = x.slice(s![.., head * 4..head * 4 + 4]);
        let scores = (&part * scale).dot(&part.t());
        for (at, scores) in scores.rows().into_iter().enumerate() {
            let most = scores.fold(f32::MIN, |most, &score| most.max(score));
            let shares = scores.mapv(|score| (score - most).exp());
            let shares = &shares / shares.sum();
            let mut place = mixed.slice_mut(s![at, head * 4..head * 4 + 4]);
            place.assign(&shares.dot(&part));
        }
    }
    mixed.into_dyn()
}

#[tokio::test]
async fn fused_or_not_the_numbers_are_those_that_the_file_spells_out() {
    let house = House::with_workers(1);
    for (kind, scale) in KINDS {
        let graph = open(&house, kind);
        for positions in [1, 12, 300] {
            let row = row(7, positions);
            let wanted = spelled_out(&row, scale);
            let answer = graph.run(row).await.expect("the row fits");
            let Some(Tensor::Float(found)) = answer.get("y") else {
                panic!("{kind} answers with another output");
            };
            let gap = (found - &wanted).mapv(f32::abs);
            assert!(gap.iter().all(|&gap| gap < 1e-5), "{kind}, {positions}");
        }
    }
}

#[test]
fn only_what_stays_the_same_is_fused() {
    let house = House::with_workers(1);
    let fused = KINDS.map(|(kind, _)| is_fused(&open(&house, kind)));
    // A scale that shows only in a call is taken for the usual one, and here is another. A mask would
    // need all pairs of positions.
    assert_eq!(fused, [true, true, false, false]);
}

#[tokio::test]
async fn rows_of_fused_attention_have_the_same_bits_in_company() {
    let house = House::with_workers(1);
    let graph = open(&house, "usual");
    let slow = house.slow();
    let mut alone = Vec::new();
    for seed in 0..5 {
        alone.push(bits(&graph.run(row(seed, 12)).await.expect("the row fits")));
    }
    let occupied = house.occupy(&slow).await;
    let mut callers = Vec::new();
    for seed in 0..5 {
        callers.push(Caller::queue(&graph, row(seed, 12)).await);
    }
    drop(occupied);
    for (caller, alone) in callers.into_iter().zip(alone) {
        assert_eq!(bits(&caller.answer().await.expect("it runs")), alone);
    }
    let reports = house.log.of(graph.name());
    assert!(reports.iter().any(|report| report.rows == 5), "{reports:?}");
}

#[test]
fn a_unet_is_fused_with_its_timestep_given_a_batch_axis_in_one_go() {
    let house = House::with_workers(1);
    let path = fixture("../pipelines/stable-diffusion/unet/model.onnx");
    let samples = [0, 1].map(|seed| {
        let tensor = |numbers: usize, shape: &[usize]| {
            let values = latent(seed, numbers).into_floats();
            Tensor::Float(
                values
                    .into_shape_with_order(shape.to_vec())
                    .expect("it fits"),
            )
        };
        Row::new()
            .with("sample", tensor(4 * 16 * 16, &[4, 16, 16]))
            .with("encoder_hidden_states", tensor(77 * 32, &[77, 32]))
            .with("timestep", Tensor::scalar(901.0 - 400.0 * seed as f32))
    });
    let placement = Placement {
        model: "fixture".into(),
        graph: "unet".into(),
        max_batch: None,
    };
    let inspected = house.engine.inspect(&path).expect("a graph");
    let inspected = inspected.with_batch_axis("timestep");
    let graph = inspected.prove(placement, &samples).expect("it runs");
    let notes: Vec<String> = graph
        .proof()
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    let has = |part: &str| notes.iter().any(|note| note.contains(part));
    assert!(
        has("it was given a batch axis") && has("block by block"),
        "{notes:?}"
    );
    assert!(graph.proof().batching.sizes().len() > 1);
}
