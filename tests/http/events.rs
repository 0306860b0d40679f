//! A generation told as it happens: server-sent events, previews, and stopping it.

use std::time::Duration;

use atelier::service::{Draft, Event};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{TestApp, header, send, within};

/// A stream of events, read one after the other.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(request: RequestBuilder) -> Self {
        let response = send(request.header("accept", "text/event-stream")).await;
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event's name and data, comments left out.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| line.strip_prefix(name).map(str::to_owned))
                };
                let (name, data) = (field("event: "), field("data: "));
                self.text = rest.to_owned();
                if let (Some(name), Some(data)) = (name, data) {
                    return Some((name, serde_json::from_str(&data).expect("data is JSON")));
                }
                continue;
            }
            let chunk = within(self.response.chunk())
                .await
                .expect("a sound stream")?;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    async fn rest(mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

fn of<'e>(events: &'e [(String, Value)], name: &str) -> Vec<&'e Value> {
    let named = events.iter().filter(|(known, _)| known == name);
    named.map(|(_, data)| data).collect()
}

#[tokio::test]
async fn a_stream_has_no_deadline_but_its_own_and_a_plain_request_is_told_so() {
    let hopeless = Duration::from_nanos(1);
    let app = TestApp::with(["models/gan"])
        .deadline(hopeless)
        .start()
        .await;
    let body = json!({"prompt": "two", "seed": 1});
    let refused = app.generate(&body).await;
    assert_eq!(refused.status(), 422);
    let fault: Value = refused.json().await.expect("JSON");
    let says = fault["detail"].as_str().expect("a text");
    assert!(
        says.contains("a stream (Accept: text/event-stream) has no deadline"),
        "{says}"
    );
    let events = Events::open(app.post("/generate", &body))
        .await
        .rest()
        .await;
    assert_eq!(of(&events, "done").len(), 1, "{events:?}");
}

#[tokio::test]
async fn a_stream_tells_of_each_image_and_holds_what_the_json_answer_holds() {
    let app = TestApp::start().await;
    for model in ["gan", "vae", "autoregressive"] {
        let mut body = json!({"model": model, "seed": 7, "n": 3});
        if model == "gan" {
            body["prompt"] = json!("two");
        }
        let answer = app.generated(&body).await;
        let stream = Events::open(app.post("/generate", &body)).await;
        let id = header(&stream.response, "x-atelier-id").map(str::to_owned);
        assert_eq!(
            header(&stream.response, "content-type"),
            Some("text/event-stream")
        );
        assert_eq!(header(&stream.response, "cache-control"), Some("no-cache"));
        assert_eq!(header(&stream.response, "x-accel-buffering"), Some("no"));

        let events = stream.rest().await;
        assert_eq!(names(&events).first(), Some(&"queued"), "{model}");
        assert_eq!(names(&events).last(), Some(&"done"), "{model}");
        for (_, data) in &events {
            assert_eq!(data["id"].as_str(), id.as_deref());
        }
        assert_eq!(events[0].1["position"], 0);
        let last = of(&events, "progress").last().copied().expect("progress");
        assert_eq!(last["step"], last["of"], "{model}");
        let mut images = of(&events, "image");
        images.sort_by_key(|image| image["index"].as_u64());
        let images: Vec<&Value> = images.iter().map(|event| &event["image"]).collect();
        let wanted: Vec<&Value> = answer["images"].as_array().unwrap().iter().collect();
        assert_eq!(images, wanted, "{model}");
        let done = of(&events, "done")[0];
        // All that the answer has but its images; ids and times are each one's own.
        for (field, value) in answer.as_object().unwrap() {
            match field.as_str() {
                "images" => assert!(done[field].is_null()),
                "id" | "created" | "timings_ms" => assert!(!done[field].is_null(), "{field}"),
                _ => assert_eq!(&done[field], value, "{field}"),
            }
        }
    }
}

#[tokio::test]
async fn the_best_of_many_come_in_their_order() {
    let app = TestApp::with(["models/gan"]).start().await;
    let body = json!({"seed": 3, "n": 2, "best_of": 6});
    let answer = app.generated(&body).await;
    let events = Events::open(app.post("/generate", &body))
        .await
        .rest()
        .await;
    let images: Vec<Value> = of(&events, "image")
        .iter()
        .map(|event| event["image"].clone())
        .collect();
    assert_eq!(Value::from(images), answer["images"]);
}

