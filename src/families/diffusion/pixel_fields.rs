//! The fields of diffusion in pixel space, and the samples that they become.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use serde_json::{Value, json};

use super::fields::{eta, schedulers};
use super::schedulers::{Plan, Scheduler, SchedulerConfig, SchedulerError, SchedulerName};
use crate::families::noise::Generator;
use crate::families::shared::choices::Choices;
use crate::families::shared::format::sides;
use crate::families::shared::images::sized;
use crate::families::shared::latent::between;
use crate::families::shared::loader::{LoadFailure, Loader};
use crate::families::shared::mismatch::Mismatch;
use crate::fields::{
    Checked, IMAGE, InvalidField, LATENTS, PREVIEW_EVERY, Parameter, STEPS, STRENGTH, Text,
    VARIATION_SEED, VARIATION_STRENGTH, Variation, WalkMode, as_written,
};
use crate::imaging::{Layout, TensorFormat};
use crate::language::Message;
use crate::message;
use crate::models::{GraphRole, Schedule, TensorRole};
use crate::prompts::Understood;
use crate::runtime::Tensor;

/// Steps where neither a request nor the manifest says how many.
const STEPS_OF_ITS_OWN: usize = 50;
/// How much of a given image is painted anew where nobody says so.
const OWN_STRENGTH: f64 = 0.8;

/// A model of diffusion in pixel space, as far as its requests go.
#[derive(Debug)]
pub(super) struct PixelFields {
    pub(super) format: TensorFormat,
    /// Of one sample, as the graph takes it.
    pub(super) shape: Vec<usize>,
    pub(super) choices: Choices,
    scheduler: SchedulerConfig,
    train_timesteps: usize,
    steps: usize,
    strength: f64,
}

/// One image to sample.
#[derive(Debug)]
pub(super) struct PixelSample {
    pub(super) seed: u64,
    pub(super) scheduler: Scheduler,
    pub(super) classes: Vec<usize>,
    variation: Option<Variation>,
    /// The noise to start from, instead of what the seed draws.
    latent: Option<Vec<f32>>,
    /// The image to start from, as the graph takes it.
    image: Option<Arc<Vec<f32>>>,
}

