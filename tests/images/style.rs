use std::collections::BTreeMap;

use atelier::fields::{Draft, Endpoint, MixTerm, StyleChoice, Walk, WalkMode};
use atelier::imaging::{Channels, Image};

use crate::harness::{alone, apart, file, flat, image, model, of, refusal, sampled, scene};

fn styled(style: StyleChoice, image: &Image) -> Draft {
    Draft {
        style: Some(style),
        ..of(image)
    }
}

fn named(name: &str, image: &Image) -> Draft {
    styled(StyleChoice::Name(name.to_owned()), image)
}

fn mean(image: &Image) -> [u32; 3] {
    let count = image.width() * image.height();
    [0, 1, 2].map(|channel| {
        let plane = image
            .pixels()
            .iter()
            .skip(channel)
            .step_by(image.channels().count());
        let sum: u32 = plane.map(|&pixel| u32::from(pixel)).sum();
        (sum + count / 2) / count
    })
}

#[tokio::test]
async fn a_style_goes_by_its_name_in_three_languages_and_by_a_prompt() {
    let model = model("style");
    let scene = scene(60, 45, Channels::Rgb);
    let blue = image(&model, &named("blue", &scene)).await;
    assert!(
        mean(&blue)[2] > 215 && mean(&blue)[0] < 40,
        "{:?}",
        mean(&blue)
    );
    for word in ["bleu", "xanh dương", "Blue"] {
        assert_eq!(image(&model, &named(word, &scene)).await, blue, "{word}");
    }
    let prompted = Draft {
        prompt: Some("a house, in blue please".to_owned()),
        ..of(&scene)
    };
    assert_eq!(image(&model, &prompted).await, blue);
    let unknown = refusal(&model, &named("bleuu", &scene));
    assert_eq!(unknown.field, "style");
    assert!(unknown.message.contains("did you mean blue"), "{unknown:?}");
    assert!(unknown.message.contains("red, blue"), "{unknown:?}");
}

#[tokio::test]
async fn styles_mix_by_their_weights() {
    let model = model("style");
    let grey = flat(40, 40, &[100, 100, 100]);
    let weights = |pairs: &[(&str, f32)]| {
        let pairs = pairs
            .iter()
            .map(|(name, weight)| ((*name).to_owned(), *weight));
        styled(
            StyleChoice::Weights(pairs.collect::<BTreeMap<_, _>>()),
            &grey,
        )
    };
    let half = image(&model, &weights(&[("red", 0.5), ("blue", 0.5)])).await;
    let [red, green, blue] = mean(&half);
    assert!(red.abs_diff(128) <= 1 && green.abs_diff(26) <= 1 && blue.abs_diff(128) <= 1);
    let refused = refusal(&model, &weights(&[("red", 2.0)]));
    assert_eq!(
        (refused.field.as_str(), refused.message.as_str()),
        ("style.red", "2; expected 0 to 1")
    );
    assert_eq!(refusal(&model, &weights(&[("red", 0.0)])).field, "style");
    assert_eq!(
        refusal(&model, &weights(&[("green", 1.0)])).field,
        "style.green"
    );
}

#[tokio::test]
async fn any_image_is_a_style_where_a_stylist_or_the_painter_sees_it() {
    let grey = flat(50, 40, &[100, 100, 100]);
    let green = flat(300, 20, &[20, 200, 60]);
    for model in ["style", "style-adain"].map(model) {
        let seen = Draft {
            style_image: Some(file(&green)),
            ..of(&grey)
        };
        assert_eq!(mean(&image(&model, &seen).await), [20, 200, 60]);
    }
    let fixed = model("style-fixed");
    let seen = Draft {
        style_image: Some(file(&green)),
        ..of(&grey)
    };
    assert_eq!(refusal(&fixed, &seen).field, "style_image");
    // With no style of its own, a painter must be shown one.
    assert_eq!(
        refusal(&model("style-adain"), &of(&grey)).field,
        "style_image"
    );
}

#[tokio::test]
async fn strength_goes_from_the_image_s_own_style_to_the_one_that_is_asked_for() {
    let model = model("style");
    let grey = flat(40, 40, &[100, 100, 100]);
    let red = |strength| Draft {
        strength: Some(strength),
        ..named("red", &grey)
    };
    assert_eq!(mean(&image(&model, &red(0.0)).await), [100, 100, 100]);
    assert_eq!(mean(&image(&model, &red(0.5)).await), [165, 63, 63]);
    // Without a stylist the image itself shows through.
    let model = crate::harness::model("style-fixed");
    let half = Draft {
        strength: Some(0.5),
        ..of(&grey)
    };
    let (whole, half) = (image(&model, &of(&grey)).await, image(&model, &half).await);
    let middle = whole.pixels()[3 * 820].midpoint(100);
    assert!(half.pixels()[3 * 820].abs_diff(middle) <= 1);
}

#[tokio::test]
async fn a_stylist_finds_the_vector_of_an_image() {
    let model = model("style");
    let encoder = model.encoder().expect("a stylist");
    let format = encoder.format().clone();
    assert_eq!((format.width, format.height), (256, 256));
    let found = encoder
        .encode(&flat(256, 256, &[255, 0, 51]), &[])
        .await
        .expect("a vector");
    let expected = [1.0, 0.0, 0.2];
    assert!(
        found
            .mean
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-4),
        "{found:?}"
    );
}

