//! A server whose port is open while its models still load.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

async fn get(app: &TestApp, path: &str) -> (u16, Value) {
    let answer = send(app.get(path)).await;
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn refused(answer: Response) -> Value {
    assert_eq!(answer.status(), 503);
    let seconds = header(&answer, "retry-after").expect("when to come back");
    assert!(seconds.parse::<u32>().is_ok_and(|seconds| seconds >= 1));
    assert_eq!(header(&answer, "x-should-retry"), None);
    let problem: Value = answer.json().await.expect("a problem");
    let kind = problem["type"]
        .as_str()
        .or(problem["error"]["code"].as_str());
    assert!(
        kind.is_some_and(|kind| kind.ends_with("loading")),
        "{problem}"
    );
    problem
}

#[tokio::test]
async fn it_is_alive_and_not_ready_and_says_what_is_missing() {
    let models = ["models/gan", "models/vae", "broken/truncated"];
    let (app, loading) = TestApp::with(models).start_loading().await;
    assert_eq!(get(&app, "/livez").await.0, 200);
    let (status, body) = get(&app, "/readyz").await;
    assert_eq!((status, &body["status"]), (503, &json!("loading")));
    assert_eq!(body["loading"], json!(["gan", "truncated", "vae"]));
    assert!(
        body["ready_in_s"].as_u64().is_some_and(|left| left >= 1),
        "{body}"
    );
    let (_, listed) = get(&app, "/models").await;
    assert_eq!(
        listed["models"][0],
        json!({"id": "gan", "status": "loading"})
    );
    assert_eq!(listed["default_model"], Value::Null);
    assert_eq!(get(&app, "/models/gan").await.1["status"], "loading");

    let loaded = tokio::task::spawn_blocking(move || loading.run()).await;
    loaded
        .expect("no panic")
        .expect("a broken model stops no other");
    let (status, body) = get(&app, "/readyz").await;
    let expected = json!({"status": "ready", "models": 2, "broken_models": 1});
    assert_eq!((status, body), (200, expected));
}

#[tokio::test]
async fn requests_for_what_still_loads_are_told_to_come_back() {
    let (app, loading) = TestApp::with(["models/gan"]).start_loading().await;
    let problem = refused(app.generate(&json!({"model": "gan"})).await).await;
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.starts_with("the model \"gan\" is still loading; try again in "));
    // Which model is meant by none is known when all are there.
    refused(app.generate(&json!({})).await).await;
    refused(app.generate(&json!({"model": "gan", "upscale": 2})).await).await;
    refused(send(app.post("/encode", &json!({"image": "AAAA"}))).await).await;
    let openai = json!({"prompt": "two", "model": "dall-e-3"});
    refused(send(app.post("/v1/images/generations", &openai)).await).await;
    refused(send(app.get("/models/gan/sample")).await).await;
    let unknown = app.generate(&json!({"model": "gna"})).await;
    assert_eq!(unknown.status(), 404);

    let loaded = tokio::task::spawn_blocking(move || loading.run()).await;
    loaded.expect("no panic").expect("it loads");
    app.generated(&json!({})).await;
}

#[tokio::test]
async fn changes_wait_until_all_are_loaded() {
    let (app, loading) = TestApp::with(["models/gan"]).start_loading().await;
    let url = app.url("/admin/models/gan/reload");
    let reload = tokio::spawn(app.client.post(url).send());
    assert_eq!(get(&app, "/models/gan").await.1["status"], "loading");
    let loaded = tokio::task::spawn_blocking(move || loading.run()).await;
    loaded.expect("no panic").expect("it loads");
    let changed = reload.await.expect("no panic").expect("an answer");
    let changed: Value = changed.json().await.expect("JSON");
    assert_eq!(changed["outcome"], "unchanged");
}
