//! Files are signed by the service, and `POST /verify` says what files say.

use std::sync::Arc;

use atelier::imaging::signing::{Credentials, issue};
use atelier::imaging::verify::Trust;
use atelier::imaging::{read_texts, sides};
use serde_json::{Value, json};

use crate::harness::{TestApp, header, image_file, send, verified};

/// Signs its files, and believes its own alone.
async fn signing(models: &[&str]) -> TestApp {
    let app = TestApp::with(models.iter().copied())
        .default_model("gan")
        .start()
        .await;
    let issued = issue("Atelier tests").expect("a certificate");
    let credentials = Credentials::read(issued.chain.as_bytes(), issued.key.as_bytes());
    let credentials = credentials.expect("they go together");
    let trust = Trust::new(None, Some(credentials.certificate())).expect("a certificate");
    app.studio.sign_with(Some(Arc::new(credentials)), trust);
    app
}

fn b64(file: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(file)
}

#[tokio::test]
async fn every_format_is_signed_and_told_in_three_languages() {
    let app = signing(&["models/gan"]).await;
    for (format, n) in [
        ("png", 1),
        ("jpeg", 1),
        ("webp", 1),
        ("gif", 1),
        ("apng", 2),
        ("webp-animation", 2),
    ] {
        let answer = app
            .generated(&json!({"format": format, "n": n, "seed": 1}))
            .await;
        let said = verified(&app, image_file(&answer, 0), "en").await;
        assert_eq!(said["assurance"], "trusted", "{format}: {said}");
        assert_eq!(said["origin"], "generated", "{format}: {said}");
        assert_eq!(said["signed"]["state"], "trusted");
        assert_eq!(said["signed"]["signer"], "Atelier tests");
        let [action] = &said["signed"]["actions"].as_array().expect("a list")[..] else {
            panic!("{said}");
        };
        assert_eq!(action["agent"]["name"], "gan");
        assert_eq!(action["agent"]["version"], answer["digest"]);
    }
    let answer = app.generated(&json!({"seed": 1})).await;
    let file = image_file(&answer, 0);
    for (language, words) in [
        ("en", "a trained model made it"),
        ("fr", "un modèle entraîné"),
        ("vi", "mô hình học máy"),
    ] {
        let said = verified(&app, file.clone(), language).await;
        let summary = said["summary"].to_string();
        assert!(summary.contains(words), "{summary}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pixels_and_the_unsigned_file_the_same_bytes() {
    let app = signing(&["models/gan"]).await;
    let request = json!({"seed": 7});
    let signed = [app.generated(&request).await, app.generated(&request).await];
    let signed = signed.map(|answer| image_file(&answer, 0));
    assert_ne!(
        signed[0], signed[1],
        "a manifest has an identifier of its own"
    );
    app.studio.sign_with(None, Trust::nobody());
    let plain = image_file(&app.generated(&request).await, 0);
    assert_eq!(plain, image_file(&app.generated(&request).await, 0));
    let pixels =
        |file: &[u8]| atelier::imaging::decode(file, &Default::default()).expect("an image");
    for file in &signed {
        assert_eq!(pixels(file), pixels(&plain));
        // Nothing but the manifest was put in.
        assert!(file.len() > plain.len() && file.len() < plain.len() + 3_000);
    }
}

#[tokio::test]
async fn an_image_of_an_image_is_an_edit_and_keeps_the_manifest() {
    let app = signing(&["models/gan", "models/vae"]).await;
    let first = image_file(&app.generated(&json!({"seed": 1})).await, 0);
    let edited = json!({"model": "vae", "image": b64(&first)});
    let edited = image_file(&app.generated(&edited).await, 0);
    let said = verified(&app, edited, "en").await;
    assert_eq!(said["origin"], "edited", "{said}");
    assert_eq!(said["assurance"], "trusted", "{said}");
    assert_eq!(said["signed"]["actions"][0]["action"], "c2pa.opened");
    let parent = &said["signed"]["ingredients"][0];
    assert_eq!(parent["relationship"], "parentOf");
    assert_eq!(parent["is_signed"], true);
}

#[tokio::test]
async fn events_sheets_and_the_dialects_are_signed_too() {
    let app = signing(&["models/gan"]).await;
    let sheet = app.generated(&json!({"n": 4, "grid": {}})).await;
    let said = verified(&app, image_file(&sheet, 0), "en").await;
    assert_eq!(said["assurance"], "trusted", "{said}");

    let open_ai = json!({"prompt": "", "response_format": "b64_json"});
    let answer = send(app.post("/v1/images/generations", &open_ai)).await;
    let answer: Value = answer.json().await.expect("JSON");
    let file = of_base64(&answer["data"][0]["b64_json"]);
    assert_eq!(verified(&app, file, "en").await["assurance"], "trusted");

    let answer = send(app.post("/sdapi/v1/txt2img", &json!({"prompt": ""}))).await;
    let answer: Value = answer.json().await.expect("JSON");
    let file = of_base64(&answer["images"][0]);
    // What its tools look for was put in before it was signed.
    assert!(
        read_texts(&file)
            .iter()
            .any(|(keyword, _)| keyword == "parameters")
    );
    let said = verified(&app, file, "en").await;
    assert_eq!(said["assurance"], "trusted", "{said}");
    assert!(
        said["parameters"]
            .as_str()
            .expect("the settings")
            .contains("Steps:")
    );
}

fn of_base64(text: &Value) -> Vec<u8> {
    use base64::Engine as _;
    let text = text.as_str().expect("base64 text");
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .expect("base64 text")
}

#[tokio::test]
async fn a_file_comes_as_a_body_as_json_or_in_a_form() {
    let app = TestApp::with(["models/gan"]).start().await;
    let file = image_file(
        &app.generated(&json!({"seed": 1, "format": "jpeg"})).await,
        0,
    );
    let form = [
        &b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n"[..],
        &file,
        b"\r\n--x--\r\n",
    ]
    .concat();
    let json = json!({"image": b64(&file)}).to_string().into_bytes();
    for (body, media_type) in [
        (file.clone(), "image/jpeg"),
        (form, "multipart/form-data; boundary=x"),
        (json, "application/json"),
    ] {
        let request = app.client.post(app.url("/verify")).body(body);
        let answer = send(request.header("content-type", media_type)).await;
        assert_eq!(answer.status(), 200, "{media_type}");
        let said: Value = answer.json().await.expect("JSON");
        // Nobody signs here, and the unsigned words are told as such.
        assert_eq!(said["assurance"], "unsigned", "{media_type}");
        assert_eq!(said["metadata"]["model"], "gan");
        assert_eq!(said["metadata"]["seed"], 1);
        assert!(said.get("signed").is_none());
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_its_field() {
    let app = TestApp::with(["models/gan"]).start().await;
    let answer = send(app.post("/verify", &json!({"image": b64(b"%PDF-1.7")}))).await;
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.expect("JSON");
    assert_eq!(problem["field"], "image");
    let request = app.client.post(app.url("/verify")).body("hello");
    let answer = send(request.header("content-type", "text/plain")).await;
    assert_eq!(answer.status(), 415);
    let form = "--x\r\ncontent-disposition: form-data; name=\"other\"\r\n\r\na\r\n--x--\r\n";
    let request = app.client.post(app.url("/verify")).body(form);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(send(request).await.status(), 422);
}

#[tokio::test]
async fn a_file_that_says_nothing_proves_nothing_and_a_broken_one_says_why() {
    let app = signing(&["models/gan"]).await;
    let mut file = image_file(&app.generated(&json!({"seed": 1})).await, 0);
    let place = file.len() - 20;
    file[place] ^= 1;
    let said = verified(&app, file, "en").await;
    assert_eq!(said["assurance"], "broken", "{said}");
    let reasons = said["signed"]["reasons"].to_string();
    assert!(reasons.contains("assertion.dataHash.mismatch"), "{reasons}");
    assert!(
        reasons.contains("the file was changed after it was signed"),
        "{reasons}"
    );

    let cat = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/cat.jpg");
    let cat = std::fs::read(cat).expect("a photograph ships");
    assert!(sides(&cat).is_some());
    let said = verified(&app, cat, "en").await;
    assert_eq!(said["assurance"], "nothing", "{said}");
    assert_eq!(said["origin"], "unknown", "{said}");
}

#[tokio::test]
async fn an_address_answers_signed_files_with_a_weak_name() {
    let http = atelier::http::HttpOptions {
        public_get: true,
        ..Default::default()
    };
    let app = TestApp::with(["models/gan"]).http(http).start().await;
    let path = "/generate/gan.png?seed=7";
    let plain = send(app.get(path)).await;
    assert!(header(&plain, "etag").expect("a tag").starts_with('"'));
    let issued = issue("Atelier tests").expect("a certificate");
    let credentials = Credentials::read(issued.chain.as_bytes(), issued.key.as_bytes());
    let credentials = Some(Arc::new(credentials.expect("they go together")));
    app.studio.sign_with(credentials, Trust::nobody());
    let signed = send(app.get(path)).await;
    let tag = header(&signed, "etag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = send(app.get(path).header("if-none-match", tag)).await;
    assert_eq!(again.status(), 304);
}
