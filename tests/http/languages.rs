//! In which language the caller is answered.

use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

#[tokio::test]
async fn an_error_is_told_in_the_callers_language() {
    let app = TestApp::start().await;
    let asked = async |language: &str, path: &str| {
        let request = app.post(path, &json!({"model": "nobody", "prompt": "x"}));
        send(request.header("accept-language", language)).await
    };
    let response = asked("fr-CA, en;q=0.5", "/generate").await;
    assert_eq!(header(&response, "content-language"), Some("fr"));
    assert_eq!(header(&response, "vary"), Some("accept-language"));
    let problem: Value = response.json().await.expect("problems are JSON");
    assert_eq!(problem["title"], "Ce modèle n’existe pas");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("il n’y a pas de modèle \"nobody\""),
        "{detail}"
    );
    for (language, starts) in [("vi", "không có mô hình"), ("de", "there is no model")] {
        let problem: Value = asked(language, "/generate").await.json().await.unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(starts), "{detail}");
    }
}

#[tokio::test]
async fn a_model_speaks_of_itself_in_the_callers_language_where_it_can() {
    let shipped = TestApp::with(["../../onnx/digits-gan"]);
    let app = shipped.start().await;
    let described = async |language: &str| -> Value {
        let request = app.get("/models/digits-gan");
        let response = send(request.header("accept-language", language)).await;
        assert_eq!(header(&response, "content-language"), Some(language));
        assert_eq!(header(&response, "vary"), Some("accept-language"));
        response.json().await.expect("descriptions are JSON")
    };
    let french = described("fr").await;
    assert!(
        french["summary"]
            .as_str()
            .unwrap()
            .starts_with("Chiffres manuscrits")
    );
    let limits = french["card"]["limits"].as_array().unwrap();
    assert!(
        limits[0]
            .as_str()
            .unwrap()
            .starts_with("Peint des chiffres")
    );
    assert_eq!(french["title"], "GAN de chiffres");
    let metric = french["card"]["quality"][0]["metric"].as_str().unwrap();
    assert!(metric.starts_with("chiffres peints"), "{metric}");
    assert_eq!(french["card"].get("fr"), None);
    let seed = |model: &Value| -> Value {
        let parameters = model["parameters"].as_array().unwrap().iter();
        let mut seeds = parameters.filter(|parameter| parameter["name"] == "seed");
        seeds.next().unwrap()["label"].clone()
    };
    assert_eq!(seed(&french), "Graine");
    assert_eq!(seed(&described("vi").await), "Hạt giống");
    assert_eq!(seed(&described("en").await), "Seed");
}

/// Words that stand in nearly every English sentence of an error, and in none of another language.
const ENGLISH: [&str; 15] = [
    "the", "is", "it", "and", "or", "of", "expected", "there", "must", "with", "needs", "has",
    "model's", "this", "string",
];

/// The words of a sentence outside of what it quotes.
fn words(sentence: &str) -> Vec<String> {
    let without = |text: &str, mark: char| -> String {
        let parts = text.split(mark).enumerate();
        parts
            .filter(|(at, _)| at % 2 == 0)
            .map(|(_, part)| part)
            .collect()
    };
    let text = without(&without(sentence, '"'), '`');
    text.split(|letter: char| !letter.is_alphanumeric() && !"'_-".contains(letter))
        .map(str::to_lowercase)
        .collect()
}

