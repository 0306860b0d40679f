//! `POST /encode`, as JSON and as a bare file.

use serde_json::{Value, json};

use crate::harness::{TestApp, image_file, send};

async fn encoded(request: reqwest::RequestBuilder) -> Value {
    let response = send(request).await;
    let status = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn an_image_is_found_in_latent_space_and_painted_again() {
    let app = TestApp::with(["models/vae"]).start().await;
    let painted = app.generated(&json!({"seed": 5})).await;
    let image = painted["images"][0]["b64"].clone();
    let answer = encoded(app.post("/encode", &json!({"image": image}))).await;
    assert_eq!(answer["model"], "vae");
    assert_eq!(answer["shape"], json!([4]));
    assert_eq!(answer["mean"].as_array().unwrap().len(), 4);
    assert_eq!(answer["log_variance"].as_array().unwrap().len(), 4);
    let again = app.generated(&json!({"latents": answer["mean"]})).await;
    assert_eq!(again["images"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bare_file_is_taken_too() {
    let app = TestApp::with(["models/vae"]).start().await;
    for format in ["png", "jpeg", "webp"] {
        let painted = app.generated(&json!({"seed": 5, "format": format})).await;
        let image = painted["images"][0]["b64"].clone();
        let from_json = encoded(app.post("/encode", &json!({"image": image}))).await;
        let bare = app
            .client
            .post(app.url("/encode?model=vae&deadline_ms=5000"))
            .header("content-type", format!("image/{format}"))
            .body(image_file(&painted, 0));
        assert_eq!(encoded(bare).await["mean"], from_json["mean"], "{format}");
    }
}

#[tokio::test]
async fn an_image_of_another_size_is_resized_with_a_warning() {
    let app = TestApp::with(["models/vae", "models/gan-nhwc"])
        .start()
        .await;
    let painted = app.generated(&json!({"model": "gan-nhwc"})).await;
    let image = painted["images"][0]["b64"].clone();
    let answer = encoded(app.post("/encode", &json!({"model": "vae", "image": image}))).await;
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(warning.contains("4 × 8"), "{warning}");
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::with(["models/vae", "models/gan"]).start().await;
    for (body, path) in [
        (json!({}), ""),
        (json!({"image": "?"}), "image"),
        (json!({"image": "AQID"}), "image"),
        (json!({"image": "AQID", "seed": 1}), "seed"),
        (json!({"model": "gan", "image": "AQID"}), "model"),
    ] {
        let response = send(app.post("/encode", &body)).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], path, "{body}");
    }
    for (query, path) in [("seed=1", "seed"), ("deadline_ms=soon", "deadline_ms")] {
        let request = app
            .client
            .post(app.url(&format!("/encode?{query}")))
            .header("content-type", "image/png")
            .body("x");
        let response = send(request).await;
        assert_eq!(response.status(), 422, "{query}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], path);
    }
}
