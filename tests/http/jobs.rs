//! Requests that are answered later.

use atelier::http::HttpOptions;
use atelier::service::{Key, Keys};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{TestApp, header, image_file, send, within};

async fn accepted(request: RequestBuilder) -> Value {
    let response = send(request).await;
    let status = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(status, 202, "{answer}");
    answer
}

async fn refused(request: RequestBuilder, status: u16) -> Value {
    let response = send(request).await;
    let found = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(found, status, "{answer}");
    answer
}

fn id(job: &Value) -> &str {
    job["id"].as_str().expect("a job has an id")
}

/// All events of a job up to its end: id, name and data.
async fn events(app: &TestApp, job: &Value, last: Option<&str>) -> Vec<(String, String, Value)> {
    let mut request = app.get(&format!("/jobs/{}/events", id(job)));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = send(request).await;
    assert_eq!(response.status(), 200);
    let text = within(response.text()).await.expect("a sound stream");
    let field = |event: &str, name: &str| {
        let mut lines = event.lines();
        let line = lines.find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.unwrap_or_default()
    };
    text.split("\n\n")
        .filter(|event| event.contains("event: "))
        .map(|event| {
            let data = serde_json::from_str(&field(event, "data: ")).expect("data is JSON");
            (field(event, "id: "), field(event, "event: "), data)
        })
        .collect()
}

/// The job once it is over.
async fn ended(app: &TestApp, job: &Value) -> Value {
    events(app, job, None).await;
    let response = send(app.get(&format!("/jobs/{}", id(job)))).await;
    assert_eq!(response.status(), 200);
    response.json().await.expect("a job")
}

