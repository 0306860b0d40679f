//! Variational autoencoders (Kingma and Welling 2014): a decoder that paints latents, and an
//! encoder that finds the latents of images.

use std::time::Duration;

use futures_util::future::{BoxFuture, try_join_all};

use super::shared::bound::{BoundGraph, class_tensor};
use super::shared::latent::shaped;
use super::shared::loader::{LoadFailure, Loader, Painter};
use super::shared::order::{Order, Sample};
use super::shared::program::{Encoding, Failure, GraphReport, Program, Traits};
use super::shared::progress::{Progress, Tally};
use super::shared::sampled::Sampled;
use super::shared::starts::{Starts, images};
use super::shared::together::{AT_ONCE, paint_all};
use crate::imaging::Image;
use crate::models::{ClassAxis, Family, GraphRole, Latent, TensorRole};
use crate::runtime::{CallTime, Tensor};

/// A decoder, and its encoder if the model has it.
#[derive(Debug)]
pub(super) struct Vae {
    traits: Traits,
    latent: Latent,
    axes: Vec<ClassAxis>,
    decoder: BoundGraph,
    encoder: Option<BoundGraph>,
}

impl Vae {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let Painter {
            latent,
            painter: decoder,
            viewer: encoder,
            format,
            notes,
        } = loader.painter(GraphRole::Decoder, GraphRole::Encoder)?;
        for mean in encoder
            .iter()
            .flat_map(|encoder| encoder.outputs(&TensorRole::Mean))
        {
            if ![latent.len(), 2 * latent.len()].contains(&mean.len()) {
                return Err(LoadFailure::Manifest(format!(
                    "the encoder's mean has {} numbers, and a latent {}; twice as many would be the \
                     mean and the logarithm of the variance",
                    mean.len(),
                    latent.len()
                )));
            }
        }
        Ok(Self {
            traits: Traits {
                family: Family::Vae,
                notes,
                format,
                latent: true,
                scores: false,
                encodes: encoder.is_some(),
                autoregressive: false,
                diffusion: None,
            },
            latent,
            axes: manifest.classes.clone(),
            decoder,
            encoder: encoder.map(|proved| proved.bound),
        })
    }

    async fn encoding(&self, image: &Image, classes: &[usize]) -> Result<Encoding, Failure> {
        let Some(encoder) = &self.encoder else {
            // The service asks only models that encode.
            return Err(Failure::Output {
                output: TensorRole::Mean.to_string(),
            });
        };
        let tensor = Tensor::Float(self.traits.format.read(image)?);
        let mut time = CallTime::default();
        let mut answer = encoder
            .call(&mut time, |role| match role {
                TensorRole::Image => Some(tensor.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, classes),
                _ => None,
            })
            .await?;
        let flat = |tensor: Tensor| tensor.into_floats().iter().copied().collect::<Vec<f32>>();
        let mut mean = flat(answer.take(&TensorRole::Mean)?);
        // Of a mean with as many numbers again, those are the logarithm of its variance.
        let rest = mean.split_off(self.latent.len().min(mean.len()));
        let log_variance = match answer.take(&TensorRole::LogVariance) {
            Ok(tensor) => Some(flat(tensor)),
            Err(_) => Some(rest).filter(|rest| !rest.is_empty()),
        };
        Ok(Encoding {
            mean,
            log_variance,
            time,
        })
    }

    /// Finds where the order starts, all of its images being encoded at the same time.
    async fn starts(&self, order: &Order) -> Result<(Starts, CallTime), Failure> {
        let classes = order.samples.first().map(|sample| sample.classes.clone());
        let classes = classes.unwrap_or_default();
        let looks = images(order).into_iter();
        let encodings = looks.map(|image| self.encoding(image, &classes));
        let encodings = try_join_all(encodings).await?;
        let longest = encodings.iter().map(|encoding| encoding.time);
        let longest = longest.max_by_key(|time| time.queued + time.inference);
        let means = encodings.into_iter().map(|encoding| encoding.mean);
        let starts = Starts::of(&self.latent, order, means.collect());
        Ok((starts, longest.unwrap_or_default()))
    }

    async fn paint_one(
        &self,
        order: &Order,
        (starts, mut time): (&Starts, CallTime),
        sample: &Sample,
    ) -> Result<Sampled, Failure> {
        let mut answer = self
            .decoder
            .call(&mut time, |role| match role {
                TensorRole::Latent => {
                    shaped(&self.latent, starts.latent(&self.latent, order, sample))
                }
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, &sample.classes),
                _ => None,
            })
            .await?;
        let tensor = answer.take(&TensorRole::Image)?;
        Ok(Sampled {
            image: self.traits.format.paint(tensor.into_floats().view())?,
            seed: sample.seed,
            classes: sample.classes.clone(),
            score: None,
            warnings: Vec::new(),
            time,
        })
    }
}

impl Program for Vae {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphReport> {
        let graphs = [Some(&self.decoder), self.encoder.as_ref()];
        graphs
            .into_iter()
            .flatten()
            .map(BoundGraph::truth)
            .collect()
    }

    fn cost(&self, order: &Order) -> Duration {
        let encoded = self
            .encoder
            .as_ref()
            .map_or(Duration::ZERO, |encoder| encoder.cost(images(order).len()));
        self.decoder.cost(order.samples.len()) + encoded
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let (starts, time) = self.starts(order).await?;
            let tally = Tally::new(progress, order);
            paint_all(order.samples.len(), AT_ONCE, async |at| {
                let painted = self
                    .paint_one(order, (&starts, time), &order.samples[at])
                    .await;
                tally.note(at, &painted);
                painted
            })
            .await
        })
    }

    fn encode<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        Box::pin(self.encoding(image, classes))
    }
}