impl PixelFields {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let missing = |what: &str| LoadFailure::from(Mismatch::Missing(what.to_owned()));
        let schedule = manifest.scheduler.as_ref();
        let schedule = schedule.ok_or_else(|| missing("scheduler"))?;
        let unet = || LoadFailure::missing(GraphRole::Unet);
        let (ports, bindings) = loader.look(GraphRole::Unet)?.ok_or_else(unet)?;
        let name = bindings.input(&TensorRole::Sample);
        let port = ports.iter().find(|port| Some(&*port.name) == name);
        let spec = &manifest.image;
        let stated = spec.width.zip(spec.height);
        let own = port.and_then(|port| sides(spec, port));
        let size = stated.or(own);
        let (width, height) = size.ok_or_else(|| missing("picture.width and picture.height"))?;
        let format = TensorFormat {
            layout: spec.layout,
            range: spec.range,
            width,
            height,
            channels: spec.channels,
        };
        let train_timesteps = schedule.train_timesteps();
        let steps = manifest.defaults.steps.unwrap_or(STEPS_OF_ITS_OWN);
        let strength = manifest.defaults.strength.map(as_written);
        Ok(Self {
            shape: shape(&format),
            format,
            choices: Choices::of(manifest),
            scheduler: configuration(schedule)?,
            train_timesteps,
            steps: steps.min(train_timesteps),
            strength: strength.unwrap_or(OWN_STRENGTH),
        })
    }

    /// What a person should know of it.
    pub(super) fn notes(&self) -> Vec<Message> {
        self.scheduler.note().into_iter().collect()
    }

    /// Numbers of a sample.
    pub(super) fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn tensor(&self, values: Vec<f32>) -> Tensor {
        let array = ArrayD::from_shape_vec(IxDyn(&self.shape), values);
        Tensor::Float(array.expect("as many values as the shape has"))
    }

    /// Timesteps with which the graph is proved: the last, the middle and the first of the training.
    pub(super) fn probed_timestep(&self, at: usize) -> f32 {
        let last = self.train_timesteps - 1;
        #[expect(clippy::cast_precision_loss, reason = "there are few timesteps")]
        let timestep = [last, last / 2, 0][at % 3] as f32;
        timestep
    }

    /// Holds what comes out of the graph against what goes in.
    pub(super) fn hold(&self, predicted: usize) -> Result<(), Mismatch> {
        let numbers = self.numbers();
        let planar = self.format.layout.is_planar();
        if predicted == numbers || predicted == 2 * numbers && planar {
            return Ok(());
        }
        Err(Mismatch::Other(format!(
            "graphs.unet: of {numbers} numbers it makes {predicted}; it should make as many, or, of \
             planes of colour, twice as many where it predicts its variance"
        )))
    }

    pub(super) fn parameters(&self) -> Vec<Parameter> {
        #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
        let (numbers, most) = (self.numbers() as f64, self.train_timesteps as f64);
        let mut all = self.choices.parameters();
        all.extend([
            STEPS.parameter().by_default(self.steps).to(most),
            schedulers(&self.scheduler),
            IMAGE.parameter().without(["latents"]).saying(Text::new(
                "The image to start from.",
                "L’image de départ.",
                "Bức ảnh ban đầu.",
            )),
            STRENGTH.parameter().by_default(json!(self.strength)),
            LATENTS
                .parameter()
                .from(numbers)
                .to(numbers)
                .saying(Text::new(
                    "Initial noise, or a list of them, as plain numbers, instead of what the seed draws.",
                    "Bruit de départ, en nombres, à la place de celui que tire la graine.",
                    "Nhiễu ban đầu, viết bằng các con số, thay cho nhiễu do hạt giống gieo.",
                )),
            PREVIEW_EVERY.parameter(),
            VARIATION_SEED.parameter().without(["latents"]),
            VARIATION_STRENGTH.parameter(),
        ]);
        all.extend(eta(&self.scheduler));
        all
    }

    /// What a request asks for, image by image.
    ///
    /// # Errors
    /// [`InvalidField`], where its fields don't fit the model, or each other.
    pub(super) fn read(
        &self,
        request: &mut Checked<'_>,
    ) -> Result<(Vec<PixelSample>, Option<Understood>), InvalidField> {
        let draft = request.draft();
        let chosen = self.choices.read(request)?;
        let image = request.image()?;
        let image = image.map(|image| sized("image", &image, &self.format, request));
        let image = image.map(|image| {
            let values = self.format.read(&image);
            let values = values.expect("the image was brought to the model's size");
            Arc::new(values.into_iter().collect::<Vec<f32>>())
        });
        let scheduler = self.scheduler(request, image.is_some())?;
        let latents = draft.latents.as_ref();
        for (at, latent) in latents.into_iter().flatten().enumerate() {
            self.fits(&format!("latents[{at}]"), latent)?;
        }
        let seeds = request.seeds(request.count());
        let variations = request.variations(seeds.len());
        let samples = seeds.iter().zip(variations).enumerate();
        let samples = samples.map(|(at, (&seed, variation))| PixelSample {
            seed,
            variation,
            scheduler: scheduler.clone(),
            classes: chosen.classes(&self.choices.axes, at, seed),
            latent: latents.and_then(|latents| latents.get(at).cloned()),
            image: image.clone(),
        });
        Ok((samples.collect(), chosen.understood))
    }

    fn fits(&self, field: &str, latent: &[f32]) -> Result<(), InvalidField> {
        let numbers = self.numbers();
        if latent.len() == numbers {
            return Ok(());
        }
        let message = message!(
            "{count} numbers; this model's latent has {length}",
            count = latent.len(),
            length = numbers
        );
        Err(InvalidField::new(field, message))
    }

    fn scheduler(
        &self,
        request: &mut Checked<'_>,
        from_image: bool,
    ) -> Result<Scheduler, InvalidField> {
        let draft = request.draft();
        let asked = draft.scheduler.as_deref();
        let config = match asked.and_then(|name| name.parse().ok()) {
            Some(name) => self.scheduler.renamed(name),
            None => self.scheduler.clone(),
        };
        let steps = draft.steps.and_then(|steps| usize::try_from(steps).ok());
        let steps = steps.unwrap_or(self.steps);
        let mut plan = Plan::new(steps);
        plan.eta = draft.eta.unwrap_or(0.0);
        if from_image {
            let strength = draft.strength.map_or(self.strength, as_written);
            plan = plan.with_strength(strength);
            // A given image is painted over at least once.
            plan.skipped = plan.skipped.min(steps.saturating_sub(1));
            if (steps as f64 * strength) < 1.0 {
                request.warn(message!(
                    "the image is changed by {strength} of {steps} steps, which is less than one, so one was painted",
                    steps
                ).with("strength", Message::decimal(strength)));
            }
        }
        config.scheduler(&plan).map_err(|error| error.of_field())
    }
}

