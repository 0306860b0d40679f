//! The text-to-image model in `onnx/`, asked in each language.

use std::sync::OnceLock;

use atelier::imaging::{Channels, DecodeLimits, decode};
use atelier::service::{Draft, Studio, StudioOptions};

use crate::harness::{difference, golden, root};

/// Of 255. Ten steps of kernels that sum in another order, and weights in bytes.
const TOLERANCE: u8 = 6;

fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| {
        Studio::open(&StudioOptions {
            models: root().join("onnx"),
            only: Some("emoji-diffusion".to_owned()),
            workers: 2,
            ..StudioOptions::default()
        })
        .unwrap()
    })
}

#[tokio::test]
async fn a_black_cat_is_painted_in_each_language() {
    for (language, prompt) in [
        ("en", "a black cat with white paws"),
        ("fr", "un chat noir aux pattes blanches"),
        ("vi", "con mèo đen có bàn chân trắng"),
    ] {
        let draft = Draft {
            prompt: Some(prompt.to_owned()),
            seed: Some(42),
            ..Draft::default()
        };
        let generation = studio().parse(draft).await.unwrap();
        let generated = studio().generate(generation).await.unwrap();
        let picture = decode(&generated.images[0].bytes, &DecodeLimits::default()).unwrap();
        assert_eq!(picture.channels(), Channels::Rgba);
        let most = difference(&picture, &golden(&format!("shipped-{language}.png")));
        assert!(most <= TOLERANCE, "{language}: {most}");
    }
}
