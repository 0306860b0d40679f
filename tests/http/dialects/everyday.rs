//! What people's programs send without thinking of it: sizes, seeds, addresses, empty fields.

use atelier::imaging::{DecodeLimits, FileFormat, decode};
use reqwest::Response;
use serde_json::{Value, json};

use super::{DIFFUSION, EMOJI, base64, decoded, house, house_of, png, size};
use crate::harness::{TestApp, header, send};

const OPEN_AI: &str = "/v1/images/generations";
const A1111: &str = "/sdapi/v1/txt2img";

/// An answer in any dialect: its image, and what the caller is told.
async fn painted(app: &TestApp, path: &str, body: &Value) -> (Vec<u8>, String) {
    let response = send(app.post(path, body)).await;
    let status = response.status();
    if path.starts_with("/hf/") && status == 200 {
        let warnings = warnings_in_headers(&response);
        return (response.bytes().await.expect("a body").to_vec(), warnings);
    }
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{path} {body}: {answer}");
    let file = match path {
        A1111 | "/sdapi/v1/img2img" => &answer["images"][0],
        _ => &answer["data"][0]["b64_json"],
    };
    (decoded(file), answer["warnings"].to_string())
}

fn warnings_in_headers(response: &Response) -> String {
    let headers = response.headers().get_all("x-atelier-warning");
    let texts = headers
        .iter()
        .map(|text| text.to_str().expect("a body is JSON").to_owned());
    texts.collect::<Vec<_>>().join("; ")
}

fn pixels(file: &[u8]) -> Vec<u8> {
    let image = decode(file, &DecodeLimits::default()).expect("an image");
    image.into_pixels()
}

/// The same request in each dialect: width, height and other fields of the model's own.
fn in_each(model: &str, width: u64, height: u64, more: &Value) -> [(String, Value); 3] {
    let with = |mut body: Value, at: &str| {
        let into = if at.is_empty() {
            &mut body
        } else {
            &mut body[at]
        };
        for (name, value) in more.as_object().expect("fields") {
            into[name] = value.clone();
        }
        body
    };
    let size = format!("{width}x{height}");
    let open_ai = json!({"model": model, "prompt": "a black cat", "size": size});
    let a1111 = json!({
        "prompt": "a black cat", "width": width, "height": height,
        "override_settings": {"sd_model_checkpoint": model},
    });
    let hugging_face = json!({
        "inputs": "a black cat", "parameters": {"width": width, "height": height},
    });
    [
        (OPEN_AI.to_owned(), with(open_ai, "")),
        (A1111.to_owned(), with(a1111, "")),
        (format!("/hf/{model}"), with(hugging_face, "parameters")),
    ]
}

#[tokio::test]
async fn a_size_becomes_the_nearest_that_the_model_paints() {
    let app = house_of([DIFFUSION, EMOJI]).start().await;
    let more = json!({"seed": 1, "steps": 1});
    for (model, asked, paints) in [
        ("emoji-diffusion", (1024, 1024), (64, 64)),
        ("emoji-diffusion", (256, 512), (64, 64)),
        ("stable-diffusion", (33, 47), (32, 44)),
        ("stable-diffusion", (3, 32), (4, 32)),
    ] {
        for (path, body) in in_each(model, asked.0, asked.1, &more) {
            let (file, warnings) = painted(&app, &path, &body).await;
            let step = size(&file);
            assert_eq!(step, paints, "{path}");
            let change = format!("{}x{} became {}x{}", asked.0, asked.1, paints.0, paints.1);
            assert!(warnings.contains(&change), "{path}: {warnings}");
        }
        // Whoever speaks the native dialect has read what it takes.
        let body = json!({
            "model": model, "prompt": "a cat", "steps": 1, "width": asked.0, "height": asked.1,
        });
        let refused = app.generate(&body).await;
        assert_eq!(refused.status(), 422);
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["field"], "width");
    }
}

#[tokio::test]
async fn every_bounded_number_becomes_the_nearest_that_the_model_takes() {
    let app = house_of([DIFFUSION]).start().await;
    for (field, value, nearest) in [
        ("num_inference_steps", json!(0), "1"),
        ("guidance_scale", json!(500), "100"),
        ("guidance_rescale", json!(2), "1"),
        ("eta", json!(-1), "0"),
    ] {
        let (seed, mut more) = (3, json!({"seed": 3, "num_inference_steps": 2}));
        if field == "eta" {
            more["scheduler"] = "ddim".into();
        }
        more[field] = value.clone();
        let [(open_ai, body), _, (hugging_face, parameters)] =
            in_each("stable-diffusion", 32, 32, &more);
        let change = format!("{field} {value} became {nearest}");
        for (path, body) in [(open_ai, body), (hugging_face, parameters)] {
            let (_, warnings) = painted(&app, &path, &body).await;
            assert!(
                warnings.contains(&change),
                "{path}, seed {seed}: {warnings}"
            );
        }
    }
}

