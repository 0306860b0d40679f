//! Latents that are mixed, edited and walked, on models whose images show them.

use atelier::families::noise::Generator;
use atelier::imaging::{DecodeLimits, Image, decode};
use serde_json::{Value, json};

use crate::harness::{TestApp, image_file};

fn decoded(answer: &Value, index: usize) -> Image {
    decode(&image_file(answer, index), &DecodeLimits::default()).expect("an image")
}

/// The grey of each quadrant, which is the fixture vae's latent.
fn quadrants(answer: &Value, index: usize) -> [u8; 4] {
    let image = decoded(answer, index);
    [0, 7, 56, 63].map(|at| image.pixels()[at])
}

fn grey(number: f32) -> u8 {
    ((number.clamp(-1.0, 1.0) + 1.0) / 2.0 * 255.0).round() as u8
}

async fn refused(app: &TestApp, body: Value) -> (String, String) {
    let response = app.generate(&body).await;
    assert_eq!(response.status(), 422, "{body}");
    let problem: Value = response.json().await.expect("it is sound");
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (text("field"), text("detail"))
}

#[tokio::test]
async fn vectors_and_images_are_mixed_as_they_are() {
    let app = TestApp::with(["models/vae"]).start().await;
    let light = app.generated(&json!({"latents": [1, 1, 1, 1]})).await;
    let image = &light["images"][0]["b64"];
    let body = json!({"mix": [
        {"latent": [0.2, -0.4, 0, 1], "weight": 0.5},
        {"image": image, "weight": -0.25},
    ]});
    let answer = app.generated(&body).await;
    let expected = [-0.15, -0.45, -0.25, 0.25].map(grey);
    assert_eq!(quadrants(&answer, 0), expected);
    assert_eq!(
        answer["images"][0]["seed"],
        Value::Null,
        "no seed paints it again"
    );
}

