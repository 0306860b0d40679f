//! Requests that end in another model's style, and in an upscaler.

use atelier::imaging::{DecodeLimits, Image, decode, read_provenance};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{TestApp, send};

async fn app() -> TestApp {
    let setup = TestApp::with(["models/gan", "models/vae", "images/style", "images/upscale"]);
    setup.default_model("gan").start().await
}

fn file(image: &Value) -> Vec<u8> {
    let text = image["b64"].as_str().expect("base64 text");
    STANDARD.decode(text).expect("base64 text")
}

fn decoded(image: &Value) -> Image {
    decode(&file(image), &DecodeLimits::default()).expect("an image file")
}

/// The only image of a request.
async fn one(app: &TestApp, body: Value) -> (Image, String) {
    let answer = app.generated(&body).await;
    let image = &answer["images"][0];
    let text = image["b64"].as_str().expect("base64 text");
    (decoded(image), text.to_owned())
}

#[tokio::test]
async fn each_image_goes_through_a_painter_and_then_an_upscaler() {
    let app = app().await;
    let body = json!({
        "class": 1, "seed": 3, "n": 3,
        "restyle": {"model": "style", "style": "red", "strength": 0.5}, "upscale": 4,
    });
    let answer = app.generated(&body).await;
    let again = app.generated(&body).await;
    assert_eq!(answer["images"], again["images"]);
    let digest_of = |id: &str| {
        let answer = answer["chain"].as_array().expect("a chain").iter();
        let found = answer.filter(|link| link["model"] == id);
        found.map(|link| link["digest"].clone()).next()
    };
    assert!(digest_of("style").is_some_and(|digest| digest.is_string()));
    assert_eq!(answer["chain"][0]["task"], "restyle");
    assert_eq!(answer["chain"][1]["task"], "upscale");
    assert_eq!(answer["chain"][1]["scale"], 4);
    assert_eq!(answer["model"], "gan");

    // The same as each step by itself.
    for (at, image) in answer["images"]
        .as_array()
        .expect("images")
        .iter()
        .enumerate()
    {
        assert_eq!(
            (image["width"].as_u64(), image["seed"].as_u64()),
            (Some(32), Some(3 + at as u64))
        );
        let (_, first) = one(&app, json!({"class": 1, "seed": 3 + at})).await;
        let painted = json!({"model": "style", "image": first, "style": "red", "strength": 0.5});
        let (_, painted) = one(&app, painted).await;
        let enlarged = json!({"model": "upscale", "image": painted, "scale": 4});
        let (enlarged, _) = one(&app, enlarged).await;
        assert_eq!(decoded(image), enlarged);
        let found = read_provenance(&file(image)).expect("a PNG");
        assert_eq!(found.model.as_deref(), Some("gan"));
        assert_eq!(found.chain.len(), 2);
        assert!(
            found.chain[0].starts_with("restyle style sha256:"),
            "{found:?}"
        );
        assert!(
            found.chain[1].starts_with("upscale upscale ×4 sha256:"),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn the_chosen_of_many_are_enlarged_and_so_is_a_walk_on_one_sheet() {
    let app = app().await;
    let best = json!({"class": 0, "seed": 1, "n": 2, "best_of": 6, "upscale": 2});
    let best = app.generated(&best).await;
    assert_eq!(best["images"].as_array().map(Vec::len), Some(2));
    assert_eq!(best["images"][0]["width"], 16);
    let walk = json!({
        "model": "vae", "interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 4},
        "grid": {"columns": 4}, "upscale": {"model": "lanczos", "scale": 3},
    });
    let plain = app.generated(&json!({"model": "vae", "seed": 1})).await;
    let side = plain["images"][0]["height"].as_u64().expect("a side");
    let walk = app.generated(&walk).await;
    assert_eq!(walk["images"][0]["height"].as_u64(), Some(3 * side));
    assert_eq!(
        walk["chain"],
        json!([{"model": "lanczos", "task": "upscale", "scale": 3}])
    );
}

#[tokio::test]
async fn an_image_of_an_image_goes_on_as_well() {
    let app = app().await;
    let (_, first) = one(&app, json!({"class": 1, "seed": 3})).await;
    let body =
        json!({"model": "upscale", "image": first, "scale": 2, "restyle": "rouge", "upscale": {}});
    let answer = app.generated(&body).await;
    assert_eq!(answer["images"][0]["width"], 32);
    assert_eq!(answer["chain"][0]["model"], "style");
}

#[tokio::test]
async fn what_a_link_cannot_do_names_the_field_within() {
    let app = app().await;
    let refused = [
        (json!({"upscale": 3}), "upscale.scale", "2, 4"),
        (json!({"upscale": 65}), "upscale.scale", "1 to 64"),
        (
            json!({"upscale": {"model": "gan"}}),
            "upscale.model",
            "upscale, lanczos",
        ),
        (
            json!({"restyle": {"model": "upscale"}}),
            "restyle.model",
            "style",
        ),
        (json!({"restyle": "green"}), "restyle.style", "red"),
        (
            json!({"restyle": {"strength": 2}}),
            "restyle.strength",
            "0 to 1",
        ),
    ];
    for (body, field, says) in refused {
        let response = app.generate(&body).await;
        assert_eq!(response.status(), 422, "{body}");
        let problem: Value = response.json().await.expect("a problem");
        assert_eq!(problem["field"], field, "{problem}");
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains(says), "{problem}");
    }
}

#[tokio::test]
async fn without_such_models_there_is_the_filter_alone() {
    let app = TestApp::with(["models/gan"]).start().await;
    let response = app.generate(&json!({"upscale": 2})).await;
    let problem: Value = response.json().await.expect("a problem");
    assert_eq!(problem["field"], "upscale", "{problem}");
    let response = app.generate(&json!({"restyle": "red"})).await;
    assert_eq!(response.status(), 422);
    let answer = app
        .generated(&json!({"upscale": {"model": "lanczos"}}))
        .await;
    assert_eq!(answer["images"][0]["width"], 16);
    let model = send(app.get("/models/gan")).await;
    let model: Value = model.json().await.expect("a model");
    let parameters = model["parameters"].as_array().expect("parameters");
    let named = |name: &str| parameters.iter().find(|one| one["name"] == name);
    assert!(named("restyle").is_none());
    let upscale = named("upscale").expect("any image can be enlarged");
    assert_eq!(upscale["fields"][1]["choices"], json!(["lanczos"]));
}

#[tokio::test]
async fn progress_counts_the_calls_of_every_model() {
    let app = app().await;
    let body = json!({"class": 1, "seed": 3, "n": 2, "restyle": "red", "upscale": 2});
    let request = app
        .post("/generate", &body)
        .header("accept", "text/event-stream");
    let text = send(request)
        .await
        .text()
        .await
        .expect("a stream that ends");
    let events = text.split("\n\n").filter_map(|event| {
        let (name, data) = event.split_once("\ndata: ")?;
        let data: Value = serde_json::from_str(data).ok()?;
        Some((name.strip_prefix("event: ")?, data))
    });
    let events: Vec<(&str, Value)> = events.collect();
    let progress: Vec<&Value> = events
        .iter()
        .filter(|(name, _)| *name == "progress")
        .map(|(_, data)| data)
        .collect();
    let last = progress.last().expect("progress");
    // Two images: a call of the generator, of the painter and of the upscaler for each.
    assert_eq!(
        (last["step"].as_u64(), last["of"].as_u64()),
        (Some(6), Some(6))
    );
    let images = events.iter().filter(|(name, _)| *name == "image");
    assert_eq!(images.clone().count(), 2);
    let answer = app.generated(&body).await;
    for (_, image) in images {
        let index = image["index"].as_u64().expect("a place") as usize;
        assert_eq!(image["image"], answer["images"][index]);
    }
    let (_, done) = events.last().expect("an end");
    assert_eq!(done["chain"], answer["chain"]);
}