#[tokio::test]
async fn previews_show_the_canvas_so_far() {
    let app = TestApp::with(["models/autoregressive"]).start().await;
    let body = json!({"seed": 1, "preview_every": 1});
    let events = Events::open(app.post("/generate", &body))
        .await
        .rest()
        .await;
    let previews: Vec<&Value> = of(&events, "progress")
        .into_iter()
        .map(|event| &event["preview"])
        .filter(|preview| !preview.is_null())
        .collect();
    assert!(!previews.is_empty(), "{events:?}");
    for preview in previews {
        assert_eq!(preview["media_type"], "image/png");
        assert!(preview["b64"].as_str().unwrap().starts_with("iVBOR"));
    }
}

#[tokio::test]
async fn previews_of_an_animation_are_still_images() {
    let app = TestApp::with(["../pipelines/stable-diffusion"])
        .start()
        .await;
    let body = json!({
        "interpolate": {"from": {"prompt": "a cat", "seed": 1}, "to": {"prompt": "a dog"}, "steps": 3},
        "steps": 6, "preview_every": 1, "format": "apng",
    });
    let events = Events::open(app.post("/generate", &body))
        .await
        .rest()
        .await;
    let steps = of(&events, "progress");
    let previews = steps.iter().filter(|step| !step["preview"].is_null());
    let kinds: Vec<&Value> = previews
        .map(|step| &step["preview"]["media_type"])
        .collect();
    assert!(!kinds.is_empty(), "{events:?}");
    assert!(kinds.iter().all(|kind| **kind == "image/png"), "{kinds:?}");
    let images = of(&events, "image");
    assert_eq!(images.len(), 1);
    assert_eq!(images[0]["image"]["frames"], 3);
}

#[tokio::test]
async fn a_pipeline_shows_what_it_foresees_and_paints_the_same() {
    let app = TestApp::with(["../pipelines/stable-diffusion"])
        .start()
        .await;
    let plain = json!({"prompt": "a dog", "seed": 4, "steps": 12});
    let answer = app.generated(&plain).await;
    let mut watched = plain.clone();
    watched["preview_every"] = json!(2);
    let events = Events::open(app.post("/generate", &watched))
        .await
        .rest()
        .await;
    let steps = of(&events, "progress");
    assert!(steps.iter().all(|step| step["image"] == 0), "{steps:?}");
    let shown = steps.iter().any(|step| step["preview"]["b64"].is_string());
    assert!(shown, "{steps:?}");
    assert_eq!(of(&events, "image")[0]["image"], answer["images"][0]);
}

/// Two requests whose rows share calls: one leaves, and the other's image is what it is alone.
#[tokio::test]
async fn closing_a_stream_leaves_those_who_share_its_calls_alone() {
    let app = TestApp::with(["../pipelines/stable-diffusion"])
        .start()
        .await;
    let short = json!({"prompt": "a cat", "seed": 9, "steps": 60});
    let alone = app.generated(&short).await;
    let long = json!({"prompt": "a dog", "seed": 4, "steps": 200, "n": 4});
    let mut leaving = Events::open(app.post("/generate", &long)).await;
    let mut staying = Events::open(app.post("/generate", &short)).await;
    for stream in [&mut leaving, &mut staying] {
        while stream.next().await.expect("an event").0 != "progress" {}
    }
    drop(leaving);
    app.until(|studio| studio.in_flight() <= 1).await;
    let before = rows_of(&app, "unet");
    let events = staying.rest().await;
    assert_eq!(of(&events, "image")[0]["image"], alone["images"][0]);
    // At most one call of each of its images, two rows each, was under way when it left; the other
    // has 60 steps of two rows.
    let rows = rows_of(&app, "unet") - before;
    assert!(rows <= 120.0 + 8.0, "{rows} rows of the unet");
}

/// How many rows that graph has run for whoever asked.
fn rows_of(app: &TestApp, graph: &str) -> f64 {
    let text = app.studio.meters().render();
    let lines = text.lines().filter(|line| {
        line.starts_with("atelier_batch_rows_sum") && line.contains(&format!("graph=\"{graph}\""))
    });
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.sum()
}

#[tokio::test]
async fn previews_need_a_stream_and_a_model_that_paints_in_steps() {
    let app = TestApp::start().await;
    let plain = json!({"model": "autoregressive", "preview_every": 2});
    let at_once = json!({"model": "gan", "preview_every": 2});
    let never = json!({"model": "autoregressive", "preview_every": 0});
    for (body, streams) in [(plain, false), (at_once, true), (never, true)] {
        let mut request = app.post("/generate", &body);
        if streams {
            request = request.header("accept", "text/event-stream");
        }
        let response = send(request).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["field"], "preview_every", "{problem}");
    }
}

