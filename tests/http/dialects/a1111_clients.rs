//! The calls that two programs make of this dialect, in their order and with what they send.

use serde_json::{Value, json};

use super::{DIFFUSION, DIGITS, EMOJI, base64, decoded, house_of, png, size};
use crate::harness::{TestApp, send};
use atelier::http::HttpOptions;

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let response = send(request).await;
    let status = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{body}");
    body
}

fn shared() -> HttpOptions {
    HttpOptions {
        shared_options: true,
        ..HttpOptions::default()
    }
}

/// Neither program keeps cookies.
async fn app() -> TestApp {
    let setup = TestApp::with([EMOJI, DIGITS, DIFFUSION]).http(shared());
    setup.default_model("emoji-diffusion").start().await
}

fn model_of(answer: &Value) -> String {
    let info = answer["info"].as_str().expect("a string");
    let info: Value = serde_json::from_str(info).expect("JSON in a string");
    info["sd_model_name"].as_str().expect("a name").to_owned()
}

#[tokio::test]
async fn open_webui_lists_models_sets_one_and_asks_for_an_image() {
    let app = app().await;
    // Its settings page.
    let options = answer(app.get("/sdapi/v1/options")).await;
    assert!(
        options["sd_model_checkpoint"]
            .as_str()
            .unwrap()
            .starts_with("emoji-diffusion [")
    );
    let models = answer(app.get("/sdapi/v1/sd-models")).await;
    let digits = models.as_array().unwrap().iter();
    let digits = digits
        .clone()
        .find(|one| one["model_name"] == "digits-gan")
        .unwrap();
    // It reads all options, changes one and sends that.
    let set = json!({"sd_model_checkpoint": digits["title"]});
    assert_eq!(
        answer(app.post("/sdapi/v1/options", &set)).await,
        Value::Null
    );
    let options = answer(app.get("/sdapi/v1/options")).await;
    assert_eq!(options["sd_model_checkpoint"], digits["title"]);

    // A message with an image to make: no model in it, and a size that nobody was asked about.
    let request = json!({
        "prompt": "seven", "batch_size": 1, "width": 512, "height": 512,
    });
    let made = answer(app.post("/sdapi/v1/txt2img", &request)).await;
    assert_eq!(model_of(&made), "digits-gan");
    assert_eq!(size(&decoded(&made["images"][0])), (28, 28));

    let back = json!({"sd_model_checkpoint": "emoji-diffusion"});
    answer(app.post("/sdapi/v1/options", &back)).await;
    let request = json!({
        "prompt": "a black cat", "batch_size": 1, "width": 512, "height": 512, "steps": 1,
        "negative_prompt": "", "sampler_name": "Euler", "scheduler": "", "cfg_scale": 7.0,
    });
    let made = answer(app.post("/sdapi/v1/txt2img", &request)).await;
    assert_eq!(model_of(&made), "emoji-diffusion");
    assert_eq!(size(&decoded(&made["images"][0])), (64, 64));
}

#[tokio::test]
async fn sillytavern_pings_looks_around_and_asks_for_an_image() {
    let app = app().await;
    for path in [
        "/internal/ping",
        "/sdapi/v1/options",
        "/sdapi/v1/upscalers",
        "/sdapi/v1/latent-upscale-modes",
        "/sdapi/v1/sd-vae",
        "/sdapi/v1/samplers",
        "/sdapi/v1/schedulers",
        "/sdapi/v1/sd-models",
    ] {
        answer(app.get(path)).await;
    }
    // Choosing a model: it sets it, then asks for progress until the server is idle again.
    let set = json!({"sd_model_checkpoint": "digits-gan"});
    answer(app.post("/sdapi/v1/options", &set)).await;
    let progress = answer(app.get("/sdapi/v1/progress")).await;
    assert_eq!(
        (&progress["progress"], &progress["state"]["job_count"]),
        (&json!(0.0), &json!(0))
    );
    answer(app.post(
        "/sdapi/v1/options",
        &json!({"sd_model_checkpoint": "emoji-diffusion"}),
    ))
    .await;

    let request = json!({
        "prompt": "a black cat, best quality", "negative_prompt": "lowres", "sampler_name": "Euler a",
        "scheduler": "Automatic", "steps": 2, "cfg_scale": 7, "width": 512, "height": 768,
        "restore_faces": false, "enable_hr": false, "hr_upscaler": "Latent", "hr_scale": 2,
        "hr_additional_steps": 0, "denoising_strength": 0.7, "hr_second_pass_steps": 0,
        "hr_resize_x": 0, "hr_resize_y": 0, "seed": null, "save_images": true, "send_images": true,
        "do_not_save_grid": false, "do_not_save_samples": false, "clip_skip": 1,
        "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic"},
        "override_settings_restore_afterwards": true,
    });
    let made = answer(app.post("/sdapi/v1/txt2img", &request)).await;
    assert_eq!(model_of(&made), "emoji-diffusion");
    assert_eq!(size(&decoded(&made["images"][0])), (64, 64));
}

