//! `GET /models` and `GET /models/{id}`.

use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

async fn got(app: &TestApp, path: &str) -> Value {
    let response = send(app.get(path)).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.expect("answers are JSON")
}

#[tokio::test]
async fn all_are_listed_and_the_broken_ones_say_why() {
    let models = [
        "models/gan",
        "models/vae",
        "broken/truncated",
        "broken/bad-manifest",
    ];
    let app = TestApp::with(models).start().await;
    let list = got(&app, "/models").await;
    let models = list["models"].as_array().unwrap();
    let ids: Vec<_> = models
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["bad-manifest", "gan", "truncated", "vae"]);
    assert_eq!(list["default_model"], "gan");
    for model in models {
        match model["id"].as_str().unwrap() {
            "gan" | "vae" => {
                assert_eq!(model["status"], "ready");
                assert_eq!(model["family"], model["id"]);
                assert!(model["digest"].as_str().unwrap().starts_with("sha256:"));
            }
            _ => {
                assert_eq!(model["status"], "broken");
                assert!(!model["reason"].as_str().unwrap().is_empty());
            }
        }
    }
    let french = send(app.get("/models").header("accept-language", "fr")).await;
    let french: Value = french.json().await.expect("a list");
    let reason = |list: &Value, at: usize| list["models"][at]["reason"].as_str().map(str::to_owned);
    let says = reason(&french, 0).expect("a reason");
    assert!(
        says.starts_with("model.toml, ligne 2 : `family` : "),
        "{says}"
    );
    let says = reason(&french, 2).expect("a reason");
    assert!(says.contains(" ne se charge pas : "), "{says}");
    let broken = got(&app, "/models/bad-manifest").await;
    assert_eq!(broken["status"], "broken");
    assert!(
        broken["reason"].as_str().unwrap().contains("family"),
        "{broken}"
    );
}

#[tokio::test]
async fn a_model_tells_what_it_takes_and_what_it_is() {
    let app = TestApp::with(["models/gan"]).start().await;
    let model = got(&app, "/models/gan").await;
    assert_eq!(
        model["picture"],
        json!({"width": 8, "height": 8, "channels": 1})
    );
    assert_eq!(model["latent"]["shape"], json!([8]));
    assert_eq!(model["classes"][0]["labels"][2]["name"], "third");
    assert_eq!(model["provider"], "cpu");
    let parameters = model["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    for name in [
        "n",
        "seed",
        "class",
        "prompt",
        "latents",
        "truncation",
        "best_of",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert!(!names.contains(&"temperature"));
    let truncation = parameters.iter().find(|one| one["name"] == "truncation");
    assert_eq!(truncation.unwrap()["minimum"], 0.05);
    let generator = &model["graphs"][0];
    assert_eq!(generator["role"], "generator");
    assert_eq!(generator["batching"]["mode"], "shared");
    assert_eq!(generator["inputs"][0]["element"], "float32");
}

#[tokio::test]
async fn a_model_of_one_size_tells_that_one() {
    let app = TestApp::with(["../../onnx/emoji-diffusion"]).start().await;
    let model = got(&app, "/models/emoji-diffusion").await;
    for side in ["width", "height"] {
        let parameters = model["parameters"].as_array().unwrap();
        let side = parameters.iter().find(|one| one["name"] == side).unwrap();
        for bound in ["minimum", "maximum", "default"] {
            assert_eq!(side[bound].as_f64(), model["picture"]["width"].as_f64());
        }
    }
    for (body, field) in [
        (json!({"guidance_rescale": 2}), "guidance_rescale"),
        (json!({"width": 128}), "width"),
        (
            json!({"negative_prompt": "a".repeat(4097)}),
            "negative_prompt",
        ),
    ] {
        let response = app.generate(&body).await;
        assert_eq!(response.status(), 422);
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn batches_that_do_not_work_are_told() {
    let app = TestApp::with(["models/gan-pretended", "models/gan-influencing"])
        .start()
        .await;
    for id in ["gan-pretended", "gan-influencing"] {
        let model = got(&app, &format!("/models/{id}")).await;
        let batching = &model["graphs"][0]["batching"];
        assert_eq!(batching["mode"], "row_by_row", "{id}");
        assert!(!batching["reason"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_sheet_of_samples_is_where_the_model_says() {
    let app = TestApp::with_shipped().start().await;
    let model = got(&app, "/models/digits-gan").await;
    let path = model["sample"].as_str().expect("it has a sheet");
    let sheet = send(app.get(path)).await;
    assert_eq!(sheet.status(), 200);
    assert_eq!(header(&sheet, "content-type"), Some("image/png"));
    let tag = header(&sheet, "etag").expect("sheets are kept").to_owned();
    assert!(sheet.bytes().await.unwrap().starts_with(b"\x89PNG"));
    let again = send(app.get(path).header("if-none-match", tag)).await;
    assert_eq!(again.status(), 304);
    assert!(again.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_model_without_a_sheet_says_so() {
    let app = TestApp::with(["models/gan", "broken/nan"]).start().await;
    assert!(got(&app, "/models/gan").await.get("sample").is_none());
    for (id, kind) in [
        ("gan", "/problems/unknown-route"),
        ("nan", "/problems/unknown-route"),
        ("none", "/problems/unknown-model"),
    ] {
        let missing = send(app.get(&format!("/models/{id}/sample"))).await;
        assert_eq!(missing.status(), 404, "{id}");
        let problem: Value = missing.json().await.unwrap();
        assert_eq!(problem["type"], kind, "{id}");
    }
}

/// A page draws its controls from these, so what they say of a control must hold together.
#[tokio::test]
async fn parameters_say_enough_to_draw_a_control() {
    let app = TestApp::with_shipped().start().await;
    for id in [
        "digits-gan",
        "digits-vae",
        "digits-pixelcnn",
        "digits-pixelrnn",
    ] {
        let model = got(&app, &format!("/models/{id}")).await;
        let parameters = model["parameters"].as_array().unwrap();
        let named = |name: &str| parameters.iter().find(|one| one["name"] == name);
        assert_eq!(named("n").unwrap()["maximum"], 64.0);
        for parameter in parameters {
            sound(parameter);
            if let Some(other) = parameter.get("needs") {
                assert!(named(other.as_str().unwrap()).is_some(), "{parameter}");
            }
        }
    }
}

fn sound(parameter: &Value) {
    assert!(
        !parameter["description"]
            .as_str()
            .expect("a text")
            .is_empty()
    );
    let number = |name: &str| parameter[name].as_f64();
    if let (Some(least), Some(greatest)) = (number("minimum"), number("maximum")) {
        assert!(least <= greatest, "{parameter}");
    }
    let fields = parameter["fields"].as_array();
    match parameter["kind"].as_str().expect("a text") {
        "object" => assert!(fields.is_some(), "{parameter}"),
        "array" => assert!(parameter["items"].is_string(), "{parameter}"),
        "integer" | "number" => {
            if let Some(range) = parameter["usual"].as_array() {
                let within = |end: &Value| {
                    let end = end.as_f64().expect("a number");
                    number("minimum").is_none_or(|least| least <= end)
                        && number("maximum").is_none_or(|greatest| end <= greatest)
                };
                assert!(range.iter().all(within), "{parameter}");
            }
        }
        _ => {}
    }
    for field in fields.into_iter().flatten() {
        sound(field);
    }
}
