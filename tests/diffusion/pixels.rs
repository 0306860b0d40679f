//! Diffusion of pixels by one graph and a `[scheduler]` table: what diffusers' own pixel pipelines paint.
//!
//! The images come from `training/goldens/tiny_pixels.py`, the models from `tests/fixtures/make.py`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use atelier::families::{Order, Program, Progress, Sampled, Step, Unwatched, load};
use atelier::fields::{Checked, ClassChoice, Draft, InvalidField, N, Refusal, SEED, SEEDS};
use atelier::imaging::{Channels, DecodeLimits, FileFormat, Image, Provenance, encode};
use atelier::models::{Entry, open_repository};
use atelier::runtime::{Batching, Engine};
use futures_util::future::join_all;
use serde::Deserialize;
use tokio::time::{Duration, timeout};

use crate::harness::{engine, root};

/// Of 255: a half may round either way.
const TOLERANCE: f32 = 1.0;

#[derive(Deserialize)]
struct Golden {
    model: String,
    ask: Asked,
    image: Vec<f32>,
}

#[derive(Deserialize)]
struct Asked {
    seed: u64,
    steps: u64,
    scheduler: Option<String>,
    eta: Option<f32>,
    class: Option<String>,
}

fn model(id: &str) -> Arc<dyn Program> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    static MODELS: Mutex<BTreeMap<String, Arc<dyn Program>>> = Mutex::new(BTreeMap::new());
    let mut models = MODELS.lock().unwrap();
    let model = models.entry(id.to_owned()).or_insert_with(|| {
        let entries = open_repository(&root().join("tests/fixtures/pixels")).unwrap();
        let sound = entries.into_iter().find_map(|entry| match entry {
            Entry::Sound(folder) if folder.id == id => Some(folder),
            _ => None,
        });
        load(ENGINE.get_or_init(engine), &sound.unwrap()).unwrap()
    });
    Arc::clone(model)
}

fn order(
    model: &Arc<dyn Program>,
    draft: &Draft,
) -> Result<(Box<dyn Order>, Vec<String>), InvalidField> {
    let mut parameters = model.parameters();
    parameters.extend([SEED.parameter(), SEEDS.parameter(), N.parameter()]);
    let limits = DecodeLimits::default();
    let mut checked =
        Checked::new(draft, &parameters, (64, &limits)).map_err(|refusal| match refusal {
            Refusal::Invalid(invalid) => invalid,
            Refusal::NotTaken(field) => panic!("{field} is taken"),
        })?;
    let order = Arc::clone(model).order(&mut checked)?;
    let warnings = checked.into_warnings();
    Ok((order, warnings.iter().map(ToString::to_string).collect()))
}

async fn sampled(model: &Arc<dyn Program>, draft: &Draft) -> Vec<Sampled> {
    let (order, _) = order(model, draft).unwrap();
    order.sample(&Unwatched).await.unwrap()
}

fn asking(seed: u64, steps: u64) -> Draft {
    Draft {
        seed: Some(seed),
        steps: Some(steps),
        ..Draft::default()
    }
}

#[tokio::test]
async fn a_seed_paints_what_the_pipelines_of_diffusers_paint() {
    let text = std::fs::read_to_string(root().join("tests/goldens/pixels.json")).unwrap();
    let goldens: Vec<Golden> = serde_json::from_str(&text).unwrap();
    assert!(goldens.len() >= 6);
    for Golden {
        model: id,
        ask,
        image,
    } in goldens
    {
        let draft = Draft {
            scheduler: ask.scheduler.clone(),
            eta: ask.eta,
            class: ask.class.clone().map(ClassChoice::Name),
            ..asking(ask.seed, ask.steps)
        };
        let painted = sampled(&model(&id), &draft).await.remove(0).image;
        let pairs = painted.pixels().iter().zip(&image);
        let worst = pairs
            .map(|(byte, wanted)| (f32::from(*byte) - wanted * 255.0).abs())
            .fold(0.0, f32::max);
        assert_eq!(painted.pixels().len(), image.len());
        assert!(worst <= TOLERANCE, "{id}, {:?}: {worst}", ask.scheduler);
    }
}

