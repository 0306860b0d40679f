//! Variational autoencoders (Kingma and Welling 2014): a decoder that paints latents, and an
//! encoder that finds the latents of pictures.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::bound::{BoundGraph, class_tensor};
use super::latent::{between, draw, shaped};
use super::load::{LoadFailure, Loader, Painter};
use super::noise::Generator;
use super::order::{Anchor, Order, Sheet, Start, WalkMode};
use super::program::{AT_ONCE, Encoding, Failure, GraphTruth, Painted, Program, Traits};
use super::progress::{Progress, Tally};
use crate::imaging::Picture;
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

/// The latents that an order's pictures and walk stand for, found before anything is painted.
#[derive(Debug, Default)]
struct Found {
    walk: Option<(Vec<f32>, Vec<f32>, WalkMode)>,
    picture: Option<Vec<f32>>,
    time: CallTime,
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
            if mean.len() != latent.len() {
                return Err(LoadFailure::Manifest(format!(
                    "the encoder's mean has {} numbers, and a latent {}",
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

    async fn encoding(&self, picture: &Picture, classes: &[usize]) -> Result<Encoding, Failure> {
        let Some(encoder) = &self.encoder else {
            // The service asks only models that encode.
            return Err(Failure::Output {
                output: TensorRole::Mean.to_string(),
            });
        };
        let tensor = Tensor::Float(self.traits.format.read(picture)?);
        let mut time = CallTime::default();
        let mut answer = encoder
            .call(&mut time, |role| match role {
                TensorRole::Picture => Some(tensor.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, classes),
                _ => None,
            })
            .await?;
        let flat = |tensor: Tensor| tensor.into_floats().iter().copied().collect::<Vec<f32>>();
        let mean = flat(answer.take(&TensorRole::Mean)?);
        let log_variance = answer.take(&TensorRole::LogVariance).ok().map(flat);
        Ok(Encoding {
            mean,
            log_variance,
            time,
        })
    }

    /// Finds the latents that pictures stand for.
    async fn find(&self, order: &Order) -> Result<Found, Failure> {
        let mut found = Found::default();
        let classes = order.sheets.first().map(|sheet| sheet.classes.clone());
        let classes = classes.unwrap_or_default();
        if let Some(walk) = &order.walk {
            let mut ends = Vec::with_capacity(2);
            for anchor in [&walk.from, &walk.to] {
                ends.push(match anchor {
                    Anchor::Latent(values) => values.clone(),
                    Anchor::Seed(seed) => self.drawn(order, *seed),
                    Anchor::Picture(picture) => {
                        let encoding = self.encoding(picture, &classes).await?;
                        found.time.queued += encoding.time.queued;
                        found.time.inference += encoding.time.inference;
                        encoding.mean
                    }
                });
            }
            if let (Some(to), Some(from)) = (ends.pop(), ends.pop()) {
                found.walk = Some((from, to, walk.mode));
            }
        }
        if let Some(picture) = &order.picture {
            let picture: &Arc<Picture> = picture;
            let encoding = self.encoding(picture, &classes).await?;
            found.time.queued += encoding.time.queued;
            found.time.inference += encoding.time.inference;
            found.picture = Some(encoding.mean);
        }
        Ok(found)
    }

    fn drawn(&self, order: &Order, seed: u32) -> Vec<f32> {
        let mut generator = Generator::new(u64::from(seed));
        draw(&self.latent, &mut generator, order.truncation)
    }

    async fn paint_one(
        &self,
        order: &Order,
        found: &Found,
        sheet: &Sheet,
    ) -> Result<Painted, Failure> {
        let latent = match (&sheet.start, &found.walk, &found.picture) {
            (Start::Latent(values), _, _) => values.clone(),
            (Start::Walk(at), Some((from, to, mode)), _) => between(from, to, *at, *mode),
            (Start::Picture, _, Some(mean)) => mean.clone(),
            _ => self.drawn(order, sheet.seed),
        };
        let mut time = found.time;
        let mut answer = self
            .decoder
            .call(&mut time, |role| match role {
                TensorRole::Latent => shaped(&self.latent, latent.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, &sheet.classes),
                _ => None,
            })
            .await?;
        let tensor = answer.take(&TensorRole::Picture)?;
        Ok(Painted {
            picture: self.traits.format.paint(tensor.into_floats().view())?,
            seed: sheet.seed,
            classes: sheet.classes.clone(),
            score: None,
            time,
        })
    }
}

impl Program for Vae {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphTruth> {
        let graphs = [Some(&self.decoder), self.encoder.as_ref()];
        graphs
            .into_iter()
            .flatten()
            .map(BoundGraph::truth)
            .collect()
    }

    fn cost(&self, order: &Order) -> Duration {
        let encoded = self.encoder.as_ref().map_or(Duration::ZERO, |encoder| {
            let ends = if order.walk.is_some() { 2 } else { 0 };
            encoder.cost(ends + usize::from(order.picture.is_some()))
        });
        self.decoder.cost(order.sheets.len()) + encoded
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Painted>, Failure>> {
        Box::pin(async move {
            let found = self.find(order).await?;
            let tally = Tally::new(progress, order);
            stream::iter(0..order.sheets.len())
                .map(async |at| {
                    let painted = self.paint_one(order, &found, &order.sheets[at]).await;
                    tally.note(at, &painted);
                    painted
                })
                .buffered(AT_ONCE)
                .try_collect()
                .await
        })
    }

    fn encode<'a>(
        &'a self,
        picture: &'a Picture,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        Box::pin(self.encoding(picture, classes))
    }
}
