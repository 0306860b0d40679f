//! Pictures a pixel at a time: PixelCNN and PixelRNN (van den Oord et al. 2016).
//!
//! A naive sampler runs the whole network over the whole picture for each pixel, which costs the
//! square of the pixel count. Here the network is two small graphs that carry their own caches
//! as states: `row` sees the row above once, and `pixel` sees the pixel to the left, so that the
//! cost is linear. Each call is one row of a batch, so pictures of strangers share calls, a
//! dropped request stops at its next pixel, and progress is known after each row of pixels.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use ndarray::{Array1, Array2, ArrayD, Axis};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bound::{Answer, BoundGraph, class_tensor};
use super::gan::AT_ONCE;
use super::load::{LoadFailure, Loader, noise, sample_shape, states};
use super::noise::Generator;
use super::order::{Order, Sheet};
use super::program::{Encoding, Failure, GraphTruth, Painted, Program, Progress, Traits};
use crate::imaging::{Picture, TensorFormat, ValueRange, with_channels};
use crate::models::{ClassAxis, Family, GraphRole, TensorRole};
use crate::runtime::{CallTime, Tensor};

/// The states of a graph by role.
type States = HashMap<TensorRole, Tensor>;

/// The two step graphs, and the shapes of what they carry.
#[derive(Debug)]
pub(super) struct Autoregressive {
    traits: Traits,
    axes: Vec<ClassAxis>,
    levels: usize,
    row: BoundGraph,
    pixel: BoundGraph,
    row_states: Vec<(TensorRole, Vec<usize>)>,
    pixel_states: Vec<(TensorRole, Vec<usize>)>,
    /// What each pixel contributes to the next row's call: name and length.
    columns: Vec<(String, usize)>,
}