#[tokio::test]
async fn strangers_with_other_steps_schedulers_and_classes_share_calls_and_change_nothing() {
    for id in ["ddpm", "labelled"] {
        let model = model(id);
        // Of the one whose timestep is a scalar, too.
        assert!(matches!(
            model.graphs()[0].batching,
            Batching::Shared { .. }
        ));
        let schedulers = ["ddpm", "ddim", "euler_ancestral", "dpmpp_2m_sde", "heun"];
        let drafts: Vec<Draft> = (0..20)
            .map(|at: u64| Draft {
                scheduler: Some(schedulers[at as usize % 5].to_owned()),
                ..asking(at, 3 + at % 4)
            })
            .collect();
        let mut alone = Vec::new();
        for draft in &drafts {
            alone.push(sampled(&model, draft).await.remove(0).image);
        }
        let together = join_all(drafts.iter().map(|draft| sampled(&model, draft))).await;
        let together: Vec<Image> = together
            .into_iter()
            .map(|mut images| images.remove(0).image)
            .collect();
        assert!(together == alone, "{id}");
    }
}

#[tokio::test]
async fn every_scheduler_paints() {
    let model = model("labelled");
    let parameters = model.parameters();
    let scheduler = parameters
        .iter()
        .find(|parameter| parameter.name == "scheduler");
    let names = scheduler.unwrap().choices.clone();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let draft = Draft {
            scheduler: Some(name.to_string()),
            ..asking(1, 6)
        };
        let images = sampled(&model, &draft).await;
        assert_eq!(images[0].image.width(), 8, "{name}");
    }
}

#[tokio::test]
async fn a_given_image_is_painted_anew_by_its_strength() {
    let model = model("labelled");
    let grey = Image::new(8, 8, Channels::Rgb, vec![100; 192]).unwrap();
    let file = encode(&grey, FileFormat::Png, &Provenance::default()).unwrap();
    let draft = |strength| Draft {
        image: Some(file.clone()),
        strength: Some(strength),
        ..asking(1, 40)
    };
    let far = async |strength| {
        let painted = sampled(&model, &draft(strength)).await.remove(0).image;
        let pixels = painted.pixels().iter();
        pixels
            .map(|byte| u32::from(byte.abs_diff(100)))
            .sum::<u32>()
    };
    let (little, much) = (far(0.05).await, far(1.0).await);
    assert!(little < much, "{little} {much}");
    let (_, warnings) = order(&model, &draft(0.01)).unwrap();
    assert!(warnings[0].contains("so one was painted"), "{warnings:?}");
}

/// Keeps what it is told, and looks at every step.
#[derive(Default)]
struct Watcher(Mutex<(Vec<Step>, Vec<Image>)>);

impl Progress for Watcher {
    fn advanced(&self, step: Step) {
        self.0.lock().unwrap().0.push(step);
    }

    fn wants_preview(&self, _step: Step) -> bool {
        true
    }

    fn previewed(&self, _step: Step, image: Image) {
        self.0.lock().unwrap().1.push(image);
    }
}

#[tokio::test]
async fn each_step_is_told_and_shows_what_the_image_will_become() {
    let model = model("ddpm");
    let (order, _) = order(&model, &asking(2, 7)).unwrap();
    let watcher = Watcher::default();
    let painted = order.sample(&watcher).await.unwrap();
    let (steps, previews) = watcher.0.into_inner().unwrap();
    assert!(steps.iter().map(|step| step.done).eq(1..=7));
    // Foreseen at the last step, it is what comes out.
    assert_eq!(previews.len(), 7);
    assert_eq!(previews[6], painted[0].image);
}

#[tokio::test]
async fn who_leaves_takes_the_steps_that_are_left_along() {
    let model = model("ddpm");
    let (order, _) = order(&model, &asking(2, 1000)).unwrap();
    let watcher = Watcher::default();
    let left = timeout(Duration::ZERO, order.sample(&watcher)).await;
    assert!(left.is_err());
    assert!(watcher.0.into_inner().unwrap().0.len() < 1000);
}

#[test]
fn what_cannot_be_honoured_is_refused_by_its_field() {
    let model = model("labelled");
    let refused = |draft: Draft| order(&model, &draft).map(|_| ()).unwrap_err().field;
    assert_eq!(refused(asking(1, 401)), "steps");
    let latents = Some(vec![vec![0.0; 191]]);
    let draft = Draft {
        latents,
        ..asking(1, 4)
    };
    assert!(refused(draft).starts_with("latents"));
    let class = Some(ClassChoice::Name("ninth".to_owned()));
    let draft = Draft {
        class,
        ..asking(1, 4)
    };
    assert_eq!(refused(draft), "class");
}
