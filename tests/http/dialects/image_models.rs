//! Models that make an image of an image, as the clients of other services reach them.

use reqwest::Response;
use serde_json::{Value, json};

use super::{DIFFUSION, base64, decoded, house_of, png, size};
use crate::harness::{TestApp, image_file, send};

const EDITS: &str = "/v1/images/edits";

async fn app() -> TestApp {
    house_of(["images/upscale", "images/style", DIFFUSION])
        .start()
        .await
}

fn picture() -> Vec<u8> {
    png(12, 8, |x, y| [(x * 20) as u8, (y * 30) as u8, 128, 255])
}

fn pixels(file: &[u8]) -> Vec<u8> {
    let limits = atelier::imaging::DecodeLimits::default();
    let image = atelier::imaging::decode(file, &limits);
    image.expect("an image").into_pixels()
}

async fn body(response: Response) -> Value {
    let status = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 200, "{body}");
    body
}

async fn native(app: &TestApp, request: Value) -> Vec<u8> {
    pixels(&image_file(&app.generated(&request).await, 0))
}

#[tokio::test]
async fn edits_enlarge_by_the_scale_that_comes_nearest_to_the_size() {
    let app = app().await;
    let image = base64(&picture());
    let edit = async |more: Value| {
        let mut request = json!({"model": "upscale", "prompt": "sharper", "image": image});
        for (name, value) in more.as_object().expect("fields") {
            request[name] = value.clone();
        }
        let answer = body(send(app.post(EDITS, &request)).await).await;
        let file = decoded(&answer["data"][0]["b64_json"]);
        (size(&file), pixels(&file), answer["warnings"].to_string())
    };
    let (usual, file, warnings) = edit(json!({})).await;
    assert_eq!(usual, (24, 16));
    assert!(warnings.contains("prompt was not used"), "{warnings}");
    let same = native(&app, json!({"model": "upscale", "image": image})).await;
    assert!(file == same);
    let (exact, _, warnings) = edit(json!({"size": "48x32"})).await;
    assert_eq!(exact, (48, 32));
    assert!(!warnings.contains("size"), "{warnings}");
    let (near, _, warnings) = edit(json!({"size": "40x40", "scale": 4})).await;
    assert_eq!(near, (48, 32));
    assert!(
        warnings.contains("size was not used: scale says"),
        "{warnings}"
    );
    let (near, _, warnings) = edit(json!({"size": "50x40"})).await;
    assert_eq!(near, (48, 32));
    assert!(
        warnings.contains("size 50x40 became 48x32: upscale enlarges by 2, 4"),
        "{warnings}"
    );
    let (_, _, warnings) = edit(json!({"scale": 3})).await;
    assert!(warnings.contains("scale 3 became 2"), "{warnings}");
    let (_, _, warnings) = edit(json!({"n": 3})).await;
    assert!(warnings.contains("n 3 became 1: "), "{warnings}");
}

#[tokio::test]
async fn a_style_is_chosen_by_the_field_that_each_dialect_has_for_it() {
    let app = app().await;
    let image = base64(&picture());
    let red = native(
        &app,
        json!({"model": "style", "image": image, "style": "red"}),
    )
    .await;
    let other = native(
        &app,
        json!({"model": "style", "image": image, "style": "blue"}),
    )
    .await;
    assert!(red != other);

    let edit = json!({"model": "style", "prompt": "blue", "style": "rouge", "image": image});
    let edit = body(send(app.post(EDITS, &edit)).await).await;
    assert!(pixels(&decoded(&edit["data"][0]["b64_json"])) == red);
    let warnings = edit["warnings"].to_string();
    assert!(
        warnings.contains("prompt was not used: style says which style it is"),
        "{warnings}"
    );
    let edit = json!({"model": "style", "prompt": "blue", "style": "vivid", "image": image});
    let edit = body(send(app.post(EDITS, &edit)).await).await;
    assert!(pixels(&decoded(&edit["data"][0]["b64_json"])) == other);
    let warnings = edit["warnings"].to_string();
    assert!(
        warnings.contains("style was not used: those of style are red"),
        "{warnings}"
    );

    let request = json!({
        "init_images": [image], "styles": ["noir", "red", "blue"], "width": 512, "height": 512,
        "override_settings": {"sd_model_checkpoint": "style"},
    });
    let made = body(send(app.post("/sdapi/v1/img2img", &request)).await).await;
    assert!(pixels(&decoded(&made["images"][0])) == red);
    let warnings = made["warnings"].to_string();
    for word in ["noir", "this one has red", "keeps the size"] {
        assert!(warnings.contains(word), "{word}: {warnings}");
    }
    let chosen = json!({"sd_model_checkpoint": "style"});
    let set = send(app.post("/sdapi/v1/options", &chosen)).await;
    let cookie = set.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    let pair = cookie.split(';').next().expect("a pair").to_owned();
    let styles = app.get("/sdapi/v1/prompt-styles").header("cookie", pair);
    let styles = body(send(styles).await).await;
    assert_eq!(styles[0]["name"], "red");

    let painted = json!({"inputs": image, "parameters": {"prompt": "rouge"}});
    let painted = send(app.post("/hf/style", &painted)).await;
    assert_eq!(painted.status(), 200);
    assert!(pixels(&painted.bytes().await.expect("a body")) == red);
}

