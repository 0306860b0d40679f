//! Graphs that draw random numbers: fed from outside where they can be, and found out otherwise.

use atelier::runtime::{Batching, Graph, Row, Tensor};

use crate::harness::{House, bits, latent, z_row};

fn random(house: &House) -> Graph {
    house.open("graphs/random.onnx", &[z_row(0, 4), z_row(1, 4)])
}

fn floats(answer: &Row, output: &str) -> Vec<f32> {
    let tensor = answer.get(output).expect("the graph has this output");
    tensor.clone().into_floats().into_iter().collect()
}

#[tokio::test]
async fn what_is_drawn_is_a_function_of_the_row() {
    let (one, other) = (House::with_workers(1), House::with_workers(1));
    let (first, second) = (random(&one), random(&other));
    assert!(first.proof().reproducible);
    assert!(matches!(first.proof().batching, Batching::Shared { .. }));
    let names: Vec<&str> = first.inputs().iter().map(|port| &*port.name).collect();
    assert_eq!(names, ["z"]);
    for seed in 0..5 {
        let answer = first.run(z_row(seed, 4)).await.unwrap();
        let again = first.run(z_row(seed, 4)).await.unwrap();
        let elsewhere = second.run(z_row(seed, 4)).await.unwrap();
        assert_eq!(bits(&answer), bits(&again));
        assert_eq!(bits(&answer), bits(&elsewhere));
        let next = first.run(z_row(seed + 1, 4)).await.unwrap();
        assert_ne!(floats(&answer, "normal"), floats(&next, "normal"));
    }
}

#[tokio::test]
async fn what_is_drawn_is_distributed_as_the_node_says() {
    const ROWS: usize = 2000;
    let house = House::with_workers(1);
    let graph = random(&house);
    let (mut normal, mut uniform, mut stated) = (Vec::new(), Vec::new(), Vec::new());
    let mut chosen = [0_usize; 4];
    // Logarithms of 0.1, 0.2, 0.3 and 0.4, all but a difference that makes each row another one.
    let weights = [0.1_f32, 0.2, 0.3, 0.4].map(f32::ln);
    for at in 0..ROWS {
        let shift = at as f32 * 1e-5;
        let z: Vec<f32> = weights.iter().map(|weight| weight + shift).collect();
        let row = Row::new().with("z", Tensor::vector(z.clone()));
        let answer = graph.run(row).await.unwrap();
        normal.extend(floats(&answer, "normal"));
        uniform.extend(floats(&answer, "uniform"));
        stated.extend(
            floats(&answer, "stated")
                .iter()
                .zip(z)
                .map(|(sum, z)| sum - z),
        );
        chosen[floats(&answer, "choice")[0] as usize] += 1;
    }
    let moments = |values: &[f32]| {
        let count = values.len() as f32;
        let mean = values.iter().sum::<f32>() / count;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / count;
        (mean, variance.sqrt())
    };
    let is_near = |(mean, deviation): (f32, f32), wanted: (f32, f32)| {
        assert!((mean - wanted.0).abs() < 0.05, "{mean}");
        assert!((deviation - wanted.1).abs() < 0.05, "{deviation}");
    };
    is_near(moments(&normal), (2.0, 0.5));
    is_near(moments(&stated), (0.0, 1.0));
    // From −1 to 3: a mean of 1 and a deviation of 4/√12.
    is_near(moments(&uniform), (1.0, 4.0 / 12.0_f32.sqrt()));
    assert!(uniform.iter().all(|x| (-1.0..=3.0).contains(x)));
    for (label, count) in chosen.into_iter().enumerate() {
        let (share, wanted) = (count as f32 / ROWS as f32, 0.1 * (label + 1) as f32);
        assert!((share - wanted).abs() < 0.04, "{label}: {share}");
    }
}

#[test]
fn a_graph_that_stays_random_is_found_out() {
    let house = House::with_workers(1);
    let row = |seed| Row::new().with("z", latent(seed, 64));
    let graph = house.open("graphs/dropout.onnx", &[row(0), row(1)]);
    assert!(!graph.proof().reproducible);
    let notes = graph.proof().notes[0].to_string();
    assert!(
        notes.contains("isn't reproducible") && notes.contains("Dropout"),
        "{notes}"
    );
    let Batching::RowByRow { reason } = &graph.proof().batching else {
        panic!("rows that differ from themselves can't be held against each other");
    };
    assert!(reason.to_string().contains("random numbers"), "{reason}");
}
