//! What a request may hold, and what comes of it.

use std::fs;
use std::sync::Arc;

use atelier::families::Unwatched;
use atelier::families::diffusion::{DiffusionOrder, Pipeline};
use atelier::families::noise::Generator;
use atelier::imaging::{DecodeLimits, decode};
use atelier::service::{Draft, Failure, ModelState};

use crate::harness::{
    TOLERANCE, copied, difference, draft, engine, folder, golden, open, root, studio,
};

#[tokio::test]
async fn a_request_reaches_a_pipeline_and_comes_back_as_files() {
    let studio = studio();
    for state in studio.models() {
        assert!(matches!(state, ModelState::Sound(_)), "{state:?}");
    }
    let given = fs::read(root().join("tests/goldens/diffusion/given.png")).unwrap();
    let mask = fs::read(root().join("tests/goldens/diffusion/mask.png")).unwrap();
    let drafts = [
        (
            "text-euler_karras.png",
            Draft {
                negative_prompt: Some("a big dog".to_owned()),
                steps: Some(6),
                guidance: Some(4.0),
                scheduler: Some("euler_karras".to_owned()),
                ..draft("stable-diffusion")
            },
        ),
        (
            "paint-9.png",
            Draft {
                steps: Some(5),
                guidance: Some(4.0),
                image: Some(given),
                mask: Some(mask),
                strength: Some(1.0),
                ..draft("inpaint")
            },
        ),
        ("consistent.png", draft("latent-consistency")),
    ];
    for (name, draft) in drafts {
        let generation = studio.parse(draft).await.unwrap();
        let generated = studio.generate(generation).await.unwrap();
        let [image] = &generated.images[..] else {
            panic!("one image: {generated:?}");
        };
        let pixels = decode(&image.bytes, &DecodeLimits::default()).unwrap();
        assert!(difference(&pixels, &golden(name)) <= TOLERANCE, "{name}");
        assert_eq!(image.seed, Some(42));
    }
}

