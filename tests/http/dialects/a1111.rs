//! The A1111 web UI's API.

use std::sync::{Arc, RwLock};

use atelier::http::HttpOptions;
use atelier::imaging::{FileFormat, read_provenance, read_texts};
use atelier::service::{Key, Keys};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use serde_json::{Value, json};

use super::{BROKEN, DIFFUSION, base64, decoded, house, house_of, png, size};
use crate::harness::{TestApp, header, send};

async fn body(response: Response, status: u16) -> Value {
    let found = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(found, status, "{body}");
    body
}

async fn ask(app: &TestApp, path: &str, request: &Value) -> Value {
    body(
        send(app.post(&format!("/sdapi/v1/{path}"), request)).await,
        200,
    )
    .await
}

async fn get(app: &TestApp, path: &str) -> Value {
    body(send(app.get(&format!("/sdapi/v1/{path}"))).await, 200).await
}

fn info(answer: &Value) -> Value {
    let text = answer["info"].as_str().expect("a string");
    serde_json::from_str(text).expect("JSON in a string")
}

fn warned(answer: &Value, word: &str) -> bool {
    answer["warnings"].to_string().contains(word)
}

#[tokio::test]
async fn words_become_images_that_say_how_they_were_made() {
    let app = house().start().await;
    let request = json!({
        "prompt": "two", "seed": 7, "batch_size": 2, "n_iter": 2, "negative_prompt": null,
        "styles": [], "subseed": -1, "width": null, "invented_by_a_plugin": null,
    });
    let answer = ask(&app, "txt2img", &request).await;
    assert_eq!(answer["images"].as_array().map(Vec::len), Some(4));
    assert_eq!(answer["parameters"]["batch_size"], 2);
    assert_eq!(answer["warnings"], json!([]));
    let info = info(&answer);
    assert_eq!(info["all_seeds"], json!([7, 8, 9, 10]));
    assert_eq!(info["infotexts"].as_array().map(Vec::len), Some(4));
    assert_eq!(info["sd_model_name"], "gan");

    let file = decoded(&answer["images"][0]);
    assert_eq!(size(&file), (8, 8));
    let texts = read_texts(&file);
    let text = texts.iter().find(|(keyword, _)| keyword == "parameters");
    let (_, text) = text.expect("PNG files carry it");
    assert!(
        text.starts_with("two\nSteps: 1, Seed: 7, Size: 8x8, Model hash: "),
        "{text}"
    );

    let read = ask(&app, "png-info", &json!({"image": answer["images"][0]})).await;
    assert_eq!(read["info"].as_str(), Some(text.as_str()));
    assert_eq!(read["parameters"]["Seed"], "7");
    assert_eq!(read["items"]["model"], "gan");
}

#[tokio::test]
async fn fields_that_ask_for_what_is_not_there_are_named() {
    let app = house().start().await;
    let request = json!({
        "prompt": "one", "seed": -1, "steps": 20, "cfg_scale": 7.0, "width": 512, "height": 512,
        "sampler_name": "Euler a", "scheduler": "automatic", "restore_faces": true, "tiling": false,
        "subseed_strength": 0.0, "styles": ["noir"], "invented": 1, "denoising_strength": 0.7,
        "alwayson_scripts": {}, "override_settings": {"CLIP_stop_at_last_layers": 2},
    });
    let answer = ask(&app, "txt2img", &request).await;
    for word in [
        "steps",
        "cfg_scale",
        "512x512",
        "sampler_name",
        "restore_faces",
        "styles",
        "invented",
        "CLIP_stop_at_last_layers",
    ] {
        assert!(warned(&answer, word), "{word}: {}", answer["warnings"]);
    }
    for word in ["tiling", "subseed_strength", "alwayson_scripts", "strength"] {
        let word = format!("\"{word} ");
        assert!(!warned(&answer, &word), "{word}: {}", answer["warnings"]);
    }
    assert_eq!(info(&answer)["warnings"], answer["warnings"]);
}