/// A manifest's schedule as the schedulers read it: under the same keys as diffusers writes them.
fn configuration(schedule: &Schedule) -> Result<SchedulerConfig, Mismatch> {
    let disagree = |error: SchedulerError| {
        let detail = match error {
            SchedulerError::Unreadable(detail) => detail,
            other => other.to_string(),
        };
        Mismatch::Other(format!("scheduler: {detail}"))
    };
    let name: SchedulerName = schedule.name.parse().map_err(|_| {
        let known = SchedulerName::ALL.map(|(_, name)| name).join(", ");
        let found = &schedule.name;
        Mismatch::Other(format!(
            "scheduler.name: found {found:?}, expected one of {known}"
        ))
    })?;
    let mut keys = serde_json::to_value(schedule).unwrap_or_default();
    if let Some(keys) = keys.as_object_mut() {
        keys.remove("name");
        keys.insert("_class_name".to_owned(), name.class().name().into());
        let steps = Value::from(schedule.train_timesteps());
        keys.insert("num_train_timesteps".to_owned(), steps);
    }
    let config = SchedulerConfig::parse(&keys.to_string()).map_err(disagree)?;
    let config = config.renamed(name);
    config.scheduler(&Plan::new(1)).map_err(disagree)?;
    Ok(config)
}

/// The shape of one sample, without a batch axis.
fn shape(format: &TensorFormat) -> Vec<usize> {
    let (width, height) = (format.width as usize, format.height as usize);
    let channels = format.channels.count();
    match format.layout {
        Layout::Nchw | Layout::Chw => vec![channels, height, width],
        Layout::Nhwc | Layout::Hwc => vec![height, width, channels],
        Layout::Flat | Layout::FlatChw => vec![channels * height * width],
    }
}

impl PixelSample {
    /// How often the graph is asked.
    pub(super) fn calls(&self) -> usize {
        self.scheduler.timesteps().len()
    }

    /// The seed, where it alone paints the image again.
    pub(super) fn telling_seed(&self) -> Option<u64> {
        self.latent.is_none().then_some(self.seed)
    }

    /// The sample before the first step: noise, or the given image under some.
    pub(super) fn start(&self, numbers: usize, generator: &mut Generator) -> Vec<f32> {
        let noise = match &self.latent {
            Some(latent) => latent.clone(),
            None => self.varied(generator.normal(numbers)),
        };
        let Some(image) = &self.image else {
            let sigma = self.scheduler.init_noise_sigma();
            return noise.iter().map(|z| z * sigma).collect();
        };
        let mut sample = image.to_vec();
        self.scheduler.add_noise(&mut sample, &noise);
        sample
    }

    fn varied(&self, own: Vec<f32>) -> Vec<f32> {
        let Some(Variation { seed, strength }) = self.variation else {
            return own;
        };
        let other = Generator::new(seed).normal(own.len());
        between(&own, &other, strength, WalkMode::Spherical)
    }
}
