//! The calls that two programs make of this dialect, in their order and with what they send.

use serde_json::{Value, json};

use super::{DIFFUSION, DIGITS, EMOJI, base64, decoded, house_of, png, size};
use crate::harness::{TestApp, header, send};
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

/// It sends an empty `authorization` where its user gave none.
fn open_webui(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header("authorization", "")
}

/// As its settings page and a message with an image do (`routers/images.py`, November 2026).
#[tokio::test]
async fn open_webui_lists_models_sets_one_and_asks_for_an_image() {
    let app = app().await;
    let get = async |path: &str| answer(open_webui(app.get(path))).await;
    let post = async |path: &str, body: &Value| answer(open_webui(app.post(path, body))).await;
    // "Verify" beside the address, and the list of models.
    let options = get("/sdapi/v1/options").await;
    let chosen = options["sd_model_checkpoint"].as_str().expect("a title");
    assert!(chosen.starts_with("emoji-diffusion ["), "{chosen}");
    let models = get("/sdapi/v1/sd-models").await;
    let mut models = models.as_array().expect("a list").iter();
    let digits = models.find(|one| one["model_name"] == "digits-gan");
    let digits = &digits.expect("it is there")["title"];
    // A message asks which model is set, sets another by sending all options back with one changed,
    // and asks for an image: without a model, in a size that nobody was asked about.
    let mut options = get("/sdapi/v1/options").await;
    options["sd_model_checkpoint"] = digits.clone();
    let set = send(open_webui(app.post("/sdapi/v1/options", &options))).await;
    assert_eq!(set.status(), 200);
    assert_eq!(header(&set, "x-atelier-warning"), None);
    assert_eq!(
        get("/sdapi/v1/options").await["sd_model_checkpoint"],
        *digits
    );
    let request = json!({
        "prompt": "seven", "batch_size": 1, "width": 512, "height": 512, "steps": 50,
    });
    let made = post("/sdapi/v1/txt2img", &request).await;
    assert_eq!(model_of(&made), "digits-gan");
    assert_eq!(size(&decoded(&made["images"][0])).0 % 28, 0);

    // With parameters of the user's own, which it lays over the rest.
    let mut options = get("/sdapi/v1/options").await;
    options["sd_model_checkpoint"] = json!("emoji-diffusion");
    post("/sdapi/v1/options", &options).await;
    let request = json!({
        "prompt": "a black cat", "batch_size": 1, "width": 512, "height": 512, "steps": 1,
        "negative_prompt": "", "sampler_name": "Euler", "scheduler": "", "cfg_scale": 7.0,
    });
    let made = post("/sdapi/v1/txt2img", &request).await;
    assert_eq!(model_of(&made), "emoji-diffusion");
    assert_eq!(size(&decoded(&made["images"][0])).0 % 64, 0);
}

/// As its server does for its extension (`src/endpoints/stable-diffusion.js`, November 2026): every
/// request has the user's `user:password`, and the body of a generation is passed on whole, with the
/// address and the password in it.
#[tokio::test]
async fn sillytavern_pings_looks_around_and_asks_for_an_image() {
    let app = app().await;
    let basic = |request: reqwest::RequestBuilder| request.basic_auth("user", Some("password"));
    let get = async |path: &str| answer(basic(app.get(path))).await;
    get("/sdapi/v1/options").await;
    // All of its menus at once.
    let (upscalers, latent, vaes, modules) = tokio::join!(
        get("/sdapi/v1/upscalers"),
        get("/sdapi/v1/latent-upscale-modes"),
        get("/sdapi/v1/sd-vae"),
        get("/sdapi/v1/sd-modules"),
    );
    // It puts the latent ones behind the first, which has to be None.
    assert_eq!(upscalers[0]["name"], "None");
    assert!(latent.is_array() && vaes.is_array() && modules.is_array());
    for path in ["samplers", "schedulers"] {
        let all = get(&format!("/sdapi/v1/{path}")).await;
        assert!(all[0]["name"].is_string(), "{all}");
    }
    let models = get("/sdapi/v1/sd-models").await;
    assert!(models[0]["title"].is_string(), "{models}");
    // Choosing a model: it sets it, then asks for progress until the server is idle.
    let title = json!({"sd_model_checkpoint": "digits-gan"});
    answer(basic(app.post("/sdapi/v1/options", &title))).await;
    let progress = get("/sdapi/v1/progress").await;
    assert_eq!(
        (&progress["progress"], &progress["state"]["job_count"]),
        (&json!(0.0), &json!(0))
    );
    let title = json!({"sd_model_checkpoint": "emoji-diffusion"});
    answer(basic(app.post("/sdapi/v1/options", &title))).await;

    // It looks whether this is Forge, whose options have a `forge_preset`, and sends the rest.
    assert_eq!(get("/sdapi/v1/options").await["forge_preset"], Value::Null);
    let request = json!({
        "url": "http://localhost:7860", "auth": "user:password",
        "prompt": "a black cat, best quality", "negative_prompt": "lowres", "sampler_name": "Euler a",
        "scheduler": "Automatic", "steps": 2, "cfg_scale": 7, "width": 512, "height": 768,
        "restore_faces": false, "enable_hr": false, "hr_upscaler": "Latent", "hr_scale": 2,
        "hr_additional_steps": 0, "denoising_strength": 0.7, "hr_second_pass_steps": 0, "seed": -1,
        "save_images": true, "send_images": true, "do_not_save_grid": false,
        "do_not_save_samples": false,
        "override_settings": {"CLIP_stop_at_last_layers": 1, "sd_vae": "Automatic"},
        "override_settings_restore_afterwards": true, "clip_skip": 1,
    });
    let made = answer(basic(app.post("/sdapi/v1/txt2img", &request))).await;
    assert_eq!(model_of(&made), "emoji-diffusion");
    assert_eq!(size(&decoded(&made["images"][0])).0 % 64, 0);
    // Nothing that it is told may hold the password.
    let told = made["warnings"].to_string();
    assert!(!told.contains("password"), "{told}");
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
    // What is written down makes the same image again.
    let info: Value = serde_json::from_str(flat["info"].as_str().unwrap()).unwrap();
    let prompt = info["prompt"].as_str().expect("a prompt");
    assert!(
        prompt.starts_with("a black cat") && prompt != "a black cat",
        "{prompt}"
    );
    assert_eq!(info["all_prompts"], json!([prompt]));
    assert!(info["infotexts"][0].as_str().unwrap().starts_with(prompt));
    let again = json!({"prompt": prompt, "seed": 3, "steps": 2});
    let again = answer(app.post("/sdapi/v1/txt2img", &again)).await;
    assert!(pixels(&decoded(&again["images"][0])) == expected);
    let nothing = json!({"prompt": "", "seed": 3, "steps": 2});
    let nothing = answer(app.post("/sdapi/v1/txt2img", &nothing)).await;
    let info: Value = serde_json::from_str(nothing["info"].as_str().unwrap()).unwrap();
    let again = json!({"prompt": info["prompt"], "seed": 3, "steps": 2});
    let again = answer(app.post("/sdapi/v1/txt2img", &again)).await;
    assert!(pixels(&decoded(&nothing["images"][0])) == pixels(&decoded(&again["images"][0])));
    assert!(!info["prompt"].as_str().unwrap().is_empty(), "{info}");

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
