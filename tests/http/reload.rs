//! Models that come, change and go while requests run.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{TestApp, send, within};

async fn asked(app: &TestApp, id: &str, what: &str) -> Response {
    send(
        app.client
            .post(app.url(&format!("/admin/models/{id}/{what}"))),
    )
    .await
}

async fn changed(app: &TestApp, id: &str, what: &str) -> Value {
    let answer = asked(app, id, what).await;
    assert_eq!(answer.status(), 200, "{what}");
    answer.json().await.expect("JSON")
}

async fn digest(app: &TestApp, id: &str) -> Value {
    let answer = send(app.get(&format!("/models/{id}"))).await;
    let model: Value = answer.json().await.expect("JSON");
    model["digest"].clone()
}

#[tokio::test]
async fn new_requests_take_the_new_model_and_running_ones_end_with_the_old() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let before = digest(&app, "gan-slow").await;
    let slow = json!({"model": "gan-slow", "class": "slow", "seed": 1});
    let running = tokio::spawn(app.post("/generate", &slow).send());
    app.until(|studio| studio.in_flight() == 1).await;
    app.replace("gan-slow", "models/gan");
    let change = changed(&app, "gan-slow", "reload").await;
    assert_eq!(change["outcome"], "loaded");
    assert_ne!(change["digest"], before);
    assert!(!running.is_finished(), "the old model's request still runs");
    let painted = app.generated(&json!({"model": "gan-slow"})).await;
    assert_eq!(painted["digest"], change["digest"]);
    let answer = within(running).await.expect("no panic").expect("an answer");
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["digest"], before);
    let again = changed(&app, "gan-slow", "reload").await;
    assert_eq!(again["outcome"], "unchanged");
}

#[tokio::test]
async fn a_broken_folder_leaves_the_old_model_serving_and_says_so() {
    let app = TestApp::with(["models/gan"]).start().await;
    let before = digest(&app, "gan").await;
    app.replace("gan", "broken/truncated");
    let answer = asked(&app, "gan", "reload").await;
    assert_eq!(answer.status(), 500);
    let problem: Value = answer.json().await.expect("a problem");
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(
        detail.contains("cannot be loaded") && detail.contains("as it was"),
        "{detail}"
    );
    let painted = app.generated(&json!({"model": "gan"})).await;
    assert_eq!(painted["digest"], before);
}

#[tokio::test]
async fn models_come_and_go_under_load() {
    let app = TestApp::with(["models/gan", "models/vae"]).start().await;
    let ask = json!({"model": "gan", "n": 4});
    let asking = async {
        for _ in 0..60 {
            let answer = app.generate(&ask).await;
            // It is there or it is not; it never fails half way.
            assert!([200, 404].contains(&answer.status().as_u16()));
        }
    };
    let changing = async {
        for fixture in ["models/gan-newest", "models/gan", "models/gan-newest"] {
            app.replace("gan", fixture);
            changed(&app, "gan", "reload").await;
            let unloaded = changed(&app, "gan", "unload").await;
            assert_eq!(unloaded["outcome"], "unloaded");
            changed(&app, "gan", "load").await;
        }
    };
    tokio::join!(asking, changing);
    assert_eq!(asked(&app, "nobody", "load").await.status(), 404);
    app.replace("newcomer", "models/vae");
    let loaded = changed(&app, "newcomer", "load").await;
    assert_eq!(loaded["outcome"], "loaded");
    app.generated(&json!({"model": "newcomer"})).await;
    app.remove("newcomer");
    let gone = changed(&app, "newcomer", "reload").await;
    assert_eq!(gone["outcome"], "unloaded");
}

#[tokio::test]
async fn clients_of_the_web_ui_refresh_unload_and_reload() {
    let app = TestApp::with(["models/gan"])
        .default_model("gan")
        .start()
        .await;
    let post = |path: &str| app.client.post(app.url(path));
    app.replace("another", "models/vae");
    assert_eq!(
        send(post("/sdapi/v1/refresh-checkpoints")).await.status(),
        200
    );
    app.generated(&json!({"model": "another"})).await;
    app.remove("another");
    assert_eq!(
        send(post("/sdapi/v1/unload-checkpoint")).await.status(),
        200
    );
    let answer = app.generate(&json!({"model": "gan"})).await;
    assert_eq!(answer.status(), 404);
    // What was unloaded stays away when the repository is read again, and what is gone goes.
    assert_eq!(
        send(post("/sdapi/v1/refresh-checkpoints")).await.status(),
        200
    );
    assert!(app.studio.models().is_empty());
    assert_eq!(
        send(post("/sdapi/v1/reload-checkpoint")).await.status(),
        200
    );
    app.generated(&json!({"model": "gan"})).await;
}
