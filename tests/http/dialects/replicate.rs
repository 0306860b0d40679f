//! Replicate's dialect: predictions, which are jobs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::house;
use crate::harness::{TestApp, image_file, send};

const PREDICTIONS: &str = "/replicate/v1/predictions";

/// Status and answer of a prediction that is waited for.
async fn predicted(app: &TestApp, body: &Value) -> (u16, Value) {
    let response = send(app.post(PREDICTIONS, body).header("prefer", "wait")).await;
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_prediction_paints_what_the_native_route_paints() {
    let app = house().start().await;
    let native = app.generated(&json!({"prompt": "two", "seed": 7})).await;
    for version in ["gan", "any/gan"] {
        let body = json!({"version": version, "input": {"prompt": "two", "seed": 7}});
        let (status, prediction) = predicted(&app, &body).await;
        assert_eq!((status, &prediction["status"]), (201, &json!("succeeded")));
        let url = prediction["output"][0].as_str().expect("an address");
        let data = url.strip_prefix("data:image/png;base64,").expect("a PNG");
        assert_eq!(STANDARD.decode(data).unwrap(), image_file(&native, 0));
        assert_eq!(prediction["input"]["prompt"], "two");
        // It is a job as others are, and can be asked for by either name.
        let id = prediction["id"].as_str().expect("an id");
        for path in [format!("/jobs/{id}"), format!("{PREDICTIONS}/{id}")] {
            assert_eq!(send(app.get(&path)).await.status(), 200, "{path}");
        }
    }
}

#[tokio::test]
async fn long_values_are_not_given_back() {
    let app = house().start().await;
    let long: Vec<f32> = vec![0.5; 5000];
    let input = json!({"prompt": "two", "seed": 7, "numbers": long, "note": "x".repeat(5000)});
    let (status, prediction) = predicted(&app, &json!({"version": "gan", "input": input})).await;
    assert_eq!(status, 201, "{prediction}");
    assert_eq!(prediction["input"], json!({"prompt": "two", "seed": 7}));
    let logs = prediction["logs"].as_str().expect("a text");
    assert!(logs.contains("input.numbers"), "{logs}");
}

#[tokio::test]
async fn faults_are_named_as_the_caller_wrote_them() {
    let app = house().start().await;
    let input = json!({"prompt": "two"});
    for (body, status, says) in [
        (json!({"input": input}), 422, "version: "),
        (json!({"version": "any/none", "input": input}), 404, "none"),
        (
            json!({"version": "gan", "input": {"prompt": 7}}),
            422,
            "input.prompt: ",
        ),
        (
            json!({"version": "gan", "input": {"output_format": "bmp"}}),
            422,
            "input.output_format: ",
        ),
        (
            json!({"version": "gan", "input": input, "webhook": "https://example.org/"}),
            422,
            "webhook: ",
        ),
    ] {
        let (found, problem) = predicted(&app, &body).await;
        assert_eq!(
            (found, &problem["status"]),
            (status, &json!(status)),
            "{body}"
        );
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains(says), "{detail}");
    }
}