#[tokio::test]
async fn no_refusal_is_english_in_another_language() {
    let app = TestApp::with([
        "models/gan",
        "models/vae",
        "models/autoregressive",
        "images/style",
        "images/upscale",
    ]);
    let app = app.default_model("gan").start().await;
    let bad = [
        json!({"model": "nobody"}),
        json!({"model": 7}),
        json!({"nobody": 7}),
        json!({"n": 0}),
        json!({"n": -1}),
        json!({"n": "two"}),
        json!({"n": 10_000}),
        json!({"seed": 1.5}),
        json!({"seed": "one"}),
        json!({"seed": 1, "seeds": [1]}),
        json!({"seeds": [1, 2], "n": 3}),
        json!({"class": [1]}),
        json!({"class": "zebra"}),
        json!({"class": 99}),
        json!({"class": {"nobody": 1}}),
        json!({"truncation": 100}),
        json!({"truncation": "much"}),
        json!({"steps": 5}),
        json!({"latents": [1, "two"]}),
        json!({"latents": [1, [2]]}),
        json!({"latents": [1, 2]}),
        json!({"interpolate": {"from": {"seed": 1}}}),
        json!({"interpolate": {"from": 1, "to": {"seed": 1}, "steps": 2}}),
        json!({"interpolate": {"from": {}, "to": {"seed": 1}, "steps": 2}}),
        json!({"interpolate": {"from": {"seed": 1}, "to": {"seed": 1}, "steps": 2, "mode": "zigzag"}}),
        json!({"interpolate": {"from": {"prompt": "a"}, "to": {"seed": 1}, "steps": 2}}),
        json!({"mix": [{"weight": 1}]}),
        json!({"mix": []}),
        json!({"grid": 7}),
        json!({"grid": {"rows": 7}}),
        json!({"format": "bmp"}),
        json!({"format": "apng"}),
        json!({"format": "png", "frame_ms": 40}),
        json!({"quality": 80}),
        json!({"background": "pink"}),
        json!({"background": "transparent", "format": "jpeg"}),
        json!({"preview_every": 1}),
        json!({"loop": true}),
        json!({"include_prompt": "yes"}),
        json!({"prompt": "zebra"}),
        json!({"prompt": ""}),
        json!({"model": "vae", "image": "?"}),
        json!({"model": "vae", "image": ""}),
        json!({"model": "vae", "image": "data:text/plain,x"}),
        json!({"model": "vae", "image": "R0lGODlhAQABAAAAACw="}),
        json!({"model": "vae", "image": "iVBORw0KGgo="}),
        json!({"model": "autoregressive", "keep_rows": 3}),
        json!({"model": "style", "style": "zebra"}),
        json!({"model": "upscale"}),
        json!([1]),
        json!("text"),
    ];
    let refused = async |request: reqwest::RequestBuilder, language: &str| -> (u16, String) {
        let response = send(request.header("accept-language", language)).await;
        let status = response.status().as_u16();
        let problem: Value = response.json().await.expect("problems are JSON");
        (
            status,
            problem["detail"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let mut english = Vec::new();
    for language in ["fr", "vi"] {
        let mut check = |(status, detail): (u16, String), of: String| {
            assert!(
                (400..500).contains(&status),
                "{of} was answered with {status}"
            );
            let found: Vec<String> = words(&detail);
            if found.iter().any(|word| ENGLISH.contains(&word.as_str())) {
                english.push(format!("{of}: {detail}"));
            }
        };
        for body in &bad {
            check(
                refused(app.post("/generate", body), language).await,
                body.to_string(),
            );
        }
        for text in [
            "",
            "{",
            "[1",
            "{\"n\": 1,}",
            "{\"n\": 01}",
            "{\"a\": \"\\x\"}",
            "{1: 2}",
            "{\"n\" 1}",
            "nul",
            "{} x",
        ] {
            let request = app
                .client
                .post(app.url("/generate"))
                .header("content-type", "application/json");
            check(refused(request.body(text), language).await, text.to_owned());
        }
        let post = |path: &str| app.client.post(app.url(path));
        let others = [
            post("/generate").body("x"),
            post("/generate")
                .header("content-type", "text/plain")
                .body("x"),
            post("/generate?n=1").json(&json!({})),
            post("/generate")
                .header("content-encoding", "gzip")
                .json(&json!({})),
            post("/generate")
                .header("origin", "https://example.org")
                .json(&json!({})),
            post("/generate")
                .header("accept", "text/plain")
                .json(&json!({})),
            post("/encode").json(&json!({"model": "gan", "image": "AA=="})),
            post("/encode").json(&json!({"pictures": 1})),
            post("/encode").json(&json!({})),
            post("/score").json(&json!({"model": "vae", "image": "AA=="})),
            post("/encode?zebra=1")
                .header("content-type", "image/png")
                .body("x"),
            app.get("/nothing"),
            app.get("/generate"),
            app.get("/models/nobody"),
            app.get("/models/gan/sample"),
            app.get("/problems/nobody"),
            app.client
                .delete(app.url("/generations/6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55")),
        ];
        for (at, request) in others.into_iter().enumerate() {
            check(refused(request, language).await, format!("request {at}"));
        }
    }
    assert!(english.is_empty(), "{english:#?}");
}