#[tokio::test]
async fn words_alone_are_told_that_an_image_is_needed() {
    let app = app().await;
    for (path, request, field) in [
        (
            "/hf/upscale",
            json!({"inputs": "a cat"}),
            "inputs: holds no image",
        ),
        (
            "/sdapi/v1/txt2img",
            json!({"override_settings": {"sd_model_checkpoint": "upscale"}}),
            "init_images",
        ),
        (
            "/v1/images/generations",
            json!({"model": "upscale", "prompt": "a cat"}),
            "image: is missing",
        ),
    ] {
        let refused = send(app.post(path, &request)).await;
        assert_eq!(refused.status(), 422, "{path}");
        let text = refused.text().await.expect("a body");
        assert!(text.contains(field), "{path}: {text}");
    }
}

#[tokio::test]
async fn an_image_is_cropped_or_filled_up_as_resize_mode_says() {
    let app = app().await;
    // Three bands of 32 x 32, of which the middle one is the crop.
    let band = |at: u32, y: u32| {
        [
            (at * 90 + 20) as u8,
            (y * 8) as u8,
            200 - (at * 60) as u8,
            255,
        ]
    };
    let wide = base64(&png(96, 32, |x, y| band(x / 32, y)));
    let middle = base64(&png(32, 32, |_, y| band(1, y)));
    let request = |image: &str, mode: u64| {
        json!({
            "prompt": "x", "seed": 3, "steps": 2, "denoising_strength": 0.5, "width": 32,
            "height": 32, "init_images": [image], "resize_mode": mode,
            "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
        })
    };
    let paint = async |request: Value| {
        let made = body(send(app.post("/sdapi/v1/img2img", &request)).await).await;
        let file = decoded(&made["images"][0]);
        assert_eq!(size(&file), (32, 32));
        (pixels(&file), made["warnings"].to_string())
    };
    let (stretched, _) = paint(request(&wide, 0)).await;
    let (cropped, warnings) = paint(request(&wide, 1)).await;
    assert!(!warnings.contains("resize_mode"), "{warnings}");
    let (filled, _) = paint(request(&wide, 2)).await;
    assert!(stretched != cropped, "cropped");
    assert!(cropped != filled, "cropped and filled");
    assert!(filled != stretched, "filled");
    let (expected, _) = paint(request(&middle, 0)).await;
    assert!(cropped == expected);
    let (latent, warnings) = paint(request(&wide, 3)).await;
    assert!(latent == stretched);
    assert!(warnings.contains("resize_mode 3 became 0"), "{warnings}");
    // The mask has the image's shape, and goes the same way.
    let half = |wide: u32, split: u32| {
        base64(&png(wide, 32, move |x, _| {
            if x < split { [255; 4] } else { [0, 0, 0, 255] }
        }))
    };
    let with_mask = |image: &str, mode: u64, mask: String| {
        let mut request = request(image, mode);
        request["mask"] = mask.into();
        request
    };
    let (cropped, _) = paint(with_mask(&wide, 1, half(96, 48))).await;
    let (expected, _) = paint(with_mask(&middle, 0, half(32, 16))).await;
    assert!(cropped == expected);
    let (_, warnings) = paint({
        let mut request = with_mask(&wide, 1, half(96, 48));
        request["inpainting_fill"] = 7.into();
        request
    })
    .await;
    assert!(
        warnings.contains("inpainting_fill 7 became 1"),
        "{warnings}"
    );
}
