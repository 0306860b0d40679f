//! What is said of a prompt that a model was never told anything like, wherever it is asked from.

use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

const MODEL: &str = "emoji-diffusion";
const FAR: &str = "a black dog";
const WARNING: &str = "prompt: nothing in this model's training captions is near \"a black dog\"; the \
                       nearest, \"a red apple\", is at a likeness of 0.78 (0.8 and more is near)";

async fn house() -> TestApp {
    let setup = TestApp::with(["../pipelines/emoji-diffusion"]);
    setup.default_model(MODEL).start().await
}

#[tokio::test]
async fn a_prompt_far_from_all_captions_is_painted_with_a_warning() {
    let app = house().await;
    let request = json!({"prompt": FAR, "seed": 1, "steps": 1, "n": 2});
    let answer = app.generated(&request).await;
    assert_eq!(answer["images"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["warnings"], json!([WARNING]));
    let near = json!({"prompt": "a red apple", "steps": 1});
    assert_eq!(app.generated(&near).await["warnings"], json!([]));

    let file = app.post("/generate", &json!({"prompt": FAR, "steps": 1}));
    let file = send(file.header("accept", "image/png")).await;
    assert_eq!(header(&file, "x-atelier-warning"), Some(WARNING));
}

#[tokio::test]
async fn a_request_for_nothing_gets_the_models_example_and_is_told_so() {
    let app = house().await;
    let answer = app.generated(&json!({"seed": 1, "steps": 1})).await;
    let warning = "there is no prompt, so the model's example was used: \"a red apple\"";
    assert_eq!(answer["warnings"], json!([warning]));
    let same = json!({"prompt": "a red apple", "seed": 1, "steps": 1});
    let same = app.generated(&same).await;
    assert_eq!(answer["images"][0]["b64"], same["images"][0]["b64"]);

    // An empty one asks for nothing either, and gave a blot.
    let empty = json!({"prompt": " ", "seed": 1, "steps": 1});
    let empty = app.generated(&empty).await;
    assert_eq!(empty["images"][0]["b64"], same["images"][0]["b64"]);
    assert_eq!(empty["warnings"], json!([warning]));
}

#[tokio::test]
async fn a_painter_tells_which_words_name_no_style() {
    let app = TestApp::with(["models/gan", "images/style"]).start().await;
    let painted = app.generated(&json!({"model": "gan", "class": 1})).await;
    let image = &painted["images"][0]["b64"];
    let answer = app
        .generated(&json!({"model": "style", "image": image, "prompt": "a red horse"}))
        .await;
    let warning = "these words of the prompt say nothing to this model: horse";
    assert_eq!(answer["warnings"], json!([warning]));
    let walk = json!({"from": {"prompt": "red"}, "to": {"prompt": "blue horse"}, "steps": 2});
    let walked = json!({"model": "style", "image": image, "interpolate": walk});
    assert_eq!(app.generated(&walked).await["warnings"], json!([warning]));
    let plain = json!({"model": "style", "image": image, "prompt": "in red, please"});
    assert_eq!(app.generated(&plain).await["warnings"], json!([]));
}

#[tokio::test]
async fn streams_end_with_the_warning() {
    let app = house().await;
    let last = async |path: &str, accept: &str, body: &Value| {
        let response = send(app.post(path, body).header("accept", accept)).await;
        let text = response.text().await.expect("a stream of text");
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let data: Vec<&str> = data.filter(|data| data.starts_with('{')).collect();
        let last = data.last().expect("an event");
        serde_json::from_str::<Value>(last).expect("data is JSON")
    };
    let request = json!({"prompt": FAR, "steps": 1});
    let done = last("/generate", "text/event-stream", &request).await;
    assert_eq!(done["warnings"], json!([WARNING]));
    let request = json!({"prompt": FAR, "steps": 1, "stream": true});
    let completed = last("/v1/images/generations", "*/*", &request).await;
    assert_eq!(completed["type"], "image_generation.completed");
    assert_eq!(completed["warnings"], json!([WARNING]));
}

#[tokio::test]
async fn every_dialect_has_the_warning_where_its_warnings_are() {
    let app = house().await;
    let request = json!({"prompt": FAR, "steps": 1, "n": 2});
    let openai: Value = send(app.post("/v1/images/generations", &request))
        .await
        .json()
        .await
        .expect("answers are JSON");
    assert_eq!(openai["warnings"], json!([WARNING]));

    let request = json!({"prompt": FAR, "steps": 1, "batch_size": 2});
    let a1111: Value = send(app.post("/sdapi/v1/txt2img", &request))
        .await
        .json()
        .await
        .expect("answers are JSON");
    let warnings = a1111["warnings"].as_array().expect("a list");
    assert_eq!(warnings.iter().filter(|one| **one == WARNING).count(), 1);

    let request = json!({"inputs": FAR, "parameters": {"num_inference_steps": 1}});
    let hugging = send(app.post(&format!("/hf/{MODEL}"), &request)).await;
    assert_eq!(header(&hugging, "x-atelier-warning"), Some(WARNING));
}

#[tokio::test]
async fn a_model_says_what_it_was_told_in_training() {
    let app = TestApp::with(["../pipelines/emoji-diffusion", "models/gan"]);
    let app = app.start().await;
    let about = async |model: &str| -> Value {
        let response = send(app.get(&format!("/models/{model}"))).await;
        response.json().await.expect("a description is JSON")
    };
    let prompts = about(MODEL).await["prompts"].take();
    let far = prompts["far"].as_f64().expect("a number");
    assert!((far - 0.8).abs() < 1e-6, "{far}");
    assert_eq!(prompts["known"], 5);
    assert_eq!(prompts["examples"], json!(["a red apple", "une maison"]));
    assert_eq!(about("gan").await.get("prompts"), None);
}

#[tokio::test]
async fn a_style_is_listed_and_taken_as_a_class() {
    let app = house().await;
    let about = send(app.get(&format!("/models/{MODEL}"))).await;
    let about: Value = about.json().await.expect("a description is JSON");
    assert_eq!(about["classes"][0]["name"], "style");
    let flat = &about["classes"][0]["labels"][1];
    assert_eq!(
        (&flat["name"], &flat["prompt"]),
        (&json!("flat"), &json!("{}, flat style"))
    );
    let parameters = about["parameters"].as_array().expect("a list");
    let class = parameters
        .iter()
        .find(|one| one["name"] == "class")
        .expect("it takes one");
    assert_eq!(class["fields"][0]["choices"], json!(["soft", "flat"]));
    let prompts = parameters.iter().filter(|one| one["name"] == "prompt");
    assert_eq!(prompts.count(), 1);

    let request =
        json!({"prompt": "a red apple", "seed": 1, "steps": 1, "class": {"style": "flat"}});
    let image = app.generated(&request).await["images"][0].take();
    assert_eq!(image["class"], json!({"style": "flat"}));
    let ask = async |body: Value| -> Value {
        let response = send(app.post("/v1/images/generations", &body)).await;
        response.json().await.expect("answers are JSON")
    };
    let openai =
        ask(json!({"prompt": "a red apple", "seed": 1, "steps": 1, "style": "flat"})).await;
    assert_eq!(openai["data"][0]["b64_json"], image["b64"]);
    assert_eq!(openai["warnings"], json!([]));
    let vivid = ask(json!({"prompt": "a red apple", "steps": 1, "style": "vivid"})).await;
    let expected = "style was not used: those of emoji-diffusion are soft, flat";
    assert_eq!(vivid["warnings"], json!([expected]));
    let twice = json!({"prompt": "a red apple", "steps": 1, "style": "flat", "class": "soft"});
    let expected = "style was not used: class says which it is";
    assert_eq!(ask(twice).await["warnings"], json!([expected]));
}
