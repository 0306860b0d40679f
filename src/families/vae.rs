//! Variational autoencoders (Kingma and Welling 2014): a decoder that paints latents, and an
//! encoder that finds the latents of images.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join_all};

use super::shared::bound::{BoundGraph, class_tensor};
use super::shared::latent::{noises, shaped};
use super::shared::latent_fields::{Beside, LatentFields};
use super::shared::latent_order::{LatentOrder, Sample};
use super::shared::loader::{LoadFailure, Loader, Painter};
use super::shared::mismatch::Mismatch;
use super::shared::offload::in_place;
use super::shared::program::{Encoder, Encoding, Failure, GraphReport, Order, Program};
use super::shared::progress::{Progress, Tally};
use super::shared::sampled::Sampled;
use super::shared::starts::{Starts, images};
use super::shared::together::{AT_ONCE, paint_all};
use crate::fields::{Checked, InvalidField, Parameter};
use crate::imaging::{Channels, Image, TensorFormat};
use crate::language::Message;
use crate::models::{ClassAxis, GraphRole, TensorRole};
use crate::prompts::Understood;
use crate::runtime::{CallTime, Tensor};

/// A decoder, and its encoder if the model has it.
#[derive(Debug)]
pub(super) struct Vae {
    fields: LatentFields,
    notes: Vec<Message>,
    decoder: BoundGraph,
    encoder: Option<VaeEncoder>,
}

/// Finds the latents of images.
#[derive(Debug)]
struct VaeEncoder {
    graph: BoundGraph,
    format: TensorFormat,
    axes: Vec<ClassAxis>,
    /// Numbers in a latent.
    length: usize,
}

/// What a request asks of a VAE.
#[derive(Debug)]
struct VaeOrder {
    vae: Arc<Vae>,
    latents: LatentOrder,
}

impl Vae {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let Painter {
            latent,
            painter: decoder,
            viewer: encoder,
            format,
            seen,
            notes,
        } = loader.painter(GraphRole::Decoder, GraphRole::Encoder)?;
        let length = latent.len();
        for mean in encoder
            .iter()
            .flat_map(|encoder| encoder.outputs(&TensorRole::Mean))
        {
            if ![length, 2 * length].contains(&mean.len()) {
                return Err(Mismatch::Other(format!(
                    "the encoder's mean has {} numbers, and a latent {length}; twice as many would \
                     be the mean and the logarithm of the variance",
                    mean.len(),
                ))
                .into());
            }
        }
        let encoder = encoder.map(|proved| VaeEncoder {
            graph: proved.bound,
            format: seen.clone(),
            axes: manifest.classes.clone(),
            length,
        });
        Ok(Self {
            fields: LatentFields::new(
                manifest,
                latent,
                (format, seen),
                Beside {
                    encoder: encoder.is_some(),
                    noise: !decoder.bindings.noises().is_empty(),
                    ..Beside::default()
                },
            ),
            notes,
            decoder,
            encoder,
        })
    }
}

impl Program for Vae {
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
        let encoder = self.encoder.as_ref().map(|encoder| &encoder.graph);
        let graphs = [Some(&self.decoder), encoder];
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
        Ok(Box::new(VaeOrder {
            latents: self.fields.order(request)?,
            vae: self,
        }))
    }

    fn encoder(&self) -> Option<&dyn Encoder> {
        self.encoder.as_ref().map(|encoder| encoder as &dyn Encoder)
    }
}

impl VaeOrder {
    /// Finds where the order starts, all of its images being encoded at the same time.
    async fn starts(&self) -> Result<(Starts, CallTime), Failure> {
        let classes = self
            .latents
            .samples
            .first()
            .map(|sample| &sample.classes[..]);
        let looks = self.vae.encoder.iter().flat_map(|encoder| {
            let images = images(&self.latents).into_iter();
            images.map(|image| encoder.encoding(image, classes.unwrap_or_default()))
        });
        let encodings = try_join_all(looks).await?;
        let longest = CallTime::longest(encodings.iter().map(|encoding| encoding.time));
        let means = encodings.into_iter().map(|encoding| encoding.mean);
        let starts = Starts::of(&self.vae.fields.latent, &self.latents, means.collect());
        Ok((starts, longest))
    }

    async fn sample_one(
        &self,
        (starts, mut time): (&Starts, CallTime),
        sample: &Sample,
    ) -> Result<Sampled, Failure> {
        let Vae {
            fields, decoder, ..
        } = &*self.vae;
        let mut maps = noises(&fields.latent, decoder.bindings.noises(), sample.seed);
        let mut answer = decoder
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
        Ok(Sampled {
            image: in_place(tensor.len() as u64, || {
                fields.format.paint(tensor.into_floats().view())
            })?,
            seed: sample.telling_seed(),
            labels: sample.labels(),
            score: None,
            sources: Arc::default(),
            judged: Vec::new(),
            warnings: Vec::new(),
            time,
        })
    }
}

impl Order for VaeOrder {
    fn count(&self) -> usize {
        self.latents.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        self.vae.fields.size()
    }

    fn cost(&self) -> Duration {
        let encoder = self.vae.encoder.as_ref();
        let encoded = encoder.map(|encoder| encoder.graph.cost(images(&self.latents).len()));
        self.vae.decoder.cost(self.latents.samples.len()) + encoded.unwrap_or_default()
    }

    fn call_bytes(&self, _times: f64) -> u64 {
        let encoder = self.vae.encoder.as_ref();
        let encoder = encoder.filter(|_| !images(&self.latents).is_empty());
        let encoded = encoder.map_or(0, |encoder| encoder.graph.call_bytes(1.0));
        self.vae.decoder.call_bytes(1.0).max(encoded)
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
            let (starts, time) = self.starts().await?;
            let tally = Tally::new(progress, samples.len(), true);
            paint_all(samples.len(), AT_ONCE, async |at| {
                let sampled = self.sample_one((&starts, time), &samples[at]).await;
                tally.note(at, &sampled);
                sampled
            })
            .await
        })
    }
}

impl VaeEncoder {
    async fn encoding(&self, image: &Image, classes: &[usize]) -> Result<Encoding, Failure> {
        let tensor = Tensor::Float(self.format.read(image)?);
        let mut time = CallTime::default();
        let mut answer = self
            .graph
            .call(&mut time, |role| match role {
                TensorRole::Image => Some(tensor.clone()),
                TensorRole::Class(axis) => class_tensor(&self.axes, axis, classes),
                _ => None,
            })
            .await?;
        let flat = |tensor: Tensor| tensor.into_floats().iter().copied().collect::<Vec<f32>>();
        let mut mean = flat(answer.take(&TensorRole::Mean)?);
        // Of a mean with as many numbers again, those are the logarithm of its variance.
        let rest = mean.split_off(self.length.min(mean.len()));
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
}

impl Encoder for VaeEncoder {
    fn format(&self) -> &TensorFormat {
        &self.format
    }

    fn cost(&self) -> Duration {
        self.graph.cost(1)
    }

    fn encode<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        Box::pin(self.encoding(image, classes))
    }
}