#[tokio::test]
async fn weights_choose_among_styles_and_seeds_draw_the_grain() {
    let model = model("style-weights");
    let grey = flat(40, 40, &[100, 100, 100]);
    let seeded = |seed| Draft {
        seed: Some(seed),
        n: Some(2),
        ..of(&grey)
    };
    let two = sampled(&model, &seeded(3)).await;
    // The manifest's own style is green.
    let [red, green, blue] = mean(&two[0].image);
    assert!(
        green > red + 100 && green > blue + 100,
        "{red} {green} {blue}"
    );
    assert_ne!(two[0].image, two[1].image);
    assert_eq!(two[1].seed, Some(4));
    assert_eq!(sampled(&model, &seeded(4)).await[0].image, two[1].image);
}

#[tokio::test]
async fn one_style_of_one_size_paints_bytes_of_any_size() {
    let model = model("style-fixed");
    let small = scene(48, 48, Channels::Rgb);
    let painted = image(&model, &of(&small)).await;
    // The graph is linear, so that bytes and fractions come to the same.
    assert!(apart(&painted, &alone("style-fixed", "painter.onnx", &small)) <= 1);
    let large = scene(200, 133, Channels::Rgb);
    let painted = image(&model, &of(&large)).await;
    let corner = atelier::imaging::window(&large, (76, 40), (48, 48));
    let corner = alone("style-fixed", "painter.onnx", &corner);
    let inner = |image, corner| atelier::imaging::window(image, corner, (40, 40));
    assert!(apart(&inner(&painted, (80, 44)), &inner(&corner, (4, 4))) <= 2);
}

#[tokio::test]
async fn a_styles_vector_is_a_latent_that_is_given_mixed_and_walked_to() {
    let model = model("style");
    let grey = flat(40, 40, &[100, 100, 100]);
    let green = file(&flat(60, 60, &[20, 200, 60]));
    let encoder = model.encoder().expect("a stylist finds vectors");
    let seen = flat(256, 256, &[20, 200, 60]);
    let vector = encoder.encode(&seen, &[]).await.expect("a vector").mean;
    // What is found in an image paints as the image does.
    let given = Draft {
        latents: Some(vec![vector.clone()]),
        ..of(&grey)
    };
    let by_image = Draft {
        style_image: Some(green.clone()),
        ..of(&grey)
    };
    let given = image(&model, &given).await;
    assert_eq!(given, image(&model, &by_image).await);
    // A walk from a name to an image ends where they paint by themselves.
    let walk = Draft {
        interpolate: Some(Walk {
            from: Endpoint::Prompt {
                prompt: "rouge".to_owned(),
                seed: None,
            },
            to: Endpoint::Image(green.clone()),
            steps: 3,
            mode: WalkMode::default(),
        }),
        ..of(&grey)
    };
    let walked = sampled(&model, &walk).await;
    assert_eq!(walked[0].image, image(&model, &named("red", &grey)).await);
    assert_eq!(walked[2].image, given);
    let (from, to) = (mean(&walked[0].image), mean(&walked[2].image));
    for (at, middle) in mean(&walked[1].image).into_iter().enumerate() {
        assert!(middle.abs_diff((from[at] + to[at]) / 2) <= 1);
    }
    // The middle is also half of each.
    let half = |of| MixTerm { of, weight: 0.5 };
    let red = Endpoint::Latent(vec![0.9, 0.1, 0.1]);
    let mix = Draft {
        mix: Some(vec![half(red), half(Endpoint::Image(green))]),
        ..of(&grey)
    };
    assert!(apart(&image(&model, &mix).await, &walked[1].image) <= 1);
}

#[tokio::test]
async fn what_is_no_styles_vector_is_refused() {
    let model = model("style-weights");
    let grey = flat(40, 40, &[100, 100, 100]);
    let weights = Draft {
        latents: Some(vec![vec![0.0, 0.0, 1.0]]),
        seed: Some(4),
        ..of(&grey)
    };
    let blue = Draft {
        seed: Some(4),
        ..named("blue", &grey)
    };
    assert_eq!(image(&model, &weights).await, image(&model, &blue).await);
    let short = Draft {
        latents: Some(vec![vec![1.0]]),
        ..of(&grey)
    };
    assert_eq!(refusal(&model, &short).field, "latents[0]");
    let mix = |of| Draft {
        mix: Some(vec![MixTerm { of, weight: 1.0 }]),
        ..crate::harness::of(&grey)
    };
    let seed = refusal(&model, &mix(Endpoint::Seed(3)));
    assert!(seed.message.contains("no seed draws a style"), "{seed:?}");
    let looked = refusal(&model, &mix(Endpoint::Image(file(&grey))));
    assert!(
        looked.message.contains("takes no style image"),
        "{looked:?}"
    );
    let both = Draft {
        style: Some(StyleChoice::Name("blue".to_owned())),
        ..mix(Endpoint::Latent(vec![0.0; 3]))
    };
    assert!(
        refusal(&model, &both)
            .message
            .contains("cannot be combined")
    );
}
