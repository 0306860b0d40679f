//! Requests that no image comes of, and what is said of them.

use std::time::Duration;

use atelier::service::{ClassChoice, Draft};

use crate::harness::{draft, file, quadrants, refusal};

#[tokio::test]
async fn a_family_refuses_what_it_does_not_take_and_says_who_does() {
    let temperature = refusal(Draft {
        temperature: Some(0.5),
        ..draft("gan")
    })
    .await;
    assert_eq!(temperature.field, "temperature");
    assert!(
        temperature.message.to_string().contains("autoregressive"),
        "{}",
        temperature.message
    );
    let latents = refusal(Draft {
        latents: Some(vec![vec![0.0]]),
        ..draft("autoregressive")
    })
    .await;
    assert!(
        latents.message.to_string().contains("these do: "),
        "{}",
        latents.message
    );
    let best_of = refusal(Draft {
        best_of: Some(4),
        ..draft("vae")
    })
    .await;
    assert!(
        best_of.message.to_string().contains("these do: gan"),
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
                image: Some(b"no image".to_vec()),
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
