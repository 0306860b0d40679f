//! The same folder, seed and steps give the image that diffusers gives.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use atelier::families::Unwatched;
use atelier::families::diffusion::{DiffusionOrder, Pipeline};
use serde::Deserialize;

use crate::harness::{TOLERANCE, copied, difference, engine, golden, legacy, root};

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
        let apart = difference(&painted.image, &golden(&format!("{}.png", case.name)));
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

/// 32-bit ids, a timestep for each row, `tokenizer.json`, and an encoder that has drawn already.
#[tokio::test]
async fn what_the_conversion_script_writes_paints_the_same() {
    let engine = engine();
    let folder = legacy();
    let pipeline = Pipeline::load(&engine, "legacy", folder.path()).unwrap();
    let order = DiffusionOrder {
        seed: 42,
        steps: 5,
        guidance: 4.0,
        ..DiffusionOrder::new("A small Red cat, on the blue house!")
    };
    let ready = pipeline.ready(order.clone()).unwrap();
    let painted = pipeline.paint(&ready, &Unwatched).await.unwrap();
    assert!(difference(&painted.image, &golden("text-own.png")) <= TOLERANCE);

    let image = Some(Arc::new(golden("given.png")));
    let near = DiffusionOrder {
        image,
        strength: 0.2,
        ..order
    };
    let ready = pipeline.ready(near).unwrap();
    let near = pipeline.paint(&ready, &Unwatched).await.unwrap();
    assert!(difference(&near.image, &painted.image) > 9);
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
        let apart = difference(&painted.image, &golden("text-own.png"));
        assert!(apart <= tolerance, "{name} by {apart}");
    }
}
