//! What those who run the service look at: health, metrics, request ids, CORS.

use atelier::http::{Cors, HttpOptions};
use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

#[tokio::test]
async fn readiness_goes_down_while_draining_and_life_goes_on() {
    let app = TestApp::with(["models/gan", "broken/nan"]).start().await;
    let response = send(app.get("/readyz")).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        body,
        json!({"status": "ready", "models": 1, "broken_models": 1})
    );

    app.studio.close();
    let response = send(app.get("/readyz")).await;
    assert_eq!(response.status(), 503);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], "draining");
    assert!(body["reason"].as_str().unwrap().contains("shutting down"));
    assert_eq!(send(app.get("/livez")).await.status(), 200);
}

#[tokio::test]
async fn a_server_without_a_model_that_serves_is_not_ready() {
    let app = TestApp::with(["broken/nan"]).start().await;
    let response = send(app.get("/readyz")).await;
    assert_eq!(response.status(), 503);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], "no_models");
    let refused = app.generate(&json!({})).await;
    assert_eq!(refused.status(), 503);
}

#[tokio::test]
async fn readiness_goes_down_before_the_doors_close() {
    let app = TestApp::with(["models/gan"]).start().await;
    app.studio.withdraw();
    assert_eq!(send(app.get("/readyz")).await.status(), 503);
    app.generated(&json!({})).await;
}

#[tokio::test]
async fn requests_under_way_finish_while_draining() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let slow = tokio::spawn(app.post("/generate", &json!({"class": "slow"})).send());
    app.until(|studio| studio.in_flight() == 1).await;
    app.studio.close();
    assert_eq!(app.generate(&json!({"class": "quick"})).await.status(), 503);
    let response = slow.await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_status() {
    let app = TestApp::with(["models/gan"]).start().await;
    app.generated(&json!({})).await;
    app.generate(&json!({"n": 0})).await;
    send(app.get("/no/such/route")).await;
    let newer = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let response = send(app.get("/metrics").header("accept", newer)).await;
    let media_type = header(&response, "content-type").unwrap().to_owned();
    assert!(
        media_type.starts_with("application/openmetrics-text"),
        "{media_type}"
    );
    let text = response.text().await.unwrap();
    let requests = "atelier_http_requests_total";
    for line in [
        format!("{requests}{{method=\"POST\",route=\"/generate\",status=\"200\"}} 1"),
        format!("{requests}{{method=\"POST\",route=\"/generate\",status=\"422\"}} 1"),
        format!("{requests}{{method=\"GET\",route=\"unmatched\",status=\"404\"}} 1"),
        "atelier_http_requests_in_flight 1".to_owned(),
        "atelier_http_request_seconds_count{route=\"/generate\"} 2".to_owned(),
        "atelier_images_total{model=\"gan\"} 1".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert_eq!(text.matches("# EOF").count(), 1);
}

#[tokio::test]
async fn whoever_does_not_ask_for_open_metrics_gets_the_older_text() {
    let app = TestApp::with(["models/gan"]).start().await;
    app.generated(&json!({})).await;
    let response = send(app.get("/metrics")).await;
    let media_type = header(&response, "content-type").unwrap().to_owned();
    assert!(
        media_type.starts_with("text/plain; version=0.0.4"),
        "{media_type}"
    );
    let text = response.text().await.unwrap();
    assert!(!text.contains("# EOF"));
    for line in [
        "# TYPE atelier_images_total counter",
        "atelier_images_total{model=\"gan\"} 1",
        "atelier_model_ready{model=\"gan\"} 1",
        "atelier_memory_reserved_bytes 0",
        "# TYPE atelier_build_info gauge",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
}

#[tokio::test]
async fn every_answer_carries_the_requests_id() {
    let app = TestApp::with(["models/gan"]).start().await;
    for path in ["/models", "/nowhere", "/livez", "/docs/", "/"] {
        let response = send(app.get(path).header("x-request-id", "order-17")).await;
        assert_eq!(
            header(&response, "x-request-id"),
            Some("order-17"),
            "{path}"
        );
        let response = send(app.get(path)).await;
        assert_eq!(
            header(&response, "x-request-id").map(str::len),
            Some(36),
            "{path}"
        );
    }
}

#[tokio::test]
async fn browsers_of_allowed_origins_may_call() {
    let http = HttpOptions {
        cors: Cors::from_origins(["https://example.org"]).unwrap(),
        ..HttpOptions::default()
    };
    let app = TestApp::with(["models/gan"]).http(http).start().await;
    let preflight = app
        .client
        .request(reqwest::Method::OPTIONS, app.url("/generate"))
        .header("origin", "https://example.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let response = send(preflight).await;
    assert_eq!(response.status(), 200);
    let allowed = "access-control-allow-origin";
    assert_eq!(header(&response, allowed), Some("https://example.org"));
    let refused = app.post("/generate", &json!({"n": 0}));
    let response = send(refused.header("origin", "https://example.org")).await;
    assert_eq!(response.status(), 422);
    assert_eq!(
        header(&response, allowed),
        Some("https://example.org"),
        "errors can be read too"
    );
    let stranger = app.get("/models").header("origin", "https://example.com");
    assert_eq!(header(&send(stranger).await, allowed), None);
}

#[tokio::test]
async fn no_origin_may_call_unless_the_operator_says_so() {
    let app = TestApp::with(["models/gan"]).start().await;
    let response = send(app.get("/models").header("origin", "https://example.org")).await;
    assert_eq!(header(&response, "access-control-allow-origin"), None);
}
