//! Safety judges: what they say of finished images, and what becomes of those that they flag.

use std::path::Path;

use atelier::runtime::{Engine, EngineOptions};
use atelier::safety::{JudgeAction, SafetyJudge};
use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

/// The conditional GAN, whose first class has a bright top row, with one judge.
async fn judged(judge: &str, action: JudgeAction) -> TestApp {
    let setup = TestApp::with(["models/gan", "models/autoregressive"]);
    let setup = setup.default_model("gan").judged_by(&[judge], action);
    setup.start().await
}

#[tokio::test]
async fn a_flagged_image_is_given_out_and_the_answer_says_so() {
    for judge in ["judges/top", "judges/top-logits"] {
        let app = judged(judge, JudgeAction::Flag).await;
        let plain = TestApp::with(["models/gan"]).start().await;
        let body = json!({"class": "first", "seed": 3});
        let answer = app.generated(&body).await;
        let said = &answer["images"][0]["judged"][0];
        let id = judge.trim_start_matches("judges/");
        assert_eq!(
            (&said["model"], &said["label"]),
            (&json!(id), &json!("bright"))
        );
        assert_eq!(said["flagged"], true, "{said}");
        assert!(
            said["score"].as_f64().is_some_and(|score| score > 0.9),
            "{said}"
        );
        let warning = answer["warnings"][0].as_str().expect("a warning");
        let says = format!("the judge {id} flags the image: bright, ");
        assert!(warning.starts_with(&says), "{warning}");
        let unjudged = plain.generated(&body).await;
        assert_eq!(answer["images"][0]["b64"], unjudged["images"][0]["b64"]);
        assert_eq!(unjudged["images"][0]["judged"], Value::Null);

        let answer = app.generated(&json!({"class": "second"})).await;
        let said = &answer["images"][0]["judged"][0];
        assert_eq!(said["flagged"], false, "{said}");
        assert_eq!(answer["warnings"], json!([]));
        let metrics = send(app.get("/metrics")).await.text().await.expect("text");
        for outcome in ["flagged", "passed"] {
            let line =
                format!("atelier_judged_images_total{{judge=\"{id}\",outcome=\"{outcome}\"}} 1");
            assert!(metrics.contains(&line), "{line} is not in {metrics}");
        }
    }
}

