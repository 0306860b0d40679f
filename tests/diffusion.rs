//! Pipelines in the diffusers layout paint what diffusers paints, and what is wrong with one is said.
//!
//! The folders under `tests/pipelines` and the pictures under `tests/goldens/diffusion` come from
//! `training/goldens/tiny_pipelines.py`.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, though clippy knows them only by their attribute"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atelier::families::Unwatched;
use atelier::families::diffusion::{DiffusionOrder, Layout, Pipeline};
use atelier::imaging::{DecodeLimits, Picture, decode};
use atelier::runtime::{BatchReport, Batching, Engine, EngineOptions, Observer};
use atelier::service::{
    Draft, Endpoint, Failure, ModelState, Studio, StudioOptions, Walk, WalkMode,
};
use serde::Deserialize;

/// Of 255. Kernels sum in another order than PyTorch's.
const TOLERANCE: u8 = 1;

#[derive(Deserialize)]
struct Case {
    name: String,
    model: String,
    seed: u64,
    prompt: String,
    negative_prompt: Option<String>,
    steps: usize,
    guidance: f32,
    #[serde(default)]
    guidance_rescale: f32,
    #[serde(default)]
    eta: f32,
    scheduler: Option<String>,
    scheduler_config: Option<serde_json::Value>,
    width: Option<u32>,
    height: Option<u32>,
    #[serde(default)]
    image: bool,
    #[serde(default)]
    mask: bool,
    strength: Option<f64>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn golden(name: &str) -> Picture {
    let path = root().join("tests/goldens/diffusion").join(name);
    decode(&fs::read(path).unwrap(), &DecodeLimits::default()).unwrap()
}

fn engine() -> Engine {
    Engine::start(&EngineOptions {
        workers: 2,
        ..EngineOptions::default()
    })
    .expect("`make build` installs ONNX Runtime")
}

fn folder(name: &str) -> PathBuf {
    root().join("tests/pipelines").join(name)
}

/// A copy of a folder, to be spoilt.
fn copied(name: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for part in fs::read_dir(folder(name)).unwrap() {
        let part = part.unwrap();
        let to = copy.path().join(part.file_name());
        if part.path().is_file() {
            fs::copy(part.path(), to).unwrap();
            continue;
        }
        fs::create_dir(&to).unwrap();
        for file in fs::read_dir(part.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    copy
}

fn order(case: &Case) -> DiffusionOrder {
    DiffusionOrder {
        negative_prompt: case.negative_prompt.clone(),
        seed: case.seed,
        steps: case.steps,
        guidance: case.guidance,
        guidance_rescale: case.guidance_rescale,
        eta: case.eta,
        scheduler: case.scheduler.as_ref().map(|name| name.parse().unwrap()),
        width: case.width,
        height: case.height,
        image: case.image.then(|| Arc::new(golden("given.png"))),
        mask: case.mask.then(|| Arc::new(golden("mask.png"))),
        strength: case.strength.unwrap_or(0.8),
        ..DiffusionOrder::new(&case.prompt)
    }
}

/// The largest difference of two pictures of one size.
fn difference(one: &Picture, other: &Picture) -> u8 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let pairs = one.pixels().iter().zip(other.pixels());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[tokio::test]
async fn every_pipeline_paints_what_diffusers_paints() {
    let engine = engine();
    let text = fs::read_to_string(root().join("tests/goldens/diffusion/cases.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let mut pipelines = BTreeMap::new();
    let mut copies = Vec::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let config = case.scheduler_config.as_ref().map(ToString::to_string);
        let key = (case.model.clone(), config.clone());
        if !pipelines.contains_key(&key) {
            let copy = copied(&case.model);
            if let Some(config) = config {
                let path = copy.path().join("scheduler/scheduler_config.json");
                fs::write(path, config).unwrap();
            }
            let pipeline = Pipeline::load(&engine, &case.model, copy.path()).unwrap();
            copies.push(copy);
            pipelines.insert(key.clone(), pipeline);
        }
        let pipeline = &pipelines[&key];
        let ready = pipeline.ready(order(case)).unwrap();
        let painted = pipeline.paint(&ready, &Unwatched).await.unwrap();
        let apart = difference(&painted.picture, &golden(&format!("{}.png", case.name)));
        if apart > TOLERANCE {
            wrong.push(format!("{} by {apart}", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are off: {}",
        wrong.len(),
        cases.len(),
        wrong.join(", ")
    );
}

#[tokio::test]
async fn other_exports_of_the_same_weights_paint_the_same() {
    let engine = engine();
    let other = root().join("tests/other-exports");
    // Timesteps as one whole number for a call can't be lifted here, and float16 has fewer bits.
    for (name, tolerance) in [("whole-timesteps", TOLERANCE), ("half", 3)] {
        let pipeline = Pipeline::load(&engine, name, &other.join(name)).unwrap();
        let order = DiffusionOrder {
            seed: 42,
            steps: 5,
            guidance: 4.0,
            ..DiffusionOrder::new("A small Red cat, on the blue house!")
        };
        let ready = pipeline.ready(order).unwrap();
        let painted = pipeline.paint(&ready, &Unwatched).await.unwrap();
        let apart = difference(&painted.picture, &golden("text-own.png"));
        assert!(apart <= tolerance, "{name} by {apart}");
    }
}

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
    assert_eq!(beside.unwrap().picture, alone.picture);
}

/// Counts the UNet's calls and the rows in them.
#[derive(Default)]
struct Calls {
    calls: AtomicUsize,
    rows: AtomicUsize,
}

impl Observer for Calls {
    fn batch(&self, report: &BatchReport) {
        if &*report.graph == "unet" {
            self.calls.fetch_add(1, Ordering::Relaxed);
            self.rows.fetch_add(report.rows, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn requests_with_other_prompts_steps_and_schedulers_share_calls() {
    let calls = Arc::new(Calls::default());
    let engine = Engine::start(&EngineOptions {
        workers: 1,
        observer: calls.clone(),
        ..EngineOptions::default()
    })
    .unwrap();
    let pipeline = Pipeline::load(&engine, "sd", &folder("stable-diffusion")).unwrap();
    let schedulers = ["ddim", "euler", "heun", "dpmpp_2m_sde", "unipc", "lcm"];
    let ready: Vec<_> = schedulers
        .iter()
        .enumerate()
        .map(|(at, scheduler)| {
            let order = DiffusionOrder {
                seed: at as u64,
                steps: 6 + at,
                scheduler: Some(scheduler.parse().unwrap()),
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
    // Twelve rows are asked for at a time, and with one worker all but the first call find company.
    assert!(rows > 4 * calls, "{rows} rows in {calls} calls");
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

fn studio() -> Studio {
    Studio::open(&StudioOptions {
        models: root().join("tests/pipelines"),
        workers: 2,
        ..StudioOptions::default()
    })
    .unwrap()
}

fn draft(model: &str) -> Draft {
    Draft {
        model: Some(model.to_owned()),
        prompt: Some("A small Red cat, on the blue house!".to_owned()),
        seed: Some(42),
        ..Draft::default()
    }
}

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
            panic!("one picture: {generated:?}");
        };
        let picture = decode(&image.bytes, &DecodeLimits::default()).unwrap();
        assert!(difference(&picture, &golden(name)) <= TOLERANCE, "{name}");
        assert_eq!(image.seed, Some(42));
    }
}

fn prompt(prompt: &str, seed: Option<u64>) -> Endpoint {
    let prompt = prompt.to_owned();
    Endpoint::Prompt { prompt, seed }
}

#[tokio::test]
async fn a_walk_between_prompts_starts_and_ends_with_their_own_pictures() {
    let studio = studio();
    let pictures = async |draft: Draft| {
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
        let walk = pictures(Draft {
            interpolate: Some(Walk {
                from: prompt("a red cat", Some(5)),
                to: prompt("a blue house", None),
                steps: 3,
                mode: WalkMode::Spherical,
            }),
            ..common(model)
        });
        let alone = |prompt: &str, seed: u64| {
            pictures(Draft {
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
    assert_eq!(refused(plain, image, cat()).await, "interpolate.from");
    let short = Endpoint::Latent(vec![0.5; 3]);
    assert_eq!(refused(plain, cat(), short).await, "interpolate.to");
    let seed = prompt("a cat", Some(1 << 40));
    assert_eq!(refused(plain, cat(), seed).await, "interpolate.to");
    let long = prompt(&"a cat ".repeat(1000), None);
    assert_eq!(refused(plain, long, cat()).await, "interpolate.from.prompt");
    // It paints under a mask, and a walk has none.
    assert_eq!(refused("inpaint", cat(), cat()).await, "interpolate");
}

#[tokio::test]
async fn variations_of_a_picture_are_one_for_each_seed() {
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
    assert!(width.await.message.contains("the nearest is 32"));
    let scheduler = refused(Draft {
        scheduler: Some("quick".to_owned()),
        ..plain()
    });
    assert!(scheduler.await.message.contains("dpmpp_2m"));
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
        generated.warnings[0].contains("\"green tree\""),
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
    assert!(width.message.contains("the nearest is 32"), "{width}");
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

#[test]
fn a_broken_folder_says_what_is_wrong_with_it() {
    let spoilt = |part: &str, text: Option<&str>| {
        let copy = copied("stable-diffusion");
        let path = copy.path().join(part);
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        Layout::read(copy.path()).unwrap_err().to_string()
    };
    let says = |said: String, wanted: &str| assert!(said.contains(wanted), "{said}");
    says(
        spoilt("unet/model.onnx", None),
        "unet/model.onnx is missing",
    );
    says(
        spoilt("vae_decoder/model.onnx", Some("")),
        "vae_decoder/model.onnx",
    );
    says(spoilt("model_index.json", Some("{")), "model_index.json");
    says(
        spoilt(
            "model_index.json",
            Some(r#"{"_class_name": "FluxPipeline"}"#),
        ),
        "FluxPipeline",
    );
    says(
        spoilt(
            "scheduler/scheduler_config.json",
            Some(r#"{"_class_name": "Karlo"}"#),
        ),
        "Karlo",
    );
    says(
        spoilt(
            "unet/config.json",
            Some(r#"{"in_channels": 7, "out_channels": 4}"#),
        ),
        "7 input channels",
    );
}

#[test]
fn a_truncated_graph_is_refused_when_it_is_loaded() {
    let engine = engine();
    let copy = copied("stable-diffusion");
    let path = copy.path().join("unet/model.onnx");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = Pipeline::load(&engine, "sd", copy.path()).unwrap_err();
    assert!(error.to_string().contains("unet/model.onnx"), "{error}");
}

#[test]
fn a_tokenizer_without_merges_is_refused_when_it_is_loaded() {
    let engine = engine();
    let copy = copied("stable-diffusion");
    fs::remove_file(copy.path().join("tokenizer/merges.txt")).unwrap();
    let error = Pipeline::load(&engine, "sd", copy.path()).unwrap_err();
    assert!(error.to_string().contains("merges.txt"), "{error}");
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
