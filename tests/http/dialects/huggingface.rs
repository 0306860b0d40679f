//! Hugging Face's inference API.

use atelier::imaging::FileFormat;
use reqwest::Response;
use serde_json::{Value, json};

use super::{BROKEN, DIFFUSION, base64, house, house_of, png, size};
use crate::harness::{TestApp, header, send};

async fn ask(app: &TestApp, model: &str, body: Value) -> Response {
    let request = app.post(&format!("/hf/{model}"), &body);
    send(request.header("accept", "image/png")).await
}

async fn file(response: Response) -> Vec<u8> {
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a body").to_vec()
}

#[tokio::test]
async fn words_become_bytes() {
    let app = house().start().await;
    let body = json!({"inputs": "two", "parameters": {"seed": 7}});
    let answer = ask(&app, "gan", body).await;
    assert_eq!(header(&answer, "content-type"), Some("image/png"));
    assert_eq!(header(&answer, "x-atelier-seed"), Some("7"));
    assert!(header(&answer, "x-request-id").is_some());
    let native = app.generated(&json!({"prompt": "two", "seed": 7})).await;
    assert_eq!(file(answer).await, crate::harness::image_file(&native, 0));
}

#[tokio::test]
async fn accept_chooses_the_format() {
    let app = house().start().await;
    for (accept, format) in [
        ("image/jpeg", FileFormat::Jpeg),
        ("image/webp, image/png;q=0.1", FileFormat::Webp),
        ("*/*", FileFormat::Png),
    ] {
        let request = app.post("/hf/gan", &json!({"inputs": "one"}));
        let answer = send(request.header("accept", accept)).await;
        assert_eq!(FileFormat::sniff(&file(answer).await), Some(format));
    }
    let request = app.post("/hf/gan", &json!({"inputs": "one"}));
    let answer = send(request.header("accept", "audio/flac")).await;
    assert_eq!(answer.status(), 406);
    let error: Value = answer.json().await.unwrap();
    assert_eq!(error["error_type"], "not_acceptable");
}

#[tokio::test]
async fn images_are_painted_anew() {
    let app = house_of([DIFFUSION, "models/vae"]).start().await;
    let image = png(32, 32, |x, _| [(x * 8) as u8, 60, 60, 255]);
    let mask = png(
        32,
        32,
        |x, _| if x < 16 { [255; 4] } else { [0, 0, 0, 255] },
    );
    let body = json!({"inputs": base64(&image), "parameters": {
        "prompt": "a cat", "seed": 5, "num_inference_steps": 2, "mask_image": base64(&mask),
        "target_size": {"width": 32, "height": 32},
    }});
    let answer = file(ask(&app, "stable-diffusion", body).await).await;
    assert_eq!(size(&answer), (32, 32));
    let native = json!({
        "model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 2,
        "image": base64(&image), "mask": base64(&mask), "width": 32, "height": 32,
    });
    let native = app.generated(&native).await;
    assert_eq!(answer, crate::harness::image_file(&native, 0));

    // Without parameters the client sends the image as it stands.
    let bare = app.client.post(app.url("/hf/vae"));
    let bare = bare.header("content-type", "image/png").body(image);
    assert_eq!(size(&file(send(bare).await).await), (8, 8));
}

#[tokio::test]
async fn what_cannot_be_honoured_stands_in_headers() {
    let app = house().start().await;
    let body = json!({"inputs": "one", "parameters": {
        "width": 512, "height": 512, "num_inference_steps": 30, "invented": 1,
        "num_images_per_prompt": 2,
    }, "wishes": 3});
    let answer = ask(&app, "gan", body).await;
    let warnings: Vec<_> = answer
        .headers()
        .get_all("x-atelier-warning")
        .iter()
        .map(|warning| warning.to_str().unwrap().to_owned())
        .collect();
    for word in [
        "512x512",
        "steps",
        "invented",
        "wishes",
        "num_images_per_prompt",
    ] {
        assert!(
            warnings.iter().any(|warning| warning.contains(word)),
            "{word}: {warnings:?}"
        );
    }
}

#[tokio::test]
async fn errors_are_sentences() {
    let app = house_of([BROKEN]).start().await;
    for (model, body, status, word) in [
        (
            "none",
            json!({"inputs": "one"}),
            404,
            "there is no model \"none\"",
        ),
        ("gan", json!({}), 422, "inputs"),
        ("gan", json!({"inputs": "a cat"}), 422, "inputs: "),
        (
            "gan",
            json!({"inputs": "one", "parameters": {"seed": "x"}}),
            422,
            "parameters.seed: ",
        ),
        (
            "gan",
            json!({"inputs": "one", "parameters": {"cfg_scale": "x"}}),
            422,
            "parameters.cfg_scale: ",
        ),
        ("missing-graph", json!({"inputs": "one"}), 500, "missing"),
    ] {
        let answer = ask(&app, model, body).await;
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "x-should-retry"), Some("false"));
        let error: Value = answer.json().await.unwrap();
        assert!(error["error"].as_str().unwrap().contains(word), "{error}");
    }
}
