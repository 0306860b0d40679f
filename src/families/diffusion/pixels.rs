//! Diffusion in pixel space (Ho et al. 2020, "Denoising diffusion probabilistic models"; Song et al. 2021,
//! DDIM): one graph says what is noise in an image, and a scheduler takes it away step by step.
//!
//! A seed gives the image that the pipelines of diffusers give of one generator for each image: the first
//! noise comes first, then what the scheduler asks for.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ndarray::{ArrayD, IxDyn};

use super::pixel_fields::{PixelFields, PixelSample};
use crate::families::noise::Generator;
use crate::families::shared::bound::{BoundGraph, class_tensor};
use crate::families::shared::loader::{LoadFailure, Loader};
use crate::families::shared::offload::offload;
use crate::families::shared::program::{Failure, GraphReport, Order, Program};
use crate::families::shared::progress::{Progress, Step};
use crate::families::shared::sampled::Sampled;
use crate::families::shared::together::paint_all;
use crate::fields::{Checked, InvalidField, Parameter};
use crate::imaging::{Channels, Image, TensorFormat};
use crate::language::Message;
use crate::models::{GraphRole, TensorRole};
use crate::prompts::Understood;
use crate::runtime::{CallTime, Tensor};

/// Images of one request that are sampled at the same time.
const AT_ONCE: usize = 16;

/// A UNet and the schedule that it was trained by.
#[derive(Debug)]
pub(in crate::families) struct PixelDiffusion {
    pub(super) fields: PixelFields,
    unet: BoundGraph,
    notes: Vec<Message>,
}

/// What a request asks of it.
#[derive(Debug)]
struct PixelOrder {
    diffusion: Arc<PixelDiffusion>,
    samples: Vec<PixelSample>,
    understood: Option<Understood>,
}

impl PixelDiffusion {
    pub(in crate::families) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let fields = PixelFields::load(loader)?;
        let unet = loader.need(GraphRole::Unet, |role, at| match role {
            TensorRole::Sample => {
                let values = Generator::new(at as u64).normal(fields.numbers());
                Some(fields.tensor(values))
            }
            TensorRole::Timestep => Some(Tensor::scalar(fields.probed_timestep(at))),
            _ => None,
        })?;
        for predicted in unet.outputs(&TensorRole::Prediction) {
            fields.hold(predicted.len())?;
        }
        Ok(Self {
            notes: fields.notes(),
            unet: unet.bound,
            fields,
        })
    }

    /// What the graph says of a scaled sample.
    async fn predict(
        &self,
        sample: Vec<f32>,
        timestep: f32,
        classes: &[usize],
        time: &mut CallTime,
    ) -> Result<Vec<f32>, Failure> {
        let sample = self.fields.tensor(sample);
        let mut answer = self
            .unet
            .call(time, |role| match role {
                TensorRole::Sample => Some(sample.clone()),
                TensorRole::Timestep => Some(Tensor::scalar(timestep)),
                TensorRole::Class(axis) => class_tensor(&self.fields.choices.axes, axis, classes),
                _ => None,
            })
            .await?;
        let predicted = answer.take(&TensorRole::Prediction)?.into_floats();
        if predicted.len() < self.fields.numbers() {
            return Err(Failure::missing(TensorRole::Prediction));
        }
        Ok(predicted.iter().copied().collect())
    }

    /// Numbers as an image.
    async fn painted(&self, values: Vec<f32>) -> Result<Image, Failure> {
        let format: TensorFormat = self.fields.format.clone();
        let shape = self.fields.shape.clone();
        let pixels = u64::from(format.width) * u64::from(format.height);
        let paint = move || {
            let values = ArrayD::from_shape_vec(IxDyn(&shape), values);
            let values = values.expect("a sample keeps its size");
            format.paint(values.view())
        };
        Ok(offload(pixels, paint).await??)
    }
}

impl PixelOrder {
    async fn sample_one(&self, place: usize, progress: &dyn Progress) -> Result<Sampled, Failure> {
        let PixelDiffusion { fields, .. } = &*self.diffusion;
        let sample = &self.samples[place];
        let mut generator = Generator::new(sample.seed);
        let mut scheduler = sample.scheduler.clone();
        let mut x = sample.start(fields.numbers(), &mut generator);
        let mut time = CallTime::default();
        let of = scheduler.timesteps().len();
        while let Some(timestep) = scheduler.timestep() {
            let mut input = x.clone();
            scheduler.scale_model_input(&mut input);
            let predicted = self
                .diffusion
                .predict(input, timestep, &sample.classes, &mut time)
                .await?;
            let step = Step {
                sample: Some(place),
                done: scheduler.calls_done() + 1,
                of,
            };
            if progress.wants_preview(step) {
                let foreseen = scheduler.pred_original(&predicted, &x);
                // What can't be painted yet is not shown.
                if let Ok(image) = self.diffusion.painted(foreseen).await {
                    progress.previewed(step, image);
                }
            }
            scheduler.step(&predicted, &mut x, &mut |count| generator.normal(count));
            progress.advanced(step);
        }
        let sampled = Sampled {
            image: self.diffusion.painted(x).await?,
            seed: sample.telling_seed(),
            labels: sample.classes.iter().copied().map(Some).collect(),
            score: None,
            sources: Arc::default(),
            judged: Vec::new(),
            warnings: Vec::new(),
            time,
        };
        progress.sampled(place, &sampled);
        Ok(sampled)
    }
}

impl Program for PixelDiffusion {
    fn parameters(&self) -> Vec<Parameter> {
        self.fields.parameters()
    }

    fn size(&self) -> Option<(u32, u32)> {
        Some((self.fields.format.width, self.fields.format.height))
    }

    fn channels(&self) -> Channels {
        self.fields.format.channels
    }

    fn graphs(&self) -> Vec<GraphReport> {
        vec![self.unet.report()]
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        let (samples, understood) = self.fields.read(request)?;
        Ok(Box::new(PixelOrder {
            diffusion: self,
            samples,
            understood,
        }))
    }
}

impl Order for PixelOrder {
    fn count(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        let format = &self.diffusion.fields.format;
        (format.width, format.height)
    }

    fn cost(&self) -> Duration {
        let calls = self.samples.iter().map(PixelSample::calls);
        self.diffusion.unet.cost(calls.sum())
    }

    fn call_bytes(&self, _times: f64) -> u64 {
        self.diffusion.unet.call_bytes(1.0)
    }

    fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(paint_all(self.samples.len(), AT_ONCE, move |place| {
            self.sample_one(place, progress)
        }))
    }
}
