//! Every family through the service, on models whose pictures can be worked out by hand.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use atelier::imaging::{
    Channels, FileFormat, Picture, Provenance, decode, encode, read_provenance,
};
use atelier::service::{
    ClassChoice, Draft, Endpoint, Failure, Generated, Invalid, ModelState, PictureDraft, Studio,
    StudioOptions, Walk, WalkMode,
};

fn open(repository: &str) -> Studio {
    Studio::open(&StudioOptions {
        models: Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(repository),
        ..StudioOptions::default()
    })
    .expect("the library is installed and the fixtures are committed")
}

/// One studio for all tests here; none of them closes it.
fn studio() -> &'static Studio {
    static STUDIO: OnceLock<Studio> = OnceLock::new();
    STUDIO.get_or_init(|| open("models"))
}

fn draft(model: &str) -> Draft {
    Draft {
        model: Some(model.to_owned()),
        ..Draft::default()
    }
}

async fn generate(draft: Draft) -> Generated {
    let generation = studio().parse(draft).await.expect("a sound request");
    let generated = studio().generate(generation).await.expect("pictures");
    for image in &generated.images {
        assert!(picture(&image.bytes).width() == image.width);
    }
    generated
}

async fn refusal(draft: Draft) -> Invalid {
    match studio().parse(draft).await {
        Err(Failure::Invalid(invalid)) => invalid,
        other => panic!("expected an invalid field, got {other:?}"),
    }
}

fn picture(bytes: &[u8]) -> Picture {
    decode(bytes, &atelier::imaging::DecodeLimits::default()).expect("a picture file")
}

fn file(picture: &Picture) -> Vec<u8> {
    encode(picture, FileFormat::Png, &Provenance::default()).expect("a PNG")
}

/// The row of an 8 × 8 picture on which the bar of the fixtures' generator lies.
fn bar(bytes: &[u8]) -> Option<usize> {
    let picture = picture(bytes);
    let bright = |row: &[u8]| row.iter().all(|&pixel| pixel > 200);
    let rows: Vec<usize> = picture
        .pixels()
        .chunks(8)
        .enumerate()
        .filter(|(_, row)| bright(row))
        .map(|(y, _)| y)
        .collect();
    match rows[..] {
        [row] => Some(row),
        _ => None,
    }
}

#[test]
fn every_quirk_of_foreign_exports_serves() {
    for state in studio().models() {
        if let ModelState::Broken { id, reason, .. } = state {
            panic!("{id}: {reason}");
        }
    }
}

