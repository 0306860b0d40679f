//! Each row of the table of errors, through the real router.

use std::time::Duration;

use atelier::http::HttpOptions;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestApp, header, send, within};

/// Checks what all problems have, and hands back the body.
async fn problem(response: Response, status: u16, slug: &str) -> Value {
    let type_ = header(&response, "content-type").map(str::to_owned);
    let id = header(&response, "x-request-id").map(str::to_owned);
    let found = response.status().as_u16();
    let body: Value = response.json().await.expect("a problem is JSON");
    assert_eq!(found, status, "{body}");
    assert_eq!(type_.as_deref(), Some("application/problem+json"));
    assert_eq!(body["type"], format!("/problems/{slug}"));
    assert_eq!(body["status"], status);
    assert!(
        id.is_some() && body["request_id"].as_str() == id.as_deref(),
        "{body} is not {id:?}"
    );
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty())
    );
    body
}

async fn refused(request: RequestBuilder, status: u16, slug: &str) -> (Value, Option<bool>) {
    let response = send(request).await;
    let retry =
        header(&response, "x-should-retry").map(|value| value.parse().expect("true or false"));
    (problem(response, status, slug).await, retry)
}

#[tokio::test]
async fn a_server_without_a_model_that_serves_is_unavailable_in_every_dialect() {
    let all_broken = TestApp::with(["broken/missing-graph"]).start().await;
    let empty = TestApp::with([]).start().await;
    let prompt = json!({"prompt": "seven", "inputs": "seven"});
    for (app, why) in [
        (&all_broken, "each of the 1 that there are can't be loaded"),
        (&empty, "has none"),
    ] {
        for (path, message) in [
            ("/generate", "/detail"),
            ("/v1/images/generations", "/error/message"),
            ("/sdapi/v1/txt2img", "/detail"),
        ] {
            let mut body = prompt.clone();
            let other = if path == "/generate" {
                "inputs"
            } else {
                "none"
            };
            body.as_object_mut().expect("an object").remove(other);
            let response = send(app.post(path, &body)).await;
            assert_eq!(response.status(), 503, "{path}");
            let answer: Value = response.json().await.expect("errors are JSON");
            let says = answer.pointer(message).and_then(Value::as_str);
            let says = says.expect("a message");
            assert!(
                says.starts_with("no model serves here") && says.contains(why),
                "{path}: {says}"
            );
        }
        let french = app.post("/generate", &json!({}));
        let french = send(french.header("accept-language", "fr")).await;
        let french = problem(french, 503, "no-model").await;
        let says = french["detail"].as_str().expect("a sentence");
        assert!(says.starts_with("aucun modèle n’est en service"), "{says}");
    }
    let response = send(empty.post("/hf/any", &json!({"inputs": "seven"}))).await;
    assert_eq!(response.status(), 503);
    let answer: Value = response.json().await.expect("errors are JSON");
    assert_eq!(answer["error_type"], "no_model");
}

#[tokio::test]
async fn an_unreadable_body() {
    let app = TestApp::with(["models/gan"]).start().await;
    for body in [
        "",
        "{",
        "seed=7",
        "{\"n\": 1} {}",
        "{\"prompt\": \"\u{1}\"}",
    ] {
        let request = app
            .client
            .post(app.url("/generate"))
            .header("content-type", "application/json")
            .body(body);
        let (problem, retry) = refused(request, 400, "unreadable-body").await;
        assert!(
            problem["detail"].as_str().unwrap().contains("line"),
            "{problem}"
        );
        assert_eq!(retry, Some(false));
    }
}

#[tokio::test]
async fn an_invalid_field() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"n": 0});
    let (problem, retry) = refused(app.post("/generate", &body), 422, "invalid-field").await;
    assert_eq!(problem["field"], "n");
    assert_eq!(retry, Some(false));
}

#[tokio::test]
async fn an_unknown_model() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"model": "nobody"});
    let (problem, retry) = refused(app.post("/generate", &body), 404, "unknown-model").await;
    assert_eq!(problem["field"], "model");
    assert!(
        problem["detail"].as_str().unwrap().contains("gan"),
        "{problem}"
    );
    assert_eq!(retry, Some(false));
    refused(app.get("/models/nobody"), 404, "unknown-model").await;
    let encode = json!({"model": "nobody", "image": "AQ=="});
    refused(app.post("/encode", &encode), 404, "unknown-model").await;
}