#[tokio::test]
async fn metrics_tell_of_jobs_and_of_what_they_keep() {
    let app = TestApp::start().await;
    let job = accepted(app.post("/jobs", &json!({"class": 3}))).await;
    ended(&app, &job).await;
    let text = within(send(app.get("/metrics")).await.text()).await;
    let text = text.expect("a text");
    for line in [
        "atelier_jobs{state=\"queued\"} 0",
        "atelier_jobs{state=\"running\"} ",
        "atelier_webhooks{state=\"waiting\"} 0",
        "atelier_webhooks{state=\"dead\"} 0",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let kept = text
        .lines()
        .find_map(|line| line.strip_prefix("atelier_jobs_kept_bytes "));
    let kept: u64 = kept.expect("it is told").parse().expect("a number");
    assert!(kept > 100, "{kept} bytes of a picture");
}

#[tokio::test]
async fn a_job_gives_what_the_route_gives() {
    let app = TestApp::start().await;
    let body = json!({"class": 3, "seed": 7, "n": 2});
    let direct = app.generated(&body).await;
    let response = send(app.post("/jobs", &body)).await;
    assert_eq!(response.status(), 202);
    let location = header(&response, "location")
        .expect("a location")
        .to_owned();
    let job: Value = response.json().await.expect("a job");
    assert_eq!(location, format!("/jobs/{}", id(&job)));
    let job = ended(&app, &job).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let answer = &job["answer"];
    for at in 0..2 {
        assert_eq!(image_file(answer, at), image_file(&direct, at));
        let url = job["images"][at]["url"].as_str().expect("an address");
        let image = send(app.get(url)).await;
        assert_eq!(header(&image, "content-type"), Some("image/png"));
        let tag = header(&image, "etag").expect("a tag").to_owned();
        let bytes = image.bytes().await.expect("an image");
        assert_eq!(bytes, image_file(&direct, at));
        let again = send(app.get(url).header("if-none-match", tag)).await;
        assert_eq!(again.status(), 304);
    }
    let keys = |answer: &Value| -> Vec<String> {
        let object = answer.as_object().expect("an object");
        object.keys().cloned().collect()
    };
    assert_eq!(keys(answer), keys(&direct));
    assert_eq!(answer["digest"], direct["digest"]);
    let bare: Value = send(app.get(&format!("{location}?b64=false")))
        .await
        .json()
        .await
        .expect("a job");
    assert_eq!(bare["answer"]["images"][0]["b64"], Value::Null);
}

#[tokio::test]
async fn a_seed_that_is_left_out_is_drawn_once() {
    let app = TestApp::start().await;
    let job = accepted(app.post("/jobs", &json!({}))).await;
    let job = ended(&app, &job).await;
    let seed = job["answer"]["images"][0]["seed"].as_u64().expect("a seed");
    let direct = app
        .generated(&json!({"model": job["model"], "seed": seed}))
        .await;
    assert_eq!(image_file(&job["answer"], 0), image_file(&direct, 0));
}

#[tokio::test]
async fn each_route_can_be_answered_later() {
    let app = TestApp::start().await;
    let image = app.generated(&json!({"model": "vae", "seed": 1})).await;
    let image = &image["images"][0]["b64"];
    let later = |path: &str, body: &Value| app.post(path, body).header("prefer", "respond-async");
    for (route, body) in [
        ("generate", json!({"class": 3, "seed": 7})),
        ("encode", json!({"model": "vae", "image": image})),
        (
            "score",
            json!({"model": "autoregressive", "class": 1, "image": image}),
        ),
    ] {
        let path = format!("/{route}");
        let direct: Value = send(app.post(&path, &body))
            .await
            .json()
            .await
            .expect("JSON");
        let response = send(later(&path, &body)).await;
        assert_eq!(response.status(), 202, "{direct}");
        assert_eq!(
            header(&response, "preference-applied"),
            Some("respond-async")
        );
        let preferred: Value = response.json().await.expect("a job");
        let submitted = accepted(app.post(&format!("/jobs?route={route}"), &body)).await;
        for job in [preferred, submitted] {
            let job = ended(&app, &job).await;
            assert_eq!(job["route"], *route);
            for (field, value) in direct.as_object().expect("an object") {
                let changes = ["id", "created", "timings_ms"];
                if !changes.contains(&&**field) {
                    assert_eq!(&job["answer"][field], value, "{route}.{field}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_could_be_refused_later_is_refused_at_once() {
    let app = TestApp::start().await;
    let wrong = refused(app.post("/jobs", &json!({"n": 0})), 422).await;
    assert_eq!(wrong["field"], "n");
    let wrong = refused(app.post("/jobs", &json!({"model": "none"})), 404).await;
    assert_eq!(wrong["type"], "/problems/unknown-model");
    let image = json!({"image": "AQID"});
    let wrong = refused(app.post("/jobs?route=encode", &image), 422).await;
    assert_eq!(wrong["field"], "image");
    let wrong = refused(app.post("/jobs?route=paint", &image), 422).await;
    assert_eq!(wrong["field"], "route");
    let wrong = refused(app.post("/jobs", &json!({"preview_every": 1})), 422).await;
    assert_eq!(wrong["field"], "preview_every");
    let text = app.client.post(app.url("/jobs")).body("seven");
    refused(text, 415).await;
    let none: Value = send(app.get("/jobs")).await.json().await.expect("a list");
    assert_eq!(none["jobs"], json!([]));
}

fn lines(app: &TestApp, lines: &[Value]) -> RequestBuilder {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let request = app.client.post(app.url("/jobs"));
    request
        .header("content-type", "application/jsonl")
        .body(lines.join("\n"))
}

#[tokio::test]
async fn lines_become_jobs_all_of_them_or_none() {
    let app = TestApp::start().await;
    let wrong = [
        json!({"seed": 1}),
        json!({"n": "x"}),
        json!({"truncation": 9000}),
    ];
    let answer = refused(lines(&app, &wrong), 422).await;
    assert_eq!(answer["field"], "[2].n");
    let wrong = [json!({"seed": 1}), json!({"truncation": 9000})];
    let answer = refused(lines(&app, &wrong), 422).await;
    assert_eq!(answer["errors"][0]["line"], 2);
    assert_eq!(answer["errors"][0]["field"], "truncation");
    let none: Value = send(app.get("/jobs")).await.json().await.expect("a list");
    assert_eq!(none["jobs"], json!([]));
    let many: Vec<Value> = (0..100)
        .map(|seed| json!({"seed": seed, "class": 3}))
        .collect();
    let answer = accepted(lines(&app, &many)).await;
    let jobs = answer["jobs"].as_array().expect("jobs");
    assert_eq!(jobs.len(), 100);
    let last = ended(&app, &jobs[99]).await;
    let direct = app.generated(&many[99]).await;
    assert_eq!(image_file(&last["answer"], 0), image_file(&direct, 0));
    for job in jobs {
        assert_eq!(ended(&app, job).await["state"], "succeeded");
    }
    let page: Value = send(app.get("/jobs?limit=2"))
        .await
        .json()
        .await
        .expect("a list");
    assert_eq!(page["jobs"][0]["id"], jobs[99]["id"]);
    let next = format!("/jobs?limit=2&before={}", id(&page["jobs"][1]));
    let next: Value = send(app.get(&next)).await.json().await.expect("a list");
    assert_eq!(next["jobs"][0]["id"], jobs[97]["id"]);
}

#[tokio::test]
async fn an_idempotency_key_stands_for_one_submission() {
    let app = TestApp::start().await;
    let keyed = |body: &Value| app.post("/jobs", body).header("idempotency-key", "a-1");
    let first = accepted(keyed(&json!({"class": 3}))).await;
    let response = send(keyed(&json!({"class": 3}))).await;
    assert_eq!(header(&response, "idempotent-replayed"), Some("true"));
    let again: Value = response.json().await.expect("a job");
    assert_eq!(first["id"], again["id"]);
    let other = refused(keyed(&json!({"class": 2})), 409).await;
    assert_eq!(other["type"], "/problems/key-reused");
    ended(&app, &first).await;
}

#[tokio::test]
async fn events_go_on_where_they_were_left() {
    let app = TestApp::start().await;
    let body = json!({"model": "autoregressive", "n": 2, "seed": 1});
    let job = accepted(app.post("/jobs", &body)).await;
    let all = events(&app, &job, None).await;
    let names: Vec<&str> = all.iter().map(|(_, name, _)| &**name).collect();
    assert_eq!(names.last(), Some(&"succeeded"), "{names:?}");
    let (last, _, end) = all.last().expect("an end");
    assert_eq!((&**last, &end["state"]), ("end", &json!("succeeded")));
    assert_eq!(end["answer"]["images"][0]["b64"], Value::Null);
    let over = app.get(&format!("/jobs/{}/events", id(&job)));
    let over = send(over.header("last-event-id", "end")).await;
    assert_eq!(over.status(), 204);
    let late = events(&app, &job, Some("5")).await;
    assert_eq!(late.len(), 1);
}

#[tokio::test]
async fn a_job_is_cancelled_and_then_forgotten() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let body = json!({"class": "endless", "seed": 1});
    let job = accepted(app.post("/jobs", &body)).await;
    app.until(|studio| studio.in_flight() == 1).await;
    let path = format!("/jobs/{}", id(&job));
    let shown: Value = send(app.get(&path)).await.json().await.expect("a job");
    assert_eq!(shown["state"], "running");
    let delete = || send(app.client.delete(app.url(&path)));
    assert_eq!(delete().await.status(), 204);
    let shown: Value = send(app.get(&path)).await.json().await.expect("a job");
    assert_eq!(shown["state"], "cancelled");
    app.until(|studio| studio.in_flight() == 0).await;
    assert_eq!(delete().await.status(), 204);
    let gone = refused(app.get(&path), 410).await;
    assert_eq!(gone["type"], "/problems/job-gone");
    let unknown = refused(app.get("/jobs/none"), 404).await;
    assert_eq!(unknown["type"], "/problems/unknown-job");
}

#[tokio::test]
async fn requests_are_served_while_jobs_run() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let endless = json!({"class": "endless", "seed": 1});
    let many = vec![endless; 50];
    let answer = accepted(lines(&app, &many)).await;
    app.until(|studio| studio.in_flight() > 0).await;
    let quick = app.generated(&json!({"class": "quick", "seed": 1})).await;
    assert_eq!(quick["images"][0]["seed"], 1);
    for job in answer["jobs"].as_array().expect("jobs") {
        let path = format!("/jobs/{}", id(job));
        let deleted = send(app.client.delete(app.url(&path))).await;
        assert_eq!(deleted.status(), 204);
    }
    app.until(|studio| studio.in_flight() == 0).await;
}

#[tokio::test]
async fn a_job_is_seen_with_the_key_that_submitted_it() {
    let mut keys = Keys::default();
    keys.add(Key::with_all_scopes("one", "key-one"));
    keys.add(Key::with_all_scopes("two", "key-two"));
    let options = HttpOptions::default();
    *options.keys.write().expect("a lock") = keys;
    let app = TestApp::with(["models/gan"]).http(options).start().await;
    let with = |key: &str, request: RequestBuilder| request.bearer_auth(key);
    let job = accepted(with("key-one", app.post("/jobs", &json!({"seed": 1})))).await;
    let path = format!("/jobs/{}", id(&job));
    let status = async |request| -> u16 {
        let response: Response = send(request).await;
        response.status().as_u16()
    };
    assert_eq!(status(with("key-one", app.get(&path))).await, 200);
    assert_eq!(status(with("key-two", app.get(&path))).await, 404);
    assert_eq!(status(app.get(&path)).await, 401);
    assert_eq!(status(app.post("/jobs", &json!({}))).await, 401);
    app.until(|studio| studio.in_flight() == 0).await;
}