#[tokio::test]
async fn a_mix_of_seeds_is_as_long_as_a_draw_unless_told_otherwise() {
    let app = TestApp::with(["models/vae"]).start().await;
    let draws = [3, 8].map(|seed| Generator::new(seed).normal(4));
    let mix = json!([{"seed": 3, "weight": 0.6}, {"seed": 8, "weight": 0.3}]);
    for (normalise, divisor) in [(None, 0.45_f32.sqrt()), (Some(false), 1.0)] {
        let body = json!({"mix": mix, "normalise_mix": normalise});
        let found = quadrants(&app.generated(&body).await, 0);
        for at in 0..4 {
            let sum = (0.6 * draws[0][at] + 0.3 * draws[1][at]) / divisor;
            assert!(
                found[at].abs_diff(grey(sum)) <= 1,
                "{normalise:?}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn one_mix_is_shown_in_several_classes() {
    let app = TestApp::with(["models/faces"]).start().await;
    let mix = json!([{"seed": 1}, {"seed": 2, "weight": -1}]);
    let answer = app.generated(&json!({"mix": mix, "n": 3, "seed": 0})).await;
    let below = |index| decoded(&answer, index).pixels()[24..].to_vec();
    assert_eq!(below(0), below(1));
    let styles: Vec<&Value> = (0..3)
        .map(|at| &answer["images"][at]["class"]["style"])
        .collect();
    assert_eq!(styles, ["pixel-art", "robot", "girl"]);
    let class = json!({"style": 0, "hair": 0, "glasses": true});
    let (field, detail) = refused(&app, json!({"mix": mix, "n": 2, "class": class})).await;
    assert_eq!(field, "n");
    assert!(detail.contains("would all be the same"), "{detail}");
}

#[tokio::test]
async fn an_edit_moves_every_kind_of_start() {
    let app = TestApp::with(["models/vae"]).start().await;
    let moved = [0.5, 0.0, 0.5, 0.0].map(grey);
    let zeros = json!([0, 0, 0, 0]);
    let even = app.generated(&json!({"latents": zeros})).await["images"][0]["b64"].clone();
    for start in [
        json!({"latents": zeros}),
        json!({"mix": [{"latent": zeros}]}),
        json!({"image": even}),
        json!({"interpolate": {"from": zeros, "to": zeros, "steps": 2}}),
    ] {
        let mut body = start.clone();
        body["edit"] = json!({"left": 0.5});
        let found = quadrants(&app.generated(&body).await, 0);
        let near = found.iter().zip(&moved).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(near, "{start}: {found:?}");
    }
    let draw = Generator::new(7).normal(4);
    let body = json!({"seed": 7, "edit": {"left": -0.5, "light": 1}});
    let answer = app.generated(&body).await;
    let expected = [0.0, 0.5, 0.0, 0.5];
    for (at, found) in quadrants(&answer, 0).into_iter().enumerate() {
        let number = grey(draw[at] + expected[at]);
        assert!(found.abs_diff(number) <= 1);
    }
    assert_eq!(
        answer["images"][0]["seed"], 7,
        "with the same edit it paints it again"
    );
}

#[tokio::test]
async fn a_gan_is_edited_too_and_by_words() {
    let app = TestApp::with(["models/faces"]).start().await;
    let zeros = vec![0; 8];
    let body = json!({"latents": zeros, "prompt": "a robot, much more smile", "seed": 0});
    let painted = decoded(&app.generated(&body).await, 0);
    assert_eq!(painted.pixels()[24], grey(0.5), "2 steps of 1, quartered");
    assert_eq!(painted.pixels()[63], grey(-1.0), "2 steps of -2, quartered");
    assert_eq!(painted.pixels()[32], grey(0.0));
}

#[tokio::test]
async fn a_walk_that_closes_comes_back_by_the_way_it_went() {
    let app = TestApp::with(["models/vae"]).start().await;
    let walk = json!({"from": [-1, 0, 0, 0], "to": [1, 0, 0, 0], "steps": 3, "mode": "linear"});
    let answer = app
        .generated(&json!({"interpolate": walk, "loop": true}))
        .await;
    let count = answer["images"].as_array().unwrap().len();
    let first: Vec<u8> = (0..count).map(|at| quadrants(&answer, at)[0]).collect();
    assert_eq!(first, [0, 128, 255, 128]);
}

#[tokio::test]
async fn what_makes_no_mix_is_named() {
    let app = TestApp::with(["models/vae", "models/gan", "models/autoregressive"])
        .start()
        .await;
    let vae = |mut body: Value| {
        body["model"] = json!("vae");
        body
    };
    for (body, field, word) in [
        (json!({"mix": []}), "mix", "expected 1 to 64"),
        (
            json!({"mix": [{"seed": 1, "weight": 0}]}),
            "mix",
            "every weight is 0",
        ),
        (
            json!({"mix": [{"weight": 1}]}),
            "mix[0]",
            "exactly one of seed",
        ),
        (json!({"mix": [[1, 1]]}), "mix[0]", "an object with seed"),
        (
            json!({"interpolate": [{"seed": 1}, {"seed": 2}, 3]}),
            "interpolate",
            "an object with from",
        ),
        (
            json!({"interpolate": {"from": {"image": "AAAA"}, "to": {"seed": 1}, "steps": 2}}),
            "interpolate.from.image",
            "PNG, JPEG or WebP",
        ),
        (
            json!({"mix": [{"seed": 1, "weight": 11}]}),
            "mix[0].weight",
            "-10 to 10",
        ),
        (
            json!({"mix": [{"latent": [1]}]}),
            "mix[0].latent",
            "this model's latent has 4",
        ),
        (
            json!({"mix": [{"seed": 1}], "image": "AQID"}),
            "mix",
            "leave one out",
        ),
        (json!({"normalise_mix": true}), "normalise_mix", "needs mix"),
        (json!({"loop": true}), "loop", "there is no interpolate"),
    ] {
        let (found, detail) = refused(&app, vae(body.clone())).await;
        assert_eq!(found, field, "{body}: {detail}");
        assert!(detail.contains(word), "{body}: {detail}");
    }
    let gan = json!({"model": "gan", "mix": [{"image": "AQID"}]});
    let (field, detail) = refused(&app, gan).await;
    assert_eq!(field, "mix[0].image");
    assert!(detail.contains("no encoder"), "{detail}");
    let (field, detail) = refused(&app, json!({"model": "gan", "edit": {"smile": 1}})).await;
    assert_eq!(field, "edit");
    assert!(detail.contains("these do: vae"), "{detail}");
    let pixels = json!({"model": "autoregressive", "mix": [{"seed": 1}]});
    let (_, detail) = refused(&app, pixels).await;
    assert!(detail.contains("these do: gan, vae"), "{detail}");
}
