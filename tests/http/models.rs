//! `GET /models` and `GET /models/{id}`.

use serde_json::{Value, json};

use crate::harness::{TestApp, send};

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
    let generator = &model["graphs"][0];
    assert_eq!(generator["role"], "generator");
    assert_eq!(generator["batching"]["mode"], "shared");
    assert_eq!(generator["inputs"][0]["element"], "float32");
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
