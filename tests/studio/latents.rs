//! Where images start from: latents, images and walks between them.

use atelier::service::{ClassChoice, Draft, Endpoint, Generated, ImageDraft, Walk, WalkMode};

use crate::harness::{decoded, draft, file, generate, quadrants, studio};

#[tokio::test]
async fn a_given_latent_is_what_its_seed_would_draw() {
    let values = atelier::families::noise::Generator::new(11).normal(8);
    let class = Some(ClassChoice::Name("second".to_owned()));
    let drawn = generate(Draft {
        seed: Some(11),
        class: class.clone(),
        ..draft("gan")
    })
    .await;
    let given = generate(Draft {
        latents: Some(vec![values]),
        class,
        ..draft("gan")
    })
    .await;
    let pixels = |generated: &Generated| decoded(&generated.images[0].bytes).into_pixels();
    assert_eq!(pixels(&given), pixels(&drawn));
    assert_eq!(given.images[0].seed, None, "no seed paints it again");
}

#[tokio::test]
async fn an_image_survives_the_round_trip_through_the_encoder() {
    let original = quadrants([0, 255, 51, 204]);
    let encode = async |model: &str| {
        let draft = ImageDraft {
            model: Some(model.to_owned()),
            image: file(&original),
            ..ImageDraft::default()
        };
        studio().encode(draft).await.expect("an encoding")
    };
    let encoded = encode("vae").await;
    // Both statistics in one output are the same statistics.
    let joined = encode("vae-joined").await;
    assert_eq!(joined.mean, encoded.mean);
    assert_eq!(joined.log_variance, encoded.log_variance);
    assert_eq!(encoded.shape, [4]);
    let expected = [-1.0, 1.0, -0.6, 0.6];
    for (mean, expected) in encoded.mean.iter().zip(expected) {
        assert!((mean - expected).abs() < 1e-5, "{:?}", encoded.mean);
    }
    assert_eq!(encoded.log_variance, Some(vec![-4.0; 4]));

    let painted = generate(Draft {
        latents: Some(vec![encoded.mean]),
        ..draft("vae")
    })
    .await;
    assert_eq!(
        decoded(&painted.images[0].bytes).pixels(),
        original.pixels()
    );
    let reconstructed = generate(Draft {
        image: Some(file(&original)),
        ..draft("vae")
    })
    .await;
    assert_eq!(
        decoded(&reconstructed.images[0].bytes).pixels(),
        original.pixels()
    );
}

#[tokio::test]
async fn an_encoder_may_take_images_in_another_way_than_they_are_painted() {
    let original = quadrants([0, 255, 51, 204]);
    let encoded = studio()
        .encode(ImageDraft {
            model: Some("vae-apart".to_owned()),
            image: file(&original),
            ..ImageDraft::default()
        })
        .await
        .expect("an encoding");
    let expected = [-1.0, 1.0, -0.6, 0.6];
    for (mean, expected) in encoded.mean.iter().zip(expected) {
        assert!((mean - expected).abs() < 1e-5, "{:?}", encoded.mean);
    }
    let reconstructed = generate(Draft {
        image: Some(file(&original)),
        ..draft("vae-apart")
    })
    .await;
    let painted = decoded(&reconstructed.images[0].bytes);
    let greys = painted.pixels().chunks_exact(4).map(|pixel| pixel[0]);
    assert!(greys.eq(original.pixels().iter().copied()));
    assert!(
        painted
            .pixels()
            .iter()
            .skip(3)
            .step_by(4)
            .all(|alpha| *alpha == 255)
    );
}

#[tokio::test]
async fn a_walk_between_images_passes_through_the_middle() {
    let walk = Walk {
        from: Endpoint::Image(file(&quadrants([0, 0, 255, 255]))),
        to: Endpoint::Latent(vec![1.0, 1.0, 1.0, 1.0]),
        steps: 3,
        mode: WalkMode::Linear,
    };
    let generated = generate(Draft {
        interpolate: Some(walk),
        ..draft("vae")
    })
    .await;
    let greys: Vec<u8> = generated
        .images
        .iter()
        .map(|image| decoded(&image.bytes).pixels()[0])
        .collect();
    assert_eq!(greys, [0, 128, 255]);
}

#[tokio::test]
async fn a_walk_between_seeds_starts_and_ends_with_their_images() {
    let walk = |mode| Walk {
        from: Endpoint::Seed(4),
        to: Endpoint::Seed(8),
        steps: 5,
        mode,
    };
    for mode in [WalkMode::Linear, WalkMode::Spherical] {
        let request = Draft {
            interpolate: Some(walk(mode)),
            class: Some(ClassChoice::Index(1)),
            ..draft("gan")
        };
        let strip = generate(request).await;
        let pixels = |bytes: &[u8]| decoded(bytes).into_pixels();
        for (image, seed) in [(&strip.images[0], 4), (&strip.images[4], 8)] {
            let class = Some(ClassChoice::Index(1));
            let alone = generate(Draft {
                seed: Some(seed),
                class,
                ..draft("gan")
            })
            .await;
            assert_eq!(
                pixels(&image.bytes),
                pixels(&alone.images[0].bytes),
                "{mode:?}"
            );
        }
    }
}
