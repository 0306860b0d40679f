//! Values that no client should send: each is an error that names its field as it was written, in the
//! caller's language, or is honoured as far as it can be, with a word.

use reqwest::Response;
use serde_json::{Value, json};

use super::{DIFFUSION, base64, house, house_of, png};
use crate::harness::{TestApp, send};

async fn refusal(response: Response) -> (String, String) {
    let status = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 422, "{body}");
    if let Some(message) = body["error"]["message"].as_str() {
        let param = body["error"]["param"].as_str().unwrap_or_default();
        return (param.to_owned(), message.to_owned());
    }
    if let Some(message) = body["error"].as_str() {
        // In French a space stands before it.
        let (field, message) = message.split_once(':').expect("a field");
        return (field.trim().to_owned(), message.trim().to_owned());
    }
    let fault = &body["detail"][0];
    let path: Vec<&str> = fault["loc"].as_array().expect("a path")[1..]
        .iter()
        .map(|part| part.as_str().expect("a name"))
        .collect();
    (
        path.join("."),
        fault["msg"].as_str().expect("a text").to_owned(),
    )
}

async fn warnings(response: Response) -> Vec<String> {
    let status = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{body}");
    let warnings = body["warnings"].as_array().expect("a list").iter();
    warnings
        .map(|warning| warning.as_str().expect("a text").to_owned())
        .collect()
}

