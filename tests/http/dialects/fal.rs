//! fal's dialect: its queue, whose requests are jobs, and its direct calls.

use serde_json::{Value, json};

use super::{DIFFUSION, EMOJI, house, house_of};
use crate::harness::{TestApp, send, within};

async fn asked(app: &TestApp, path: &str, body: &Value) -> (u16, Value) {
    let response = send(app.post(path, body)).await;
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_size_has_a_name_or_pixels() {
    let app = house_of([DIFFUSION, EMOJI]).start().await;
    let painted = async |model: &str, size: Value| {
        let body =
            json!({"prompt": "a cat", "seed": 1, "num_inference_steps": 1, "image_size": size});
        let (status, answer) = asked(&app, &format!("/fal/run/any/{model}"), &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let size = json!({"width": 64, "height": 32});
    let answer = painted("stable-diffusion", size).await;
    let image = &answer["images"][0];
    assert_eq!(
        (&image["width"], &image["height"]),
        (&json!(64), &json!(32))
    );
    for (name, says) in [
        ("landscape_4_3", "1024x768 became"),
        ("huge", "no size huge"),
    ] {
        let answer = painted("emoji-diffusion", json!(name)).await;
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains(says), "{warnings}");
    }
}

#[tokio::test]
async fn who_asks_to_be_told_is_told_that_nobody_is() {
    let app = house().start().await;
    let path = "/fal/queue/any/gan?fal_webhook=https%3A%2F%2Fexample.org%2F";
    let (status, problem) = asked(&app, path, &json!({"prompt": "two"})).await;
    assert_eq!(status, 422, "{problem}");
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.starts_with("fal_webhook: "), "{detail}");
}

#[tokio::test]
async fn a_caller_that_hangs_up_has_its_job_cancelled() {
    let app = TestApp::with(["slow/gan-slow"]).start().await;
    let request = app.post("/fal/run/any/gan-slow", &json!({"class": "endless"}));
    let call = tokio::spawn(request.send());
    app.until(|studio| studio.in_flight() > 0).await;
    call.abort();
    within(async {
        loop {
            let list: Value = send(app.get("/jobs")).await.json().await.expect("JSON");
            if list["jobs"][0]["state"] == "cancelled" {
                return;
            }
        }
    })
    .await;
    app.until(|studio| studio.in_flight() == 0 && studio.rows_waiting() == 0)
        .await;
}
