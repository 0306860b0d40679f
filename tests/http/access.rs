//! Who may come in: keys, rates, hosts and origins.

use std::sync::{Arc, RwLock};

use atelier::http::HttpOptions;
use atelier::service::{Key, Keys, Limit, RateLimits, Scope};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

fn key(name: &str, scope: Scope) -> Key {
    Key {
        scopes: vec![scope],
        ..Key::with_all_scopes(name, &format!("the key of {name}"))
    }
}

async fn with_keys() -> TestApp {
    let keys = vec![
        key("site", Scope::Generate),
        key("prometheus", Scope::Metrics),
        Key {
            limits: RateLimits {
                per_minute: Limit::new(2),
                per_day: None,
            },
            ..key("guest", Scope::Generate)
        },
    ];
    let options = HttpOptions {
        keys: Arc::new(RwLock::new(Keys::new(keys))),
        ..HttpOptions::default()
    };
    TestApp::with(["models/gan"]).http(options).start().await
}

async fn status(request: RequestBuilder) -> u16 {
    send(request).await.status().as_u16()
}

#[tokio::test]
async fn without_a_key_only_what_is_for_everybody_is_answered() {
    let app = with_keys().await;
    for open in [
        "/",
        "/livez",
        "/readyz",
        "/docs/",
        "/problems/missing-key",
        "/page/style.css",
    ] {
        assert_eq!(status(app.get(open)).await, 200, "{open}");
    }
    for closed in ["/models", "/metrics", "/v1/models", "/sdapi/v1/sd-models"] {
        let answer = send(app.get(closed)).await;
        assert_eq!(answer.status(), 401, "{closed}");
        assert_eq!(
            header(&answer, "www-authenticate"),
            Some("Bearer realm=\"atelier\"")
        );
    }
    assert_eq!(status(app.post("/generate", &json!({}))).await, 401);
}

#[tokio::test]
async fn a_key_opens_what_it_is_good_for_however_it_is_sent() {
    let app = with_keys().await;
    let site = "the key of site";
    let ask = || app.post("/generate", &json!({}));
    assert_eq!(status(ask().bearer_auth(site)).await, 200);
    assert_eq!(status(ask().header("x-api-key", site)).await, 200);
    assert_eq!(status(ask().basic_auth("anybody", Some(site))).await, 200);
    assert_eq!(status(ask().bearer_auth("the key of nobody")).await, 401);
    let answer = send(app.get("/metrics").bearer_auth(site)).await;
    assert_eq!(answer.status(), 403);
    let problem: Value = answer.json().await.expect("a problem");
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains("metrics"), "{detail}");
    let prometheus = "the key of prometheus";
    assert_eq!(
        status(app.get("/metrics").bearer_auth(prometheus)).await,
        200
    );
    assert_eq!(status(ask().bearer_auth(prometheus)).await, 403);
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    let app = with_keys().await;
    let ask = |name| {
        let key = format!("the key of {name}");
        send(app.post("/generate", &json!({})).bearer_auth(key))
    };
    let first = ask("guest").await;
    assert_eq!(first.status(), 200);
    assert_eq!(
        header(&first, "ratelimit-policy"),
        Some("\"requests\";q=2;w=60")
    );
    assert_eq!(header(&first, "ratelimit"), Some("\"requests\";r=1"));
    assert_eq!(ask("guest").await.status(), 200);
    let third = ask("guest").await;
    assert_eq!(third.status(), 429);
    let wait: u64 = header(&third, "retry-after")
        .expect("a time")
        .parse()
        .expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    // Others are not affected, and reading costs nothing.
    assert_eq!(ask("site").await.status(), 200);
    let models = app.get("/models").bearer_auth("the key of guest");
    assert_eq!(status(models).await, 200);
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_send_a_form() {
    let app = TestApp::with(["models/gan"]).start().await;
    let form = || {
        let form =
            "--x\r\ncontent-disposition: form-data; name=\"prompt\"\r\n\r\nzero\r\n--x--\r\n";
        app.client
            .post(app.url("/v1/images/edits"))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(form)
    };
    let foreign = send(form().header("origin", "https://evil.example")).await;
    assert_eq!(foreign.status(), 403);
    let own = send(form().header("origin", format!("http://{}", app.address))).await;
    assert_ne!(own.status(), 403);
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_is_refused() {
    let options = HttpOptions {
        hosts: Some(vec!["127.0.0.1".to_owned()]),
        ..HttpOptions::default()
    };
    let app = TestApp::with(["models/gan"]).http(options).start().await;
    assert_eq!(status(app.get("/models")).await, 200);
    let foreign = |path: &str| app.get(path).header("host", "evil.example");
    assert_eq!(status(foreign("/models")).await, 400);
    // Probes call a server by its address, whatever its names are.
    for probe in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(status(foreign(probe)).await, 400, "{probe}");
        let by_address = app.get(probe).header("host", "10.0.0.7:8080");
        assert_eq!(status(by_address).await, 200, "{probe}");
    }
}
