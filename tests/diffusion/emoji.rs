//! A pipeline of our own training: flow matching, a clear background, a tokenizer and a card of its own.

use std::collections::BTreeMap;
use std::fs;

use atelier::imaging::{Channels, DecodeLimits, FileFormat, Image, decode, over};
use atelier::service::{Draft, Endpoint, Failure, Grid, Walk, WalkMode};

use crate::harness::{TOLERANCE, difference, golden, root, studio};

fn draft(prompt: &str) -> Draft {
    Draft {
        model: Some("emoji-diffusion".to_owned()),
        prompt: Some(prompt.to_owned()),
        seed: Some(42),
        ..Draft::default()
    }
}

async fn painted(draft: Draft) -> Image {
    let generation = studio().parse(draft).await.unwrap();
    let generated = studio().generate(generation).await.unwrap();
    decode(&generated.images[0].bytes, &DecodeLimits::default()).unwrap()
}

#[tokio::test]
async fn each_language_paints_what_it_paints_in_python() {
    let text = fs::read_to_string(root().join("tests/goldens/diffusion/emoji.json")).unwrap();
    for (language, prompt) in serde_json::from_str::<BTreeMap<String, String>>(&text).unwrap() {
        let image = painted(draft(&prompt)).await;
        let golden = golden(&format!("emoji-{language}.png"));
        assert_eq!(image.channels(), Channels::Rgba);
        let most = difference(&image, &golden);
        assert!(most <= 2 * TOLERANCE, "{language}: {most}");
    }
}

#[tokio::test]
async fn an_opaque_image_lies_on_white() {
    let with = async |background: &str| {
        let background = Some(background.to_owned());
        painted(Draft {
            background,
            ..draft("a red apple")
        })
        .await
    };
    let clear = with("transparent").await;
    assert_eq!(clear.channels(), Channels::Rgba);
    let [white, orange] = [with("opaque").await, with("#ff8000").await];
    assert_eq!(white.pixels(), over(&clear, [255, 255, 255]).pixels());
    assert_eq!(orange.pixels(), over(&clear, [255, 128, 0]).pixels());
    assert_ne!(white.pixels(), orange.pixels(), "some of it is clear");
}

#[tokio::test]
async fn sheets_and_animations_have_the_background_that_was_asked_for() {
    let draft = Draft {
        background: Some("#00ff00".to_owned()),
        n: Some(3),
        ..draft("a red apple")
    };
    let sheet = Draft {
        grid: Some(Grid::default()),
        ..draft.clone()
    };
    let clear = painted(Draft {
        background: None,
        ..sheet.clone()
    });
    let expected = over(&clear.await, [0, 255, 0]);
    assert_eq!(painted(sheet).await.pixels(), expected.pixels());
    let walk = Draft {
        n: None,
        format: Some(FileFormat::Apng),
        interpolate: Some(Walk {
            from: Endpoint::Seed(1),
            to: Endpoint::Seed(2),
            steps: 3,
            mode: WalkMode::Spherical,
        }),
        ..draft
    };
    assert_eq!(painted(walk).await.channels(), Channels::Rgb);
}

#[tokio::test]
async fn a_background_that_cannot_be_is_refused() {
    let refused = async |draft: Draft| match studio().parse(draft).await {
        Err(Failure::Invalid(invalid)) => (invalid.field, invalid.message.to_string()),
        other => panic!("{other:?}"),
    };
    let with = |background: &str| Draft {
        background: Some(background.to_owned()),
        ..draft("a red apple")
    };
    let (field, message) = refused(with("blue")).await;
    assert_eq!(field, "background");
    assert!(
        message.contains("found \"blue\"; expected transparent, opaque"),
        "{message}"
    );
    let jpeg = Draft {
        format: Some(FileFormat::Jpeg),
        ..with("transparent")
    };
    assert!(refused(jpeg).await.1.contains("ask for png"));
    let no_alpha = Draft {
        model: Some("stable-diffusion".to_owned()),
        ..with("opaque")
    };
    let (field, message) = refused(no_alpha).await;
    assert_eq!(field, "background");
    assert!(message.contains("these do: emoji-diffusion"), "{message}");
}

#[tokio::test]
async fn another_size_than_its_own_is_refused() {
    let wide = Draft {
        width: Some(128),
        ..draft("a red apple")
    };
    match studio().parse(wide).await {
        Err(Failure::Invalid(invalid)) => assert_eq!(invalid.field, "width"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_long_prompt_is_cut_at_the_tokens_of_its_own_encoder() {
    let generation = studio().parse(draft(&"cat and ".repeat(30))).await.unwrap();
    let warnings = generation.warnings();
    assert!(
        warnings[0].to_string().contains("24 tokens"),
        "{warnings:?}"
    );
}

#[test]
fn the_card_names_it_and_gives_its_defaults() {
    let model = studio().serving(Some("emoji-diffusion")).unwrap();
    assert_eq!(model.manifest().title, "Tiny emoji");
    let steps = model.parameter("steps").unwrap();
    assert_eq!(steps.default, Some(serde_json::json!(4)));
}
