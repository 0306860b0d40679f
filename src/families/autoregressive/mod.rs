//! Images a pixel at a time: PixelCNN and PixelRNN (van den Oord et al. 2016).
//!
//! A naive sampler runs the whole network over the whole image for each pixel, which costs the
//! square of the pixel count. Here the network is two small graphs that carry their own caches
//! as states: `row` sees the row above once, and `pixel` sees the pixel to the left, so that the
//! cost is linear. Each call is one row of a batch, so images of strangers share calls, a
//! dropped request stops at its next pixel, and progress is known after each row of pixels.

mod likelihood;
mod painting;
mod sampling;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use self::painting::column;
use super::shared::bound::BoundGraph;
use super::shared::loader::{LoadFailure, Loader, noise, sample_shape, states};
use super::shared::order::Order;
use super::shared::program::{Encoding, Failure, GraphReport, Program, Scoring, Traits};
use super::shared::progress::Progress;
use super::shared::sampled::Sampled;
use super::shared::together::{AT_ONCE, paint_all};
use crate::imaging::{Image, TensorFormat};
use crate::models::{ClassAxis, Family, GraphRole, TensorRole};

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
        let spec = &manifest.image;
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
}

impl Program for Autoregressive {
    fn traits(&self) -> &Traits {
        &self.traits
    }

    fn graphs(&self) -> Vec<GraphReport> {
        vec![self.row.truth(), self.pixel.truth()]
    }

    fn cost(&self, order: &Order) -> Duration {
        let format = &self.traits.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let painted = height.saturating_sub(order.keep_rows);
        let samples = order.samples.len();
        self.row.cost(samples * height) + self.pixel.cost(samples * painted * width)
    }

    fn paint<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let paint = |at| self.paint_one(order, at, progress);
            paint_all(order.samples.len(), AT_ONCE, paint).await
        })
    }

    fn score_cost(&self) -> Duration {
        let format = &self.traits.format;
        let (width, height) = (format.width as usize, format.height as usize);
        self.row.cost(height) + self.pixel.cost(height * width)
    }

    fn score<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>> {
        Box::pin(self.likelihood(image, classes))
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
