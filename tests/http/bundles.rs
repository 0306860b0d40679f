//! Many images in one file: sheets and animations.

use std::io::Cursor;

use atelier::imaging::{DecodeLimits, decode, read_provenance};
use image::AnimationDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use serde_json::{Value, json};

use crate::harness::{TestApp, header, image_file, send};

/// The milliseconds of each frame.
fn frames(file: &[u8]) -> Vec<u32> {
    let bytes = Cursor::new(file);
    let frames = if file.starts_with(b"RIFF") {
        WebPDecoder::new(bytes).expect("it is sound").into_frames()
    } else {
        PngDecoder::new(bytes)
            .expect("it is sound")
            .apng()
            .expect("it is sound")
            .into_frames()
    };
    frames
        .map(|frame| frame.expect("a whole frame").delay().numer_denom_ms().0)
        .collect()
}

fn walk(steps: u64) -> Value {
    json!({"from": {"seed": 1}, "to": {"seed": 2}, "steps": steps})
}

#[tokio::test]
async fn a_walk_is_one_file() {
    let app = TestApp::with(["models/gan"]).start().await;
    for (format, media_type) in [("apng", "image/apng"), ("webp-animation", "image/webp")] {
        let body = json!({"interpolate": walk(4), "format": format, "frame_ms": 70, "class": 1});
        let answer = app.generated(&body).await;
        assert_eq!(answer["images"].as_array().unwrap().len(), 1);
        let image = &answer["images"][0];
        assert_eq!(image["media_type"], media_type);
        assert_eq!(image["frames"], 4);
        assert_eq!(image["class"], json!({"bar": "second"}));
        assert_eq!((&image["width"], &image["seed"]), (&json!(8), &Value::Null));
        let file = image_file(&answer, 0);
        assert_eq!(frames(&file), [70; 4], "{format}");
        let found = read_provenance(&file).unwrap();
        assert_eq!(found.model.as_deref(), Some("gan"));

        let body = json!({"interpolate": walk(4), "format": format, "loop": true});
        let closed = app.generated(&body).await;
        assert_eq!(closed["images"][0]["frames"], 6);
        assert_eq!(frames(&image_file(&closed, 0)), [100; 6]);
    }
}

#[tokio::test]
async fn accept_asks_for_an_animation_of_a_walk() {
    let app = TestApp::with(["models/gan"]).start().await;
    for media_type in ["image/apng", "image/webp"] {
        let request = app.post("/generate", &json!({"interpolate": walk(3)}));
        let response = send(request.header("accept", media_type)).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-type"), Some(media_type));
        let file = response.bytes().await.unwrap();
        assert_eq!(frames(&file).len(), 3);
    }
    let request = app.post("/generate", &json!({"interpolate": walk(3)}));
    assert_eq!(
        send(request.header("accept", "image/png")).await.status(),
        406
    );
}

#[tokio::test]
async fn a_sheet_says_what_each_of_its_cells_is() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"n": 5, "seed": 4, "grid": {"columns": 3}});
    let answer = app.generated(&body).await;
    let image = &answer["images"][0];
    assert_eq!(
        (&image["width"], &image["height"]),
        (&json!(28), &json!(18))
    );
    let cells = image["cells"].as_array().unwrap();
    let seeds: Vec<u64> = cells
        .iter()
        .map(|cell| cell["seed"].as_u64().unwrap())
        .collect();
    assert_eq!(seeds, [4, 5, 6, 7, 8]);
    assert_eq!(cells[3]["class"], json!({"bar": "fourth"}));
    assert_eq!(image["class"], Value::Null, "the cells differ in it");
    let sheet = decode(&image_file(&answer, 0), &DecodeLimits::default()).unwrap();
    let alone = app.generated(&json!({"seed": 8})).await;
    let alone = decode(&image_file(&alone, 0), &DecodeLimits::default()).unwrap();
    // The fifth stands in the second row and column, two pixels apart from its neighbours.
    for (y, row) in alone.pixels().chunks(8).enumerate() {
        let start = (10 + y) * 28 + 10;
        assert_eq!(sheet.pixels()[start..start + 8], *row);
    }

    let square = json!({"n": 4, "best_of": 6, "grid": true, "class": 2});
    let answer = app.generated(&square).await;
    let image = &answer["images"][0];
    assert_eq!(
        (&image["width"], &image["height"]),
        (&json!(18), &json!(18))
    );
    assert!(image["cells"][0]["score"].as_f64() >= image["cells"][3]["score"].as_f64());
    assert_eq!(image["class"], json!({"bar": "third"}));
}

#[tokio::test]
async fn a_sheet_goes_out_as_bytes() {
    let app = TestApp::with(["models/gan"]).start().await;
    let request = app.post("/generate", &json!({"n": 4, "grid": true}));
    let response = send(request.header("accept", "image/png")).await;
    assert_eq!(header(&response, "content-type"), Some("image/png"));
}

#[tokio::test]
async fn one_file_of_many_images_is_one_event() {
    let app = TestApp::with(["models/gan"]).start().await;
    for body in [
        json!({"n": 3, "grid": true, "seed": 1}),
        json!({"interpolate": walk(3), "format": "apng", "class": 0}),
    ] {
        let request = app.post("/generate", &body);
        let response = send(request.header("accept", "text/event-stream")).await;
        let text = response.text().await.unwrap();
        assert_eq!(text.matches("event: image").count(), 1, "{text}");
        assert!(text.contains("event: done"), "{text}");
        let whole = app.generated(&body).await;
        let file = whole["images"][0]["b64"].as_str().unwrap();
        assert!(text.contains(file), "the same bytes");
    }
    let body = json!({"interpolate": walk(3), "loop": true});
    let request = app.post("/generate", &body);
    let response = send(request.header("accept", "text/event-stream")).await;
    let text = response.text().await.unwrap();
    assert_eq!(text.matches("event: image").count(), 4, "{text}");
}

#[tokio::test]
async fn what_makes_no_such_file_is_named() {
    let app = TestApp::with(["models/gan"]).start().await;
    for (body, field, word) in [
        (json!({"format": "apng"}), "format", "at least 2 images"),
        (
            json!({"frame_ms": 50}),
            "frame_ms",
            "apng and webp-animation",
        ),
        (
            json!({"n": 2, "format": "apng", "frame_ms": 5}),
            "frame_ms",
            "20 to 10000",
        ),
        (
            json!({"n": 2, "format": "apng", "frame_ms": 70_000}),
            "frame_ms",
            "20 to 10000",
        ),
        (
            json!({"n": 2, "format": "apng", "grid": true}),
            "grid",
            "leave one out",
        ),
        (
            json!({"n": 2, "grid": {"columns": 0}}),
            "grid.columns",
            "at least 1",
        ),
        (json!({"n": 2, "grid": 3}), "grid", "expected true, false"),
    ] {
        let response = app.generate(&body).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], field, "{body}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{body}: {detail}");
    }
}
