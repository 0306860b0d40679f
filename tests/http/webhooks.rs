//! Telling of the ends of jobs, to a receiver with a port of its own.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use atelier::http::{Allowed, HttpOptions, Secret, WebhookOptions};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::harness::{TestApp, send, within};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(HeaderMap, String)>>>);

impl Received {
    fn all(&self) -> Vec<(HeaderMap, String)> {
        self.0.lock().expect("a lock").clone()
    }
}

/// A receiver that answers as each path says.
async fn receiver() -> (String, Received) {
    let received = Received::default();
    async fn take(State(received): State<Received>, headers: HeaderMap, body: String) -> usize {
        let mut all = received.0.lock().expect("a lock");
        all.push((headers, body));
        all.len()
    }
    async fn second(state: State<Received>, headers: HeaderMap, body: String) -> StatusCode {
        match take(state, headers, body).await {
            1 => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::NO_CONTENT,
        }
    }
    async fn gone(state: State<Received>, headers: HeaderMap, body: String) -> StatusCode {
        take(state, headers, body).await;
        StatusCode::GONE
    }
    async fn elsewhere(state: State<Received>, headers: HeaderMap, body: String) -> Response {
        take(state, headers, body).await;
        Redirect::temporary("/second").into_response()
    }
    let router = Router::new()
        .route("/second", post(second))
        .route("/gone", post(gone))
        .route("/elsewhere", post(elsewhere))
        .with_state(received.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("a bound port");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), received)
}

async fn app(allowed: &[&str]) -> TestApp {
    let http = HttpOptions {
        webhooks: WebhookOptions {
            allowed: Allowed::read(allowed).expect("hosts"),
            secrets: vec![Secret::read(SECRET).expect("a secret")],
        },
        ..HttpOptions::default()
    };
    TestApp::with(["models/gan"]).http(http).start().await
}

async fn submitted(app: &TestApp, webhook: &str) -> (u16, Value) {
    // Those that are asked for here hold nothing that would need more of it.
    let webhook = webhook.replace(':', "%3A").replace('/', "%2F");
    let path = format!("/jobs?webhook={webhook}");
    let response = send(app.post(&path, &json!({"seed": 1}))).await;
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

/// The job once its webhook is as it should be.
async fn told(app: &TestApp, job: &Value, state: &str) -> Value {
    let path = format!("/jobs/{}?b64=false", job["id"].as_str().expect("an id"));
    within(async {
        loop {
            let job: Value = send(app.get(&path)).await.json().await.expect("a job");
            if job["webhook"]["state"] == state {
                return job;
            }
        }
    })
    .await
}

#[tokio::test]
async fn the_end_is_told_signed_and_again_where_it_was_not_taken() {
    let (url, received) = receiver().await;
    let app = app(&["127.0.0.1"]).await;
    let (status, job) = submitted(&app, &format!("{url}/second")).await;
    assert_eq!(status, 202, "{job}");
    let job = told(&app, &job, "delivered").await;
    assert_eq!(job["webhook"]["attempts"], 2);
    let all = received.all();
    assert_eq!(all.len(), 2);
    let header = |headers: &HeaderMap, name: &str| -> String {
        headers[name].to_str().expect("ASCII").to_owned()
    };
    assert_eq!(
        header(&all[0].0, "webhook-id"),
        header(&all[1].0, "webhook-id")
    );
    for (headers, body) in all {
        let (id, time) = (
            header(&headers, "webhook-id"),
            header(&headers, "webhook-timestamp"),
        );
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_"));
        let mut hmac = Hmac::<Sha256>::new_from_slice(&key.expect("base64")).expect("a key");
        hmac.update(format!("{id}.{time}.{body}").as_bytes());
        let signed = format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()));
        assert_eq!(header(&headers, "webhook-signature"), signed);
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock");
        assert!(since.as_secs() - time.parse::<u64>().expect("seconds") < 60);
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body["type"], "job.succeeded");
        assert_eq!(body["data"]["id"], job["id"]);
    }
}

#[tokio::test]
async fn who_is_gone_is_not_told_again_and_the_dead_are_listed() {
    let (url, received) = receiver().await;
    let app = app(&["127.0.0.0/8"]).await;
    let (_, job) = submitted(&app, &format!("{url}/gone")).await;
    told(&app, &job, "dead").await;
    let list: Value = send(app.get("/webhooks")).await.json().await.expect("JSON");
    assert_eq!(list["webhooks"][0]["job"], job["id"]);
    assert_eq!(list["webhooks"][0]["error"], "it answered 410");
    assert_eq!(received.all().len(), 1);
}

#[tokio::test]
async fn nobody_goes_where_an_answer_points() {
    let (url, received) = receiver().await;
    let app = app(&["127.0.0.1"]).await;
    let (_, job) = submitted(&app, &format!("{url}/elsewhere")).await;
    within(async {
        while received.all().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let job = told(&app, &job, "pending").await;
    assert_eq!(received.all().len(), 1);
    assert_ne!(job["state"], "failed");
}

#[tokio::test]
async fn only_hosts_on_the_list_are_asked_and_no_name_leads_into_other_networks() {
    let (url, received) = receiver().await;
    let (off, listed) = (app(&[]).await, app(&["localhost", "10.1.0.0/16"]).await);
    for (app, webhook) in [
        (&off, format!("{url}/second")),
        (&listed, format!("{url}/second")),
        (&listed, "https://example.org/".to_owned()),
        (&listed, "http://169.254.169.254/latest".to_owned()),
    ] {
        let (status, problem) = submitted(app, &webhook).await;
        assert_eq!(
            (status, &problem["field"]),
            (422, &json!("webhook")),
            "{webhook}"
        );
    }
    // The name is on the list, and leads to this machine, which is not.
    let by_name = url.replace("127.0.0.1", "localhost");
    let (status, job) = submitted(&listed, &format!("{by_name}/second")).await;
    assert_eq!(status, 202);
    let path = format!("/jobs/{}?b64=false", job["id"].as_str().expect("an id"));
    let job = within(async {
        loop {
            let job: Value = send(listed.get(&path)).await.json().await.expect("a job");
            if job["webhook"]["attempts"].as_u64() >= Some(1) {
                return job;
            }
        }
    })
    .await;
    let error = job["webhook"]["error"].as_str().expect("a reason");
    assert!(error.contains("no public address"), "{error}");
    assert!(received.all().is_empty());
}
