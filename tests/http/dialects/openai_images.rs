//! OpenAI's image API, where images come in or go out as they are painted.

use reqwest::Response;
use serde_json::{Value, json};

use super::openai::{GENERATIONS, body, paint, refused, warned};
use super::{DIFFUSION, base64, decoded, house_of, png};
use crate::harness::{TestApp, header, send};

/// A form as clients write it: text parts, then files.
async fn form(
    app: &TestApp,
    path: &str,
    text: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Response {
    let mut body = Vec::new();
    for (name, value) in text {
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    for (name, file) in files {
        let head = format!(
            "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--B--\r\n");
    let request = app.client.post(app.url(path));
    let request = request.header("content-type", "multipart/form-data; boundary=B");
    send(request.body(body)).await
}

#[tokio::test]
async fn a_mask_says_what_is_painted_anew() {
    let app = house_of([DIFFUSION]).start().await;
    let image = png(32, 32, |x, _| [if x < 16 { 255 } else { 0 }, 60, 60, 255]);
    let left_gone = png(32, 32, |x, _| [0, 0, 0, if x < 16 { 0 } else { 255 }]);
    let left_white = png(
        32,
        32,
        |x, _| if x < 16 { [255; 4] } else { [0, 0, 0, 255] },
    );
    let text = [
        ("model", "stable-diffusion"),
        ("prompt", "a cat"),
        ("seed", "5"),
        ("steps", "2"),
    ];
    let edit = async |mask: &[u8]| {
        let files = [("image", &image[..]), ("mask", mask)];
        body(form(&app, "/v1/images/edits", &text, &files).await, 200).await
    };
    let transparent = edit(&left_gone).await;
    let white = edit(&left_white).await;
    assert_eq!(
        transparent["data"][0]["b64_json"],
        white["data"][0]["b64_json"]
    );
    assert!(!warned(&transparent, "no transparent pixel"));
    assert!(warned(&white, "no transparent pixel"));

    let native = json!({
        "model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 2,
        "image": base64(&image), "mask": base64(&left_white),
    });
    let native = app.generated(&native).await;
    assert_eq!(native["images"][0]["b64"], white["data"][0]["b64_json"]);

    // The same as JSON, and with the image's own transparency as the mask.
    let url = |file: &[u8]| json!({"image_url": format!("data:image/png;base64,{}", base64(file))});
    let request = json!({
        "model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 2,
        "images": [url(&image)], "mask": url(&left_gone),
    });
    let json = paint(&app, "/v1/images/edits", request).await;
    assert_eq!(json["data"][0]["b64_json"], white["data"][0]["b64_json"]);
}

#[tokio::test]
async fn a_mask_is_honoured_or_refused() {
    let app = house_of([DIFFUSION, "models/vae", "models/autoregressive"])
        .start()
        .await;
    let image = png(32, 32, |_, _| [200, 60, 60, 255]);
    let small = png(16, 16, |_, _| [0, 0, 0, 0]);
    let half = png(32, 32, |x, _| [0, 0, 0, if x < 16 { 0 } else { 255 }]);
    let lower = png(32, 32, |_, y| [0, 0, 0, if y < 16 { 255 } else { 0 }]);
    let edit = async |model: &str, mask: &[u8]| {
        let text = [("model", model), ("prompt", "one"), ("seed", "5")];
        form(
            &app,
            "/v1/images/edits",
            &text,
            &[("image[]", &image), ("mask", mask)],
        )
        .await
    };
    for (model, mask, param) in [
        ("stable-diffusion", &small, "mask"),
        ("vae", &half, "mask"),
        ("gan", &half, "image"),
        ("autoregressive", &half, "mask"),
    ] {
        let refusal = body(edit(model, mask).await, 422).await;
        let message = refusal["error"]["message"].as_str().unwrap();
        assert!(message.contains(param), "{model}: {message}");
    }
    // A model that paints downwards keeps what is above.
    let kept = body(edit("autoregressive", &lower).await, 200).await;
    assert_eq!(kept["size"], "6x5");
    let none = form(&app, "/v1/images/edits", &[("prompt", "one")], &[]).await;
    assert_eq!(body(none, 422).await["error"]["param"], "image");
}

#[tokio::test]
async fn images_are_varied_without_words() {
    let app = house_of([DIFFUSION]).start().await;
    let image = png(32, 32, |x, y| [(x * 8) as u8, (y * 8) as u8, 60, 255]);
    let text = [
        ("model", "stable-diffusion"),
        ("n", "2"),
        ("steps", "2"),
        ("seed", "1"),
    ];
    let files = [("image", &image[..])];
    let answer = body(
        form(&app, "/v1/images/variations", &text, &files).await,
        200,
    )
    .await;
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    assert_ne!(data[0]["b64_json"], data[1]["b64_json"]);
}

/// The events of a stream that has ended.
async fn events(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some("text/event-stream"));
    let text = response.text().await.expect("a stream of text");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("events are JSON"))
        .collect()
}

#[tokio::test]
async fn streams_tell_of_unfinished_images_and_finished_ones() {
    let app = house_of([DIFFUSION]).start().await;
    let request = json!({
        "model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 6, "n": 2,
        "stream": true, "partial_images": 2,
    });
    let told = events(send(app.post(GENERATIONS, &request)).await).await;
    let of = |kind: &str| -> Vec<&Value> {
        let of_kind = told.iter().filter(|event| event["type"] == kind);
        of_kind.collect()
    };
    let partial = of("image_generation.partial_image");
    assert!(
        !partial.is_empty() && partial.len() <= 4,
        "{}",
        partial.len()
    );
    assert_eq!(partial[0]["partial_image_index"], 0);
    assert_eq!(partial[0]["size"], "32x32");
    let completed = of("image_generation.completed");
    assert_eq!(completed.len(), 2);
    for event in &completed {
        for field in [
            "created_at",
            "size",
            "quality",
            "background",
            "output_format",
            "usage",
        ] {
            assert!(event.get(field).is_some(), "{field}");
        }
    }
    let native = json!({"model": "stable-diffusion", "prompt": "a cat", "seed": 5, "steps": 6});
    let native = app.generated(&native).await;
    let first = completed.iter().find(|event| event["index"] == 0);
    assert_eq!(first.unwrap()["b64_json"], native["images"][0]["b64"]);
}

#[tokio::test]
async fn streams_say_what_cannot_be_honoured_and_how_it_ended() {
    let app = house_of(["faults/gan-nan"]).start().await;
    let request = json!({
        "prompt": "one", "stream": true, "partial_images": 3, "response_format": "url",
    });
    let told = events(send(app.post(GENERATIONS, &request)).await).await;
    assert_eq!(told.len(), 1);
    assert!(warned(&told[0], "partial_images") && warned(&told[0], "response_format"));

    // What is refused before it begins is no stream.
    let wrong = json!({"prompt": "one", "stream": true, "n": 0});
    refused(&app, GENERATIONS, wrong, 422).await;

    let fault = json!({
        "model": "gan-nan", "prompt": "", "latents": vec![-1.0; 8], "stream": true,
    });
    let told = events(send(app.post(GENERATIONS, &fault)).await).await;
    assert_eq!(told[0]["type"], "error");
    for field in ["message", "type", "param", "code"] {
        assert!(told[0]["error"].get(field).is_some(), "{field}");
    }
}

#[tokio::test]
async fn variations_of_an_icon_are_like_it_and_unlike_each_other() {
    let app = house_of(["../../onnx/emoji-diffusion"]).start().await;
    let icon = png(40, 40, |x, y| {
        let inside = x.abs_diff(20).pow(2) + y.abs_diff(20).pow(2) < 200;
        if inside { [220, 30, 30, 255] } else { [255; 4] }
    });
    let text = [
        ("model", "emoji-diffusion"),
        ("n", "2"),
        ("seed", "5"),
        ("strength", "0.3"),
    ];
    let files = [("image", &icon[..])];
    let answer = form(&app, "/v1/images/variations", &text, &files).await;
    let answer = body(answer, 200).await;
    assert_eq!(answer["size"], "64x64");
    assert_eq!(answer["background"], "transparent");
    assert!(
        warned(&answer, "its plain background was taken for a clear one"),
        "{}",
        answer["warnings"]
    );
    let images = [0, 1].map(|at: usize| {
        let file = decoded(&answer["data"][at]["b64_json"]);
        atelier::imaging::decode(&file, &atelier::imaging::DecodeLimits::default())
            .expect("an image")
    });
    assert_ne!(images[0].pixels(), images[1].pixels());
    for image in images {
        let at = |x: usize, y: usize| &image.pixels()[4 * (64 * y + x)..][..4];
        let [red, green, _, alpha] = at(32, 32) else {
            panic!("four channels")
        };
        assert!(
            *red > 120 && *green < 120 && *alpha > 200,
            "{:?}",
            at(32, 32)
        );
        assert!(at(1, 1)[3] < 40, "its corner is clear: {:?}", at(1, 1));
    }
}
