//! A pipeline of our own training: flow matching, a clear background, a tokenizer and a card of its own.

use std::collections::BTreeMap;
use std::fs;

use atelier::imaging::{Channels, DecodeLimits, Picture, decode};
use atelier::service::{Draft, Failure};

use crate::harness::{TOLERANCE, difference, golden, root, studio};

fn draft(prompt: &str) -> Draft {
    Draft {
        model: Some("emoji-diffusion".to_owned()),
        prompt: Some(prompt.to_owned()),
        seed: Some(42),
        ..Draft::default()
    }
}

async fn painted(draft: Draft) -> Picture {
    let generation = studio().parse(draft).await.unwrap();
    let generated = studio().generate(generation).await.unwrap();
    decode(&generated.images[0].bytes, &DecodeLimits::default()).unwrap()
}

#[tokio::test]
async fn each_language_paints_what_it_paints_in_python() {
    let text = fs::read_to_string(root().join("tests/goldens/diffusion/emoji.json")).unwrap();
    for (language, prompt) in serde_json::from_str::<BTreeMap<String, String>>(&text).unwrap() {
        let picture = painted(draft(&prompt)).await;
        let golden = golden(&format!("emoji-{language}.png"));
        assert_eq!(picture.channels(), Channels::Rgba);
        let most = difference(&picture, &golden);
        assert!(most <= 2 * TOLERANCE, "{language}: {most}");
    }
}

#[tokio::test]
async fn an_opaque_picture_lies_on_white() {
    let picture = painted(Draft {
        opaque: true,
        ..draft("a red apple")
    });
    assert_eq!(picture.await.channels(), Channels::Rgb);
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
    assert!(warnings[0].contains("24 tokens"), "{warnings:?}");
}

#[test]
fn the_card_names_it_and_gives_its_defaults() {
    let model = studio().serving(Some("emoji-diffusion")).unwrap();
    assert_eq!(model.manifest().title, "Tiny emoji");
    let steps = model.parameter("steps").unwrap();
    assert_eq!(steps.default, Some(serde_json::json!(4)));
}
