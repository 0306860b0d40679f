//! Generative adversarial networks (Goodfellow et al. 2014): one latent in, one image out.
//!
//! Where the model ships its discriminator, it chooses the best of several candidates
//! ("discriminator rejection", Azadi et al. 2019, in its plainest form).

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::shared::bound::{BoundGraph, class_tensor};
use super::shared::latent::shaped;
use super::shared::loader::{LoadFailure, Loader, Painter};
use super::shared::order::{Order, Sample};
use super::shared::program::{Encoding, Failure, GraphReport, Program, Scoring, Traits, Verdict};
use super::shared::progress::{Progress, Tally};
use super::shared::sampled::Sampled;
use super::shared::starts::Starts;
use super::shared::together::{AT_ONCE, paint_all};
use crate::imaging::Image;
use crate::models::{ClassAxis, Family, GraphRole, Latent, TensorRole};
use crate::runtime::{CallTime, Tensor};

/// A generator, and the discriminator that it was trained against if the model has it.
#[derive(Debug)]
pub(super) struct Gan {
    traits: Traits,
    latent: Latent,
    axes: Vec<ClassAxis>,
    generator: BoundGraph,
    discriminator: Option<BoundGraph>,
}

impl Gan {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let Painter {
            latent,
            painter: generator,
            viewer: discriminator,
            format,
            notes,
        } = loader.painter(GraphRole::Generator, GraphRole::Discriminator)?;
        Ok(Self {
            traits: Traits {
                family: Family::Gan,
                notes,
                format,
                latent: true,
                scores: discriminator.is_some(),
                encodes: false,
                autoregressive: false,
                diffusion: None,
            },
            latent,
            axes: manifest.classes.clone(),
            generator,
            discriminator: discriminator.map(|proved| proved.bound),
        })
    }

    async fn paint_one(
        &self,
        order: &Order,
        starts: &Starts,
        sample: &Sample,
    ) -> Result<Sampled, Failure> {
        let mut time = CallTime::default();
        let mut answer = self
            .generator
            .call(&mut time, |role| match role {
                TensorRole::Latent => {
                    shaped(&self.latent, starts.latent(&self.latent, order, sample))
                }
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, &sample.classes),
                _ => None,
            })
            .await?;
        let tensor = answer.take(&TensorRole::Image)?;
        let score = match (&self.discriminator, order.keep_best) {
            (Some(discriminator), Some(_)) => Some(
                self.judge(discriminator, &tensor, &sample.classes, &mut time)
                    .await?,
            ),
            _ => None,
        };
        Ok(Sampled {
            image: self.traits.format.paint(tensor.into_floats().view())?,
            seed: sample.seed,
            classes: sample.classes.clone(),
            score,
            warnings: Vec::new(),
            time,
        })
    }

    /// How real the discriminator finds an image; higher is more real.
    async fn judge(
        &self,
        discriminator: &BoundGraph,
        image: &Tensor,
        classes: &[usize],
        time: &mut CallTime,
    ) -> Result<f32, Failure> {
        let mut answer = discriminator
            .call(time, |role| match role {
                TensorRole::Image => Some(image.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, classes),
                _ => None,
            })
            .await?;
        let score = answer.take(&TensorRole::Score)?.into_floats();
        score.first().copied().ok_or_else(|| Failure::Output {
            output: TensorRole::Score.to_string(),
        })
    }
}

impl Program for Gan {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphReport> {
        let graphs = [Some(&self.generator), self.discriminator.as_ref()];
        graphs
            .into_iter()
            .flatten()
            .map(BoundGraph::truth)
            .collect()
    }

    fn cost(&self, order: &Order) -> Duration {
        let scored = match (&self.discriminator, order.keep_best) {
            (Some(discriminator), Some(_)) => discriminator.cost(order.samples.len()),
            _ => Duration::ZERO,
        };
        self.generator.cost(order.samples.len()) + scored
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            // No GAN has an encoder, and the service refuses images for it.
            let starts = Starts::of(&self.latent, order, Vec::new());
            let tally = Tally::new(progress, order);
            let mut painted = paint_all(order.samples.len(), AT_ONCE, async |at| {
                let painted = self.paint_one(order, &starts, &order.samples[at]).await;
                tally.note(at, &painted);
                painted
            })
            .await?;
            if let Some(keep) = order.keep_best {
                // A stable sort: of equal scores, the lower seed comes first.
                painted.sort_by(|a, b| {
                    let score = |painted: &Sampled| painted.score.unwrap_or(f32::NEG_INFINITY);
                    score(b).total_cmp(&score(a))
                });
                painted.truncate(keep);
            }
            Ok(painted)
        })
    }

    fn score_cost(&self) -> Duration {
        let discriminator = self.discriminator.as_ref();
        discriminator.map_or(Duration::ZERO, |graph| graph.cost(1))
    }

    fn score<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>> {
        Box::pin(async move {
            // The service asks only models that have one.
            let missing = || Failure::Output {
                output: TensorRole::Score.to_string(),
            };
            let discriminator = self.discriminator.as_ref().ok_or_else(missing)?;
            let tensor = Tensor::Float(self.traits.format.read(image)?);
            let mut time = CallTime::default();
            let score = self.judge(discriminator, &tensor, classes, &mut time);
            Ok(Scoring {
                verdict: Verdict::Score(score.await?),
                time,
            })
        })
    }

    fn encode<'a>(
        &'a self,
        _image: &'a Image,
        _classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        let output = TensorRole::Mean.to_string();
        Box::pin(async { Err(Failure::Output { output }) })
    }
}
