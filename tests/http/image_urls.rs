//! Images that are had by an address alone.

use atelier::http::HttpOptions;
use atelier::imaging::{DecodeLimits, FileFormat, Image, decode};
use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{TestApp, header, image_file, send};

async fn app(public_get: bool) -> TestApp {
    let setup = TestApp::with(["models/gan", "models/vae", "images/upscale"]);
    let options = HttpOptions {
        public_get,
        avatar_model: "gan".to_owned(),
        ..HttpOptions::default()
    };
    setup.http(options).default_model("gan").start().await
}

async fn found(app: &TestApp, path: &str) -> Response {
    let response = send(app.get(path)).await;
    assert_eq!(response.status(), 200, "{path}");
    response
}

async fn file(app: &TestApp, path: &str) -> Vec<u8> {
    found(app, path).await.bytes().await.expect("a body").into()
}

async fn image(app: &TestApp, path: &str) -> Image {
    decode(&file(app, path).await, &DecodeLimits::default()).expect("an image file")
}

/// The field that is at fault, and the status.
async fn fault(app: &TestApp, path: &str) -> (u16, Option<String>) {
    let response = send(app.get(path)).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("a problem");
    (status, body["field"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn an_address_answers_what_a_body_would() {
    let app = app(true).await;
    let by_body = json!({"model": "gan", "seed": 7, "class": "third", "truncation": 0.5});
    let by_body = image_file(&app.generated(&by_body).await, 0);
    let path = "/generate/gan.png?seed=7&class=third&truncation=0.5";
    assert_eq!(file(&app, path).await, by_body);
    let jpeg = file(&app, "/generate/gan.jpg?seed=7&upscale=2").await;
    assert_eq!(FileFormat::sniff(&jpeg), Some(FileFormat::Jpeg));
}

#[tokio::test]
async fn what_a_seed_decides_is_kept_and_what_is_drawn_is_not() {
    let app = app(true).await;
    let path = "/generate/gan.png?seed=7";
    let first = found(&app, path).await;
    let control = header(&first, "cache-control").expect("an order for caches");
    assert_eq!(control, "public, max-age=31536000, immutable");
    let tag = header(&first, "etag").expect("a tag").to_owned();
    let again = send(app.get(path).header("if-none-match", &tag)).await;
    assert_eq!(again.status(), 304);
    assert_eq!(header(&again, "etag"), Some(tag.as_str()));
    let other = app
        .get("/generate/gan.png?seed=8")
        .header("if-none-match", &tag);
    assert_eq!(send(other).await.status(), 200);
    let drawn = found(&app, "/generate/gan.png").await;
    assert_eq!(header(&drawn, "cache-control"), Some("no-store"));
    assert_eq!(header(&drawn, "etag"), None);
}

#[tokio::test]
async fn what_an_address_cannot_say_is_refused_by_name() {
    let app = app(true).await;
    let field = |name: &str| (422, Some(name.to_owned()));
    for (path, expected) in [
        ("/generate/gan.png?n=2", field("n")),
        ("/generate/gan.png?seed=-1", field("seed")),
        ("/generate/gan.png?seed=1&seed=2", field("seed")),
        ("/generate/gan.png?truncation=1e9", field("truncation")),
        ("/generate/gan.png?latents=1", field("latents")),
        ("/generate/vae.png?image=AAAA", field("image")),
        ("/generate/gan.png?format=gif", field("format")),
        ("/generate/gan.png?model=vae", field("model")),
        ("/generate/gan.png?sede=1", field("sede")),
        ("/generate/gan.png?upscale=3", field("upscale.scale")),
        ("/generate/gan", (404, None)),
        ("/generate/nothing.png", (404, Some("model".to_owned()))),
        ("/generate/gan.png?prompt=%ff", (400, None)),
    ] {
        assert_eq!(fault(&app, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn addresses_are_off_until_they_are_turned_on() {
    let app = app(false).await;
    assert_eq!(fault(&app, "/generate/gan.png?seed=1").await, (404, None));
    found(&app, "/avatars/ada.png").await;
}

#[tokio::test]
async fn every_name_has_an_avatar_of_its_own_that_stays() {
    let app = app(false).await;
    let ada = file(&app, "/avatars/ada.png").await;
    assert_eq!(file(&app, "/avatars/ada.png").await, ada);
    assert_eq!(file(&app, "/avatars/ada").await, ada);
    assert_ne!(file(&app, "/avatars/bob.png").await, ada);
    // An address of a mailbox, and a name with a slash in it.
    found(&app, "/avatars/ada@example.org").await;
    found(&app, "/avatars/a%2Fb.webp").await;
    let composed = file(&app, "/avatars/Th%E1%BA%A3o.png").await;
    assert_eq!(file(&app, "/avatars/Tha%CC%89o.png").await, composed);
    let response = found(&app, "/avatars/ada.png").await;
    assert!(header(&response, "etag").is_some());
}

#[tokio::test]
async fn an_avatar_has_the_size_and_the_class_that_its_address_says() {
    let app = app(false).await;
    for side in [8, 16, 32, 64] {
        let avatar = image(&app, &format!("/avatars/ada.png?size={side}")).await;
        assert_eq!((avatar.width(), avatar.height()), (side, side));
    }
    let third = file(&app, "/avatars/ada.png?bar=third").await;
    assert_ne!(third, file(&app, "/avatars/ada.png?bar=fourth").await);
    let field = |name: &str| (422, Some(name.to_owned()));
    for (path, expected) in [
        ("/avatars/ada.svg", field("file")),
        ("/avatars/.png", field("file")),
        ("/avatars/ada.png?size=20", field("size")),
        ("/avatars/ada.png?size=", field("size")),
        ("/avatars/ada.png?size=8&size=8", field("size")),
        ("/avatars/ada.png?bar=fifth", field("bar")),
        ("/avatars/ada.png?hair=red", field("hair")),
        ("/avatars/ada.png?background=pink", field("background")),
    ] {
        assert_eq!(fault(&app, path).await, expected, "{path}");
    }
    let long = format!("/avatars/{}.png", "a".repeat(257));
    assert_eq!(fault(&app, &long).await, field("file"));
}