#[tokio::test]
async fn what_is_refused_at_once_is_no_stream() {
    let app = TestApp::with(["slow/gan-slow"]).queue(1).start().await;
    let stream = |body: &Value| {
        app.post("/generate", body)
            .header("accept", "text/event-stream")
    };
    let invalid = send(stream(&json!({"n": 0}))).await;
    assert_eq!(invalid.status(), 422);
    let endless = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    let full = send(stream(&json!({"class": "quick"}))).await;
    assert_eq!(full.status(), 503);
    assert!(header(&full, "retry-after").is_some());
    drop(endless);
    app.until(|studio| studio.in_flight() == 0).await;
}

/// Whoever watches and does not read misses steps, holds nothing up, and finds every image.
#[tokio::test]
async fn a_reader_that_sleeps_slows_nobody() {
    let app = TestApp::with(["models/autoregressive"]).start().await;
    let draft = Draft {
        n: Some(8),
        preview_every: Some(1),
        ..Draft::default()
    };
    let generation = app.studio.parse(draft).await.expect("a sound request");
    let mut watched = app.studio.watch(generation).expect("there is room");
    app.until(|studio| studio.in_flight() == 0).await;
    let (mut steps, mut images) = (0, Vec::new());
    while let Some(event) = within(watched.next()).await {
        match event {
            Event::Progress(advance) => {
                assert_eq!(advance.step, advance.of, "an old step was kept");
                steps += 1;
            }
            Event::Image { index, .. } => images.push(index),
            Event::Failed(failure) => panic!("{failure}"),
            Event::Queued(_) | Event::Done(_) => {}
        }
    }
    images.sort_unstable();
    assert_eq!((steps, images), (8, (0..8).collect()));
}

#[tokio::test]
async fn a_second_request_learns_who_is_before_it() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let mut first = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    assert_eq!(first.next().await.unwrap().1["position"], 0);
    let mut second = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    assert_eq!(second.next().await.unwrap().1["position"], 1);
    drop((first, second));
    app.until(|studio| studio.in_flight() == 0 && studio.rows_waiting() == 0)
        .await;
}

#[tokio::test]
async fn closing_a_stream_stops_its_work() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let mut stream = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    assert_eq!(stream.next().await.unwrap().0, "queued");
    drop(stream);
    app.until(|studio| studio.in_flight() == 0 && studio.rows_waiting() == 0)
        .await;
    // Its call was stopped too, so there is a worker for this one.
    within(app.generated(&json!({"class": "quick"}))).await;
}

#[tokio::test]
async fn a_generation_is_cancelled_by_its_id() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let mut stream = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    let (_, queued) = stream.next().await.unwrap();
    let path = format!("/generations/{}", queued["id"].as_str().unwrap());
    let delete = || app.client.delete(app.url(&path));
    assert_eq!(send(delete()).await.status(), 204);
    let rest = stream.rest().await;
    let (name, problem) = rest.last().expect("an end");
    assert_eq!(name, "error");
    assert_eq!(problem["type"], "/problems/cancelled");
    assert_eq!(problem["status"], 410);
    app.until(|studio| studio.in_flight() == 0 && studio.rows_waiting() == 0)
        .await;
    let over = send(delete()).await;
    assert_eq!(over.status(), 404);
    let over: Value = over.json().await.unwrap();
    assert_eq!(over["type"], "/problems/unknown-generation");
}

#[tokio::test]
async fn a_failure_under_way_is_the_last_event() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let body = json!({"class": "endless", "deadline_ms": 20});
    let stream = Events::open(app.post("/generate", &body)).await;
    let request_id = header(&stream.response, "x-request-id").map(str::to_owned);
    let events = stream.rest().await;
    let (name, problem) = events.last().expect("an end");
    assert_eq!(name, "error");
    assert_eq!(problem["type"], "/problems/deadline-passed");
    assert_eq!(problem["request_id"].as_str(), request_id.as_deref());
}

#[tokio::test]
async fn a_shutdown_that_loses_patience_is_the_last_event() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let stream = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    let drained = within(app.studio.drain(Duration::from_millis(20))).await;
    assert_eq!(drained.cancelled, 1);
    let events = stream.rest().await;
    let (name, problem) = events.last().expect("an end");
    assert_eq!(name, "error");
    assert_eq!(problem["type"], "/problems/draining");
}

/// The comment that keeps proxies from closing a silent connection.
#[tokio::test]
async fn a_silent_stream_has_a_heartbeat() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let mut stream = Events::open(app.post("/generate", &json!({"class": "endless"}))).await;
    stream.next().await.unwrap();
    let patience = Duration::from_secs(30);
    let heartbeat = tokio::time::timeout(patience, stream.response.chunk()).await;
    let heartbeat = heartbeat.expect("a heartbeat").unwrap().unwrap();
    assert!(heartbeat.starts_with(b":"), "{heartbeat:?}");
    drop(stream);
    app.until(|studio| studio.in_flight() == 0).await;
}
