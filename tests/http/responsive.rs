//! Texts as long as they may be, and whether others are answered meanwhile.

use std::time::Duration;

use atelier::imaging::{Channels, FileFormat, Image, Provenance, encode};
use base64::Engine as _;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::harness::{TestApp, header, send};

/// One model of each family, and both kinds of tokenizer.
const FAMILIES: [&str; 8] = [
    "models/faces",
    "models/vae",
    "models/autoregressive",
    "images/translate",
    "images/style",
    "images/upscale",
    "../pipelines/stable-diffusion",
    "../pipelines/emoji-diffusion",
];
/// Requests at a time for each field, each with another text, so that none is remembered.
const AT_A_TIME: usize = 4;
/// Probes for each field, however soon its requests are answered.
const PROBES: usize = 12;
/// What half of all probes are answered within. They take about a millisecond on a quiet machine,
/// and seconds where a text of this length is read on the threads that answer them.
const SOON: Duration = Duration::from_millis(50);

/// A text field of a model, and the most bytes that it takes.
struct TextField {
    model: String,
    name: String,
    most: usize,
    /// What the model needs beside it.
    body: Value,
}

impl TextField {
    /// A request with so many bytes in this field: short words, which make most of a tokenizer's
    /// work, and other ones each time.
    fn request(&self, bytes: usize, turn: usize) -> Value {
        let words = (0..).map(|word| format!("{turn}w{word} "));
        let mut text = String::new();
        for word in words {
            if text.len() + word.len() > bytes {
                break;
            }
            text.push_str(&word);
        }
        text.push_str(&"a".repeat(bytes - text.len()));
        let mut body = self.body.clone();
        body[self.name.as_str()] = text.into();
        body
    }
}

/// The text fields of every model, as `GET /models/{id}` lists them.
async fn text_fields(app: &TestApp) -> Vec<TextField> {
    let models: Value = send(app.get("/models")).await.json().await.expect("JSON");
    let mut all = Vec::new();
    for model in models["models"].as_array().expect("a list") {
        let id = model["id"].as_str().expect("a model has an id");
        assert_eq!(model["status"], "ready", "{model}");
        let details = send(app.get(&format!("/models/{id}"))).await;
        let details: Value = details.json().await.expect("JSON");
        let parameters = details["parameters"].as_array().expect("a list");
        let mut body = json!({ "model": id });
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            match name {
                "steps" => body[name] = 1.into(),
                "guidance" => body[name] = 3.into(),
                _ if parameter["required"] == true && parameter["kind"] == "image" => {
                    body[name] = picture().into();
                }
                _ => {}
            }
        }
        for parameter in parameters {
            if let (Some("string"), Some(most)) =
                (parameter["kind"].as_str(), parameter["max_bytes"].as_u64())
            {
                all.push(TextField {
                    model: id.to_owned(),
                    name: parameter["name"].as_str().expect("a name").to_owned(),
                    most: usize::try_from(most).expect("a bound of some thousands"),
                    body: body.clone(),
                });
            }
        }
    }
    all
}

fn picture() -> String {
    let image = Image::new(32, 32, Channels::Rgb, vec![90; 32 * 32 * 3]).expect("it fits");
    let file = encode(&image, FileFormat::Png, &Provenance::default()).expect("it is sound");
    base64::engine::general_purpose::STANDARD.encode(file)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_at_their_bounds_hold_nobody_up() {
    let app = TestApp::with(FAMILIES).start().await;
    let fields = text_fields(&app).await;
    let names: Vec<&str> = fields.iter().map(|field| &*field.name).collect();
    for name in ["prompt", "negative_prompt", "class", "style"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let mut took = Vec::new();
    for field in &fields {
        let (model, name) = (&field.model, &field.name);
        let beyond = send(app.post("/generate", &field.request(field.most + 1, 0))).await;
        assert_eq!(beyond.status(), 422, "{model} takes more of {name}");
        let beyond: Value = beyond.json().await.expect("a problem");
        assert_eq!(beyond["field"], name.as_str(), "{beyond}");

        let asked = (0..AT_A_TIME).map(|turn| {
            let request = app.post("/generate", &field.request(field.most, turn));
            tokio::spawn(send(request))
        });
        let mut asked = tokio::spawn(join_all(asked));
        let mut probes = 0;
        while probes < PROBES || !asked.is_finished() {
            let started = Instant::now();
            let alive = send(app.get("/livez")).await;
            assert_eq!(alive.status(), 200);
            took.push(started.elapsed());
            probes += 1;
        }
        for answer in (&mut asked).await.expect("they are all asked") {
            let answer = answer.expect("it is answered");
            // A word that means nothing to the model is told so; nothing else goes wrong.
            let kind = header(&answer, "content-type").map(str::to_owned);
            assert!(
                [200, 422].contains(&answer.status().as_u16()),
                "{model}: {kind:?}"
            );
        }
    }
    took.sort();
    let median = took[took.len() / 2];
    assert!(
        median < SOON,
        "{} probes: {median:?} at the median",
        took.len()
    );
}
