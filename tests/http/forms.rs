//! The forms of an answer: JSON with base64, or the bytes of one image.

use atelier::imaging::{FileFormat, read_provenance};
use serde_json::json;

use crate::fields::decoded;
use crate::harness::{TestApp, header, image_file, send};

#[tokio::test]
async fn json_holds_images_that_say_where_they_come_from() {
    let app = TestApp::with(["models/gan"]).start().await;
    let answer = app.generated(&json!({"seed": 7, "class": 2})).await;
    let image = &answer["images"][0];
    let file = image_file(&answer, 0);
    assert_eq!(image["media_type"], "image/png");
    let (width, height, pixels) = decoded(&file);
    assert_eq!((width, height), (8, 8));
    assert_eq!(
        (image["width"].as_u64(), image["height"].as_u64()),
        (Some(8), Some(8))
    );
    // Class 2 is a bright bar on row 2.
    assert!(
        pixels[16..24].iter().all(|&pixel| pixel > 128),
        "{pixels:?}"
    );

    let provenance = read_provenance(&file).unwrap();
    assert_eq!(provenance.model.as_deref(), Some("gan"));
    assert_eq!(provenance.digest.as_deref(), answer["digest"].as_str());
    assert_eq!(provenance.seed, Some(7));
    let source = provenance.digital_source_type.unwrap();
    assert!(source.ends_with("trainedAlgorithmicMedia"), "{source}");
}

#[tokio::test]
async fn a_prompt_is_written_into_files_only_if_asked() {
    let app = TestApp::with(["models/gan"]).start().await;
    for (include, found) in [(false, None), (true, Some("three"))] {
        let body = json!({"prompt": "three", "seed": 1, "include_prompt": include});
        let answer = app.generated(&body).await;
        let provenance = read_provenance(&image_file(&answer, 0)).unwrap();
        assert_eq!(provenance.prompt.as_deref(), found);
    }
}

#[tokio::test]
async fn an_accepted_image_comes_as_bytes_with_the_rest_in_headers() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"seed": 7, "class": 2});
    let answer = app.generated(&body).await;
    for (accept, format) in [
        ("image/png", FileFormat::Png),
        ("image/jpeg", FileFormat::Jpeg),
        ("image/webp", FileFormat::Webp),
        ("image/*", FileFormat::Png),
        (
            "image/webp;q=0.4, image/jpeg;q=0.6, */*;q=0.1",
            FileFormat::Jpeg,
        ),
    ] {
        let response = send(app.post("/generate", &body).header("accept", accept)).await;
        assert_eq!(response.status(), 200, "{accept}");
        assert_eq!(
            header(&response, "content-type"),
            Some(format.media_type()),
            "{accept}"
        );
        assert_eq!(header(&response, "x-atelier-seed"), Some("7"));
        assert_eq!(header(&response, "x-atelier-model"), Some("gan"));
        assert_eq!(
            header(&response, "x-atelier-digest"),
            answer["digest"].as_str()
        );
        assert!(header(&response, "x-atelier-id").is_some_and(|id| id.len() == 36));
        assert!(header(&response, "server-timing").is_some_and(|text| text.contains("queue;dur=")));
        let bytes = response.bytes().await.unwrap();
        assert_eq!(FileFormat::sniff(&bytes), Some(format), "{accept}");
        if format == FileFormat::Png {
            assert_eq!(bytes, image_file(&answer, 0));
        }
    }
}

#[tokio::test]
async fn json_is_the_answer_where_it_is_preferred_or_the_only_one() {
    let app = TestApp::with(["models/gan"]).start().await;
    for (accept, n) in [
        ("*/*", 1),
        ("application/json", 1),
        ("application/json, image/png;q=0.9", 1),
        ("text/html, */*;q=0.8", 1),
        ("image/png, application/json;q=0.5", 2),
    ] {
        let request = app
            .post("/generate", &json!({"n": n}))
            .header("accept", accept);
        let response = send(request).await;
        assert_eq!(response.status(), 200, "{accept}");
        assert_eq!(
            header(&response, "content-type"),
            Some("application/json"),
            "{accept}"
        );
    }
}

#[tokio::test]
async fn the_format_of_the_files_can_be_chosen() {
    let app = TestApp::with(["models/gan"]).start().await;
    for format in FileFormat::ALL {
        let answer = app.generated(&json!({"format": format.name()})).await;
        assert_eq!(answer["images"][0]["media_type"], format.media_type());
        assert_eq!(FileFormat::sniff(&image_file(&answer, 0)), Some(format));
    }
    let body = json!({"format": "webp"});
    let response = send(app.post("/generate", &body).header("accept", "image/*")).await;
    assert_eq!(header(&response, "content-type"), Some("image/webp"));
}

#[tokio::test]
async fn an_answer_says_when_what_and_how_long() {
    let app = TestApp::with(["models/gan"]).start().await;
    let answer = app.generated(&json!({})).await;
    assert_eq!(answer["id"].as_str().unwrap().len(), 36);
    assert!(answer["created"].as_u64().unwrap() > 1_700_000_000);
    assert!(answer["digest"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(answer["warnings"], json!([]));
    let times = &answer["timings_ms"];
    for part in ["queue", "inference", "encode"] {
        assert!(
            times[part].as_f64().unwrap() <= times["total"].as_f64().unwrap(),
            "{times}"
        );
    }
}
