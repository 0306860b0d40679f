//! Several class axes, by name and by words, and what is said of them.

use serde_json::{Value, json};

use crate::harness::{TestApp, send};

async fn refused(app: &TestApp, body: Value) -> (String, String) {
    let response = app.generate(&body).await;
    assert_eq!(response.status(), 422, "{body}");
    let problem: Value = response.json().await.expect("it is sound");
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (text("field"), text("detail"))
}

#[tokio::test]
async fn labels_are_chosen_on_every_axis_and_the_rest_follows_the_seed() {
    let app = TestApp::with(["models/faces"]).start().await;
    let class = json!({"style": "girl", "hair": 1, "glasses": true});
    let answer = app.generated(&json!({"class": class, "seed": 0})).await;
    let painted = json!({"style": "girl", "hair": "pink", "glasses": "yes"});
    assert_eq!(answer["images"][0]["class"], painted);
    assert_eq!(
        answer["understood"],
        Value::Null,
        "nothing was said in words"
    );

    let body = json!({"class": {"glasses": false}, "seed": 0, "n": 9});
    let answer = app.generated(&body).await;
    let mut seen = std::collections::BTreeSet::new();
    for image in answer["images"].as_array().unwrap() {
        assert_eq!(image["class"]["glasses"], "no");
        seen.insert(image["class"].to_string());
    }
    assert_eq!(
        seen.len(),
        9,
        "nine seeds show three styles with three kinds of hair"
    );
}

#[tokio::test]
async fn a_prompt_chooses_on_every_axis_and_the_answer_says_by_which_words() {
    let app = TestApp::with(["models/faces"]).start().await;
    let prompt = "une fille aux cheveux roses dans la forêt, sans lunettes, un peu plus de sourire";
    let body = json!({"prompt": prompt, "seed": 0});
    let answer = app.generated(&body).await;
    let class = json!({"style": "girl", "hair": "pink", "glasses": "no"});
    assert_eq!(answer["images"][0]["class"], class);
    let understood = json!({
        "class": {
            "style": {"label": "girl", "words": "fille"},
            "hair": {"label": "pink", "words": "cheveux roses"},
            "glasses": {"label": "no", "words": "sans lunettes"},
        },
        "edit": {"smile": {"steps": 0.5, "words": "peu plus sourire"}},
        "left_to_seed": [],
        "not_understood": ["forêt"],
    });
    assert_eq!(answer["understood"], understood);
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(
        warning.ends_with("say nothing to this model: forêt"),
        "{warning}"
    );

    let answer = app
        .generated(&json!({"prompt": "người máy đeo kính"}))
        .await;
    assert_eq!(answer["understood"]["left_to_seed"], json!(["hair"]));
    assert_eq!(answer["images"][0]["class"]["glasses"], "yes");
}

#[tokio::test]
async fn what_is_written_wrong_gets_the_nearest() {
    let app = TestApp::with(["models/faces"]).start().await;
    let (field, detail) = refused(&app, json!({"class": {"style": "andriod"}})).await;
    assert_eq!(field, "class.style");
    assert!(detail.contains("(did you mean robot?)"), "{detail}");
    let (field, detail) = refused(&app, json!({"class": {"glases": true}})).await;
    assert_eq!(field, "class.glases");
    assert!(detail.contains("(did you mean glasses?)"), "{detail}");
    let (field, detail) = refused(&app, json!({"class": {"style": true}})).await;
    assert_eq!(field, "class.style");
    assert!(detail.contains("axes of the labels no and yes"), "{detail}");
    let (field, detail) = refused(&app, json!({"edit": {"smiel": 1}})).await;
    assert_eq!(field, "edit.smiel");
    assert!(detail.contains("(did you mean smile?)"), "{detail}");
    let (field, detail) = refused(&app, json!({"edit": {"smile": 3.5}})).await;
    assert_eq!(
        (field.as_str(), detail.as_str()),
        ("edit.smile", "3.5; expected -3 to 3")
    );
    let words = json!({"prompt": "a robot, more smile", "edit": {"smile": 2}});
    let (field, detail) = refused(&app, words).await;
    assert_eq!(field, "prompt");
    assert!(detail.contains("edit says 2 of smile"), "{detail}");
}

#[tokio::test]
async fn the_parameters_describe_axes_and_directions_with_their_words() {
    let app = TestApp::with(["models/faces"]).start().await;
    let model: Value = send(app.get("/models/faces")).await.json().await.unwrap();
    let parameter = |name: &str| {
        let all = model["parameters"].as_array().unwrap().iter();
        all.clone()
            .find(|parameter| parameter["name"] == name)
            .unwrap_or_else(|| panic!("{name} is a parameter"))
    };
    let axes = &parameter("class")["fields"];
    assert_eq!(axes[0]["choices"], json!(["pixel-art", "robot", "girl"]));
    assert_eq!(axes[0]["words"][1]["vi"], json!(["người máy"]));
    assert_eq!(axes[2]["name"], "glasses");
    assert_eq!(axes[2]["kind"], "boolean");
    assert_eq!(axes[2]["words"][1]["fr"], json!(["lunettes"]));
    let smile = &parameter("edit")["fields"][0];
    assert_eq!(
        (&smile["minimum"], &smile["maximum"]),
        (&json!(-3.0), &json!(3.0))
    );
    assert_eq!(smile["words"][0]["fr"], json!(["sourire"]));
    assert_eq!(model["scores"], true);
    parameter("mix");
    parameter("loop");
    parameter("grid");
}