#[tokio::test]
async fn fields_that_a_pipeline_cannot_honour_are_named() {
    let studio = studio();
    let refused = async |draft: Draft| match studio.parse(draft).await {
        Err(Failure::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    };
    let plain = || draft("stable-diffusion");
    let width = refused(Draft {
        width: Some(33),
        ..plain()
    });
    assert!(
        width
            .await
            .message
            .to_string()
            .contains("the nearest is 32")
    );
    let scheduler = refused(Draft {
        scheduler: Some("quick".to_owned()),
        ..plain()
    });
    assert!(scheduler.await.message.to_string().contains("dpmpp_2m"));
    let steps = refused(Draft {
        steps: Some(0),
        ..plain()
    });
    assert_eq!(steps.await.field, "steps");
    let temperature = refused(Draft {
        temperature: Some(0.5),
        ..plain()
    });
    assert_eq!(temperature.await.field, "temperature");
    let negative = refused(Draft {
        negative_prompt: Some("dog".to_owned()),
        ..draft("latent-consistency")
    });
    assert_eq!(negative.await.field, "negative_prompt");
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_painted_with_a_warning_that_quotes_the_rest() {
    let studio = studio();
    let long = Draft {
        prompt: Some(format!("{}green tree", "dog ".repeat(75))),
        steps: Some(1),
        ..draft("stable-diffusion")
    };
    let generation = studio.parse(long).await.unwrap();
    let generated = studio.generate(generation).await.unwrap();
    assert!(
        generated.warnings[0].to_string().contains("\"green tree\""),
        "{:?}",
        generated.warnings
    );
}

#[test]
fn what_a_model_cannot_do_is_refused_by_field() {
    let engine = engine();
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    let refused = |change: &dyn Fn(&mut DiffusionOrder)| {
        let mut order = DiffusionOrder::new("a dog");
        change(&mut order);
        pipeline.ready(order).unwrap_err()
    };
    let width = refused(&|order| order.width = Some(33));
    assert_eq!(width.field, "width");
    assert!(
        width.message.to_string().contains("the nearest is 32"),
        "{width}"
    );
    assert_eq!(refused(&|order| order.steps = 0).field, "steps");
    assert_eq!(refused(&|order| order.steps = 1001).field, "steps");
    assert_eq!(
        refused(&|order| order.latents = Some(vec![0.0; 3])).field,
        "latents"
    );
    assert_eq!(refused(&|order| order.eta = 2.0).field, "eta");
    let mask = refused(&|order| order.mask = Some(Arc::new(golden("mask.png"))));
    assert_eq!(mask.field, "mask");
    let little = refused(&|order| {
        order.image = Some(Arc::new(golden("given.png")));
        order.strength = 0.01;
    });
    assert_eq!(little.field, "strength");

    let inpaint = Pipeline::load(&engine, "inpaint", &folder("inpaint")).unwrap();
    let bare = inpaint.ready(DiffusionOrder::new("a dog")).unwrap_err();
    assert_eq!(bare.field, "mask");
}

#[tokio::test]
async fn a_prompt_is_encoded_once() {
    let repository = tempfile::tempdir().unwrap();
    let link = repository.path().join("stable-diffusion");
    std::os::unix::fs::symlink(folder("stable-diffusion"), link).unwrap();
    let studio = open(repository.path());
    let paint = async |prompt: &str| {
        let draft = Draft {
            prompt: Some(prompt.to_owned()),
            steps: Some(1),
            guidance: Some(0.0),
            ..draft("stable-diffusion")
        };
        let generation = studio.parse(draft).await.unwrap();
        studio.generate(generation).await.unwrap();
    };
    for prompt in ["a cat", "a dog", "a cat", "a cat"] {
        paint(prompt).await;
    }
    // Three images of a new prompt: read once, with the empty prompt that guidance moves away
    // from, and then found by each.
    let three = Draft {
        prompt: Some("a house".to_owned()),
        steps: Some(1),
        n: Some(3),
        ..draft("stable-diffusion")
    };
    let generation = studio.parse(three).await.unwrap();
    studio.generate(generation).await.unwrap();
    let figures = studio.meters().render();
    for (found, times) in [("no", 4), ("yes", 8)] {
        let line = format!(
            "atelier_cache_look_ups_total{{model=\"stable-diffusion\",of=\"text_embedding\",\
             found=\"{found}\"}} {times}"
        );
        assert!(figures.contains(&line), "{line} is not in\n{figures}");
    }
}

/// What a graph yields past the greatest number is no black image.
#[tokio::test]
async fn numbers_that_are_none_are_an_error() {
    let studio = studio();
    let draft = Draft {
        latents: Some(vec![vec![3e38; 4 * 16 * 16]]),
        steps: Some(1),
        ..draft("stable-diffusion")
    };
    let generation = studio.parse(draft).await.unwrap();
    match studio.generate(generation).await {
        Err(Failure::Internal { reason }) => assert!(reason.contains("no image"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_its_encoder_a_model_takes_no_image() {
    let engine = engine();
    let copy = copied("stable-diffusion");
    fs::remove_file(copy.path().join("vae_encoder/model.onnx")).unwrap();
    let pipeline = Pipeline::load(&engine, "sd", copy.path()).unwrap();
    let order = DiffusionOrder {
        image: Some(Arc::new(golden("given.png"))),
        ..DiffusionOrder::new("a dog")
    };
    assert_eq!(pipeline.ready(order).unwrap_err().field, "image");
    assert!(pipeline.ready(DiffusionOrder::new("a dog")).is_ok());
}

/// Stable Diffusion XL: whether what is kept away from is nothing at all or an empty prompt.
#[tokio::test]
async fn an_absent_negative_prompt_is_what_the_folder_says() {
    let engine = engine();
    let paint = async |zeros: bool, negative_prompt: Option<&str>| {
        let copy = copied("stable-diffusion-xl");
        let index = copy.path().join("model_index.json");
        let text = fs::read_to_string(&index).unwrap();
        let mut values: serde_json::Value = serde_json::from_str(&text).unwrap();
        values["force_zeros_for_empty_prompt"] = zeros.into();
        fs::write(&index, values.to_string()).unwrap();
        let pipeline = Pipeline::load(&engine, "xl", copy.path()).unwrap();
        let order = DiffusionOrder {
            negative_prompt: negative_prompt.map(str::to_owned),
            steps: 3,
            guidance: 4.0,
            ..DiffusionOrder::new("a dog")
        };
        let ready = pipeline.ready(order).unwrap();
        pipeline.paint(&ready, &Unwatched).await.unwrap().image
    };
    let empty = paint(true, Some("")).await;
    assert_eq!(paint(false, None).await, empty);
    assert!(paint(true, None).await != empty);
}

#[tokio::test]
async fn given_noise_takes_the_place_of_what_the_seed_draws() {
    let studio = studio();
    let paint = async |draft: Draft| {
        let generation = studio.parse(draft).await.unwrap();
        let mut generated = studio.generate(generation).await.unwrap();
        generated.images.remove(0)
    };
    let plain = || Draft {
        steps: Some(3),
        ..draft("stable-diffusion")
    };
    let drawn = paint(plain()).await;
    let given = paint(Draft {
        latents: Some(vec![Generator::new(42).normal(4 * 16 * 16)]),
        ..plain()
    });
    let images = [drawn.bytes, given.await.bytes].map(|bytes| {
        let image = decode(&bytes, &DecodeLimits::default()).unwrap();
        image.pixels().to_vec()
    });
    assert_eq!(images[0], images[1]);
}

/// Tenths have no exact number of 32 bits, and a share that falls short of them costs a step.
#[tokio::test]
async fn a_share_of_the_steps_is_that_which_was_written() {
    let given = fs::read(root().join("tests/goldens/diffusion/given.png")).unwrap();
    for tenths in 1..=10_u8 {
        let strength = f32::from(tenths) / 10.0;
        let draft = Draft {
            image: Some(given.clone()),
            strength: Some(strength),
            ..draft("stable-diffusion")
        };
        let generation = studio().parse(draft).await.unwrap();
        let order = generation.order().diffusion.as_ref().unwrap();
        assert_eq!(order.strength, f64::from(tenths) / 10.0);
    }
}
