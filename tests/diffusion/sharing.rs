//! Rows of different requests share calls, and none of them shows in another's image.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atelier::families::Unwatched;
use atelier::families::diffusion::{DiffusionOrder, Pipeline};
use atelier::runtime::{BatchReport, Batching, Engine, EngineOptions, Observer};

use crate::harness::{engine, folder, root};

#[tokio::test]
async fn a_seed_paints_the_same_whatever_is_painted_beside_it() {
    let engine = engine();
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    let ready = |seed: u64, steps: usize| {
        let order = DiffusionOrder {
            seed,
            steps,
            ..DiffusionOrder::new("a red tree")
        };
        pipeline.ready(order).unwrap()
    };
    let alone = pipeline.paint(&ready(7, 5), &Unwatched).await.unwrap();
    let others: Vec<_> = (0..6).map(|at| ready(at, 3 + at as usize)).collect();
    let crowd = others.iter().map(|other| pipeline.paint(other, &Unwatched));
    let wanted = ready(7, 5);
    let (beside, _) = tokio::join!(
        pipeline.paint(&wanted, &Unwatched),
        futures_util::future::join_all(crowd)
    );
    assert_eq!(beside.unwrap().image, alone.image);
}

/// Counts the UNet's calls and the rows in them, and those of the decoder.
#[derive(Default)]
struct Calls {
    calls: AtomicUsize,
    rows: AtomicUsize,
    decoded: AtomicUsize,
}

impl Observer for Calls {
    fn batch(&self, report: &BatchReport) {
        if &*report.graph == "unet" {
            self.calls.fetch_add(1, Ordering::Relaxed);
            self.rows.fetch_add(report.rows, Ordering::Relaxed);
        }
        if &*report.graph == "vae_decoder" {
            self.decoded.fetch_add(report.rows, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn a_large_image_is_decoded_in_tiles_where_that_is_asked_for() {
    let calls = Arc::new(Calls::default());
    let engine = Engine::start(&EngineOptions {
        workers: 1,
        observer: Arc::clone(&calls) as Arc<dyn Observer>,
        ..EngineOptions::default()
    })
    .expect("`make build` installs ONNX Runtime");
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    let paint = async |side: u32, vae_tiling: Option<bool>| {
        let order = DiffusionOrder {
            steps: 2,
            width: Some(side),
            height: Some(side),
            vae_tiling,
            ..DiffusionOrder::new("a red tree")
        };
        let before = calls.decoded.load(Ordering::Relaxed);
        let ready = pipeline.ready(order).unwrap();
        let image = pipeline.paint(&ready, &Unwatched).await.unwrap().image;
        assert_eq!((image.width(), image.height()), (side, side));
        (image, calls.decoded.load(Ordering::Relaxed) - before)
    };
    let (whole, once) = paint(64, None).await;
    let (tiled, tiles) = paint(64, Some(true)).await;
    assert_eq!((once, tiles), (1, 4));
    assert_eq!(
        paint(64, Some(true)).await.0,
        tiled,
        "the same bits each time"
    );
    // A normalisation sees a tile where it would see the image, so they are alike and no more.
    let pairs = whole.pixels().iter().zip(tiled.pixels());
    let gaps: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = gaps as f64 / whole.pixels().len() as f64;
    assert!(mean > 0.0 && mean < 12.0, "{mean}");
    // What is no larger than the model's own images stays whole.
    assert_eq!(paint(32, Some(true)).await, paint(32, Some(false)).await);
}

#[tokio::test]
async fn requests_with_other_prompts_steps_and_schedulers_share_calls() {
    let schedulers = ["ddim", "euler", "heun", "dpmpp_2m_sde", "unipc", "lcm"];
    some_rows_share_calls("stable-diffusion", &schedulers.map(Some)).await;
}

/// Its prompts have 24 tokens, where Stable Diffusion's have 77.
#[tokio::test]
async fn requests_to_a_model_with_shorter_prompts_share_calls() {
    some_rows_share_calls("emoji-diffusion", &[None; 6]).await;
}

async fn some_rows_share_calls(model: &str, schedulers: &[Option<&str>]) {
    let calls = Arc::new(Calls::default());
    let engine = Engine::start(&EngineOptions {
        workers: 1,
        observer: calls.clone(),
        ..EngineOptions::default()
    })
    .unwrap();
    let pipeline = Pipeline::load(&engine, "sd", &folder(model)).unwrap();
    let ready: Vec<_> = schedulers
        .iter()
        .enumerate()
        .map(|(at, scheduler)| {
            let order = DiffusionOrder {
                seed: at as u64,
                steps: 6 + at,
                scheduler: scheduler.map(|name| name.parse().unwrap()),
                ..DiffusionOrder::new(format!("{at} red dogs"))
            };
            pipeline.ready(order).unwrap()
        })
        .collect();
    let all = ready.iter().map(|ready| pipeline.paint(ready, &Unwatched));
    for painted in futures_util::future::join_all(all).await {
        painted.unwrap();
    }
    let rows = calls.rows.load(Ordering::Relaxed);
    let calls = calls.calls.load(Ordering::Relaxed);
    // Twelve rows are asked for at a time, and with one worker all but the first call find company;
    // how many of them share a call depends on what this machine found worth its while.
    assert!(rows > calls, "{rows} rows in {calls} calls");
}

#[tokio::test]
async fn a_request_that_leaves_takes_its_rows_along() {
    let engine = engine();
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    let long = DiffusionOrder {
        steps: 500,
        ..DiffusionOrder::new("a dog")
    };
    let long = pipeline.ready(long).unwrap();
    let short = DiffusionOrder {
        steps: 3,
        ..DiffusionOrder::new("a cat")
    };
    let short = pipeline.ready(short).unwrap();
    tokio::select! {
        biased;
        short = pipeline.paint(&short, &Unwatched) => { short.unwrap(); }
        _ = pipeline.paint(&long, &Unwatched) => panic!("500 steps before 3"),
    }
    let waiting: usize = pipeline.graphs().iter().map(|graph| graph.waiting()).sum();
    assert_eq!(waiting, 0);
}

#[test]
fn the_parts_of_a_pipeline_share_calls() {
    let engine = engine();
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    for graph in pipeline.graphs() {
        let batching = &graph.proof().batching;
        let name = graph.name();
        assert!(
            matches!(batching, Batching::Shared { .. }),
            "{name}: {batching:?}"
        );
    }
}

/// Where a timestep can't be given to each row, those of one step share calls, and it is said.
#[test]
fn a_timestep_for_a_whole_call_is_told() {
    let engine = engine();
    let notes = |folder: &Path| {
        let pipeline = Pipeline::load(&engine, "sd", folder).unwrap();
        let graphs = pipeline.graphs();
        let unet = graphs.iter().find(|graph| graph.name() == "unet").unwrap();
        let notes = unet.proof().notes.iter().map(ToString::to_string);
        notes.collect::<Vec<_>>().join("; ")
    };
    let whole = notes(&root().join("tests/other-exports/whole-timesteps"));
    assert!(whole.contains("timestep has one value"), "{whole}");
    let lifted = notes(&folder("stable-diffusion"));
    assert!(lifted.contains("it was given a batch axis"), "{lifted}");
}
