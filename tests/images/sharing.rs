//! Tiles are rows like any others.

use futures_util::future::join_all;
use tokio::time::{Duration, timeout};

use atelier::imaging::Channels;

use crate::harness::{image, model, of, order, scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_the_same_bits_however_many_callers_there_are() {
    let model = model("upscale");
    let scenes: Vec<_> = (0..16)
        .map(|at| scene(200 + at, 190, Channels::Rgb))
        .collect();
    let mut alone = Vec::new();
    for scene in &scenes {
        alone.push(image(&model, &of(scene)).await);
    }
    let drafts: Vec<_> = scenes.iter().map(of).collect();
    let together = join_all(drafts.iter().map(|draft| image(&model, draft))).await;
    assert_eq!(together, alone);
}

#[tokio::test]
async fn a_caller_who_leaves_takes_the_tiles_that_wait_along() {
    let model = model("upscale");
    let draft = of(&scene(2000, 2000, Channels::Rgb));
    let (order, _) = order(&model, &draft).expect("an image");
    let listener = crate::harness::Listener::default();
    // The first call is not over when its caller leaves.
    let left = timeout(Duration::ZERO, order.sample(&listener)).await;
    assert!(left.is_err());
    let done = listener.0.into_inner().expect("nobody panics").len();
    assert!(done < order.size().0 as usize);
    let next = image(&model, &of(&scene(8, 8, Channels::Rgb))).await;
    assert_eq!(next.width(), 16);
}
