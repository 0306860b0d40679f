//! Images to latents and back.

use ndarray::{ArrayD, IxDyn};

use super::layout::{Layout, VaeConfig};
use super::load::{Opening, SAMPLES};
use super::noise_stream::NoiseStream;
use super::tiling::Tiling;
use crate::families::noise::Generator;
use crate::families::shared::graph::ModelGraph;
use crate::families::shared::offload::in_place;
use crate::families::{Failure, LoadFailure};
use crate::imaging::{Channels, Image, Layout as Axes, TensorFormat, ValueRange};
use crate::models::GraphRole;
use crate::runtime::{CallTime, Row, Tensor};

/// What an image asks of one of the autoencoder's graphs.
#[derive(Debug, Clone, Copy)]
pub(in crate::families::diffusion) struct Calls {
    pub(in crate::families::diffusion) count: usize,
    /// Of the largest, next to a call on an image of the model's own size.
    pub(in crate::families::diffusion) size: f64,
}

/// The autoencoder around the latent space.
#[derive(Debug)]
pub(in crate::families::diffusion) struct Autoencoder {
    config: VaeConfig,
    channels: usize,
    /// Height and width of the model's own latents.
    own: (usize, usize),
    decoder: ModelGraph,
    encoder: Option<ModelGraph>,
}

impl Autoencoder {
    pub(in crate::families::diffusion) fn open(
        opening: Opening<'_>,
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
        let latent = samples([channels, height, width], "latent_sample");
        let decoder = layout.graph("vae_decoder");
        let decoder = opening.open(GraphRole::VaeDecoder, &decoder, |_| {
            (0..SAMPLES).map(&latent).collect()
        })?;
        let encoder = layout.encodes.then(|| {
            let image = samples([colours, height * scale, width * scale], "sample");
            opening.open(GraphRole::VaeEncoder, &layout.graph("vae_encoder"), |_| {
                (0..SAMPLES).map(&image).collect()
            })
        });
        Ok(Self {
            config,
            channels,
            own: (height, width),
            decoder,
            encoder: encoder.transpose()?,
        })
    }

    pub(in crate::families::diffusion) fn graphs(&self) -> impl Iterator<Item = &ModelGraph> {
        [Some(&self.decoder), self.encoder.as_ref()]
            .into_iter()
            .flatten()
    }

    pub(in crate::families::diffusion) fn scale(&self) -> usize {
        self.config.scale()
    }

    /// Whether its graphs take images of any size.
    pub(in crate::families::diffusion) fn takes_any_size(&self) -> bool {
        let open = |graph: &ModelGraph| {
            let mut ports = graph.graph().inputs().iter();
            ports.all(|port| port.dims.iter().rev().take(2).all(Option::is_none))
        };
        self.graphs().all(open)
    }

    /// How a latent of this height and width is cut, if it is.
    fn tiling(&self, latent: (usize, usize), asked: Option<bool>) -> Option<Tiling> {
        let tiling = Tiling::of(latent, self.own, self.scale(), asked);
        tiling.filter(|_| self.takes_any_size())
    }

    /// The sizes of its calls for such a latent, next to one of the model's own size.
    pub(in crate::families::diffusion) fn calls(
        &self,
        (height, width): (usize, usize),
        asked: Option<bool>,
    ) -> Calls {
        let (count, cells) = match self.tiling((height, width), asked) {
            Some(tiling) => (tiling.count(), tiling.cells()),
            None => (1, height * width),
        };
        let own = (self.own.0 * self.own.1).max(1);
        Calls {
            count,
            size: cells as f64 / own as f64,
        }
    }

    /// A latent as an image.
    pub(in crate::families::diffusion) async fn decode(
        &self,
        latent: ArrayD<f32>,
        tiling: Option<bool>,
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
        let decoded = async |latent: ArrayD<f32>, time: &mut CallTime| {
            let row = Row::new().with("latent_sample", latent);
            let mut outputs = self.decoder.run(row, time).await?;
            Ok::<_, Failure>(outputs.take("sample")?.into_floats())
        };
        let sample = match self.tiling((shape[1], shape[2]), tiling) {
            None => decoded(latent, time).await?,
            Some(tiling) => {
                let mut tiles = Vec::with_capacity(tiling.count());
                // One after the other: each keeps all processors busy, and its memory is what they are for.
                for place in tiling.places() {
                    tiles.push(decoded(tiling.cut(&latent, &place, 1), time).await?);
                }
                joined(&tiling, &tiles, "vae_decoder")?
            }
        };
        let side = |cells: usize| u32::try_from(cells * self.scale()).unwrap_or(u32::MAX);
        let format = format(side(shape[2]), side(shape[1]), self.config.channels());
        Ok(in_place(sample.len() as u64, || {
            format.paint(sample.view())
        })?)
    }

    /// An image of exactly that size as a latent, drawn from the encoder's distribution.
    pub(in crate::families::diffusion) async fn encode(
        &self,
        (pixels, tiling): (ArrayD<f32>, Option<bool>),
        noise: &mut NoiseStream,
        time: &mut CallTime,
    ) -> Result<ArrayD<f32>, Failure> {
        let missing = || Failure::missing("vae_encoder");
        let encoder = self.encoder.as_ref().ok_or_else(missing)?;
        let scale = self.scale();
        let cells = (pixels.shape()[1] / scale, pixels.shape()[2] / scale);
        let encoded = async |pixels: ArrayD<f32>, time: &mut CallTime| {
            let mut outputs = encoder.run(Row::new().with("sample", pixels), time).await?;
            let parameters = outputs.take_if_there("latent_parameters");
            // The legacy script's encoder has drawn already.
            let (values, is_drawn) = match parameters {
                Some(parameters) => (parameters, false),
                None => (outputs.take("latent_sample")?, true),
            };
            Ok::<_, Failure>((values.into_floats(), is_drawn))
        };
        let (values, is_drawn) = match self.tiling(cells, tiling) {
            None => encoded(pixels, time).await?,
            Some(tiling) => {
                let (mut tiles, mut is_drawn) = (Vec::with_capacity(tiling.count()), false);
                for place in tiling.places() {
                    let tile = tiling.cut(&pixels, &place, scale);
                    let (values, drawn) = encoded(tile, time).await?;
                    tiles.push(values);
                    is_drawn = drawn;
                }
                (joined(&tiling, &tiles, "vae_encoder")?, is_drawn)
            }
        };
        let mut latent = match is_drawn {
            false => {
                let parameters = values;
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
            true => values,
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

/// What became of tiles as one, off the thread that other requests need.
fn joined(
    tiling: &Tiling,
    tiles: &[ArrayD<f32>],
    graph: &'static str,
) -> Result<ArrayD<f32>, Failure> {
    let numbers = tiles.iter().map(|tile| tile.len() as u64).sum();
    in_place(numbers, || tiling.joined(tiles)).ok_or_else(|| Failure::missing(graph))
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