#[tokio::test]
async fn a_number_beyond_what_serves_a_model_becomes_the_nearest_that_does() {
    let app = house_of([EMOJI]).start().await;
    // What the A1111 web UI's clients send by themselves.
    let body = json!({
        "prompt": "a black cat", "seed": 1, "cfg_scale": 7, "steps": 1,
        "override_settings": {"sd_model_checkpoint": "emoji-diffusion"},
    });
    let (by_itself, warnings) = painted(&app, A1111, &body).await;
    let says = "cfg_scale 7 became 3: emoji-diffusion takes 0 to 3";
    assert!(warnings.contains(says), "{warnings}");
    let mut within = body.clone();
    within["cfg_scale"] = 3.into();
    let (asked, warnings) = painted(&app, A1111, &within).await;
    assert_eq!(pixels(&by_itself), pixels(&asked));
    assert!(!warnings.contains("cfg_scale"), "{warnings}");

    let body = json!({"model": "emoji-diffusion", "prompt": "a black cat", "guidance": 7});
    let refused = app.generate(&body).await;
    assert_eq!(refused.status(), 422);
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["field"], "guidance");
    assert_eq!(problem["detail"], "7; expected 0 to 3");
}

#[tokio::test]
async fn what_is_painted_under_a_mask_alone_leaves_the_image_its_size() {
    let app = house_of([EMOJI, "images/upscale"]).start().await;
    let image = base64(&png(40, 24, |x, _| [(x * 6) as u8, 90, 60, 255]));
    let mask = base64(&png(40, 24, |x, _| match x > 20 {
        true => [255; 4],
        false => [0, 0, 0, 255],
    }));
    for sides in [Some((512, 512)), Some((40, 24)), None] {
        let mut body = json!({
            "prompt": "a dog", "steps": 2, "init_images": [image], "mask": mask,
            "inpaint_full_res": true,
            "override_settings": {"sd_model_checkpoint": "emoji-diffusion"},
        });
        if let Some((width, height)) = sides {
            body["width"] = width.into();
            body["height"] = height.into();
        }
        let (file, warnings) = painted(&app, "/sdapi/v1/img2img", &body).await;
        assert_eq!(size(&file), (40, 24), "{sides:?}");
        assert!(!warnings.contains("became"), "{sides:?}: {warnings}");
    }
}

#[tokio::test]
async fn schedulers_go_by_the_names_of_pythons_classes_and_unknown_ones_are_a_warning() {
    let app = house_of([EMOJI, DIFFUSION]).start().await;
    let asked = async |model: &str, scheduler: &str| {
        let body = json!({"inputs": "a cat", "parameters": {
            "scheduler": scheduler, "seed": 1, "num_inference_steps": 2,
        }});
        painted(&app, &format!("/hf/{model}"), &body).await
    };
    let (by_class, warnings) = asked("stable-diffusion", "EulerDiscreteScheduler").await;
    assert!(!warnings.contains("scheduler"), "{warnings}");
    let (by_name, _) = asked("stable-diffusion", "euler").await;
    assert_eq!(pixels(&by_class), pixels(&by_name));
    for (model, scheduler) in [
        ("emoji-diffusion", "EulerDiscreteScheduler"),
        ("stable-diffusion", "ScoreSdeVeScheduler"),
    ] {
        let (_, warnings) = asked(model, scheduler).await;
        assert!(
            warnings.contains("parameters.scheduler was not used"),
            "{warnings}"
        );
    }
}

#[tokio::test]
async fn a_fault_is_told_in_the_callers_words() {
    let app = house_of([DIFFUSION]).start().await;
    let body = json!({
        "model": "stable-diffusion", "prompt": "a cat", "latents": [1, 2, 3], "rng_seed": "x",
    });
    let answer = send(app.post(OPEN_AI, &body)).await;
    let error: Value = answer.json().await.unwrap();
    assert_eq!(error["error"]["param"], "rng_seed", "{error}");
}

