//! What a request may hold, and what comes of it.

use std::fs;

use atelier::families::Unwatched;
use atelier::families::diffusion::{DiffusionOrder, Pipeline};
use atelier::families::noise::Generator;
use atelier::imaging::{Channels, DecodeLimits, Image, composited, decode, fit};
use atelier::service::{Draft, Failure, ModelState};

use crate::harness::{
    TOLERANCE, copied, difference, draft, engine, folder, golden, golden_file, lay, open, root,
    studio,
};

#[tokio::test]
async fn a_request_reaches_a_pipeline_and_comes_back_as_files() {
    let studio = studio();
    for state in &*studio.models() {
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
        // What a mask keeps is the original's, which the reference pipeline gives back changed.
        let expected = match name {
            "paint-9.png" => composited(&golden("given.png"), &golden(name), &mask_of(&pixels)),
            name => golden(name),
        };
        assert!(difference(&pixels, &expected) <= TOLERANCE, "{name}");
        assert_eq!(image.seed, Some(42));
    }
}

/// The mask in the size of an image.
fn mask_of(image: &Image) -> Image {
    fit(
        &golden("mask.png"),
        image.width(),
        image.height(),
        Channels::Grey,
    )
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

#[tokio::test]
async fn what_a_model_cannot_do_is_refused_by_field() {
    let studio = studio();
    let refused = async |draft: Draft| match studio.parse(draft).await {
        Err(Failure::Invalid(invalid)) => invalid.field,
        other => panic!("{other:?}"),
    };
    let given = || Some(golden_file("given.png"));
    for (field, asked) in [
        (
            "steps",
            Draft {
                steps: Some(201),
                ..draft("stable-diffusion")
            },
        ),
        (
            "latents",
            Draft {
                latents: Some(vec![vec![0.0; 3]]),
                ..draft("stable-diffusion")
            },
        ),
        (
            "eta",
            Draft {
                eta: Some(2.0),
                ..draft("stable-diffusion")
            },
        ),
        (
            "guidance_rescale",
            Draft {
                guidance_rescale: Some(2.0),
                ..draft("stable-diffusion")
            },
        ),
        (
            "guidance",
            Draft {
                guidance: Some(-1.0),
                ..draft("stable-diffusion")
            },
        ),
        (
            "mask",
            Draft {
                mask: Some(golden_file("mask.png")),
                ..draft("stable-diffusion")
            },
        ),
        (
            "strength",
            Draft {
                image: given(),
                strength: Some(1.5),
                ..draft("stable-diffusion")
            },
        ),
        ("image", draft("inpaint")),
        (
            "mask",
            Draft {
                image: given(),
                ..draft("inpaint")
            },
        ),
    ] {
        assert_eq!(refused(asked).await, field);
    }
}

/// Noise of any other size is drawn whole, however little of it the image shows.
#[tokio::test]
async fn noise_is_no_larger_than_a_few_times_the_model_s_own_size() {
    let studio = studio();
    let sides = |side: u64| Draft {
        noise_width: Some(side),
        noise_height: Some(32),
        steps: Some(1),
        ..draft("stable-diffusion")
    };
    let Some(ModelState::Sound(model)) = studio.model("stable-diffusion") else {
        panic!("it loads");
    };
    let width = model.parameters().iter().find(|one| one.name == "width");
    let own = width.and_then(|width| width.default.as_ref()?.as_u64());
    let own = own.expect("a pipeline has a size of its own");
    assert!(studio.parse(sides(8 * own)).await.is_ok());
    match studio.parse(sides(8 * own + 1)).await {
        Err(Failure::Invalid(invalid)) => assert_eq!(invalid.field, "noise_width"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_guidance_alone_would_use_is_told_where_there_is_none() {
    let studio = studio();
    let warned = async |guidance: f32, negative: Option<&str>, rescale: Option<f32>| {
        let draft = Draft {
            guidance: Some(guidance),
            negative_prompt: negative.map(str::to_owned),
            guidance_rescale: rescale,
            steps: Some(1),
            ..draft("stable-diffusion")
        };
        let generation = studio.parse(draft).await.unwrap();
        let generated = studio.generate(generation).await.unwrap();
        let warnings = generated.warnings.iter().map(ToString::to_string);
        warnings.collect::<Vec<_>>()
    };
    let says = |field: &str| {
        [format!(
            "{field} makes no difference with a guidance of 1; above 1 it does"
        )]
    };
    assert_eq!(
        warned(1.0, Some("a dog"), None).await,
        says("negative_prompt")
    );
    assert_eq!(warned(1.0, None, Some(0.5)).await, says("guidance_rescale"));
    assert!(warned(1.0, Some(" "), None).await.is_empty());
    assert!(warned(2.0, Some("a dog"), Some(0.5)).await.is_empty());
}

#[tokio::test]
async fn a_prompt_is_encoded_once() {
    let repository = tempfile::tempdir().unwrap();
    let copy = repository.path().join("stable-diffusion");
    fs::create_dir(&copy).unwrap();
    lay(&folder("stable-diffusion"), &copy);
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

/// What would take a graph past the greatest number is said before anything is computed.
#[tokio::test]
async fn numbers_that_only_overflow_are_refused() {
    let studio = studio();
    let draft = Draft {
        latents: Some(vec![vec![3e38; 4 * 16 * 16]]),
        steps: Some(1),
        ..draft("stable-diffusion")
    };
    match studio.parse(draft).await {
        Err(Failure::Invalid(invalid)) => assert_eq!(invalid.field, "latents[0][0]"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_its_encoder_a_model_takes_no_image() {
    let repository = tempfile::tempdir().unwrap();
    let copy = copied("stable-diffusion");
    fs::remove_file(copy.path().join("vae_encoder/model.onnx")).unwrap();
    let model = repository.path().join("stable-diffusion");
    fs::create_dir(&model).unwrap();
    lay(copy.path(), &model);
    let studio = open(repository.path());
    let with_image = Draft {
        image: Some(golden_file("given.png")),
        ..draft("stable-diffusion")
    };
    match studio.parse(with_image).await {
        Err(Failure::Invalid(invalid)) => assert_eq!(invalid.field, "image"),
        other => panic!("{other:?}"),
    }
    assert!(studio.parse(draft("stable-diffusion")).await.is_ok());
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

/// Tokenizing is done once, beside the async threads: the first poll hands it on.
#[tokio::test]
async fn long_texts_are_bounded() {
    let studio = studio();
    let text = |bytes: usize| Some("green ".repeat(bytes / 6 + 1)[..bytes].to_owned());
    let with = |field: &str, bytes: usize| {
        let mut asked = draft("stable-diffusion");
        match field {
            "prompt" => asked.prompt = text(bytes),
            _ => asked.negative_prompt = text(bytes),
        }
        asked
    };
    for field in ["prompt", "negative_prompt"] {
        studio.parse(with(field, 4096)).await.unwrap();
        match studio.parse(with(field, 4097)).await {
            Err(Failure::Invalid(invalid)) => assert_eq!(invalid.field, field),
            other => panic!("{other:?}"),
        }
    }
}