/// The labels of each image on an axis.
fn labels<'a>(answer: &'a Value, axis: &str) -> Vec<&'a str> {
    let images = answer["images"].as_array().expect("images").iter();
    let label = images.map(|image| image["class"][axis].as_str().expect("a label"));
    label.collect()
}

#[tokio::test]
async fn a_balanced_axis_shows_each_label_as_often_as_the_others() {
    let app = TestApp::with(["models/faces"]).start().await;
    let body = |n: u64, seed: u64| json!({"balance": "hair", "n": n, "seed": seed});
    for (n, seed) in [(6, 5), (8, 4_294_967_294), (4, 77)] {
        let answer = app.generated(&body(n, seed)).await;
        let shown = labels(&answer, "hair");
        let times = |label| shown.iter().filter(|one| **one == label).count();
        let times = ["black", "pink", "none"].map(times);
        let spread = times.iter().max().unwrap() - times.iter().min().unwrap();
        assert!(spread <= 1, "{n} from {seed}: {shown:?}");
    }
    let eight = app.generated(&body(8, 5)).await;
    let four = app.generated(&body(4, 5)).await;
    let (eight, four) = (&eight["images"], &four["images"]);
    for at in 0..4 {
        assert_eq!(eight[at]["b64"], four[at]["b64"], "image {at}");
    }
    let alone = app.generated(&body(1, 7)).await;
    assert_eq!(alone["images"][0]["b64"], four[2]["b64"]);
}

#[tokio::test]
async fn axes_are_balanced_together_around_what_is_chosen_and_for_seeds_that_are_listed() {
    let app = TestApp::with(["models/faces"]).start().await;
    let class = json!({"glasses": true});
    for balance in [json!(["hair", "style"]), json!("class")] {
        let body = json!({"balance": balance, "class": class, "n": 9, "seed": 3});
        let answer = app.generated(&body).await;
        assert!(labels(&answer, "glasses").iter().all(|one| *one == "yes"));
        let both = labels(&answer, "hair")
            .into_iter()
            .zip(labels(&answer, "style"));
        let both = both.collect::<std::collections::BTreeSet<_>>();
        assert_eq!(both.len(), 9);
    }
    let body = json!({"balance": "glasses", "seeds": [8, 8, 8, 8]});
    let answer = app.generated(&body).await;
    assert_eq!(labels(&answer, "glasses"), ["no", "yes", "no", "yes"]);

    let body = json!({"balance": "hair", "prompt": "người máy đeo kính", "n": 3, "seed": 0});
    let answer = app.generated(&body).await;
    assert_eq!(labels(&answer, "hair"), ["black", "pink", "none"]);
    assert_eq!(answer["understood"]["left_to_seed"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_balanced_is_said_with_what_can() {
    let app = TestApp::with(["models/faces"]).start().await;
    let refused = async |body: Value| {
        let (field, detail) = refused(&app, body).await;
        assert_eq!(field, "balance");
        detail
    };
    let detail = refused(json!({"balance": "hairs"})).await;
    let expected = "there is no such axis (did you mean hair?); the axes are style, hair, glasses";
    assert_eq!(detail, expected);
    let detail = refused(json!({"balance": "hair", "class": {"hair": "pink"}})).await;
    let expected = "hair is chosen by class, so it can't be drawn evenly; leave one out, or balance \
                    style, glasses";
    assert_eq!(detail, expected);
    let detail = refused(json!({"balance": "style", "prompt": "a robot"})).await;
    assert!(detail.starts_with("style is chosen by prompt"), "{detail}");
    let all = json!({"style": 0, "hair": 0, "glasses": 0});
    let detail = refused(json!({"balance": "class", "class": all})).await;
    assert!(detail.ends_with("evenly; leave one out"), "{detail}");
    let detail = refused(json!({"balance": ["hair", "hair"]})).await;
    assert_eq!(detail, "names hair twice");
    let detail = refused(json!({"balance": ["class", "class"]})).await;
    assert_eq!(detail, "names class twice");
}

#[tokio::test]
async fn a_model_says_which_axes_can_be_balanced() {
    let app = TestApp::with(["models/faces"]).start().await;
    let model = send(app.get("/models/faces")).await;
    let model: Value = model.json().await.expect("it is sound");
    let balance = model["parameters"].as_array().expect("parameters").iter();
    let mut balance = balance.filter(|one| one["name"] == "balance");
    let balance = balance.next().expect("it is there");
    assert_eq!(
        balance["choices"],
        json!(["style", "hair", "glasses", "class"])
    );
}

#[tokio::test]
async fn dialects_take_a_balance_beside_their_own_fields() {
    let app = TestApp::with(["models/faces"]).start().await;
    let body = json!({"prompt": "a robot", "n": 3, "seed": 1, "balance": "hair", "response_format": "b64_json"});
    let answer = send(app.post("/v1/images/generations", &body)).await;
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.expect("JSON");
    let native = json!({"prompt": "a robot", "n": 3, "seed": 1, "balance": "hair"});
    let native = app.generated(&native).await;
    for at in 0..3 {
        assert_eq!(
            answer["data"][at]["b64_json"], native["images"][at]["b64"],
            "{at}"
        );
    }
    let body = json!({"prompt": "a robot", "balance": "style"});
    let answer = send(app.post("/v1/images/generations", &body)).await;
    let answer: Value = answer.json().await.expect("JSON");
    assert_eq!(answer["error"]["param"], "balance", "{answer}");
}