#[tokio::test]
async fn a_seed_of_64_bits_is_taken_in_every_dialect() {
    let app = house_of([DIFFUSION]).start().await;
    const LARGE: u64 = (5 << 40) + 9;
    let more = |seed: Value| json!({"seed": seed, "steps": 1});
    let small = in_each("stable-diffusion", 32, 32, &more(json!(9)));
    for ((path, body), large) in small
        .iter()
        .zip([json!(LARGE), json!(LARGE.to_string())].iter().cycle())
    {
        let (small, _) = painted(&app, path, body).await;
        let mut body = body.clone();
        let fields = match path.starts_with("/hf/") {
            true => &mut body["parameters"],
            false => &mut body,
        };
        fields["seed"] = large.clone();
        let (large, warnings) = painted(&app, path, &body).await;
        assert!(pixels(&small) == pixels(&large), "{path}");
        assert!(!warnings.contains("seed"), "{warnings}");
    }
    let body = json!({"prompt": "x", "model": "stable-diffusion", "seed": LARGE, "steps": 1});
    let answer: Value = send(app.post(OPEN_AI, &body)).await.json().await.unwrap();
    assert_eq!(answer["data"][0]["seed"], LARGE);
}

#[tokio::test]
async fn slashes_too_many_and_a_version_are_passed_over() {
    let app = house().start().await;
    for path in ["/v1/models/", "/v1//models", "//v1/models", "/models//gan/"] {
        assert_eq!(send(app.get(path)).await.status(), 200, "{path}");
    }
    let body = json!({"prompt": "one"});
    for path in [
        "/sdapi/v1/txt2img/",
        "/v1//images/generations/",
        "/v1/images/generations?api-version=2024-02-01",
    ] {
        assert_eq!(send(app.post(path, &body)).await.status(), 200, "{path}");
    }
    // An error has the shape of the dialect that was meant.
    let none = send(app.get("//v1//nothing/")).await;
    assert_eq!(none.status(), 404);
    let none: Value = none.json().await.unwrap();
    assert_eq!(none["error"]["code"], "unknown_url");
    let typo = send(app.post("/v1/images/generations?n=2", &body)).await;
    assert_eq!(typo.status(), 422);
}

#[tokio::test]
async fn what_is_empty_is_as_if_left_out() {
    let app = house().start().await;
    for (path, body) in [
        (
            OPEN_AI,
            json!({"prompt": "one", "size": "", "model": "", "n": "", "style": ""}),
        ),
        (
            A1111,
            json!({
                "prompt": "one", "mask": "", "seed": "", "sampler_name": "", "scheduler": "",
                "script_name": "", "styles": [""], "override_settings": {"sd_model_checkpoint": ""},
            }),
        ),
        (
            "/hf/gan",
            json!({"inputs": "one", "parameters": {"seed": "", "mask_image": ""}}),
        ),
    ] {
        let (_, warnings) = painted(&app, path, &body).await;
        assert!(
            warnings.is_empty() || warnings == "[]",
            "{path}: {warnings}"
        );
    }
}

