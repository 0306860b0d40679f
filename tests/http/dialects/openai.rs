//! OpenAI's image API.

use atelier::imaging::{Channels, DecodeLimits, FileFormat, decode};
use reqwest::Response;
use serde_json::{Value, json};

use super::{BROKEN, DIFFUSION, DIGITS, base64, decoded, house, house_of, size};
use crate::harness::{TestApp, header, send};

pub(super) const GENERATIONS: &str = "/v1/images/generations";

pub(super) async fn body(response: Response, status: u16) -> Value {
    let found = response.status();
    let body: Value = response.json().await.expect("answers are JSON");
    assert_eq!(found, status, "{body}");
    body
}

pub(super) async fn paint(app: &TestApp, path: &str, request: Value) -> Value {
    body(send(app.post(path, &request)).await, 200).await
}

pub(super) async fn refused(app: &TestApp, path: &str, request: Value, status: u16) -> Value {
    let response = send(app.post(path, &request)).await;
    assert_eq!(header(&response, "x-should-retry"), Some("false"));
    assert!(header(&response, "x-request-id").is_some());
    body(response, status).await["error"].clone()
}

pub(super) fn warned(answer: &Value, word: &str) -> bool {
    let warnings = answer["warnings"].as_array().expect("a list of warnings");
    let mut texts = warnings.iter().filter_map(Value::as_str);
    texts.any(|text| text.contains(word))
}

#[tokio::test]
async fn words_become_images_with_their_seeds() {
    let app = house().start().await;
    let request = json!({"prompt": "two", "n": 2, "seed": 7, "size": "auto"});
    let answer = paint(&app, GENERATIONS, request).await;
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    assert_eq!((&data[0]["seed"], &data[1]["seed"]), (&json!(7), &json!(8)));
    assert_eq!(data[0]["class"]["bar"], "second");
    assert_eq!(size(&decoded(&data[0]["b64_json"])), (8, 8));
    assert_eq!(answer["size"], "8x8");
    assert_eq!(answer["output_format"], "png");
    assert_eq!(answer["background"], "opaque");
    assert!(answer["created"].as_u64() > Some(1_700_000_000));
    assert_eq!(answer["warnings"], json!([]));

    let native = app.generated(&json!({"prompt": "two", "seed": 8})).await;
    assert_eq!(native["images"][0]["b64"], data[1]["b64_json"]);
}

#[tokio::test]
async fn aliases_and_the_default_find_a_model() {
    let app = house_of([BROKEN, DIGITS])
        .alias("dall-e-3", "digits-gan")
        .start()
        .await;
    for (name, model) in [("dall-e-3", "digits-gan"), ("gan", "gan"), ("", "gan")] {
        let request = json!({"model": name, "prompt": "one"});
        assert_eq!(paint(&app, GENERATIONS, request).await["model"], model);
    }
    let error = refused(
        &app,
        GENERATIONS,
        json!({"model": "gpt", "prompt": "x"}),
        404,
    )
    .await;
    assert_eq!(error["code"], "model_not_found");
    assert_eq!(error["param"], "model");
    assert_eq!(error["type"], "invalid_request_error");
    let broken = json!({"model": "missing-graph", "prompt": "x"});
    let error = refused(&app, GENERATIONS, broken, 500).await;
    assert_eq!(error["type"], "server_error");
}

#[tokio::test]
async fn models_are_listed_with_their_other_names() {
    let app = house_of([BROKEN]).alias("dall-e-3", "gan").start().await;
    let list = body(send(app.get("/v1/models")).await, 200).await;
    assert_eq!(list["object"], "list");
    let models = list["data"].as_array().unwrap();
    let ids: Vec<_> = models
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"dall-e-3") && ids.contains(&"gan"), "{ids:?}");
    assert!(!ids.contains(&"missing-graph"), "{ids:?}");
    let model = body(send(app.get("/v1/models/dall-e-3")).await, 200).await;
    assert_eq!(model["object"], "model");
    assert_eq!(model["root"], "gan");
    let none = body(send(app.get("/v1/models/none")).await, 404).await;
    assert_eq!(none["error"]["code"], "model_not_found");
}

#[tokio::test]
async fn what_cannot_be_honoured_is_said() {
    let app = house().start().await;
    let request = json!({
        "prompt": "one", "size": "1024x1024", "quality": "hd", "style": "vivid",
        "moderation": "low", "background": "transparent", "steps": 20, "negative_prompt": "x",
        "output_compression": 50, "invented": true, "user": "me", "guidance_scale": "7.5",
    });
    let answer = paint(&app, GENERATIONS, request).await;
    for word in [
        "size 1024x1024 became 8x8: gan paints 8x8 only",
        "quality",
        "style",
        "moderation",
        "background",
        "steps",
        "negative_prompt",
        "output_compression",
        "invented",
        "guidance",
    ] {
        assert!(
            warned(&answer, word),
            "{word} is not in {}",
            answer["warnings"]
        );
    }
    assert!(!warned(&answer, "user"));
}

