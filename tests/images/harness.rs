//! What the other files share: models, requests, and what ONNX Runtime makes of a whole image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use atelier::families::{Order, Program, Progress, Sampled, Step, Unwatched, load};
use atelier::fields::{Checked, Draft, InvalidField, Parameter, Refusal};
use atelier::imaging::{
    Channels, DecodeLimits, FileFormat, Image, Layout, Provenance, TensorFormat, ValueRange, encode,
};
use atelier::models::{Entry, open_repository};
use atelier::runtime::{Engine, EngineOptions, Provider, Row, Tensor};

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images")
}

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let options = EngineOptions {
            provider: Provider::Cpu,
            workers: 2,
            ..EngineOptions::default()
        };
        Engine::start(&options).expect("`make onnxruntime` installs the library")
    })
}

/// The model of that id, loaded once for all tests.
pub(crate) fn model(id: &str) -> Arc<dyn Program> {
    static MODELS: Mutex<BTreeMap<String, Arc<dyn Program>>> = Mutex::new(BTreeMap::new());
    let mut models = MODELS.lock().unwrap_or_else(PoisonError::into_inner);
    let model = models.entry(id.to_owned()).or_insert_with(|| loaded(id));
    Arc::clone(model)
}

fn loaded(id: &str) -> Arc<dyn Program> {
    let entries = open_repository(&repository()).expect("the fixtures are committed");
    let sound = entries.into_iter().find_map(|entry| match entry {
        Entry::Sound(folder) if folder.id == id => Some(folder),
        _ => None,
    });
    let folder = sound.expect("a model of that id whose manifest is sound");
    load(engine(), &folder).unwrap_or_else(|error| panic!("{id}: {error}"))
}

/// What every model takes beside its own fields.
fn parameters(model: &dyn Program) -> Vec<Parameter> {
    let mut all = model.parameters();
    let general = [
        &*atelier::fields::SEED,
        &*atelier::fields::SEEDS,
        &*atelier::fields::N,
        &*atelier::fields::FORMAT,
    ];
    all.extend(general.map(|field| field.parameter()));
    all
}

/// An order, and the warnings that it comes with.
pub(crate) fn order(
    model: &Arc<dyn Program>,
    draft: &Draft,
) -> Result<(Box<dyn Order>, Vec<String>), InvalidField> {
    let limits = DecodeLimits::default();
    let checked = Checked::new(draft, &parameters(&**model), (64, &limits));
    let mut checked = checked.map_err(|refusal| match refusal {
        Refusal::Invalid(invalid) => invalid,
        Refusal::NotTaken(field) => InvalidField::new(field, "is not taken"),
    })?;
    let order = Arc::clone(model).order(&mut checked)?;
    let warnings = checked.into_warnings();
    Ok((order, warnings.iter().map(ToString::to_string).collect()))
}

pub(crate) async fn sampled(model: &Arc<dyn Program>, draft: &Draft) -> Vec<Sampled> {
    let (order, _) = order(model, draft).expect("a sound request");
    let sampled = order.sample(&Unwatched).await.expect("images");
    assert_eq!(sampled.len(), order.count());
    for one in &sampled {
        assert_eq!((one.image.width(), one.image.height()), order.size());
    }
    sampled
}

/// The image that comes of a request for one.
pub(crate) async fn image(model: &Arc<dyn Program>, draft: &Draft) -> Image {
    sampled(model, draft).await.remove(0).image
}

/// A request that was refused: the field that is at fault, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) field: String,
    pub(crate) message: String,
}

pub(crate) fn refusal(model: &Arc<dyn Program>, draft: &Draft) -> Refused {
    let invalid = order(model, draft).map(|_| ());
    let invalid = invalid.expect_err("a request that can't be honoured");
    Refused {
        message: invalid.message.to_string(),
        field: invalid.field,
    }
}

pub(crate) fn of(image: &Image) -> Draft {
    Draft {
        image: Some(file(image)),
        ..Draft::default()
    }
}

pub(crate) fn file(image: &Image) -> Vec<u8> {
    encode(image, FileFormat::Png, &Provenance::default()).expect("a PNG")
}

/// Something to look at: waves of many lengths, and no two places alike.
pub(crate) fn scene(width: u32, height: u32, channels: Channels) -> Image {
    let count = channels.count();
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f32, y as f32);
            for channel in 0..count {
                let phase = channel as f32;
                let slow = (x * 0.031 + y * 0.017 + phase).sin();
                let quick = (x * 0.9 + phase).sin() * (y * 1.1).cos();
                pixels.push((127.0 + 70.0 * slow + 50.0 * quick).clamp(0.0, 255.0) as u8);
            }
        }
    }
    Image::new(width, height, channels, pixels).expect("a number for each")
}

pub(crate) fn flat(width: u32, height: u32, pixel: &[u8]) -> Image {
    let channels = match pixel.len() {
        1 => Channels::Grey,
        3 => Channels::Rgb,
        _ => Channels::Rgba,
    };
    let pixels = pixel.repeat((width * height) as usize);
    Image::new(width, height, channels, pixels).expect("a number for each")
}

/// The greatest difference between two images of the same size, in levels of 255.
pub(crate) fn apart(a: &Image, b: &Image) -> u8 {
    assert_eq!(
        (a.width(), a.height(), a.channels()),
        (b.width(), b.height(), b.channels())
    );
    let gaps = a.pixels().iter().zip(b.pixels());
    gaps.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// What ONNX Runtime itself makes of an image in one call of a graph of one image, in 0..1.
pub(crate) fn alone(model: &str, graph: &str, image: &Image) -> Image {
    let path = repository().join(model).join(graph);
    let mut inspected = engine().inspect(&path).expect("a graph");
    let format = |width, height| TensorFormat {
        layout: Layout::Nchw,
        range: ValueRange::Unit,
        width,
        height,
        channels: image.channels(),
    };
    let tensor = format(image.width(), image.height())
        .read(image)
        .expect("its own size");
    let (input, output) = (
        inspected.inputs()[0].name.clone(),
        inspected.outputs()[0].name.clone(),
    );
    let row = Row::new().with(input, Tensor::Float(tensor));
    let mut answer = inspected.answers(&[row]).expect("it runs").remove(0);
    let painted = answer.take(&output).expect("an image").into_floats();
    let side = |axis: usize| u32::try_from(painted.shape()[axis]).expect("a side");
    format(side(2), side(1))
        .paint(painted.view())
        .expect("an image")
}

/// Keeps what it is told.
#[derive(Default)]
pub(crate) struct Listener(pub(crate) Mutex<Vec<Step>>);

impl Progress for Listener {
    fn advanced(&self, step: Step) {
        self.0.lock().expect("nobody panics with it").push(step);
    }
}