#[tokio::test]
async fn bodies_may_begin_with_a_mark_and_hold_half_a_character() {
    let app = house().start().await;
    for (path, text) in [
        ("/generate", r#"{"prompt": "one", "seed": 1}"#),
        (OPEN_AI, r#"{"prompt": "one \ud83d", "model": "gan"}"#),
        (A1111, r#"{"prompt": "one"}"#),
        ("/hf/gan", r#"{"inputs": "one"}"#),
    ] {
        let request = app.post(path, &json!({})).body(format!("\u{feff}{text}"));
        let answer = send(request).await;
        assert_eq!(answer.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn models_that_clients_have_built_in_are_the_default_model() {
    let app = house_of([DIFFUSION])
        .alias("dall-e-3", "stable-diffusion")
        .start()
        .await;
    for (name, model) in [
        ("dall-e-2", "gan"),
        ("gpt-image-1", "gan"),
        ("gpt-image-2-mini", "gan"),
        ("dall-e-3", "stable-diffusion"),
    ] {
        let body = json!({"model": name, "prompt": "one"});
        let answer = send(app.post(OPEN_AI, &body)).await;
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["model"], model);
        let warned = answer["warnings"].to_string().contains(name);
        assert_eq!(warned, model == "gan", "{answer}");
    }
    let other = send(app.post(OPEN_AI, &json!({"model": "flux", "prompt": "one"}))).await;
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn files_may_be_gif() {
    let app = house().start().await;
    let body = json!({"prompt": "one", "n": 2, "output_format": "gif"});
    let answer: Value = send(app.post(OPEN_AI, &body)).await.json().await.unwrap();
    assert_eq!(answer["output_format"], "gif");
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
    for image in answer["data"].as_array().unwrap() {
        assert!(decoded(&image["b64_json"]).starts_with(b"GIF89a"));
    }
    // A walk has frames.
    let walk = json!({
        "format": "gif", "loop": true,
        "interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 3},
    });
    let walk = app.generated(&walk).await;
    assert_eq!(walk["images"].as_array().map(Vec::len), Some(1));
    let file = crate::harness::image_file(&walk, 0);
    let frames = file.windows(2).filter(|pair| *pair == [0x21, 0xf9]).count();
    assert_eq!(
        frames, 4,
        "three images, and the one in the middle on the way back"
    );
    assert_eq!(FileFormat::sniff(&file), None);
}

#[tokio::test]
async fn newer_fields_of_the_api_are_known() {
    let app = house_of([DIFFUSION]).start().await;
    for quality in ["xhigh", "max"] {
        let body = json!({
            "model": "stable-diffusion", "prompt": "a cat", "quality": quality, "steps": 1,
            "complexity": "high",
        });
        let (_, warnings) = painted(&app, OPEN_AI, &body).await;
        assert!(warnings.contains("complexity was not used"), "{warnings}");
    }
}

#[tokio::test]
async fn a_text_that_is_cut_is_told_also_of_the_negative_prompt() {
    let app = house_of([DIFFUSION]).start().await;
    let long = "a very small red cat on the blue house ".repeat(12);
    let body = json!({
        "model": "stable-diffusion", "prompt": "a cat", "negative_prompt": long, "steps": 1,
    });
    let answer = app.generated(&body).await;
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("of negative_prompt; left out"),
        "{warnings}"
    );
}

#[tokio::test]
async fn few_steps_of_an_image_paint_at_least_one() {
    let app = house_of([DIFFUSION]).start().await;
    let image = base64(&png(32, 32, |x, _| [(x * 8) as u8, 60, 60, 255]));
    let body = json!({
        "prompt": "x", "seed": 1, "steps": 4, "denoising_strength": 0.2, "width": 32, "height": 32,
        "init_images": [image], "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
    });
    let (few, warnings) = painted(&app, "/sdapi/v1/img2img", &body).await;
    assert!(warnings.contains("so one was painted"), "{warnings}");
    let native = json!({
        "model": "stable-diffusion", "prompt": "x", "seed": 1, "steps": 4, "strength": 0.25,
        "width": 32, "height": 32, "image": image,
    });
    let native = app.generated(&native).await;
    let one = crate::harness::image_file(&native, 0);
    assert!(pixels(&few) == pixels(&one));
}

#[tokio::test]
async fn one_model_is_the_default_wherever_it_is_asked_for() {
    let mut models = ["models/gan", "models/vae", DIFFUSION].into_iter();
    let app = TestApp::with(&mut models).start().await;
    let list: Value = send(app.get("/models")).await.json().await.unwrap();
    assert_eq!(list["default_model"], "stable-diffusion");
    for body in [json!({}), json!({"prompt": "a cat"})] {
        assert_eq!(app.generated(&body).await["model"], "stable-diffusion");
    }
    let answer = send(
        app.post("/generate", &json!({}))
            .header("accept", "image/png"),
    )
    .await;
    assert_eq!(header(&answer, "x-atelier-model"), Some("stable-diffusion"));
}

/// Clients send a sampler by themselves, and most fit no model that was trained along straight lines.
#[tokio::test]
async fn a_sampler_for_another_kind_of_noise_gives_way_to_the_models_own() {
    let app = house_of([EMOJI]).start().await;
    let body = |sampler: Value| json!({"prompt": "a cat", "seed": 1, "steps": 2, "sampler_name": sampler, "override_settings": {"sd_model_checkpoint": "emoji-diffusion"}});
    let (own, warnings) = painted(&app, A1111, &body(Value::Null)).await;
    assert_eq!(warnings, "[]");
    for (sampler, is_told) in [
        ("Euler a", true),
        ("DPM++ 2M Karras", true),
        ("Euler", false),
    ] {
        let (made, warnings) = painted(&app, A1111, &body(json!(sampler))).await;
        assert_eq!(pixels(&made), pixels(&own), "{sampler}");
        let told = warnings.contains("sampler_name was not used");
        assert_eq!(told, is_told, "{sampler}: {warnings}");
    }
    let answer = app
        .generate(&json!({"model": "emoji-diffusion", "prompt": "a cat", "scheduler": "ddim"}))
        .await;
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.expect("a problem");
    assert_eq!(problem["field"], "scheduler");
    assert!(
        problem["detail"].to_string().contains("flow_match_euler"),
        "{problem}"
    );
}