#[tokio::test]
async fn the_model_is_chosen_by_each_request() {
    let app = house_of(["models/gan-rank4"]).start().await;
    let models = get(&app, "sd-models").await;
    let models = models.as_array().unwrap();
    assert_eq!(models.len(), 2);
    let other = models
        .iter()
        .find(|model| model["model_name"] == "gan-rank4");
    let other = other.expect("it serves");
    for name in ["title", "model_name", "hash", "sha256"] {
        let request = json!({"override_settings": {"sd_model_checkpoint": other[name]}});
        let answer = ask(&app, "txt2img", &request).await;
        assert_eq!(info(&answer)["sd_model_name"], "gan-rank4", "{name}");
    }
    let options = get(&app, "options").await;
    assert!(
        options["sd_model_checkpoint"]
            .as_str()
            .unwrap()
            .starts_with("gan [")
    );

    // What one caller sets stays with that caller.
    let set = app.post(
        "/sdapi/v1/options",
        &json!({"sd_model_checkpoint": other["title"]}),
    );
    let set = send(set).await;
    let cookie = header(&set, "set-cookie").unwrap().to_owned();
    assert_eq!(body(set, 200).await, Value::Null);
    let pair = cookie.split(';').next().unwrap();
    let mine = app
        .post("/sdapi/v1/txt2img", &json!({}))
        .header("cookie", pair);
    let mine = body(send(mine).await, 200).await;
    assert_eq!(info(&mine)["sd_model_name"], "gan-rank4");
    let theirs = ask(&app, "txt2img", &json!({"prompt": "one"})).await;
    assert_eq!(info(&theirs)["sd_model_name"], "gan");
}

