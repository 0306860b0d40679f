//! Walks between prompts, and variations of an image.

use std::fs;

use atelier::imaging::{DecodeLimits, decode};
use atelier::service::{Draft, Endpoint, Failure, Walk, WalkMode};

use crate::harness::{draft, root, studio};

fn prompt(prompt: &str, seed: Option<u64>) -> Endpoint {
    let prompt = prompt.to_owned();
    Endpoint::Prompt { prompt, seed }
}

#[tokio::test]
async fn a_walk_between_prompts_starts_and_ends_with_their_own_images() {
    let studio = studio();
    let images = async |draft: Draft| {
        let generation = studio.parse(draft).await.unwrap();
        let generated = studio.generate(generation).await.unwrap();
        let decode = |bytes: &Vec<u8>| decode(bytes, &DecodeLimits::default()).unwrap();
        let images = generated.images.iter();
        images.map(|image| decode(&image.bytes)).collect::<Vec<_>>()
    };
    // A scheduler that draws at each step, and guidance against a prompt that stays.
    let common = |model: &str| Draft {
        steps: Some(4),
        guidance: Some(3.0),
        negative_prompt: Some("a tree".to_owned()),
        scheduler: Some("euler_ancestral".to_owned()),
        ..draft(model)
    };
    for model in ["stable-diffusion", "stable-diffusion-xl"] {
        let walk = images(Draft {
            interpolate: Some(Walk {
                from: prompt("a red cat", Some(5)),
                to: prompt("a blue house", None),
                steps: 3,
                mode: WalkMode::Spherical,
            }),
            ..common(model)
        });
        let alone = |prompt: &str, seed: u64| {
            images(Draft {
                prompt: Some(prompt.to_owned()),
                seed: Some(seed),
                ..common(model)
            })
        };
        let walk = walk.await;
        assert_eq!(walk.len(), 3);
        assert_eq!(walk[0], alone("a red cat", 5).await[0], "{model}");
        // The end without a seed takes the request's.
        assert_eq!(walk[2], alone("a blue house", 42).await[0], "{model}");
        assert!(walk[1] != walk[0] && walk[1] != walk[2], "{model}");
    }
}

#[tokio::test]
async fn an_end_of_a_walk_that_a_pipeline_cannot_honour_is_named() {
    let studio = studio();
    let refused = async |model: &str, from: Endpoint, to: Endpoint| {
        let interpolate = Some(Walk {
            from,
            to,
            steps: 2,
            mode: WalkMode::Linear,
        });
        let draft = Draft {
            interpolate,
            ..draft(model)
        };
        match studio.parse(draft).await {
            Err(Failure::Invalid(invalid)) => invalid.field,
            other => panic!("{other:?}"),
        }
    };
    let plain = "stable-diffusion";
    let cat = || prompt("a cat", None);
    let image =
        Endpoint::Image(fs::read(root().join("tests/goldens/diffusion/given.png")).unwrap());
    assert_eq!(refused(plain, image, cat()).await, "interpolate.from.image");
    let short = Endpoint::Latent(vec![0.5; 3]);
    assert_eq!(refused(plain, cat(), short).await, "interpolate.to");
    let long = prompt(&"a cat ".repeat(1000), None);
    assert_eq!(refused(plain, long, cat()).await, "interpolate.from.prompt");
    // It paints under a mask, and a walk has none.
    assert_eq!(refused("inpaint", cat(), cat()).await, "interpolate");
}

#[tokio::test]
async fn variations_of_an_image_are_one_for_each_seed() {
    let studio = studio();
    let given = fs::read(root().join("tests/goldens/diffusion/given.png")).unwrap();
    let files = async |n: u64, seed: u64| {
        let draft = Draft {
            image: Some(given.clone()),
            strength: Some(0.6),
            steps: Some(5),
            n: Some(n),
            seed: Some(seed),
            ..draft("stable-diffusion")
        };
        let generation = studio.parse(draft).await.unwrap();
        let generated = studio.generate(generation).await.unwrap();
        let images = generated.images.into_iter();
        images.map(|image| image.bytes).collect::<Vec<_>>()
    };
    let variations = files(3, 7).await;
    assert!(variations[0] != variations[1] && variations[1] != variations[2]);
    for (at, variation) in variations.iter().enumerate() {
        assert_eq!(files(1, 7 + at as u64).await[0], *variation, "{at}");
    }
}
