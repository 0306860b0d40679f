//! Callers who hang up.

use serde_json::json;

use crate::harness::{TestApp, within};

#[tokio::test]
async fn a_place_is_free_again_once_its_caller_has_left() {
    let app = TestApp::with(["slow/gan-slow"]).queue(2).start().await;
    let body = json!({"class": "endless"});
    let callers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(app.post("/generate", &body).send()))
        .collect();
    app.until(|studio| studio.in_flight() == 2).await;
    for caller in &callers {
        caller.abort();
    }
    app.until(|studio| studio.in_flight() == 0 && studio.rows_waiting() == 0)
        .await;
    // The calls that nobody waits for are stopped, so there is a worker for this one.
    within(app.generated(&json!({"class": "quick"}))).await;
}

#[tokio::test]
async fn a_caller_who_left_is_counted() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let caller = tokio::spawn(app.post("/generate", &json!({"class": "endless"})).send());
    app.until(|studio| studio.in_flight() == 1).await;
    caller.abort();
    let line = "atelier_http_requests_total{method=\"POST\",route=\"/generate\",status=\"499\"} 1";
    app.until(|studio| studio.meters().render().contains(line))
        .await;
}
