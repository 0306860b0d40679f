//! Generative adversarial networks (Goodfellow et al. 2014): one latent in, one image out. With labels
//! and no latent, one label in.
//!
//! Where the model ships its discriminator, it chooses the best of several candidates
//! ("discriminator rejection", Azadi et al. 2019, in its plainest form).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::shared::bound::{BoundGraph, class_tensor};
use super::shared::latent::{noises, shaped};
use super::shared::latent_fields::{Beside, LatentFields};
use super::shared::latent_order::{LatentOrder, Sample};
use super::shared::loader::{LoadFailure, Loader, Painter, shown};
use super::shared::offload::in_place;
use super::shared::program::{Failure, GraphReport, Judge, Order, Program, Scoring, Verdict};
use super::shared::progress::{Progress, Tally};
use super::shared::sampled::Sampled;
use super::shared::starts::Starts;
use super::shared::together::{AT_ONCE, paint_all};
use crate::fields::{Checked, InvalidField, Parameter};
use crate::imaging::{Channels, Image, TensorFormat};
use crate::language::Message;
use crate::models::{ClassAxis, GraphRole, TensorRole};
use crate::prompts::Understood;
use crate::runtime::{CallTime, Tensor};

/// A generator, and the discriminator that it was trained against if the model has it.
#[derive(Debug)]
pub(super) struct Gan {
    fields: LatentFields,
    notes: Vec<Message>,
    generator: BoundGraph,
    discriminator: Option<Discriminator>,
}

/// Tells real images from made ones.
#[derive(Debug)]
struct Discriminator {
    graph: BoundGraph,
    format: TensorFormat,
    axes: Vec<ClassAxis>,
}

/// What a request asks of a GAN.
#[derive(Debug)]
struct GanOrder {
    gan: Arc<Gan>,
    latents: LatentOrder,
    /// Keep this many of the samples, those that the discriminator scores highest.
    keep_best: Option<usize>,
}

impl Gan {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let Painter {
            latent,
            painter: generator,
            viewer,
            format,
            seen,
            notes,
        } = loader.painter(GraphRole::Generator, GraphRole::Discriminator)?;
        let discriminator = viewer.map(|proved| Discriminator {
            graph: proved.bound,
            format: seen.clone(),
            axes: manifest.classes.clone(),
        });
        let beside = Beside {
            judge: discriminator.is_some(),
            noise: !generator.bindings.noises().is_empty(),
            ..Beside::default()
        };
        Ok(Self {
            fields: LatentFields::new(manifest, latent, (format, seen), beside),
            notes,
            generator,
            discriminator,
        })
    }
}

impl Program for Gan {
    fn parameters(&self) -> Vec<Parameter> {
        self.fields.parameters()
    }

    fn size(&self) -> Option<(u32, u32)> {
        Some(self.fields.size())
    }

    fn channels(&self) -> Channels {
        self.fields.format.channels
    }

    fn graphs(&self) -> Vec<GraphReport> {
        let discriminator = self.discriminator.as_ref().map(|one| &one.graph);
        let graphs = [Some(&self.generator), discriminator];
        graphs
            .into_iter()
            .flatten()
            .map(BoundGraph::report)
            .collect()
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        Ok(Box::new(GanOrder {
            latents: self.fields.order(request)?,
            keep_best: request.draft().best_of.map(|_| request.count()),
            gan: self,
        }))
    }

    fn judge(&self) -> Option<&dyn Judge> {
        self.discriminator.as_ref().map(|judge| judge as &dyn Judge)
    }
}