impl Autoregressive {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let spec = &manifest.picture;
        let missing = |what: &str| LoadFailure::Manifest(format!("{what}: missing"));
        let format = TensorFormat {
            layout: spec.layout,
            range: spec.range,
            width: spec.width.ok_or_else(|| missing("picture.width"))?,
            height: spec.height.ok_or_else(|| missing("picture.height"))?,
            channels: spec.channels,
        };
        let levels = manifest
            .autoregressive
            .as_ref()
            .map(|table| usize::from(table.levels))
            .ok_or_else(|| missing("autoregressive.levels"))?;
        let (channels, width) = (format.channels.count(), format.width as usize);
        let columns = columns(loader, width)?;
        let row = loader.need(GraphRole::Row, |role, at| match role {
            TensorRole::Pixels => Some(noise(&[channels, width], at)),
            TensorRole::Columns(name) => columns
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, length)| noise(&[*length, width], at)),
            _ => None,
        })?;
        let contexts = row.outputs(&TensorRole::Context);
        let pixel = loader.need(GraphRole::Pixel, |role, at| match role {
            TensorRole::Pixel => Some(noise(&[channels], at)),
            TensorRole::Context => contexts.get(at).and_then(|context| column(context, 0)),
            _ => None,
        })?;
        let logits = pixel.outputs(&TensorRole::Logits);
        if let Some(logits) = logits
            .first()
            .filter(|logits| logits.len() != channels * levels)
        {
            return Err(LoadFailure::Manifest(format!(
                "the pixel graph yields {} logits, and {channels} channels of {levels} levels \
                 need {}",
                logits.len(),
                channels * levels
            )));
        }
        let (row, pixel) = (row.bound, pixel.bound);
        let row_states =
            states(row.graph.inputs(), &row.bindings).map_err(LoadFailure::Manifest)?;
        let pixel_states =
            states(pixel.graph.inputs(), &pixel.bindings).map_err(LoadFailure::Manifest)?;
        Ok(Self {
            traits: Traits {
                family: Family::Autoregressive,
                format,
                latent: false,
                scores: false,
                encodes: false,
                autoregressive: true,
                diffusion: None,
                notes: Vec::new(),
            },
            axes: manifest.classes.clone(),
            levels,
            row,
            pixel,
            row_states,
            pixel_states,
            columns,
        })
    }

    async fn paint_one(
        &self,
        order: &Order,
        sheet: &Sheet,
        row_done: impl Fn(),
    ) -> Result<Painted, Failure> {
        let format = &self.traits.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let channels = format.channels.count();
        let known = order
            .picture
            .as_deref()
            .map(|picture| self.levels_of(picture));
        let mut generator = Generator::new(u64::from(sheet.seed));
        let mut time = CallTime::default();
        let mut picture = vec![0_usize; height * width * channels];
        let mut row_states = zeros(&self.row_states);
        let mut gathered: HashMap<String, Array2<f32>> = self
            .columns
            .iter()
            .map(|(name, length)| (name.clone(), Array2::zeros((*length, width))))
            .collect();

        for y in 0..height {
            let above = self.row_values(&picture, y);
            let mut answer = self
                .row
                .call(&mut time, |role| match role {
                    TensorRole::Pixels => Some(Tensor::Float(above.clone())),
                    TensorRole::Columns(name) => gathered
                        .get(name)
                        .map(|array| Tensor::Float(array.clone().into_dyn())),
                    role => self.common(role, sheet, &row_states),
                })
                .await?;
            advance(&mut row_states, &mut answer)?;
            let context = answer.take(&TensorRole::Context).ok();

            let kept = known.as_ref().filter(|_| y < order.keep_rows);
            if let Some(known) = kept {
                let line = y * width * channels..(y + 1) * width * channels;
                picture[line.clone()].copy_from_slice(&known[line]);
                if self.columns.is_empty() {
                    row_done();
                    continue;
                }
            }
            let mut pixel_states = zeros(&self.pixel_states);
            for x in 0..width {
                let at = (y * width + x) * channels;
                let left = self.left_of(&picture, x, at);
                let mut answer = self
                    .pixel
                    .call(&mut time, |role| match role {
                        TensorRole::Pixel => Some(Tensor::Float(left.clone())),
                        TensorRole::Context => context.as_ref().and_then(|c| column(c, x)),
                        role => self.common(role, sheet, &pixel_states),
                    })
                    .await?;
                advance(&mut pixel_states, &mut answer)?;
                for (name, array) in &mut gathered {
                    let values = answer
                        .take(&TensorRole::Column(name.clone()))?
                        .into_floats();
                    let mut place = array.column_mut(x);
                    for (slot, value) in place.iter_mut().zip(&values) {
                        *slot = *value;
                    }
                }
                if kept.is_some() {
                    continue;
                }
                let logits = answer.take(&TensorRole::Logits)?.into_floats();
                let logits: Vec<f32> = logits.iter().copied().collect();
                for (channel, logits) in logits.chunks(self.levels).take(channels).enumerate() {
                    picture[at + channel] = sample(logits, order.temperature, &mut generator);
                }
            }
            row_done();
        }
        Ok(Painted {
            picture: self.picture_of(&picture)?,
            seed: sheet.seed,
            classes: sheet.classes.clone(),
            score: None,
            time,
        })
    }

    /// The tensors that both graphs may take: labels and their own states.
    fn common(&self, role: &TensorRole, sheet: &Sheet, states: &States) -> Option<Tensor> {
        match role {
            TensorRole::Class(axis) => class_tensor(&self.axes, axis, &sheet.classes),
            TensorRole::State(_) => states.get(role).cloned(),
            _ => None,
        }
    }

    /// A level as the graphs take it.
    fn value(&self, level: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "at most 256 levels")]
        let unit = level as f32 / (self.levels - 1) as f32;
        match self.traits.format.range {
            ValueRange::SignedUnit => unit * 2.0 - 1.0,
            ValueRange::Unit => unit,
            ValueRange::Byte => unit * 255.0,
        }
    }

    /// The row above row `y` as `[C, W]`; zeros where there is none.
    fn row_values(&self, picture: &[usize], y: usize) -> ArrayD<f32> {
        let (width, channels) = (
            self.traits.format.width as usize,
            self.traits.format.channels.count(),
        );
        let Some(above) = y.checked_sub(1) else {
            return Array2::zeros((channels, width)).into_dyn();
        };
        Array2::from_shape_fn((channels, width), |(channel, x)| {
            self.value(picture[(above * width + x) * channels + channel])
        })
        .into_dyn()
    }

    /// The pixel to the left as `[C]`; zeros where there is none.
    fn left_of(&self, picture: &[usize], x: usize, at: usize) -> ArrayD<f32> {
        let channels = self.traits.format.channels.count();
        if x == 0 {
            return Array1::zeros(channels).into_dyn();
        }
        Array1::from_shape_fn(channels, |channel| {
            self.value(picture[at - channels + channel])
        })
        .into_dyn()
    }

    /// The nearest level of each byte, row-major and interleaved.
    fn levels_of(&self, picture: &Picture) -> Vec<usize> {
        let picture = with_channels(picture, self.traits.format.channels);
        let most = self.levels - 1;
        let nearest = |&byte: &u8| (usize::from(byte) * most + 127) / 255;
        picture.pixels().iter().map(nearest).collect()
    }

    fn picture_of(&self, levels: &[usize]) -> Result<Picture, Failure> {
        let most = self.levels - 1;
        let byte =
            |&level: &usize| u8::try_from((level * 255 + most / 2) / most).unwrap_or(u8::MAX);
        let format = &self.traits.format;
        let pixels: Vec<u8> = levels.iter().map(byte).collect();
        Picture::new(format.width, format.height, format.channels, pixels).map_err(|_error| {
            Failure::Output {
                output: TensorRole::Logits.to_string(),
            }
        })
    }
}

