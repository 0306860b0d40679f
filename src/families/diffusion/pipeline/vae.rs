//! Images to latents and back.

use ndarray::{ArrayD, IxDyn};

use super::layout::{Layout, VaeConfig};
use super::load::{OpenGraph, SAMPLES, open};
use super::noise_stream::NoiseStream;
use crate::families::noise::Generator;
use crate::families::{Failure, LoadFailure};
use crate::imaging::{Channels, Image, Layout as Axes, TensorFormat, ValueRange};
use crate::runtime::{CallTime, Engine, Graph, Row, Tensor};

/// The autoencoder around the latent space.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Autoencoder {
    config: VaeConfig,
    channels: usize,
    decoder: Graph,
    encoder: Option<Graph>,
}

impl Autoencoder {
    pub(in crate::families::diffusion) fn open(
        engine: &Engine,
        id: &str,
        layout: &Layout,
    ) -> Result<Self, LoadFailure> {
        let config = layout.vae.clone();
        let channels = layout.unet.out_channels;
        let (height, width) = layout.unet.sample_size.height_and_width();
        let scale = config.scale();
        let colours = config.channels().count();
        let samples = |shape: [usize; 3], name: &'static str| {
            move |at: usize| {
                let mut noise = Generator::new(at as u64);
                let values = noise.normal(shape.iter().product());
                Row::new().with(name, shaped(&shape, values))
            }
        };
        let decoder = OpenGraph {
            engine,
            model: id,
            name: "vae_decoder",
            path: &layout.graph("vae_decoder"),
        };
        let latent = samples([channels, height, width], "latent_sample");
        let decoder = open(&decoder, |_| (0..SAMPLES).map(&latent).collect())?;
        let encoder = layout.encodes.then(|| {
            let encoder = OpenGraph {
                engine,
                model: id,
                name: "vae_encoder",
                path: &layout.graph("vae_encoder"),
            };
            let image = samples([colours, height * scale, width * scale], "sample");
            open(&encoder, |_| (0..SAMPLES).map(&image).collect())
        });
        Ok(Self {
            config,
            channels,
            decoder,
            encoder: encoder.transpose()?,
        })
    }

    pub(in crate::families::diffusion) fn graphs(&self) -> impl Iterator<Item = &Graph> {
        [Some(&self.decoder), self.encoder.as_ref()]
            .into_iter()
            .flatten()
    }

    pub(in crate::families::diffusion) fn scale(&self) -> usize {
        self.config.scale()
    }

    pub(in crate::families::diffusion) fn can_encode(&self) -> bool {
        self.encoder.is_some()
    }

    /// A latent as an image.
    pub(in crate::families::diffusion) async fn decode(
        &self,
        latent: ArrayD<f32>,
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let shape = latent.shape().to_vec();
        let (scaling, shift) = (self.config.scaling(), self.config.shift_factor);
        let plane: usize = shape[1..].iter().product();
        let mut latent = latent;
        for (at, value) in latent.iter_mut().enumerate() {
            *value = match self.statistics(at / plane) {
                Some((mean, deviation)) => *value * deviation / scaling + mean,
                None => *value / scaling + shift.unwrap_or(0.0),
            };
        }
        let row = Row::new().with("latent_sample", latent);
        let mut answer = run(&self.decoder, row, time).await?;
        let sample = crate::families::diffusion::text::encoding::taken(&mut answer, "sample")?;
        let side = |cells: usize| u32::try_from(cells * self.scale()).unwrap_or(u32::MAX);
        let format = format(side(shape[2]), side(shape[1]), self.config.channels());
        Ok(format.paint(sample.view())?)
    }

    /// An image of exactly that size as a latent, drawn from the encoder's distribution.
    pub(in crate::families::diffusion) async fn encode(
        &self,
        pixels: ArrayD<f32>,
        noise: &mut NoiseStream,
        time: &mut CallTime,
    ) -> Result<ArrayD<f32>, Failure> {
        let missing = || Failure::Output {
            output: "vae_encoder".into(),
        };
        let encoder = self.encoder.as_ref().ok_or_else(missing)?;
        let mut answer = run(encoder, Row::new().with("sample", pixels), time).await?;
        let mut latent = match answer.take("latent_parameters") {
            Some(parameters) => {
                let parameters = parameters.into_floats();
                let mut shape = parameters.shape().to_vec();
                shape[0] = self.channels;
                let values: Vec<f32> = parameters.iter().copied().collect();
                let (means, logarithms) = values.split_at(values.len() / 2);
                let drawn = noise.normal(means.len());
                let latent = means.iter().zip(logarithms).zip(drawn);
                let latent = latent.map(|((mean, logarithm), z)| {
                    mean + (0.5 * logarithm.clamp(-30.0, 20.0)).exp() * z
                });
                let latent = latent.collect();
                ArrayD::from_shape_vec(IxDyn(&shape), latent).map_err(|_| missing())?
            }
            // The legacy script's encoder has drawn already.
            None => {
                crate::families::diffusion::text::encoding::taken(&mut answer, "latent_sample")?
            }
        };
        let plane: usize = latent.shape()[1..].iter().product();
        let (scaling, shift) = (self.config.scaling(), self.config.shift_factor);
        for (at, value) in latent.iter_mut().enumerate() {
            *value = match self.statistics(at / plane) {
                Some((mean, deviation)) => (*value - mean) * scaling / deviation,
                None => (*value - shift.unwrap_or(0.0)) * scaling,
            };
        }
        Ok(latent)
    }

    fn statistics(&self, channel: usize) -> Option<(f32, f32)> {
        let (means, deviations) = (
            self.config.latents_mean.as_ref()?,
            self.config.latents_std.as_ref()?,
        );
        Some((*means.get(channel)?, *deviations.get(channel)?))
    }
}

/// How the autoencoder's pixels are laid out.
pub(in crate::families::diffusion) fn format(
    width: u32,
    height: u32,
    channels: Channels,
) -> TensorFormat {
    TensorFormat {
        layout: Axes::Nchw,
        range: ValueRange::SignedUnit,
        width,
        height,
        channels,
    }
}

pub(in crate::families::diffusion) fn shaped(shape: &[usize], values: Vec<f32>) -> Tensor {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values);
    Tensor::Float(array.expect("as many values as the shape has"))
}

/// Runs a graph, and counts the time.
pub(in crate::families::diffusion) async fn run(
    graph: &Graph,
    row: Row,
    time: &mut CallTime,
) -> Result<Row, Failure> {
    let (answer, spent) = graph.run_timed(row).await?;
    time.queued += spent.queued;
    time.inference += spent.inference;
    Ok(answer)
}
