//! Every field of `POST /generate`: what it does, and how a wrong one is told.

use serde_json::{Value, json};

use crate::harness::{TestApp, image_file, send};

/// The path and the words of a refusal.
async fn refusal(app: &TestApp, body: Value) -> (String, String) {
    let response = app.generate(&body).await;
    let status = response.status();
    let problem: Value = response.json().await.expect("problems are JSON");
    assert_eq!(status, 422, "{body} was answered with {problem}");
    let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    (text("field"), text("detail"))
}

#[tokio::test]
async fn wrong_fields_are_named_by_their_path() {
    let app = TestApp::start().await;
    for (body, path) in [
        (json!({"sed": 7}), "sed"),
        (json!({"seed": "seven"}), "seed"),
        (json!({"seed": -1}), "seed"),
        (json!({"seed": 1.8446744073709552e19}), "seed"),
        (json!({"seeds": [1, 2.5]}), "seeds[1]"),
        (json!({"n": 65}), "n"),
        (json!({"n": 1.5}), "n"),
        (json!({"model": 3}), "model"),
        (json!({"prompt": ["cat"]}), "prompt"),
        (json!({"prompt": "a cat"}), "prompt"),
        (json!({"class": 1.5}), "class"),
        (json!({"class": "ninth"}), "class"),
        (json!({"class": {"bar": {"a": 1}}}), "class.bar"),
        (json!({"class": {"bra": 1}}), "class.bra"),
        (json!({"latents": "0"}), "latents"),
        (json!({"latents": [[0, 0], [0, "0"]]}), "latents[1][1]"),
        (json!({"truncation": "low"}), "truncation"),
        (json!({"truncation": 0}), "truncation"),
        (json!({"best_of": 0}), "best_of"),
        (
            json!({"interpolate": {"from": [0], "steps": 3}}),
            "interpolate",
        ),
        (
            json!({"interpolate": {"from": [0], "to": {"sed": 1}, "steps": 3}}),
            "interpolate.to.sed",
        ),
        (
            json!({"interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 1}}),
            "interpolate.steps",
        ),
        (
            json!({"interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 3, "mode": "bent"}}),
            "interpolate.mode",
        ),
        (
            json!({"interpolate": {"from": {"image": "?"}, "to": {"seed": 2}, "steps": 3}}),
            "interpolate.from.image",
        ),
        (json!({"format": "bmp"}), "format"),
        (json!({"deadline_ms": "soon"}), "deadline_ms"),
        (json!({"deadline_ms": 0}), "deadline_ms"),
        (json!({"include_prompt": "yes"}), "include_prompt"),
        (json!({"model": "vae", "image": "no base64!"}), "image"),
        (json!({"model": "vae", "image": "AQIDBA=="}), "image"),
        (
            json!({"model": "autoregressive", "temperature": "hot"}),
            "temperature",
        ),
        (
            json!({"model": "autoregressive", "keep_rows": -1}),
            "keep_rows",
        ),
        // What another family takes.
        (json!({"model": "gan", "temperature": 1}), "temperature"),
        (json!({"model": "vae", "best_of": 2}), "best_of"),
        (
            json!({"model": "autoregressive", "latents": [[0]]}),
            "latents",
        ),
    ] {
        let (field, detail) = refusal(&app, body.clone()).await;
        assert_eq!(field, path, "{body} was refused with {detail:?}");
        assert!(
            !detail.contains(" u64") && !detail.contains(" f32"),
            "{detail:?} speaks Rust"
        );
        assert!(!detail.contains("line 1"), "{detail:?} names a line");
    }
}

#[tokio::test]
async fn a_field_of_another_family_is_told_whose_it_is() {
    let app = TestApp::start().await;
    let (_, detail) = refusal(&app, json!({"model": "gan", "temperature": 1})).await;
    assert!(detail.contains("these do: autoregressive"), "{detail}");
    let (_, detail) = refusal(&app, json!({"model": "gan", "image": "AQID"})).await;
    assert!(detail.contains("these do: autoregressive, vae"), "{detail}");
}

#[tokio::test]
async fn a_body_is_an_object_and_the_address_holds_no_fields() {
    let app = TestApp::with(["models/gan"]).start().await;
    refusal(&app, json!([])).await;
    refusal(&app, json!(7)).await;
    let request = app
        .client
        .post(app.url("/generate?seed=7"))
        .json(&json!({}));
    let response = crate::harness::send(request).await;
    assert_eq!(response.status(), 422);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["field"], "seed");
}

#[tokio::test]
async fn all_may_be_left_out_or_null() {
    let app = TestApp::with(["models/gan"]).start().await;
    for body in [
        json!({}),
        json!({"seed": null, "class": null, "format": null}),
    ] {
        let answer = app.generated(&body).await;
        assert_eq!(answer["model"], "gan");
        assert_eq!(answer["images"].as_array().unwrap().len(), 1);
        assert!(answer["images"][0]["seed"].is_u64());
    }
}

#[tokio::test]
async fn seeds_count_up_or_are_listed() {
    let app = TestApp::with(["models/gan"]).start().await;
    let seeds = |answer: &Value| -> Vec<u64> {
        let images = answer["images"].as_array().unwrap();
        images
            .iter()
            .map(|image| image["seed"].as_u64().unwrap())
            .collect()
    };
    let counted = app.generated(&json!({"seed": 7, "n": 3, "class": 1})).await;
    assert_eq!(seeds(&counted), [7, 8, 9]);
    let listed = app.generated(&json!({"seeds": [9, 7], "class": 1})).await;
    assert_eq!(seeds(&listed), [9, 7]);
    assert_eq!(image_file(&counted, 2), image_file(&listed, 0));
    assert_eq!(image_file(&counted, 0), image_file(&listed, 1));
}

#[tokio::test]
async fn a_class_has_three_forms_and_a_prompt_finds_it() {
    let app = TestApp::with(["models/gan"]).start().await;
    let expected = image_file(&app.generated(&json!({"seed": 1, "class": 2})).await, 0);
    for body in [
        json!({"seed": 1, "class": "third"}),
        json!({"seed": 1, "class": {"bar": 2}}),
        json!({"seed": 1, "class": {"bar": "third"}}),
        json!({"seed": 1, "prompt": "three"}),
        json!({"seed": 1, "prompt": "troisième"}),
        json!({"seed": 1, "prompt": "thứ ba"}),
    ] {
        let answer = app.generated(&body).await;
        assert_eq!(
            answer["images"][0]["class"],
            json!({"bar": "third"}),
            "{body}"
        );
        assert_eq!(image_file(&answer, 0), expected, "{body}");
    }
}

#[tokio::test]
async fn latents_are_one_vector_or_several() {
    let app = TestApp::with(["models/gan"]).start().await;
    let (a, b) = (vec![0.5; 8], vec![-0.5; 8]);
    let one = app.generated(&json!({"latents": a, "class": 0})).await;
    let two = app.generated(&json!({"latents": [a, b], "class": 0})).await;
    assert_eq!(two["images"].as_array().unwrap().len(), 2);
    assert_eq!(image_file(&one, 0), image_file(&two, 0));
    assert_ne!(image_file(&two, 0), image_file(&two, 1));
    assert_eq!(one["images"][0].get("seed"), None, "no noise was drawn");
}

#[tokio::test]
async fn the_best_come_first_with_their_scores() {
    let app = TestApp::with(["models/gan"]).start().await;
    let answer = app
        .generated(&json!({"seed": 3, "class": 1, "n": 3, "best_of": 9}))
        .await;
    let scores: Vec<f64> = answer["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| image["score"].as_f64().unwrap())
        .collect();
    assert_eq!(scores.len(), 3);
    assert!(
        scores.windows(2).all(|pair| pair[0] >= pair[1]),
        "{scores:?}"
    );
}

#[tokio::test]
async fn a_walk_ends_where_it_should() {
    let app = TestApp::with(["models/gan"]).start().await;
    let ends = app.generated(&json!({"seeds": [1, 2], "class": 0})).await;
    for mode in ["linear", "spherical"] {
        let walk = json!({"from": {"seed": 1}, "to": {"seed": 2}, "steps": 5, "mode": mode});
        let answer = app
            .generated(&json!({"interpolate": walk, "class": 0}))
            .await;
        assert_eq!(answer["images"].as_array().unwrap().len(), 5);
        // The files differ, since on a walk no seed paints an image again.
        assert_eq!(pixels(&answer, 0), pixels(&ends, 0), "{mode}");
        assert_eq!(pixels(&answer, 4), pixels(&ends, 1), "{mode}");
        assert_eq!(answer["images"][2].get("seed"), None);
    }
}

#[tokio::test]
async fn truncation_and_temperature_change_the_image() {
    let app = TestApp::start().await;
    // The chances of this model leave no choice but at the highest temperature.
    let hot = json!({"model": "autoregressive", "seed": 1, "n": 8, "temperature": 10});
    let cold = json!({"model": "autoregressive", "seed": 1, "n": 8, "temperature": 0});
    let typical = json!({"model": "gan", "seed": 1, "n": 8, "truncation": 0.1});
    let plain = json!({"model": "gan", "seed": 1, "n": 8});
    for (one, other) in [(hot, cold), (typical, plain)] {
        let (one, other) = (app.generated(&one).await, app.generated(&other).await);
        assert!((0..8).any(|index| image_file(&one, index) != image_file(&other, index)));
    }
}

#[tokio::test]
async fn an_image_is_reconstructed_or_completed() {
    let app = TestApp::start().await;
    let painted = app
        .generated(&json!({"model": "autoregressive", "seed": 1}))
        .await;
    let file = painted["images"][0]["b64"].as_str().unwrap();
    let completed = app
        .generated(&json!({"model": "autoregressive", "seed": 2, "image": file, "keep_rows": 4}))
        .await;
    assert_eq!(pixels(&painted, 0)[..4 * 6], pixels(&completed, 0)[..4 * 6]);

    let painted = app.generated(&json!({"model": "vae", "seed": 1})).await;
    let file = painted["images"][0]["b64"].as_str().unwrap();
    let url = format!("data:image/png;base64,{file}");
    let reconstructed = app.generated(&json!({"model": "vae", "image": url})).await;
    assert_eq!(decoded(&image_file(&reconstructed, 0)).0, 8);
}

fn pixels(answer: &Value, index: usize) -> Vec<u8> {
    decoded(&image_file(answer, index)).2
}

/// Width, height and samples of a grey PNG.
pub(crate) fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let decoder = png::Decoder::new(std::io::Cursor::new(file));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small image")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    (info.width, info.height, pixels)
}

#[tokio::test]
async fn a_field_that_is_there_twice_or_of_no_kind_is_named() {
    let app = TestApp::start().await;
    let sent = async |body: &'static str| {
        let request = app.client.post(app.url("/generate"));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let answer = send(request).await;
        assert_eq!(answer.status(), 422, "{body}");
        let problem: Value = answer.json().await.expect("a problem");
        problem["field"].as_str().expect("a field").to_owned()
    };
    assert_eq!(sent(r#"{"seed": 1, "seed": 2}"#).await, "seed");
    assert_eq!(sent(r#"{"format": 5}"#).await, "format");
    let walk = r#"{"interpolate": {"from": {"seed": 1}, "from": {"seed": 2}}}"#;
    assert_eq!(sent(walk).await, "interpolate.from");
}
