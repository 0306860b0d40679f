//! Noise that is only in part its seed's, as clients of the A1111 web UI ask for it.

use serde_json::{Value, json};

use super::{DIFFUSION, decoded, house_of};
use crate::harness::{TestApp, image_file, send};

async fn txt2img(app: &TestApp, model: &str, more: Value) -> Value {
    let mut request = json!({
        "prompt": "one", "seed": 3, "steps": 2, "width": 32, "height": 32,
        "override_settings": {"sd_model_checkpoint": model},
    });
    for (name, value) in more.as_object().expect("fields") {
        request[name] = value.clone();
    }
    let response = send(app.post("/sdapi/v1/txt2img", &request)).await;
    let status = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{request}: {answer}");
    answer
}

fn info(answer: &Value) -> Value {
    serde_json::from_str(answer["info"].as_str().expect("a string")).expect("JSON in a string")
}

fn pixels(file: &[u8]) -> Vec<u8> {
    let limits = atelier::imaging::DecodeLimits::default();
    let image = atelier::imaging::decode(file, &limits).expect("an image");
    image.into_pixels()
}

fn image(answer: &Value, at: usize) -> Vec<u8> {
    pixels(&decoded(&answer["images"][at]))
}

/// The greatest difference between two images.
fn apart(a: &[u8], b: &[u8]) -> u8 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
}

async fn app() -> TestApp {
    let app = house_of(["models/autoregressive", "models/vae", DIFFUSION]);
    app.start().await
}

#[tokio::test]
async fn images_of_one_seed_differ_by_their_variation_seeds() {
    let app = app().await;
    for model in ["stable-diffusion", "gan"] {
        let varied = json!({"subseed": 40, "subseed_strength": 0.5, "batch_size": 2});
        let varied = txt2img(&app, model, varied).await;
        assert!(!varied["warnings"].to_string().contains("subseed"));
        let info = info(&varied);
        assert_eq!(info["all_seeds"], json!([3, 3]));
        assert_eq!(info["all_subseeds"], json!([40, 41]));
        assert_eq!(info["subseed_strength"], 0.5);
        let text = info["infotexts"][1].as_str().expect("a text");
        assert!(
            text.contains("Variation seed: 41, Variation seed strength: 0.5"),
            "{text}"
        );
        let plain = txt2img(&app, model, json!({})).await;
        assert_ne!(image(&varied, 0), image(&varied, 1), "{model}");
        assert_ne!(image(&varied, 0), image(&plain, 0), "{model}");
        // All the way, it is the other seed's image, but for how floating numbers are rounded.
        let whole = json!({"subseed": 40, "subseed_strength": 1});
        let whole = txt2img(&app, model, whole).await;
        let other = txt2img(&app, model, json!({"seed": 40})).await;
        let difference = apart(&image(&whole, 0), &image(&other, 0));
        assert!(difference <= 2, "{model}: {difference}");
    }
}

#[tokio::test]
async fn the_native_dialect_has_the_same_under_its_own_names() {
    let app = app().await;
    let varied = json!({"subseed": 40, "subseed_strength": 0.5, "seed_resize_from_w": 64, "seed_resize_from_h": 48});
    let varied = txt2img(&app, "stable-diffusion", varied).await;
    let native = json!({
        "model": "stable-diffusion", "prompt": "one", "seed": 3, "steps": 2, "width": 32, "height": 32,
        "variation_seed": "40", "variation_strength": 0.5, "noise_width": 64, "noise_height": 48,
    });
    let made = app.generated(&native).await;
    assert_eq!(pixels(&image_file(&made, 0)), image(&varied, 0));
    let mut alone = native.clone();
    alone["variation_strength"] = Value::Null;
    let response = app.generate(&alone).await;
    assert_eq!(response.status(), 422);
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["field"], "variation_seed", "{problem}");
}

#[tokio::test]
async fn a_seed_may_draw_the_noise_of_another_size() {
    let app = app().await;
    let model = "stable-diffusion";
    let plain = txt2img(&app, model, json!({})).await;
    let same = json!({"seed_resize_from_w": 32, "seed_resize_from_h": 32});
    let same = txt2img(&app, model, same).await;
    assert_eq!(image(&same, 0), image(&plain, 0));
    let other = json!({"seed_resize_from_w": 48, "seed_resize_from_h": 64});
    let other = txt2img(&app, model, other).await;
    assert_ne!(image(&other, 0), image(&plain, 0));
    let info = info(&other);
    assert_eq!(
        (&info["seed_resize_from_w"], &info["seed_resize_from_h"]),
        (&json!(48), &json!(64))
    );
    let text = info["infotexts"][0].as_str().expect("a text");
    assert!(text.contains("Seed resize from: 48x64"), "{text}");
}

#[tokio::test]
async fn what_clients_always_send_asks_for_nothing() {
    let app = app().await;
    let always = json!({
        "subseed": -1, "subseed_strength": 0, "seed_resize_from_w": -1, "seed_resize_from_h": 0,
    });
    for model in ["stable-diffusion", "gan", "autoregressive"] {
        let made = txt2img(&app, model, always.clone()).await;
        let warnings = made["warnings"].to_string();
        assert!(!warnings.contains("seed"), "{model}: {warnings}");
        assert_eq!(info(&made)["subseed"], -1);
    }
}

#[tokio::test]
async fn what_can_not_be_honoured_is_brought_near_or_named() {
    let app = app().await;
    let far = json!({"subseed": 1, "subseed_strength": 7, "seed_resize_from_w": 1e30, "seed_resize_from_h": 0.5});
    let made = txt2img(&app, "stable-diffusion", far).await;
    let warnings = made["warnings"].to_string();
    for changed in ["subseed_strength 7 became 1", "seed_resize_from_w"] {
        assert!(warnings.contains(changed), "{changed}: {warnings}");
    }
    let wanted = json!({"subseed": 1, "subseed_strength": 0.5});
    let made = txt2img(&app, "autoregressive", wanted).await;
    let warnings = made["warnings"].to_string();
    assert!(
        warnings.contains("subseed_strength was not used"),
        "{warnings}"
    );
    for (wrong, field) in [
        (json!({"subseed": "x", "subseed_strength": 1}), "subseed"),
        (json!({"subseed_strength": [1]}), "subseed_strength"),
        (json!({"seed_resize_from_h": {}}), "seed_resize_from_h"),
    ] {
        let response = send(app.post("/sdapi/v1/txt2img", &wrong)).await;
        assert_eq!(response.status(), 422, "{wrong}");
        let fault: Value = response.json().await.expect("JSON");
        assert_eq!(fault["detail"][0]["loc"], json!(["body", field]), "{fault}");
    }
    let nothing = json!({"subseed": null, "subseed_strength": "", "seed_resize_from_w": null});
    txt2img(&app, "stable-diffusion", nothing).await;
}