#[test]
fn each_broken_model_says_why_and_stops_no_other() {
    let broken = open("broken");
    let expected = [
        ("nan", "NaN"),
        ("truncated", "cannot be loaded"),
        ("unbound-input", "bound to nothing"),
        ("wrong-latent", "does not fit"),
        ("wrong-name", "no such"),
        ("wrong-size", "picture"),
    ];
    for (id, word) in expected {
        match broken.model(id) {
            Some(ModelState::Broken { reason, .. }) => {
                assert!(reason.contains(word), "{id}: {reason}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}

/// Of a large repository, a command that paints with one model should not load the others.
#[test]
fn one_model_is_loaded_alone_where_only_that_is_wanted() {
    let only = |id: &str| {
        Studio::open(&StudioOptions {
            models: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models"),
            only: Some(id.to_owned()),
            aliases: [("a-vae".to_owned(), "vae".to_owned())].into(),
            ..StudioOptions::default()
        })
    };
    for id in ["vae", "a-vae"] {
        let studio = only(id).expect("it is there");
        let ids: Vec<&str> = studio.models().iter().map(ModelState::id).collect();
        assert_eq!(ids, ["vae"]);
        assert_eq!(studio.default_model().map(|model| model.id()), Some("vae"));
    }
    let nobody = only("nobody").expect_err("it is not there").to_string();
    assert!(
        nobody.contains("\"nobody\"; the models are autoregressive, "),
        "{nobody}"
    );
}

#[tokio::test]
async fn every_gan_paints_the_bar_of_its_class_whatever_its_layout() {
    for state in studio().models() {
        let id = state.id();
        let is_gan = id.starts_with("gan");
        // These two are made to disregard their class, or to have another size.
        if !is_gan || ["gan-busy", "gan-constants", "gan-influencing", "gan-lying"].contains(&id) {
            continue;
        }
        let ModelState::Sound(model) = state else {
            continue;
        };
        if model.manifest().classes.is_empty() {
            continue;
        }
        let request = Draft {
            class: Some(ClassChoice::Index(2)),
            seed: Some(5),
            n: Some(3),
            ..draft(id)
        };
        for image in generate(request).await.images {
            assert_eq!(bar(&image.bytes), Some(2), "{id}");
            assert_eq!(
                image.class,
                [("bar".to_owned(), "third".to_owned())],
                "{id}"
            );
        }
    }
}

#[tokio::test]
async fn a_picture_is_the_same_alone_and_among_others() {
    for id in ["gan", "vae", "autoregressive"] {
        let together = generate(Draft {
            seed: Some(40),
            n: Some(8),
            ..draft(id)
        })
        .await;
        for (i, image) in together.images.iter().enumerate() {
            let seed = 40 + i as u64;
            assert_eq!(image.seed, Some(u32::try_from(seed).expect("small")));
            let alone = generate(Draft {
                seed: Some(seed),
                ..draft(id)
            })
            .await;
            assert_eq!(alone.images[0].bytes, image.bytes, "{id}, seed {seed}");
        }
    }
}

#[tokio::test]
async fn seeds_are_taken_as_they_are_given() {
    let given = generate(Draft {
        seeds: Some(vec![9, 3]),
        ..draft("gan")
    })
    .await;
    let nine = generate(Draft {
        seed: Some(9),
        ..draft("gan")
    })
    .await;
    let three = generate(Draft {
        seed: Some(3),
        ..draft("gan")
    })
    .await;
    assert_eq!(given.images[0].bytes, nine.images[0].bytes);
    assert_eq!(given.images[1].bytes, three.images[0].bytes);
}

#[tokio::test]
async fn a_prompt_in_each_language_chooses_its_class() {
    for (prompt, label) in [
        ("the top one", "first"),
        ("la troisième", "third"),
        ("thứ hai", "second"),
    ] {
        let request = Draft {
            prompt: Some(prompt.to_owned()),
            ..draft("gan")
        };
        let generated = generate(request).await;
        assert_eq!(generated.images[0].class[0].1, label, "{prompt}");
    }
    let unknown = Draft {
        prompt: Some("a purple whale".to_owned()),
        ..draft("gan")
    };
    let invalid = refusal(unknown).await;
    assert_eq!(invalid.field, "prompt");
    assert!(invalid.message.contains("first"), "{}", invalid.message);
}

#[tokio::test]
async fn the_best_of_several_are_those_with_the_highest_scores() {
    let request = |best_of| Draft {
        seed: Some(0),
        n: Some(2),
        best_of,
        ..draft("gan")
    };
    let best = generate(request(Some(12))).await;
    assert_eq!(best.images.len(), 2);
    let all = generate(Draft {
        n: Some(12),
        best_of: Some(12),
        ..request(None)
    })
    .await;
    let scores: Vec<f32> = all.images.iter().filter_map(|image| image.score).collect();
    assert_eq!(scores.len(), 12);
    assert!(
        scores.windows(2).all(|pair| pair[0] >= pair[1]),
        "{scores:?}"
    );
    assert_eq!(best.images[0].bytes, all.images[0].bytes);
    assert_eq!(best.images[1].seed, all.images[1].seed);
}

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
    let pixels = |generated: &Generated| picture(&generated.images[0].bytes).into_pixels();
    assert_eq!(pixels(&given), pixels(&drawn));
    assert_eq!(given.images[0].seed, None, "no seed paints it again");
}

/// Four quadrants of grey.
fn quadrants(greys: [u8; 4]) -> Picture {
    let pixels = (0..64)
        .map(|at| greys[(at / 32) * 2 + (at % 8) / 4])
        .collect();
    Picture::new(8, 8, Channels::Grey, pixels).expect("8 × 8")
}

#[tokio::test]
async fn a_picture_survives_the_round_trip_through_the_encoder() {
    let original = quadrants([0, 255, 51, 204]);
    let encode = async |model: &str| {
        let draft = PictureDraft {
            model: Some(model.to_owned()),
            image: file(&original),
            ..PictureDraft::default()
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

    let decoded = generate(Draft {
        latents: Some(vec![encoded.mean]),
        ..draft("vae")
    })
    .await;
    assert_eq!(
        picture(&decoded.images[0].bytes).pixels(),
        original.pixels()
    );
    let reconstructed = generate(Draft {
        image: Some(file(&original)),
        ..draft("vae")
    })
    .await;
    assert_eq!(
        picture(&reconstructed.images[0].bytes).pixels(),
        original.pixels()
    );
}

#[tokio::test]
async fn a_walk_between_pictures_passes_through_the_middle() {
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
        .map(|image| picture(&image.bytes).pixels()[0])
        .collect();
    assert_eq!(greys, [0, 128, 255]);
}

#[tokio::test]
async fn a_walk_between_seeds_starts_and_ends_with_their_pictures() {
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
        let pixels = |bytes: &[u8]| picture(bytes).into_pixels();
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

/// What the fixture `autoregressive` paints: (left + above + class + x + y) mod 4, 6 × 5.
fn sums(class: usize, kept: &[usize]) -> Vec<usize> {
    let mut levels = kept.to_vec();
    for at in kept.len()..30 {
        let (x, y) = (at % 6, at / 6);
        let left = if x == 0 { 0 } else { levels[at - 1] };
        let above = if y == 0 { 0 } else { levels[at - 6] };
        levels.push((left + above + class + x + y) % 4);
    }
    levels
}

fn levels(bytes: &[u8]) -> Vec<usize> {
    let picture = picture(bytes);
    picture
        .pixels()
        .iter()
        .map(|&byte| usize::from(byte) / 85)
        .collect()
}

#[tokio::test]
async fn each_pixel_sees_its_neighbours_its_class_and_its_place() {
    for class in 0..4 {
        let request = Draft {
            class: Some(ClassChoice::Index(class)),
            ..draft("autoregressive")
        };
        let generated = generate(request).await;
        let class = usize::try_from(class).expect("small");
        assert_eq!(levels(&generated.images[0].bytes), sums(class, &[]));
    }
}

#[tokio::test]
async fn an_upper_part_is_kept_and_completed() {
    let kept = [3, 1, 0, 2, 2, 1, 0, 0, 3, 3, 1, 2];
    let pixels = kept
        .iter()
        .map(|&level: &usize| u8::try_from(level * 85).expect("a byte"));
    let upper = Picture::new(6, 2, Channels::Grey, pixels.collect()).expect("6 × 2");
    let request = Draft {
        class: Some(ClassChoice::Index(1)),
        image: Some(file(&upper)),
        ..draft("autoregressive")
    };
    let completed = generate(request.clone()).await;
    assert_eq!(levels(&completed.images[0].bytes), sums(1, &kept));
    let less = generate(Draft {
        keep_rows: Some(1),
        ..request
    })
    .await;
    assert_eq!(levels(&less.images[0].bytes), sums(1, &kept[..6]));
}

#[tokio::test]
async fn columns_carry_what_pixels_hand_to_the_row_below() {
    let generated = generate(draft("autoregressive-columns")).await;
    let picture = picture(&generated.images[0].bytes);
    assert_eq!(picture.channels(), Channels::Rgb);
    for (at, pixel) in picture.pixels().chunks(3).enumerate() {
        let (x, y) = (at % 6, at / 6);
        let expected: Vec<usize> = (0..3).map(|c| ((x + 1) * (c + y) % 4) * 85).collect();
        let found: Vec<usize> = pixel.iter().map(|&byte| usize::from(byte)).collect();
        assert_eq!(found, expected, "at {x}, {y}");
    }
}

#[tokio::test]
async fn a_family_refuses_what_it_does_not_take_and_says_who_does() {
    let temperature = refusal(Draft {
        temperature: Some(0.5),
        ..draft("gan")
    })
    .await;
    assert_eq!(temperature.field, "temperature");
    assert!(
        temperature.message.contains("autoregressive"),
        "{}",
        temperature.message
    );
    let latents = refusal(Draft {
        latents: Some(vec![vec![0.0]]),
        ..draft("autoregressive")
    })
    .await;
    assert!(latents.message.contains("gan, vae"), "{}", latents.message);
    let best_of = refusal(Draft {
        best_of: Some(4),
        ..draft("vae")
    })
    .await;
    assert!(
        best_of.message.contains("discriminator"),
        "{}",
        best_of.message
    );
}

#[tokio::test]
async fn numbers_out_of_range_are_named_with_what_would_be_right() {
    let gan = || draft("gan");
    let cases = [
        (
            "n",
            Draft {
                n: Some(0),
                ..gan()
            },
        ),
        (
            "n",
            Draft {
                n: Some(1_000_000),
                ..gan()
            },
        ),
        (
            "seed",
            Draft {
                seed: Some(1 << 32),
                ..gan()
            },
        ),
        (
            "seeds[1]",
            Draft {
                seeds: Some(vec![1, 1 << 40]),
                ..gan()
            },
        ),
        (
            "seeds",
            Draft {
                seeds: Some(vec![1]),
                seed: Some(1),
                ..gan()
            },
        ),
        (
            "n",
            Draft {
                seeds: Some(vec![1, 2]),
                n: Some(3),
                ..gan()
            },
        ),
        (
            "truncation",
            Draft {
                truncation: Some(f32::NAN),
                ..gan()
            },
        ),
        (
            "truncation",
            Draft {
                truncation: Some(0.0),
                ..gan()
            },
        ),
        (
            "best_of",
            Draft {
                best_of: Some(1),
                n: Some(2),
                ..gan()
            },
        ),
        (
            "latents[0]",
            Draft {
                latents: Some(vec![vec![1.0; 7]]),
                ..gan()
            },
        ),
        ("latents[0][3]", {
            let mut values = vec![0.0; 8];
            values[3] = f32::INFINITY;
            Draft {
                latents: Some(vec![values]),
                ..gan()
            }
        }),
        (
            "class",
            Draft {
                class: Some(ClassChoice::Name("fifth".to_owned())),
                ..gan()
            },
        ),
        (
            "class",
            Draft {
                class: Some(ClassChoice::Index(4)),
                ..gan()
            },
        ),
        (
            "deadline_ms",
            Draft {
                deadline: Some(Duration::ZERO),
                ..gan()
            },
        ),
        (
            "temperature",
            Draft {
                temperature: Some(-1.0),
                ..draft("autoregressive")
            },
        ),
        (
            "keep_rows",
            Draft {
                keep_rows: Some(2),
                ..draft("autoregressive")
            },
        ),
        (
            "image",
            Draft {
                image: Some(b"no picture".to_vec()),
                ..draft("vae")
            },
        ),
        (
            "image",
            Draft {
                image: Some(file(&quadrants([0; 4]))),
                ..draft("autoregressive")
            },
        ),
    ];
    for (field, request) in cases {
        let invalid = refusal(request.clone()).await;
        assert_eq!(invalid.field, field, "{request:?}: {}", invalid.message);
    }
}

#[tokio::test]
async fn an_unknown_model_lists_those_that_there_are() {
    let failure = studio()
        .parse(draft("nobody"))
        .await
        .expect_err("no such model");
    let Failure::UnknownModel { known, .. } = &failure else {
        panic!("{failure:?}");
    };
    assert!(known.contains(&"gan".to_owned()));
}

#[tokio::test]
async fn a_file_says_who_painted_it_and_that_it_was_no_person() {
    for format in [FileFormat::Png, FileFormat::Jpeg, FileFormat::Webp] {
        let request = Draft {
            seed: Some(7),
            format: Some(format),
            prompt: Some("top".to_owned()),
            ..draft("gan")
        };
        let generated = generate(request.clone()).await;
        let found = read_provenance(&generated.images[0].bytes).expect("metadata");
        assert_eq!(found.model.as_deref(), Some("gan"));
        assert_eq!(found.digest.as_deref(), Some(generated.digest.as_str()));
        assert_eq!(found.seed, Some(7));
        assert_eq!(found.prompt, None, "nobody asked for it");
        let source = found.digital_source_type.unwrap_or_default();
        assert!(source.ends_with("trainedAlgorithmicMedia"), "{source}");
        let asked = generate(Draft {
            keep_prompt: true,
            ..request
        })
        .await;
        let found = read_provenance(&asked.images[0].bytes).expect("metadata");
        assert_eq!(found.prompt.as_deref(), Some("top"));
    }
}

#[tokio::test]
async fn a_deadline_ends_the_work_wherever_it_is() {
    let slow = open("slow");
    let generation = slow
        .parse(Draft {
            class: Some(ClassChoice::Index(3)),
            deadline: Some(Duration::from_millis(1)),
            ..Draft::default()
        })
        .await
        .expect("a sound request");
    let failure = slow.generate(generation).await.expect_err("it is too slow");
    assert_eq!(
        failure,
        Failure::Deadline {
            deadline: Duration::from_millis(1)
        }
    );
    assert_eq!(slow.in_house(), 0, "its place is free again");
}

#[tokio::test]
async fn a_shutdown_cancels_what_is_left_at_its_deadline() {
    let slow = open("slow");
    let generation = slow
        .parse(Draft {
            class: Some(ClassChoice::Index(3)),
            ..Draft::default()
        })
        .await
        .expect("a sound request");
    let painting = tokio::spawn({
        let slow = slow.clone();
        async move { slow.generate(generation).await }
    });
    while slow.in_house() == 0 {
        tokio::task::yield_now().await;
    }
    let drained = slow.drain(Duration::ZERO).await;
    assert_eq!(drained.cancelled, 1);
    let outcome = painting.await.expect("no panic");
    assert!(
        matches!(outcome, Err(Failure::Draining { .. })),
        "{outcome:?}"
    );
    assert!(!slow.is_ready());
}