#[tokio::test]
async fn files_have_the_format_and_quality_that_was_asked_for() {
    let app = house_of([DIGITS]).start().await;
    let ask = async |more: Value| {
        let mut request = json!({"prompt": "seven", "model": "digits-gan", "seed": 1});
        request
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let answer = paint(&app, GENERATIONS, request).await;
        decoded(&answer["data"][0]["b64_json"])
    };
    let good = ask(json!({"output_format": "jpeg", "output_compression": 95})).await;
    let poor = ask(json!({"output_format": "jpeg", "output_compression": 5})).await;
    assert_eq!(FileFormat::sniff(&good), Some(FileFormat::Jpeg));
    assert!(poor.len() < good.len(), "{} {}", poor.len(), good.len());
    let webp = ask(json!({"output_format": "webp"})).await;
    assert_eq!(FileFormat::sniff(&webp), Some(FileFormat::Webp));
}

#[tokio::test]
async fn links_lead_to_the_images() {
    let app = house().start().await;
    let request = json!({"prompt": "one", "seed": 3, "response_format": "url"});
    let answer = paint(&app, GENERATIONS, request).await;
    assert!(answer["data"][0].get("b64_json").is_none());
    let url = answer["data"][0]["url"].as_str().unwrap();
    assert!(url.starts_with(&app.url("/files/")), "{url}");
    let file = send(app.client.get(url)).await;
    assert_eq!(header(&file, "content-type"), Some("image/png"));
    assert_eq!(size(&file.bytes().await.unwrap()), (8, 8));

    let forged = send(app.client.get(url.replace("expires=1", "expires=2"))).await;
    assert_eq!(forged.status(), 403);
    assert_eq!(header(&forged, "x-should-retry"), Some("false"));
    let bare = url.split('?').next().unwrap();
    assert_eq!(send(app.client.get(bare)).await.status(), 403);
}

#[tokio::test]
async fn wrong_fields_have_four_field_errors() {
    let app = house_of([DIFFUSION]).start().await;
    for (request, param) in [
        (json!({}), "prompt"),
        (json!({"prompt": "one", "n": 0}), "n"),
        (json!({"prompt": "one", "n": 11}), "n"),
        (json!({"prompt": "one", "n": "many"}), "n"),
        (json!({"prompt": "one", "size": "large"}), "size"),
        (json!({"prompt": "one", "quality": "best"}), "quality"),
        (
            json!({"prompt": "one", "response_format": "png"}),
            "response_format",
        ),
        (
            json!({"prompt": "one", "output_format": "svg"}),
            "output_format",
        ),
        (
            json!({"prompt": "one", "output_compression": 101}),
            "output_compression",
        ),
        (json!({"prompt": "one", "background": "blue"}), "background"),
        (json!({"prompt": "one", "seed": 1.5}), "seed"),
        (json!({"prompt": "a cat"}), "prompt"),
        (json!({"prompt": "one", "latents": [1]}), "latents[0]"),
        (
            json!({"prompt": "one", "image": base64(b"GIF89a")}),
            "image",
        ),
        (
            json!({"prompt": "x", "model": "stable-diffusion", "cfg_scale": "much"}),
            "cfg_scale",
        ),
        (
            json!({"prompt": "x", "model": "stable-diffusion", "sampler_name": "magic"}),
            "sampler_name",
        ),
    ] {
        let text = request.to_string();
        let error = refused(&app, GENERATIONS, request, 422).await;
        assert_eq!(error["param"], param, "{text}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{param}: ")), "{message}");
        assert_eq!(error["code"], "invalid_field");
    }
}

#[tokio::test]
async fn routes_that_are_not_there_answer_in_the_same_shape() {
    let app = house().start().await;
    let none = body(send(app.get("/v1/chat/completions")).await, 404).await;
    assert_eq!(none["error"]["code"], "unknown_url");
    let wrong = body(send(app.get(GENERATIONS)).await, 405).await;
    assert_eq!(wrong["error"]["code"], "wrong_method");
    let text = app.client.post(app.url(GENERATIONS)).body("{}");
    assert_eq!(
        body(send(text).await, 415).await["error"]["code"],
        "unsupported_media"
    );
    let broken = app.post(GENERATIONS, &json!({})).body("{");
    assert_eq!(
        body(send(broken).await, 400).await["error"]["code"],
        "unreadable_body"
    );
}

#[tokio::test]
async fn an_opaque_background_fills_what_a_model_leaves_clear() {
    let app = house_of(["../pipelines/emoji-diffusion"]).start().await;
    let request = |background: &str| {
        json!({
            "model": "emoji-diffusion", "prompt": "a red apple", "seed": 3, "steps": 2,
            "background": background,
        })
    };
    for (background, channels) in [
        ("opaque", Channels::Rgb),
        ("transparent", Channels::Rgba),
        ("auto", Channels::Rgba),
    ] {
        let answer = paint(&app, GENERATIONS, request(background)).await;
        let file = decoded(&answer["data"][0]["b64_json"]);
        let image = decode(&file, &DecodeLimits::default()).expect("an image");
        assert_eq!(image.channels(), channels, "{background}");
        let said = match channels {
            Channels::Rgb => "opaque",
            _ => "transparent",
        };
        assert_eq!(answer["background"], said);
        assert_eq!(answer["warnings"], json!([]), "{background}");
    }
}