#[tokio::test]
async fn an_unknown_route() {
    let app = TestApp::with(["models/gan"]).start().await;
    for path in ["/generated", "/problems/none", "/docs/none.js"] {
        let response = send(app.get(path)).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    let (problem, retry) = refused(app.get("/generated"), 404, "unknown-route").await;
    assert!(problem["detail"].as_str().unwrap().contains("/generated"));
    assert_eq!(retry, Some(false));
}

#[tokio::test]
async fn a_wrong_method() {
    let app = TestApp::with(["models/gan"]).start().await;
    let response = send(app.get("/generate")).await;
    assert_eq!(header(&response, "allow"), Some("POST"));
    assert_eq!(header(&response, "x-should-retry"), Some("false"));
    let problem = problem(response, 405, "wrong-method").await;
    assert!(
        problem["detail"].as_str().unwrap().contains("GET"),
        "{problem}"
    );
    let response = send(app.client.delete(app.url("/models"))).await;
    assert_eq!(header(&response, "allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn an_answer_in_no_form_that_is_accepted() {
    let app = TestApp::with(["models/gan"]).start().await;
    for (accept, body) in [
        ("text/html", json!({})),
        ("image/png", json!({"n": 2})),
        ("image/png", json!({"seeds": [1, 2]})),
        ("image/png", json!({"format": "jpeg"})),
        ("application/json;q=0, image/gif", json!({})),
    ] {
        let request = app.post("/generate", &body).header("accept", accept);
        let (_, retry) = refused(request, 406, "not-acceptable").await;
        assert_eq!(retry, Some(false), "{accept} {body}");
    }
}

#[tokio::test]
async fn a_body_that_takes_too_long() {
    let http = HttpOptions {
        body_timeout: Duration::from_millis(20),
        ..HttpOptions::default()
    };
    let app = TestApp::with(["models/gan"]).http(http).start().await;
    let mut connection = TcpStream::connect(&app.address).await.unwrap();
    let head = "POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 2\r\n\r\n{";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(connection.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(answer.contains("/problems/read-timeout"), "{answer}");
    assert!(!answer.contains("x-should-retry"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let http = HttpOptions {
        max_body_bytes: 1000,
        ..HttpOptions::default()
    };
    let app = TestApp::with(["models/gan", "models/vae"])
        .http(http)
        .start()
        .await;
    let long = json!({"prompt": "x".repeat(1000)});
    let (problem, retry) = refused(app.post("/generate", &long), 413, "too-large").await;
    assert!(
        problem["detail"].as_str().unwrap().contains("1000 bytes"),
        "{problem}"
    );
    assert_eq!(retry, Some(false));
    let file = app
        .client
        .post(app.url("/encode"))
        .header("content-type", "image/png")
        .body(vec![0; 1001]);
    refused(file, 413, "too-large").await;
}

/// Without a length in its head, a body is counted as it comes.
#[tokio::test]
async fn a_body_that_turns_out_too_large() {
    let http = HttpOptions {
        max_body_bytes: 1000,
        ..HttpOptions::default()
    };
    let app = TestApp::with(["models/gan"]).http(http).start().await;
    let mut connection = TcpStream::connect(&app.address).await.unwrap();
    let head = "POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let chunk = format!("200\r\n{}\r\n", " ".repeat(0x200));
    let body = format!("{head}{chunk}{chunk}{chunk}0\r\n\r\n");
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(connection.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_media_type_that_is_not_taken() {
    let app = TestApp::with(["models/gan"]).start().await;
    let form = app
        .client
        .post(app.url("/generate"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("{}");
    let response = send(form).await;
    assert_eq!(header(&response, "accept"), Some("application/json"));
    assert_eq!(header(&response, "x-should-retry"), Some("false"));
    problem(response, 415, "unsupported-media").await;

    let packed = app
        .post("/generate", &json!({}))
        .header("content-encoding", "gzip");
    refused(packed, 415, "unsupported-media").await;

    let unnamed = app.client.post(app.url("/encode")).body("{}");
    let response = send(unnamed).await;
    let taken = "application/json, image/png, image/jpeg, image/webp";
    assert_eq!(header(&response, "accept"), Some(taken));
    problem(response, 415, "unsupported-media").await;
}

#[tokio::test]
async fn a_broken_model() {
    let app = TestApp::with(["models/gan", "broken/missing-graph"])
        .start()
        .await;
    let body = json!({"model": "missing-graph"});
    let (problem, retry) = refused(app.post("/generate", &body), 500, "broken-model").await;
    let detail =
        "the model \"missing-graph\" cannot serve; GET /models and the server's log say why";
    assert_eq!(problem["detail"], detail);
    assert_eq!(retry, Some(false));
    // The person who can mend it is told what is wrong.
    let model = send(app.get("/models/missing-graph")).await;
    let model: Value = model.json().await.expect("JSON");
    let reason = model["reason"].as_str().expect("a reason");
    assert!(reason.contains("generator.onnx is missing"), "{reason}");
}

#[tokio::test]
async fn a_full_house() {
    let app = TestApp::with(["slow/gan-slow"]).queue(1).start().await;
    let endless = app.post("/generate", &json!({"class": "endless"}));
    let endless = tokio::spawn(endless.send());
    app.until(|studio| studio.in_flight() == 1).await;

    let response = app.generate(&json!({"class": "quick"})).await;
    let wait: u64 = header(&response, "retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
    assert_eq!(header(&response, "x-should-retry"), None);
    problem(response, 503, "queue-full").await;

    endless.abort();
    app.until(|studio| studio.in_flight() == 0).await;
    app.generated(&json!({"class": "quick"})).await;
}

#[tokio::test]
async fn a_server_that_is_shutting_down() {
    let app = TestApp::with(["models/gan"]).start().await;
    app.studio.close();
    let response = app.generate(&json!({})).await;
    assert!(header(&response, "retry-after").is_some());
    assert_eq!(header(&response, "x-should-retry"), None);
    problem(response, 503, "draining").await;
}

#[tokio::test]
async fn a_deadline_that_passes() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let body = json!({"class": "endless", "deadline_ms": 20});
    let (problem, retry) = refused(app.post("/generate", &body), 504, "deadline-passed").await;
    assert!(
        problem["detail"].as_str().unwrap().contains("20 ms"),
        "{problem}"
    );
    assert_eq!(retry, None);
}

#[tokio::test]
async fn a_generation_that_somebody_cancels() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let body = json!({"class": "endless"});
    let caller = tokio::spawn(app.post("/generate", &body).send());
    app.until(|studio| studio.in_flight() == 1).await;
    let path = format!("/generations/{}", app.studio.active()[0]);
    let deleted = send(app.client.delete(app.url(&path))).await;
    assert_eq!(deleted.status(), 204);
    let response = within(caller).await.unwrap().expect("an answer");
    assert_eq!(header(&response, "x-should-retry"), None);
    problem(response, 410, "cancelled").await;
}

#[tokio::test]
async fn a_generation_that_is_not_under_way() {
    let app = TestApp::with(["models/gan"]).start().await;
    let over = app.generated(&json!({})).await;
    for id in ["none", over["id"].as_str().unwrap()] {
        let delete = app.client.delete(app.url(&format!("/generations/{id}")));
        let (problem, retry) = refused(delete, 404, "unknown-generation").await;
        assert!(problem["detail"].as_str().unwrap().contains(id));
        assert_eq!(retry, Some(false));
    }
}

/// Latents this large make a difference of two infinities inside the graph.
#[tokio::test]
async fn numbers_that_are_no_image() {
    let app = TestApp::with(["faults/gan-nan"]).start().await;
    let body = json!({"latents": vec![-1.0; 8]});
    let (problem, retry) = refused(app.post("/generate", &body), 500, "no-image").await;
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.contains("another seed may do"), "{detail}");
    let text = problem.to_string().to_lowercase();
    for inside in ["graph", "generator", "onnx"] {
        assert!(!text.contains(inside), "{text} tells of {inside}");
    }
    assert_eq!(retry, Some(false));
}

#[tokio::test]
async fn a_number_that_only_overflows() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"latents": [[0.0, 3e38, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]});
    let (problem, _) = refused(app.post("/generate", &body), 422, "invalid-field").await;
    assert_eq!(problem["field"], "latents[0][1]");
}

#[tokio::test]
async fn every_kind_is_explained_where_its_type_leads() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"n": 0});
    let (problem, _) = refused(app.post("/generate", &body), 422, "invalid-field").await;
    let response = send(app.get(problem["type"].as_str().unwrap())).await;
    assert_eq!(response.status(), 200);
    let kind: Value = response.json().await.unwrap();
    assert_eq!(kind["title"], problem["title"]);
    assert_eq!(kind["status"], 422);
    assert_eq!(kind["repeats"], true);
}

#[tokio::test]
async fn an_address_that_is_no_text_is_answered_in_our_words() {
    let app = TestApp::start().await;
    for path in [
        "/models/%FF",
        "/v1/models/%FF",
        "/avatars/%FF.png",
        "/files/%FF",
    ] {
        let answer = send(app.get(path).header("accept-language", "fr")).await;
        assert_eq!(answer.status(), 404, "{path}");
        let text = answer.text().await.expect("a body");
        assert!(
            text.contains("l’adresse n’est pas du texte"),
            "{path}: {text}"
        );
    }
}
