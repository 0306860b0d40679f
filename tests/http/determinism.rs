//! The promise on the front page: the same request gives the same bytes, whatever else goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use atelier::imaging::{DecodeLimits, decode};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{TestApp, image_file, within};

/// A request for one image of each family, and the same image as a part of something larger.
const MODELS: [&str; 5] = ["gan", "gan-onehot", "gan-half", "vae", "autoregressive"];

async fn app() -> TestApp {
    let models = MODELS.map(|model| format!("models/{model}"));
    TestApp::with(models.iter().map(String::as_str))
        .start()
        .await
}

async fn painted(app: &TestApp, body: &Value) -> Vec<Vec<u8>> {
    let answer = app.generated(body).await;
    let count = answer["images"].as_array().expect("a list").len();
    (0..count).map(|index| image_file(&answer, index)).collect()
}

fn request(model: &str, seed: usize, n: usize) -> Value {
    json!({"model": model, "seed": seed, "n": n})
}

#[tokio::test]
async fn one_alone_is_one_of_eight() {
    let app = app().await;
    for model in MODELS {
        let eight = painted(&app, &request(model, 100, 8)).await;
        for (offset, expected) in eight.iter().enumerate() {
            let one = painted(&app, &request(model, 100 + offset, 1)).await;
            assert!(one[0] == *expected, "{model}, seed {}", 100 + offset);
        }
    }
}

/// The pixels of a file, without what is written beside them.
fn pixels(file: &[u8]) -> Vec<u8> {
    let image = decode(file, &DecodeLimits::default()).expect("an image");
    image.pixels().to_vec()
}

#[tokio::test]
async fn a_seed_of_64_bits_paints_what_its_low_32_bits_do_and_is_told_as_asked() {
    const LARGE: u64 = (3 << 40) + 7;
    let app = app().await;
    for model in MODELS {
        let small = painted(&app, &request(model, 7, 2)).await;
        for seed in [json!(LARGE), json!(LARGE.to_string())] {
            let body = json!({"model": model, "seed": seed, "n": 2});
            let answer = app.generated(&body).await;
            for (at, expected) in small.iter().enumerate() {
                assert_eq!(answer["images"][at]["seed"], LARGE + at as u64, "{model}");
                let large = image_file(&answer, at);
                assert!(pixels(&large) == pixels(expected), "{model}, image {at}");
            }
        }
    }
    // Wherever else a seed stands.
    let large = json!({"seed": LARGE});
    for (field, large, small) in [
        ("seeds", json!([LARGE]), json!([7])),
        ("mix", json!([large]), json!([{"seed": 7}])),
        (
            "interpolate",
            json!({"from": large, "to": {"seed": "9"}, "steps": 3}),
            json!({"from": {"seed": 7}, "to": {"seed": 9}, "steps": 3}),
        ),
    ] {
        let body = |value| json!({"model": "vae", field: value});
        let (large, small) = (body(large), body(small));
        let large = painted(&app, &large).await;
        for (large, small) in large.iter().zip(painted(&app, &small).await) {
            assert!(pixels(large) == pixels(&small), "{field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_strangers_change_nothing() {
    const STRANGERS: usize = 64;
    const ROUNDS: usize = 5;
    let app = Arc::new(app().await);
    let wanted: Vec<Value> = (0..STRANGERS)
        .map(|stranger| {
            request(
                MODELS[stranger % MODELS.len()],
                7 * stranger,
                1 + stranger % 3,
            )
        })
        .collect();
    let mut alone = Vec::new();
    for body in &wanted {
        alone.push(painted(&app, body).await);
    }
    // Others come and go meanwhile, so that batches are never the same twice.
    let over = Arc::new(AtomicBool::new(false));
    let noise = tokio::spawn({
        let (app, over) = (Arc::clone(&app), Arc::clone(&over));
        async move {
            let mut seed = 1_000_000;
            while !over.load(Ordering::Relaxed) {
                seed += 1;
                let body = request(MODELS[seed % MODELS.len()], seed, 1 + seed % 5);
                painted(&app, &body).await;
            }
        }
    });
    for round in 0..ROUNDS {
        let together = wanted.iter().map(|body| painted(&app, body));
        let together = within(join_all(together)).await;
        for ((body, one), other) in wanted.iter().zip(&alone).zip(&together) {
            assert!(
                one == other,
                "round {round}: {body} was painted otherwise among strangers"
            );
        }
    }
    over.store(true, Ordering::Relaxed);
    within(noise).await.expect("the others are answered too");
}
