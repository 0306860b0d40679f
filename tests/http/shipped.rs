//! The digit models that ship, asked over the wire: what one paints, another reads.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::fields::decoded;
use crate::harness::{TestApp, image_file, send};

const PAINTERS: [&str; 2] = ["digits-gan", "digits-vae"];
const READERS: [&str; 2] = ["digits-pixelcnn", "digits-pixelrnn"];

async fn digits() -> TestApp {
    let folders = PAINTERS.iter().chain(&READERS);
    let folders: Vec<String> = folders.map(|id| format!("../../onnx/{id}")).collect();
    TestApp::with(folders.iter().map(String::as_str))
        .start()
        .await
}

async fn likelihood(app: &TestApp, model: &str, image: &Value, class: usize) -> f64 {
    let body = json!({"model": model, "image": image, "class": class});
    let response = send(app.post("/score", &body)).await;
    let answer: Value = response.json().await.expect("answers are JSON");
    answer["log_likelihood_nats"]
        .as_f64()
        .unwrap_or_else(|| panic!("{answer}"))
}

/// The class that makes the image likeliest.
async fn reads(app: &TestApp, model: &str, image: &Value) -> usize {
    let classes = join_all((0..10).map(|class| likelihood(app, model, image, class))).await;
    let best = |one: &usize, other: &usize| classes[*one].total_cmp(&classes[*other]);
    (0..10).max_by(best).expect("there are ten")
}

#[tokio::test]
async fn nine_of_ten_painted_digits_are_read_as_what_was_asked_for() {
    let app = digits().await;
    let mut right = [0, 0];
    for digit in 0..10 {
        let asked = json!({"model": "digits-gan", "class": digit, "seed": 2, "truncation": 1.0});
        let image = &app.generated(&asked).await["images"][0]["b64"];
        for (reader, right) in READERS.iter().zip(&mut right) {
            *right += usize::from(reads(&app, reader, image).await == digit);
        }
    }
    assert!(right.iter().all(|&right| right >= 9), "{right:?}");
}

#[tokio::test]
async fn a_digit_is_completed_from_its_upper_half() {
    let app = digits().await;
    let asked = json!({"model": "digits-gan", "class": 3, "seed": 1});
    let image = app.generated(&asked).await["images"][0]["b64"].clone();
    for model in READERS {
        let asked = json!({
            "model": model, "class": 3, "image": image, "keep_rows": 14, "seed": 2, "n": 2
        });
        let answer = app.generated(&asked).await;
        let [one, other] = [0, 1].map(|index| decoded(&image_file(&answer, index)).2);
        assert_eq!(one[..14 * 28], other[..14 * 28], "{model}");
        assert_ne!(one[14 * 28..], other[14 * 28..], "{model}");
        let again = app.generated(&asked).await;
        assert_eq!(image_file(&answer, 0), image_file(&again, 0), "{model}");
    }
}

/// An image alone and the same one in company are the same bytes.
#[tokio::test]
async fn company_changes_no_digit() {
    let app = digits().await;
    for model in PAINTERS.into_iter().chain(READERS) {
        let of = |n: usize| json!({"model": model, "class": 7, "seed": 5, "n": n});
        let (alone, company) = (app.generated(&of(1)).await, app.generated(&of(5)).await);
        assert_eq!(image_file(&alone, 0), image_file(&company, 0), "{model}");
    }
}