#[tokio::test]
async fn without_the_setting_what_one_client_sets_is_nobody_elses() {
    let app = house_of([DIGITS]).start().await;
    let set = json!({"sd_model_checkpoint": "digits-gan"});
    answer(app.post("/sdapi/v1/options", &set)).await;
    let made = answer(app.post("/sdapi/v1/txt2img", &json!({"prompt": "one"}))).await;
    assert_eq!(model_of(&made), "gan");
}

#[tokio::test]
async fn a_spacing_without_a_sampler_is_that_of_the_usual_one() {
    let app = house_of([DIFFUSION]).start().await;
    let request = |more: Value| {
        let mut request = json!({
            "prompt": "x", "seed": 1, "steps": 4, "width": 32, "height": 32,
            "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
        });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    };
    let alone = request(json!({"scheduler": "Karras"}));
    let named = request(json!({"scheduler": "Karras", "sampler_name": "Euler"}));
    let alone = answer(app.post("/sdapi/v1/txt2img", &alone)).await;
    let named = answer(app.post("/sdapi/v1/txt2img", &named)).await;
    assert_eq!(alone["images"], named["images"]);
    let text = alone["info"].to_string();
    assert!(
        text.contains("Sampler: Euler, Schedule type: Karras"),
        "{text}"
    );
    let own = answer(app.post("/sdapi/v1/txt2img", &request(json!({})))).await;
    assert_ne!(own["images"], alone["images"]);
}

#[tokio::test]
async fn a_style_is_a_label_of_the_class_axis_of_that_name() {
    let app = app().await;
    let styles = answer(app.get("/sdapi/v1/prompt-styles")).await;
    let names = styles
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap());
    assert!(names.clone().any(|name| name == "flat"), "{styles}");
    let request =
        |styles: Value| json!({"prompt": "a black cat", "seed": 3, "steps": 2, "styles": styles});
    let flat = answer(app.post("/sdapi/v1/txt2img", &request(json!(["flat"])))).await;
    let none = answer(app.post("/sdapi/v1/txt2img", &request(json!([])))).await;
    assert_ne!(flat["images"], none["images"]);
    let native = json!({
        "prompt": "a black cat", "seed": 3, "steps": 2, "class": {"style": "flat"},
    });
    let native = app.generated(&native).await;
    let pixels = |file: &[u8]| {
        let limits = atelier::imaging::DecodeLimits::default();
        atelier::imaging::decode(file, &limits)
            .expect("an image")
            .into_pixels()
    };
    let expected = pixels(&crate::harness::image_file(&native, 0));
    assert!(pixels(&decoded(&flat["images"][0])) == expected);
    let other = answer(app.post("/sdapi/v1/txt2img", &request(json!(["noir"])))).await;
    assert!(
        other["warnings"].to_string().contains("noir"),
        "{}",
        other["warnings"]
    );
    let image = base64(&png(8, 8, |_, _| [9, 9, 9, 255]));
    let again = json!({"prompt": "one", "init_images": [image], "styles": ["flat"], "steps": 1});
    answer(app.post("/sdapi/v1/img2img", &again)).await;
}