#[tokio::test]
async fn a_refused_image_is_a_problem_of_its_own_in_the_callers_language() {
    let app = judged("judges/top", JudgeAction::Refuse).await;
    for (language, says) in [
        ("en", "the judge top flags it as bright"),
        ("fr", "le juge top la signale comme bright"),
        ("vi", "giám khảo top đánh dấu là bright"),
    ] {
        let request = app.post("/generate", &json!({"class": "first"}));
        let answer = send(request.header("accept-language", language)).await;
        assert_eq!(answer.status(), 422);
        let problem: Value = answer.json().await.expect("JSON");
        assert_eq!(problem["type"], "/problems/flagged", "{problem}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(says)),
            "{problem}"
        );
    }
    // One of several is enough, and what is not flagged is given out.
    let several = app.generate(&json!({"n": 4, "seed": 0})).await;
    assert_eq!(several.status(), 422);
    let answer = app.generated(&json!({"class": "second"})).await;
    assert_eq!(answer["images"][0]["judged"][0]["flagged"], false);
    let metrics = send(app.get("/metrics")).await.text().await.expect("text");
    assert!(
        metrics.contains("atelier_rejections_total{reason=\"flagged\"} 4"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_a_judge_cannot_look_at_counts_as_flagged() {
    let app = judged("judges/speechless", JudgeAction::Flag).await;
    let answer = app.generated(&json!({"class": "first"})).await;
    let expected = json!([{"model": "speechless", "label": "bright", "flagged": true}]);
    assert_eq!(answer["images"][0]["judged"], expected);
    let warning = answer["warnings"][0].as_str().expect("a warning");
    assert!(warning.contains("could not look at the image"), "{warning}");
    let answer = app.generated(&json!({"class": "second"})).await;
    assert_eq!(answer["images"][0]["judged"][0]["flagged"], false);
    drop(app);

    let app = judged("judges/speechless", JudgeAction::Refuse).await;
    let answer = app.generate(&json!({"class": "first"})).await;
    assert_eq!(
        answer.status(),
        500,
        "it is the judge's fault and not the caller's"
    );
    app.generated(&json!({"class": "second"})).await;
    let metrics = send(app.get("/metrics")).await.text().await.expect("text");
    let line = "atelier_judged_images_total{judge=\"speechless\",outcome=\"failed\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn a_sheet_tells_the_worst_of_its_images() {
    let app = judged("judges/top", JudgeAction::Flag).await;
    let answer = app
        .generated(&json!({"n": 4, "seed": 1, "grid": true}))
        .await;
    let judged = answer["images"][0]["judged"]
        .as_array()
        .expect("judgements");
    assert_eq!(judged.len(), 1);
    assert_eq!(judged[0]["flagged"], true);
}

#[tokio::test]
async fn each_dialect_is_told_in_its_own_way() {
    let app = judged("judges/top", JudgeAction::Flag).await;
    let body = json!({"prompt": "first", "response_format": "b64_json"});
    let answer = send(app.post("/v1/images/generations", &body)).await;
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    let warning = answer["warnings"].to_string();
    assert!(
        warning.contains("the judge top flags the image"),
        "{answer}"
    );
    // An answer that is the file itself has it in a header.
    let request = app.post("/generate", &json!({"class": "first"}));
    let answer = send(request.header("accept", "image/png")).await;
    let warning = header(&answer, "x-atelier-warning").expect("a warning");
    assert!(
        warning.contains("the judge top flags the image"),
        "{warning}"
    );
    drop(answer);
    drop(app);

    let app = judged("judges/top", JudgeAction::Refuse).await;
    let answer = send(app.post("/v1/images/generations", &body)).await;
    assert_eq!(answer.status(), 422);
    let answer: Value = answer.json().await.expect("JSON");
    let says = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(
        says.contains("the judge top flags it as bright"),
        "{answer}"
    );
    let answer = send(app.post("/sdapi/v1/txt2img", &json!({"prompt": "first"}))).await;
    assert_eq!(answer.status(), 422);
}

#[tokio::test]
async fn an_image_that_may_be_refused_is_not_shown_before_it_is_finished() {
    let body = json!({"model": "autoregressive", "preview_every": 1, "seed": 1});
    for (action, shows) in [(JudgeAction::Flag, true), (JudgeAction::Refuse, false)] {
        let app = judged("judges/top", action).await;
        let request = app
            .post("/generate", &body)
            .header("accept", "text/event-stream");
        let events = send(request).await.text().await.expect("a stream");
        assert_eq!(events.contains("\"preview\":"), shows, "{events}");
        let says = events.contains("unfinished images are not shown here");
        assert_eq!(
            says || events.contains("/problems/flagged"),
            !shows,
            "{events}"
        );
    }
}

#[tokio::test]
async fn a_judge_among_the_models_is_none_of_them() {
    let setup = TestApp::with(["models/gan", "judges/top"]);
    let app = setup
        .judged_by(&["judges/top"], JudgeAction::Flag)
        .start()
        .await;
    let models: Value = send(app.get("/models")).await.json().await.expect("JSON");
    let listed = models["models"].as_array().expect("models").iter();
    assert_eq!(
        listed.map(|model| &model["id"]).collect::<Vec<_>>(),
        ["gan"]
    );
    let answer = app.generate(&json!({"model": "top"})).await;
    assert_eq!(answer.status(), 404);
}

#[test]
fn what_cannot_judge_is_told_why() {
    let engine = Engine::start(&EngineOptions {
        workers: 1,
        ..EngineOptions::default()
    });
    let engine = engine.expect("`make build` installs ONNX Runtime");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/judges");
    for (judge, says) in [
        (
            "three-axes",
            "the graph's output scores has the shape [?, 2, 1]; expected [batch, 2]",
        ),
        (
            "three-labels",
            "the graph's output scores has the shape [?, 3]; expected [batch, 2]",
        ),
        (
            "no-probabilities",
            "which is no probability; scores should be softmax",
        ),
        (
            "other-output",
            "the graph has no output \"verdict\"; it has scores [?, 2]",
        ),
    ] {
        let error = SafetyJudge::open(&engine, &fixtures.join(judge)).expect_err(judge);
        let error = error.to_string();
        assert!(error.contains(says), "{judge}: {error}");
    }
    // A description that doesn't fit the graph, and a graph that takes more than an image.
    let spoilt = |from: &str, to: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let text = std::fs::read_to_string(fixtures.join("top/model.toml")).expect("it is there");
        let manifest = text.replace(from, to);
        std::fs::write(folder.path().join("model.toml"), manifest).expect("it is ours");
        std::fs::copy(
            fixtures.join("top/judge.onnx"),
            folder.path().join("judge.onnx"),
        )
        .expect("it is there");
        let generator = fixtures.join("../models/gan/generator.onnx");
        std::fs::copy(generator, folder.path().join("generator.onnx")).expect("it is there");
        SafetyJudge::open(&engine, folder.path())
            .expect_err(to)
            .to_string()
    };
    for (from, to, says) in [
        (
            "channels = 1",
            "channels = 3",
            "the shape [?, 1, 8, 8]; as picture says it is [batch, 3, ",
        ),
        (
            "channels = 1",
            "channels = 1\nwidth = 9",
            "as picture says it is [batch, 1, ",
        ),
        (
            "\"nchw\"",
            "\"nhwc\"",
            "as picture says it is [batch, height, width, 1]",
        ),
        (
            "\"judge.onnx\"",
            "\"generator.onnx\"",
            "a judge takes one image of float32",
        ),
        ("\"judge.onnx\"", "\"none.onnx\"", "none.onnx"),
        (
            "label = \"bright\"",
            "label = \"light\"",
            "the labels are dark, bright",
        ),
    ] {
        let error = spoilt(from, to);
        assert!(error.contains(says), "{to}: {error}");
    }
}