#[tokio::test]
async fn a_value_of_another_kind_is_named_as_it_was_written_and_in_the_callers_language() {
    let app = house().start().await;
    let image = base64(&png(8, 8, |_, _| [9, 9, 9, 255]));
    let a1111 = |field: &str, value: Value| {
        let request = json!({"prompt": "one", field: value});
        ("/sdapi/v1/txt2img", request, field.to_owned())
    };
    let extra = |field: &str, value: Value| {
        let request = json!({"image": image, field: value});
        ("/sdapi/v1/extra-single-image", request, field.to_owned())
    };
    let nested = json!({"sd_model_checkpoint": 3});
    let cases = [
        a1111("sampler_name", json!(5)),
        a1111("sampler_index", json!([])),
        a1111("scheduler", json!({})),
        a1111("restore_faces", json!("perhaps")),
        a1111("do_not_save_grid", json!(2)),
        a1111("s_churn", json!("nan")),
        a1111("script_args", json!({})),
        a1111("alwayson_scripts", json!([1])),
        a1111("hr_checkpoint_name", json!(1)),
        a1111("resize_mode", json!(-1)),
        (
            "/sdapi/v1/txt2img",
            json!({"override_settings": nested}),
            "override_settings.sd_model_checkpoint".to_owned(),
        ),
        (
            "/sdapi/v1/txt2img",
            json!({"override_settings": {"samples_format": 3}}),
            "override_settings.samples_format".to_owned(),
        ),
        (
            "/sdapi/v1/options",
            json!({"sd_model_checkpoint": [1]}),
            "sd_model_checkpoint".to_owned(),
        ),
        extra("resize_mode", json!("x")),
        extra("upscaling_resize", json!(true)),
        extra("upscaler_1", json!(1)),
        extra("image", json!("x!")),
        (
            "/sdapi/v1/png-info",
            json!({"image": "AQID"}),
            "image".to_owned(),
        ),
        (
            "/v1/images/edits",
            json!({"prompt": "x", "images": ["AQID"], "model": "gan"}),
            "images".to_owned(),
        ),
        (
            "/v1/images/edits",
            json!({"prompt": "x", "images": [image], "image": image}),
            "images".to_owned(),
        ),
        (
            "/hf/gan",
            json!({"inputs": "one", "options": 3}),
            "options".to_owned(),
        ),
        (
            "/hf/gan",
            json!({"inputs": "one", "parameters": {"seed": "z".repeat(5000)}}),
            "parameters.seed".to_owned(),
        ),
    ];
    for (path, request, field) in cases {
        let mut told = Vec::new();
        for language in ["en", "fr", "vi"] {
            let asked = app.post(path, &request).header("accept-language", language);
            let (found, message) = refusal(send(asked).await).await;
            assert_eq!(found, field, "{path}: {message}");
            assert!(message.len() < 2200, "{path}: {} bytes", message.len());
            assert!(!told.contains(&message), "{path} {field}: {message}");
            told.push(message);
        }
    }
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_refused() {
    let app = house().start().await;
    for (path, body, field) in [
        (
            "/v1/images/generations",
            r#"{"prompt": "one", "n": 1, "n": 2}"#,
            "`n`",
        ),
        (
            "/sdapi/v1/txt2img",
            r#"{"seed": 1, "prompt": "one", "seed": 2}"#,
            "`seed`",
        ),
        (
            "/hf/gan",
            r#"{"inputs": "one", "inputs": "two"}"#,
            "`inputs`",
        ),
        (
            "/hf/gan",
            r#"{"inputs": "one", "parameters": {"seed": 1, "seed": 2}}"#,
            "`seed`",
        ),
    ] {
        let request = app.post(path, &json!({})).body(body);
        let answer = send(request.header("accept-language", "fr")).await;
        assert_eq!(answer.status(), 422, "{path}");
        let text = answer.text().await.expect("a body");
        assert!(text.contains("deux fois") && text.contains(field), "{text}");
    }
}

#[tokio::test]
async fn a_hundred_thousand_fields_are_not_as_many_warnings() {
    let app = house().start().await;
    let many = |mut request: Value| {
        for number in 0..100_000 {
            request[format!("x{number}\n")] = 1.into();
        }
        request
    };
    for (path, request) in [
        ("/v1/images/generations", many(json!({"prompt": "one"}))),
        ("/sdapi/v1/txt2img", many(json!({"prompt": "one"}))),
        (
            "/sdapi/v1/txt2img",
            json!({"prompt": "one", "styles": vec!["noir"; 100_000]}),
        ),
    ] {
        let told = warnings(send(app.post(path, &request)).await).await;
        assert!(told.len() < 40, "{path}: {}", told.len());
        let last = told
            .iter()
            .any(|warning| warning.contains("more fields were not used"));
        assert!(last, "{path}: {told:?}");
    }
    let request = json!({"inputs": "one", "parameters": many(json!({}))});
    let answer = send(app.post("/hf/gan", &request)).await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().get_all("x-atelier-warning");
    let bytes: usize = headers.iter().map(|value| value.len()).sum();
    assert!((100..4096).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn what_changes_nothing_is_said_by_its_own_name() {
    let app = house_of([DIFFUSION]).start().await;
    let asked = async |more: Value| {
        let mut request = json!({
            "prompt": "a cat", "steps": 1, "width": 32, "height": 32,
            "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
        });
        for (name, value) in more.as_object().expect("fields") {
            request[name] = value.clone();
        }
        warnings(send(app.post("/sdapi/v1/txt2img", &request)).await)
            .await
            .join("; ")
    };
    for (more, says) in [
        (
            json!({"subseed_strength": -0.5}),
            "subseed_strength -0.5 became 0",
        ),
        (
            json!({"seed_resize_from_w": 64}),
            "seed_resize_from_w was not used: it goes with seed_resize_from_h",
        ),
        (json!({"n_iter": 0}), "n_iter 0 became 1"),
        (
            json!({
                "batch_size": 2, "n_iter": 1000, "prompt": "one",
                "override_settings": {"sd_model_checkpoint": "gan"},
            }),
            "batch_size × n_iter 2000 became 64",
        ),
        (
            json!({"eta": 0.5}),
            "eta was not used: it goes with sampler_name DDIM",
        ),
        (
            json!({"sampler_name": "Heun", "scheduler": "karras"}),
            "scheduler was not used",
        ),
        (
            json!({"override_settings": {"sd_model_checkpoint": "stable-diffusion", "CLIP": 2}}),
            "override_settings.CLIP was not used",
        ),
    ] {
        let told = asked(more).await;
        assert!(told.contains(says), "{says}: {told}");
    }
    // As clients send them with every request.
    let told = asked(json!({"eta": 1.0, "seed_resize_from_w": -1, "seed_resize_from_h": 0})).await;
    assert_eq!(told, "");
}

#[tokio::test]
async fn a_part_of_a_form_is_there_once() {
    let app: TestApp = house_of([DIFFUSION]).start().await;
    let file = png(32, 32, |_, _| [9, 9, 9, 255]);
    let mut form = Vec::new();
    for name in ["image", "mask", "mask"] {
        let head = format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n"
        );
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(&file);
        form.extend_from_slice(b"\r\n");
    }
    let prompt = "--B\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n--B--\r\n";
    form.extend_from_slice(prompt.as_bytes());
    let request = app.client.post(app.url("/v1/images/edits"));
    let request = request.header("content-type", "multipart/form-data; boundary=B");
    let (field, message) = refusal(send(request.body(form)).await).await;
    assert_eq!(field, "mask", "{message}");
}

#[tokio::test]
async fn what_memory_has_no_room_for_is_told_by_the_callers_field() {
    let app = house_of([DIFFUSION]).memory(1).start().await;
    let a1111 = json!({"sd_model_checkpoint": "stable-diffusion"});
    for (path, request, field) in [
        (
            "/v1/images/generations",
            json!({"model": "stable-diffusion", "prompt": "x", "size": "4096x4096"}),
            "size",
        ),
        (
            "/v1/images/generations",
            json!({"model": "stable-diffusion", "prompt": "x", "height": u64::MAX}),
            "height",
        ),
        (
            "/sdapi/v1/txt2img",
            json!({"prompt": "x", "width": 4096, "height": 4096, "override_settings": a1111}),
            "width",
        ),
        (
            "/hf/stable-diffusion",
            json!({"inputs": "x", "parameters": {"target_size": {"width": 4096, "height": 4096}}}),
            "parameters.target_size",
        ),
        (
            "/hf/stable-diffusion",
            json!({"inputs": "x", "parameters": {"height": 4096}}),
            "parameters.height",
        ),
    ] {
        let (found, message) = refusal(send(app.post(path, &request)).await).await;
        assert_eq!(found, field, "{path}: {message}");
        assert!(message.contains("would fit"), "{message}");
    }
}
