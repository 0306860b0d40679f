//! Requests that no image comes of, and what is said of them.

use std::pin::pin;
use std::time::Duration;

use atelier::service::{ClassChoice, Draft};

use crate::harness::{draft, file, quadrants, refusal, studio};

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
        best_of.message.to_string().contains("these do: "),
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

/// The first poll hands on what takes long, so that an async thread is never held up by it.
#[test]
fn long_texts_are_read_beside_the_async_threads() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let studio = studio();
    for family in ["gan", "vae", "autoregressive"] {
        let long = Draft {
            prompt: Some("first ".repeat(682)),
            ..draft(family)
        };
        runtime.block_on(async {
            // The only blocking thread is taken, so what is handed to one has to wait.
            let (release, held) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || held.recv());
            let mut reading = pin!(studio.parse(long));
            let polled = futures_util::poll!(reading.as_mut());
            release.send(()).expect("the thread waits");
            assert!(polled.is_pending(), "{family}");
            drop(reading.await);
            drop(busy.await);
        });
    }
}

#[tokio::test]
async fn a_text_beyond_its_bound_is_refused_by_its_own_field() {
    let long = Draft {
        prompt: Some("a".repeat(4097)),
        ..draft("gan")
    };
    let invalid = refusal(long).await;
    assert_eq!(invalid.field, "prompt");
    assert_eq!(
        invalid.message.to_string(),
        "4097 bytes; expected at most 4096"
    );
}
