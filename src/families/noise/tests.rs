use serde::Deserialize;

use super::Generator;

/// Absolute, for normals. Measured against torch 2.15.0 with AVX-512: see [`super::normal`].
const TOLERANCE: f64 = 6e-7;

#[derive(Deserialize)]
struct Goldens {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    seed: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    kind: String,
    count: usize,
    sum: f64,
    head: Vec<f64>,
    tail: Vec<f64>,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../../../tests/goldens/torch_noise.json")).unwrap()
}

fn draw(noise: &mut Generator, call: &Call) -> Vec<f64> {
    let single = match call.kind.as_str() {
        "normal" => noise.normal(call.count),
        "uniform" => noise.uniform(call.count),
        "truncated" => noise.truncated_normal(call.count, 1.0),
        "uniform_f64" => return (0..call.count).map(|_| noise.uniform_f64()).collect(),
        other => panic!("no such kind of draw: {other}"),
    };
    single.into_iter().map(f64::from).collect()
}

#[test]
fn every_draw_is_the_one_that_pytorch_makes() {
    for case in goldens().cases {
        let mut noise = Generator::new(case.seed.parse().unwrap());
        for (place, call) in case.calls.iter().enumerate() {
            let drawn = draw(&mut noise, call);
            let tolerance = match call.kind.as_str() {
                "normal" | "truncated" => TOLERANCE,
                _ => 1e-9, // the table keeps nine digits
            };
            let what = format!(
                "seed {}, call {place}: {} × {}",
                case.seed, call.count, call.kind
            );
            assert_eq!(drawn.len(), call.count, "{what}");
            let ends = drawn.iter().zip(&call.head);
            let ends = ends.chain(drawn.iter().rev().zip(call.tail.iter().rev()));
            for (ours, theirs) in ends {
                assert!(
                    (ours - theirs).abs() <= tolerance,
                    "{what}: {ours} for {theirs}"
                );
            }
            let sum: f64 = drawn.iter().sum();
            assert!(
                (sum - call.sum).abs() <= tolerance * call.count as f64,
                "{what}: sum {sum} for {}",
                call.sum
            );
        }
    }
}

#[test]
fn a_seed_counts_by_its_low_32_bits() {
    let low = Generator::new(7).normal(20);
    assert_eq!(Generator::new((1 << 32) + 7).normal(20), low);
    assert_ne!(Generator::new(8).normal(20), low);
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut noise = Generator::new(1);
    noise.normal(1);
    let mut copy = noise.clone();
    assert_eq!(noise.normal(3), copy.normal(3));
}

#[test]
fn truncated_normals_stay_within_their_bound() {
    for bound in [0.05, 0.5, 2.0] {
        let values = Generator::new(9).truncated_normal(500, bound);
        assert!(values.iter().all(|z| z.abs() <= bound));
    }
}

#[test]
fn a_bound_of_nothing_ends_all_the_same() {
    assert_eq!(Generator::new(9).truncated_normal(20, 0.0), vec![0.0; 20]);
}

#[test]
fn uniforms_fill_the_interval_that_was_asked_for() {
    let values = Generator::new(9).uniform_within(1000, 3.0);
    assert!(values.iter().all(|u| (-3.0..3.0).contains(u)));
    assert!(values.iter().any(|u| *u < -2.5) && values.iter().any(|u| *u > 2.5));
}