#[tokio::test]
async fn a_white_mask_is_painted_anew() {
    let app = house_of([DIFFUSION]).start().await;
    let image = png(32, 32, |x, _| [(x * 8) as u8, 60, 60, 255]);
    let left = |white: bool| {
        png(32, 32, move |x, _| {
            if (x < 16) == white {
                [255; 4]
            } else {
                [0, 0, 0, 255]
            }
        })
    };
    let mut request = json!({
        "prompt": "a cat", "seed": 5, "steps": 3, "denoising_strength": 0.9,
        "sampler_name": "DPM++ 2M", "scheduler": "karras", "width": 32, "height": 32,
        "init_images": [format!("data:image/png;base64,{}", base64(&image))],
        "mask": base64(&left(true)), "mask_blur": 4, "inpainting_fill": 1,
        "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
    });
    let answer = ask(&app, "img2img", &request).await;
    assert!(!warned(&answer, "mask_blur"), "{}", answer["warnings"]);
    assert_eq!(answer["parameters"]["init_images"], Value::Null);
    let text = info(&answer)["infotexts"][0].as_str().unwrap().to_owned();
    for part in [
        "Steps: 3",
        "Sampler: DPM++ 2M",
        "Schedule type: Karras",
        "Denoising strength: 0.9",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let native = json!({
        "model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 3, "strength": 0.9,
        "scheduler": "dpmpp_2m_karras", "image": base64(&image), "mask": base64(&left(true)),
        "width": 32, "height": 32, "mask_blur": 4, "mask_fill": "original",
    });
    let native = app.generated(&native).await;
    let pixels = |file: &[u8]| {
        let limits = atelier::imaging::DecodeLimits::default();
        atelier::imaging::decode(file, &limits)
            .expect("an image")
            .into_pixels()
    };
    let expected = pixels(&crate::harness::image_file(&native, 0));
    assert!(pixels(&decoded(&answer["images"][0])) == expected);

    request["mask"] = base64(&left(false)).into();
    request["inpainting_mask_invert"] = 1.into();
    let inverted = ask(&app, "img2img", &request).await;
    assert!(pixels(&decoded(&inverted["images"][0])) == expected);
}

#[tokio::test]
async fn files_may_be_of_another_format() {
    let app = house().start().await;
    let request = json!({"prompt": "one", "override_settings": {"samples_format": "jpg"}});
    let answer = ask(&app, "txt2img", &request).await;
    let file = decoded(&answer["images"][0]);
    assert_eq!(FileFormat::sniff(&file), Some(FileFormat::Jpeg));
    assert!(warned(&answer, "only PNG files"));
    let none = ask(
        &app,
        "txt2img",
        &json!({"prompt": "one", "send_images": false}),
    )
    .await;
    assert_eq!(none["images"], json!([]));
}

#[tokio::test]
async fn a_format_that_is_set_holds_for_its_caller_or_where_options_are_shared_for_all() {
    let format = async |app: &TestApp, cookie: &str| {
        let request = app.post("/sdapi/v1/txt2img", &json!({"prompt": "one"}));
        let answer = body(send(request.header("cookie", cookie)).await, 200).await;
        FileFormat::sniff(&decoded(&answer["images"][0]))
    };
    let app = house().start().await;
    for (name, is) in [("jpg", FileFormat::Jpeg), ("webp", FileFormat::Webp)] {
        let set = app.post("/sdapi/v1/options", &json!({"samples_format": name}));
        let set = send(set).await;
        let cookie = header(&set, "set-cookie").expect("a cookie").to_owned();
        let pair = cookie.split(';').next().expect("a pair");
        assert_eq!(format(&app, pair).await, Some(is));
        assert_eq!(format(&app, "").await, Some(FileFormat::Png));
        let options = app.get("/sdapi/v1/options").header("cookie", pair);
        let options = body(send(options).await, 200).await;
        assert_eq!(options["samples_format"], name);
    }
    let refused = app.post("/sdapi/v1/options", &json!({"samples_format": "bmp"}));
    assert_eq!(send(refused).await.status(), 422);

    let app = house().http(HttpOptions {
        shared_options: true,
        ..HttpOptions::default()
    });
    let app = app.start().await;
    let set = app.post("/sdapi/v1/options", &json!({"samples_format": "jpg"}));
    assert_eq!(send(set).await.status(), 200);
    assert_eq!(format(&app, "").await, Some(FileFormat::Jpeg));
}

#[tokio::test]
async fn progress_tells_of_the_callers_work_and_interrupt_stops_it() {
    let app = house_of(["slow/gan-slow"]).start().await;
    let idle = get(&app, "progress").await;
    assert_eq!(
        (&idle["progress"], &idle["state"]["job_count"]),
        (&json!(0.0), &json!(0))
    );

    let request = json!({
        "class": "endless", "override_settings": {"sd_model_checkpoint": "gan-slow"},
    });
    let painting = tokio::spawn(app.post("/sdapi/v1/txt2img", &request).send());
    app.until(|studio| studio.in_flight() == 1).await;
    let busy = get(&app, "progress?skip_current_image=true").await;
    assert_eq!(busy["state"]["job_count"], 1);
    assert!(busy["progress"].as_f64() > Some(0.0));
    assert_eq!(busy["current_image"], Value::Null);

    // Somebody else neither sees nor stops it.
    let stranger = |request: reqwest::RequestBuilder| request.header("authorization", "Basic eDp5");
    let seen = body(send(stranger(app.get("/sdapi/v1/progress"))).await, 200).await;
    assert_eq!(seen["state"]["job_count"], 0);
    send(stranger(app.post("/sdapi/v1/interrupt", &json!({})))).await;
    assert_eq!(app.studio.in_flight(), 1);

    assert_eq!(ask(&app, "interrupt", &json!({})).await, json!({}));
    let answer = painting.await.expect("no panic").expect("an answer");
    assert_eq!(body(answer, 200).await["images"], json!([]));
    assert_eq!(get(&app, "progress").await["state"]["job_count"], 0);
    assert_eq!(ask(&app, "skip", &json!({})).await, Value::Null);
}

#[tokio::test]
async fn a_task_tells_by_its_clients_id_how_far_it_is() {
    let app = house_of(["slow/gan-slow"]).start().await;
    let asked = async |id: &str| {
        let request = json!({"id_task": id, "id_live_preview": -1, "live_preview": true});
        body(send(app.post("/internal/progress", &request)).await, 200).await
    };
    let flags = |told: &Value| {
        ["active", "queued", "completed"].map(|flag| told[flag].as_bool().expect("a flag"))
    };
    assert_eq!(flags(&asked("task(1)").await), [false, false, false]);

    let request = json!({
        "class": "endless", "override_settings": {"sd_model_checkpoint": "gan-slow"},
        "force_task_id": "task(1)",
    });
    let painting = tokio::spawn(app.post("/sdapi/v1/txt2img", &request).send());
    app.until(|studio| studio.in_flight() == 1).await;
    assert_eq!(flags(&asked("task(1)").await), [true, false, false]);
    assert_eq!(flags(&asked("task(2)").await), [false, false, false]);
    let busy = get(&app, "progress?id_task=task(1)").await;
    assert_eq!(busy["current_task"], "task(1)");
    let other = get(&app, "progress?id_task=task(2)").await;
    assert_eq!(
        (&other["progress"], &other["current_task"]),
        (&json!(0.0), &Value::Null)
    );

    ask(&app, "interrupt", &json!({})).await;
    let answer = painting.await.expect("no panic").expect("an answer");
    assert_eq!(body(answer, 200).await["images"], json!([]));
    assert_eq!(flags(&asked("task(1)").await), [false, false, true]);

    let long = json!({"force_task_id": "x".repeat(300)});
    let refused = body(send(app.post("/sdapi/v1/txt2img", &long)).await, 422).await;
    assert!(refused.to_string().contains("force_task_id"), "{refused}");
}

#[tokio::test]
async fn behind_a_proxy_work_belongs_to_whom_the_proxy_names() {
    let options = HttpOptions {
        trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
        ..HttpOptions::default()
    };
    let app = house_of(["slow/gan-slow"]).http(options).start().await;
    let from = |address: &'static str, request: reqwest::RequestBuilder| {
        request.header("x-forwarded-for", address)
    };
    let request = json!({
        "class": "endless", "override_settings": {"sd_model_checkpoint": "gan-slow"},
    });
    let request = from("192.0.2.1", app.post("/sdapi/v1/txt2img", &request));
    let painting = tokio::spawn(request.send());
    app.until(|studio| studio.in_flight() == 1).await;
    let other = from("192.0.2.2", app.get("/sdapi/v1/progress"));
    assert_eq!(body(send(other).await, 200).await["state"]["job_count"], 0);
    let interrupt = || app.post("/sdapi/v1/interrupt", &json!({}));
    send(from("192.0.2.2", interrupt())).await;
    assert_eq!(app.studio.in_flight(), 1);
    let own = from("192.0.2.1", app.get("/sdapi/v1/progress"));
    assert_eq!(body(send(own).await, 200).await["state"]["job_count"], 1);
    send(from("192.0.2.1", interrupt())).await;
    let answer = painting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn work_belongs_to_the_key_however_it_is_sent() {
    let keys = ["the site", "the shop"].map(|name| Key::with_all_scopes(name, name));
    let options = HttpOptions {
        keys: Arc::new(RwLock::new(Keys::new(keys.into()))),
        ..HttpOptions::default()
    };
    let app = house_of(["slow/gan-slow"]).http(options).start().await;
    let request = json!({
        "class": "endless", "override_settings": {"sd_model_checkpoint": "gan-slow"},
    });
    let request = app.post("/sdapi/v1/txt2img", &request);
    let painting = tokio::spawn(request.basic_auth("any", Some("the site")).send());
    app.until(|studio| studio.in_flight() == 1).await;
    let progress = || app.get("/sdapi/v1/progress");
    let seen = body(send(progress().bearer_auth("the shop")).await, 200).await;
    assert_eq!(seen["state"]["job_count"], 0);
    let seen = body(send(progress().header("x-api-key", "the site")).await, 200).await;
    assert_eq!(seen["state"]["job_count"], 1);
    let interrupt = app.post("/sdapi/v1/interrupt", &json!({}));
    send(interrupt.bearer_auth("the site")).await;
    let answer = painting.await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn errors_are_those_of_the_web_ui() {
    let app = house_of([BROKEN]).start().await;
    let image = base64(&png(8, 8, |_, _| [9, 9, 9, 255]));
    for (path, request, place) in [
        (
            "txt2img",
            json!({"prompt": "a cat"}),
            json!(["body", "prompt"]),
        ),
        (
            "txt2img",
            json!({"batch_size": "none"}),
            json!(["body", "batch_size"]),
        ),
        (
            "interrogate",
            json!({"image": image, "model": "clip"}),
            json!(["body", "model"]),
        ),
        (
            "txt2img",
            json!({"steps": "many"}),
            json!(["body", "steps"]),
        ),
        (
            "txt2img",
            json!({"sampler_name": "Magic"}),
            json!(["body", "sampler_name"]),
        ),
        (
            "txt2img",
            json!({"script_name": "x/y/z"}),
            json!(["body", "script_name"]),
        ),
        ("img2img", json!({}), json!(["body", "init_images"])),
        (
            "img2img",
            json!({"init_images": [image], "mask": image}),
            json!(["body", "init_images"]),
        ),
        (
            "png-info",
            json!({"image": "AQID"}),
            json!(["body", "image"]),
        ),
    ] {
        let answer = send(app.post(&format!("/sdapi/v1/{path}"), &request)).await;
        assert_eq!(header(&answer, "x-should-retry"), Some("false"));
        let error = body(answer, 422).await;
        assert_eq!(error["detail"][0]["loc"], place, "{error}");
    }
    for (model, status) in [("none", 404), ("missing-graph", 500)] {
        let request = json!({"override_settings": {"sd_model_checkpoint": model}});
        let answer = send(app.post("/sdapi/v1/txt2img", &request)).await;
        let error = body(answer, status).await;
        assert_eq!(error["error"], "HTTPException");
        assert!(error["detail"].as_str().unwrap().contains(model), "{error}");
        let set = app.post("/sdapi/v1/options", &json!({"sd_model_checkpoint": model}));
        body(send(set).await, status).await;
    }
    let none = body(send(app.get("/sdapi/v1/none")).await, 404).await;
    assert_eq!(none["error"], "HTTPException");
}

#[tokio::test]
async fn images_are_enlarged_by_a_filter() {
    let app = house().start().await;
    let image = base64(&png(8, 6, |x, _| [(x * 30) as u8, 9, 9, 255]));
    let request = json!({"image": image, "upscaling_resize": 4, "upscaler_1": "Lanczos"});
    let answer = ask(&app, "extra-single-image", &request).await;
    assert_eq!(size(&decoded(&answer["image"])), (32, 24));
    let request = json!({
        "imageList": [{"data": image, "name": "a"}], "resize_mode": 1, "upscaler_1": "Lanczos",
        "upscaling_resize_w": 10, "upscaling_resize_h": 20, "upscaling_crop": true,
    });
    let answer = ask(&app, "extra-batch-images", &request).await;
    assert_eq!(size(&decoded(&answer["images"][0])), (10, 20));
    // All of it, so that it covers that size.
    let request = json!({
        "image": image, "resize_mode": 1, "upscaler_1": "Lanczos", "upscaling_resize_w": 10,
        "upscaling_resize_h": 18, "upscaling_crop": "false",
    });
    let answer = ask(&app, "extra-single-image", &request).await;
    assert_eq!(size(&decoded(&answer["image"])), (24, 18));
    let request = json!({
        "image": image, "gfpgan_visibility": 0.5, "codeformer_visibility": 0, "upscaler_2": "None",
        "resize_mode": 2, "upscaling_resize": 1, "upscaler_1": "Lanczos", "invented": true,
    });
    let restored = app
        .post("/sdapi/v1/extra-single-image", &request)
        .header("accept-language", "fr");
    let restored = body(send(restored).await, 200).await;
    assert_eq!(restored["html_info"], "8x6 est devenu 8x6");
    let warnings = restored["warnings"].as_array().expect("a list");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    for (word, warning) in ["gfpgan_visibility", "invented", "resize_mode 2"]
        .iter()
        .zip(warnings)
    {
        assert!(
            warning.as_str().is_some_and(|text| text.starts_with(word)),
            "{warning}"
        );
    }
    let same = ask(&app, "extra-single-image", &json!({"image": image})).await;
    assert_eq!(size(&decoded(&same["image"])), (8, 6));
    // No model had a part in it, so the file doesn't say that one had.
    let file = same["image"].as_str().expect("a string");
    let file = STANDARD.decode(file).expect("base64");
    let says = read_provenance(&file).expect("a sound file");
    assert_eq!((says.digital_source_type, says.model), (None, None));
}

#[tokio::test]
async fn the_small_lists_are_there() {
    let app = house().start().await;
    for path in [
        "scripts",
        "script-info",
        "upscalers",
        "latent-upscale-modes",
        "sd-vae",
        "loras",
        "embeddings",
        "prompt-styles",
        "hypernetworks",
        "face-restorers",
        "realesrgan-models",
        "cmd-flags",
        "memory",
        "samplers",
        "schedulers",
        "options",
        "sd-modules",
        "extensions",
    ] {
        get(&app, path).await;
    }
    for path in [
        "refresh-checkpoints",
        "unload-checkpoint",
        "reload-checkpoint",
        "refresh-loras",
        "refresh-vae",
        "refresh-embeddings",
    ] {
        ask(&app, path, &json!({})).await;
    }
    let ping = send(app.get("/internal/ping")).await;
    assert_eq!(body(ping, 200).await, json!({}));
    let samplers = get(&app, "samplers").await;
    let names: Vec<_> = samplers
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert!(names.contains(&&json!("Euler a")), "{names:?}");
}