impl GanOrder {
    async fn sample_one(&self, starts: &Starts, sample: &Sample) -> Result<Sampled, Failure> {
        let Gan {
            fields,
            generator,
            discriminator,
            ..
        } = &*self.gan;
        let mut time = CallTime::default();
        let mut maps = noises(&fields.latent, generator.bindings.noises(), sample.seed);
        let mut answer = generator
            .call(&mut time, |role| match role {
                TensorRole::Noise => maps.next(),
                TensorRole::Latent => {
                    let values = starts.latent(&fields.latent, &self.latents, sample);
                    shaped(&fields.latent, values)
                }
                TensorRole::Class(axis) => {
                    class_tensor(&fields.choices.axes, axis, &sample.classes)
                }
                _ => None,
            })
            .await?;
        let tensor = answer.take(&TensorRole::Image)?;
        let score = match (discriminator, self.keep_best) {
            (Some(judge), Some(_)) => {
                let seen = shown(&tensor, &fields.format, &judge.format)?;
                Some(judge.judge(&seen, &sample.classes, &mut time).await?)
            }
            _ => None,
        };
        Ok(Sampled {
            image: in_place(tensor.len() as u64, || {
                fields.format.paint(tensor.into_floats().view())
            })?,
            seed: sample.telling_seed(),
            labels: sample.labels(),
            score,
            sources: Arc::default(),
            judged: Vec::new(),
            warnings: Vec::new(),
            time,
        })
    }
}

impl Order for GanOrder {
    fn count(&self) -> usize {
        self.keep_best.unwrap_or(self.latents.samples.len())
    }

    fn size(&self) -> (u32, u32) {
        self.gan.fields.size()
    }

    fn cost(&self) -> Duration {
        let samples = self.latents.samples.len();
        let scored = match (&self.gan.discriminator, self.keep_best) {
            (Some(discriminator), Some(_)) => discriminator.graph.cost(samples),
            _ => Duration::ZERO,
        };
        self.gan.generator.cost(samples) + scored
    }

    fn call_bytes(&self, _times: f64) -> u64 {
        let judge = self.gan.discriminator.as_ref();
        let judge = judge.filter(|_| self.keep_best.is_some());
        let judged = judge.map_or(0, |judge| judge.graph.call_bytes(1.0));
        self.gan.generator.call_bytes(1.0).max(judged)
    }

    fn understood(&self) -> Option<&Understood> {
        self.latents.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let samples = &self.latents.samples;
            // No GAN has an encoder, and so none takes images.
            let starts = Starts::of(&self.gan.fields.latent, &self.latents, Vec::new());
            let tally = Tally::new(progress, samples.len(), self.keep_best.is_none());
            let mut sampled = paint_all(samples.len(), AT_ONCE, async |at| {
                let sampled = self.sample_one(&starts, &samples[at]).await;
                tally.note(at, &sampled);
                sampled
            })
            .await?;
            if let Some(keep) = self.keep_best {
                // A stable sort: of equal scores, the lower seed comes first.
                sampled.sort_by(|a, b| {
                    let score = |one: &Sampled| one.score.unwrap_or(f32::NEG_INFINITY);
                    score(b).total_cmp(&score(a))
                });
                sampled.truncate(keep);
            }
            Ok(sampled)
        })
    }
}

impl Discriminator {
    /// How real it finds an image; higher is more real.
    async fn judge(
        &self,
        image: &Tensor,
        classes: &[usize],
        time: &mut CallTime,
    ) -> Result<f32, Failure> {
        let mut answer = self
            .graph
            .call(time, |role| match role {
                TensorRole::Image => Some(image.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, classes),
                _ => None,
            })
            .await?;
        let score = answer.take(&TensorRole::Score)?.into_floats();
        let score = score.first().copied();
        score.ok_or_else(|| Failure::missing(TensorRole::Score))
    }
}

impl Judge for Discriminator {
    fn format(&self) -> &TensorFormat {
        &self.format
    }

    fn cost(&self) -> Duration {
        self.graph.cost(1)
    }

    fn score<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>> {
        Box::pin(async move {
            let tensor = Tensor::Float(self.format.read(image)?);
            let mut time = CallTime::default();
            let verdict = Verdict::Score(self.judge(&tensor, classes, &mut time).await?);
            Ok(Scoring { verdict, time })
        })
    }
}