impl Program for Autoregressive {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphTruth> {
        vec![self.row.truth(), self.pixel.truth()]
    }

    fn cost(&self, order: &Order) -> Duration {
        let format = &self.traits.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let painted = height.saturating_sub(order.keep_rows);
        let sheets = order.sheets.len();
        self.row.cost(sheets * height) + self.pixel.cost(sheets * painted * width)
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Painted>, Failure>> {
        Box::pin(async move {
            let of = order.sheets.len() * self.traits.format.height as usize;
            let done = AtomicUsize::new(0);
            stream::iter(0..order.sheets.len())
                .map(|at| {
                    self.paint_one(order, &order.sheets[at], || {
                        progress.advanced(done.fetch_add(1, Ordering::Relaxed) + 1, of);
                    })
                })
                .buffered(AT_ONCE)
                .try_collect()
                .await
        })
    }

    fn encode<'a>(
        &'a self,
        _picture: &'a Picture,
        _classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        let output = TensorRole::Mean.to_string();
        Box::pin(async { Err(Failure::Output { output }) })
    }
}

/// Draws a level from the softmax of `logits / temperature`, by inverting its distribution
/// function at one uniform number; at temperature 0, the likeliest level and no draw.
fn sample(logits: &[f32], temperature: f32, generator: &mut Generator) -> usize {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let likeliest = || logits.iter().position(|&x| x == greatest).unwrap_or(0);
    if temperature <= 0.0 {
        return likeliest();
    }
    let weight = |&x: &f32| (f64::from(x - greatest) / f64::from(temperature)).exp();
    let total: f64 = logits.iter().map(weight).sum();
    let mut left = generator.uniform_f64() * total;
    for (level, logit) in logits.iter().enumerate() {
        left -= weight(logit);
        if left < 0.0 {
            return level;
        }
    }
    likeliest()
}

fn zeros(states: &[(TensorRole, Vec<usize>)]) -> States {
    states
        .iter()
        .map(|(role, shape)| (role.clone(), Tensor::zeros(shape)))
        .collect()
}

/// Replaces each state by what the graph made of it.
fn advance(states: &mut States, answer: &mut Answer<'_>) -> Result<(), Failure> {
    for (role, state) in states.iter_mut() {
        *state = answer.take(role)?;
    }
    Ok(())
}

/// Column `x` of a row's context `[W, F]`.
fn column(context: &Tensor, x: usize) -> Option<Tensor> {
    let Tensor::Float(context) = context else {
        return None;
    };
    (context.ndim() == 2 && x < context.len_of(Axis(0)))
        .then(|| Tensor::Float(context.index_axis(Axis(0), x).to_owned()))
}

/// What pixels contribute to the next row, from the row graph's own inputs `[N, K, W]`.
fn columns(loader: &Loader<'_>, width: usize) -> Result<Vec<(String, usize)>, LoadFailure> {
    let Some(inspected) = loader.look(GraphRole::Row)? else {
        return Ok(Vec::new());
    };
    let (ports, bindings) = inspected;
    bindings
        .takes()
        .filter_map(|(name, role)| match role {
            TensorRole::Columns(column) => Some((name, column)),
            _ => None,
        })
        .map(|(name, column)| match sample_shape(&ports, &Arc::clone(name)).as_deref() {
            Some(&[length, found]) if found == width => Ok((column.clone(), length)),
            found => Err(LoadFailure::Manifest(format!(
                "input {name} is columns.{column} and must be [N, K, {width}]; one sample of it \
                 is {found:?}"
            ))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_zero_takes_the_likeliest_level() {
        let mut generator = Generator::new(1);
        assert_eq!(sample(&[0.0, 3.0, 1.0], 0.0, &mut generator), 1);
    }

    #[test]
    fn levels_are_drawn_as_often_as_their_probability_says() {
        let mut generator = Generator::new(7);
        let logits = [0.0_f32, 2.0_f32.ln(), 5.0_f32.ln()];
        let mut counts = [0_usize; 3];
        for _ in 0..8000 {
            counts[sample(&logits, 1.0, &mut generator)] += 1;
        }
        for (count, expected) in counts.iter().zip([1000, 2000, 5000]) {
            assert!(count.abs_diff(expected) < 200, "{counts:?}");
        }
    }

    #[test]
    fn a_low_temperature_sharpens() {
        let mut generator = Generator::new(7);
        let drawn = (0..200).filter(|_| sample(&[0.0, 1.0], 0.1, &mut generator) == 1);
        assert!(drawn.count() > 195);
    }

    #[test]
    fn impossible_levels_are_never_drawn() {
        let mut generator = Generator::new(3);
        let logits = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY];
        assert!((0..100).all(|_| sample(&logits, 1.0, &mut generator) == 1));
    }
}
