//! `POST /score`, against numbers that can be worked out by hand.

use serde_json::{Value, json};

use crate::harness::{TestApp, image_file, send};

async fn scored(app: &TestApp, body: &Value) -> Value {
    let response = send(app.post("/score", body)).await;
    let status = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// A PNG of 6 × 5 grey levels of four.
fn levels(levels: &[u8]) -> Value {
    use atelier::imaging::{Channels, FileFormat, Image, Provenance, encode};
    use base64::Engine as _;
    let pixels = levels.iter().map(|level| level * 85).collect();
    let image = Image::new(6, 5, Channels::Grey, pixels).expect("it is sound");
    let file = encode(&image, FileFormat::Png, &Provenance::default()).expect("it is sound");
    json!(base64::engine::general_purpose::STANDARD.encode(file))
}

/// Each level is its left and upper neighbours, its class and its place, modulo 4.
fn sums(class: usize) -> Vec<u8> {
    let mut levels: Vec<usize> = Vec::new();
    for at in 0..30 {
        let (x, y) = (at % 6, at / 6);
        let left = if x == 0 { 0 } else { levels[at - 1] };
        let above = if y == 0 { 0 } else { levels[at - 6] };
        levels.push((left + above + class + x + y) % 4);
    }
    levels.into_iter().map(|level| level as u8).collect()
}

#[tokio::test]
async fn the_likelihood_is_the_product_of_every_pixels() {
    let app = TestApp::with(["models/autoregressive"]).start().await;
    let own = json!({"image": levels(&sums(2)), "class": "third"});
    let answer = scored(&app, &own).await;
    assert_eq!(answer["model"], "autoregressive");
    assert_eq!(
        (&answer["dimensions"], &answer["levels"]),
        (&json!(30), &json!(4))
    );
    // The right level has a logit of 50 and the three others of 0.
    let right = -(1.0 + 3.0 * (-50.0_f64).exp()).ln();
    assert!((answer["log_likelihood_nats"].as_f64().unwrap() - 30.0 * right).abs() < 1e-6);

    // A wrong last pixel has no neighbour after it, so it alone costs its 50 nats.
    let mut wrong = sums(2);
    wrong[29] = (wrong[29] + 1) % 4;
    let answer = scored(&app, &json!({"image": levels(&wrong), "class": 2})).await;
    let nats = answer["log_likelihood_nats"].as_f64().unwrap();
    assert!((nats + 50.0).abs() < 1e-6, "{nats}");
    let bits = answer["bits_per_dimension"].as_f64().unwrap();
    assert!(
        (bits - 50.0 / 30.0 / std::f64::consts::LN_2).abs() < 1e-6,
        "{bits}"
    );

    // One in the middle is wrong itself, and so are its neighbours to the right and below.
    let mut wrong = sums(2);
    wrong[8] = (wrong[8] + 1) % 4;
    let answer = scored(&app, &json!({"image": levels(&wrong), "class": 2})).await;
    assert!((answer["log_likelihood_nats"].as_f64().unwrap() + 150.0).abs() < 1e-6);
    // Of another class, every pixel is wrong.
    let answer = scored(&app, &json!({"image": levels(&sums(2)), "class": 3})).await;
    assert!((answer["log_likelihood_nats"].as_f64().unwrap() + 1500.0).abs() < 1e-6);
}

#[tokio::test]
async fn what_pixels_hand_down_is_part_of_it() {
    let app = TestApp::with(["models/autoregressive-columns"])
        .start()
        .await;
    let painted = app.generated(&json!({})).await;
    let answer = scored(&app, &json!({"image": painted["images"][0]["b64"]})).await;
    assert_eq!(answer["dimensions"], 90);
    assert!(answer["log_likelihood_nats"].as_f64().unwrap().abs() < 1e-6);
}

#[tokio::test]
async fn a_discriminator_scores_as_it_does_for_best_of() {
    let app = TestApp::with(["models/gan", "models/faces"]).start().await;
    let body = json!({"model": "gan", "class": 1, "n": 1, "best_of": 3, "seed": 0});
    let best = app.generated(&body).await;
    let image = best["images"][0]["b64"].clone();
    let answer = scored(&app, &json!({"model": "gan", "image": image, "class": 1})).await;
    let (own, found) = (&best["images"][0]["score"], &answer["score"]);
    // The file's pixels are rounded to bytes.
    assert!((own.as_f64().unwrap() - found.as_f64().unwrap()).abs() < 0.01);
    assert_eq!(answer["log_likelihood_nats"], Value::Null);

    let class = |glasses| json!({"style": 0, "hair": 0, "glasses": glasses});
    let of = |glasses| json!({"model": "faces", "image": image, "class": class(glasses)});
    let (with, without) = (
        scored(&app, &of(true)).await,
        scored(&app, &of(false)).await,
    );
    let ratio = with["score"].as_f64().unwrap() / without["score"].as_f64().unwrap();
    assert!((ratio - 2.0).abs() < 1e-5, "{ratio}");
}

#[tokio::test]
async fn a_bare_file_is_taken_too() {
    let app = TestApp::with(["models/gan"]).start().await;
    let painted = app.generated(&json!({"class": 3})).await;
    let request = app
        .client
        .post(app.url("/score?model=gan&class=fourth"))
        .header("content-type", "image/png")
        .body(image_file(&painted, 0));
    let answer: Value = send(request).await.json().await.unwrap();
    let json = json!({"image": painted["images"][0]["b64"], "class": 3});
    assert_eq!(answer["score"], scored(&app, &json).await["score"]);
}

#[tokio::test]
async fn models_that_cannot_judge_are_told_from_those_that_can() {
    let app = TestApp::with(["models/vae", "models/gan", "models/autoregressive"])
        .start()
        .await;
    let image = levels(&sums(0));
    for (body, field, word) in [
        (
            json!({"model": "vae", "image": image}),
            "model",
            "these can: autoregressive, gan",
        ),
        (
            json!({"model": "gan", "image": image}),
            "class",
            "say which bar",
        ),
        (
            json!({"model": "gan", "image": "AQID", "class": 0}),
            "image",
            "must be a PNG",
        ),
        (json!({"model": "gan"}), "", "image"),
    ] {
        let response = send(app.post("/score", &body)).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], field, "{body}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{detail}");
    }
    let alone = TestApp::with(["models/vae"]).start().await;
    let response = send(alone.post("/score", &json!({"image": image}))).await;
    let problem: Value = response.json().await.unwrap();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .ends_with("no model here can")
    );
}
