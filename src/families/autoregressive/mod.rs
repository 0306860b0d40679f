//! Images a pixel at a time: PixelCNN and PixelRNN (van den Oord et al. 2016).
//!
//! A naive sampler runs the whole network over the whole image for each pixel, which costs the
//! square of the pixel count. Here the network is two small graphs that carry their own caches
//! as states: `row` sees the row above once, and `pixel` sees the pixel to the left, so that the
//! cost is linear. Each call is one row of a batch, so images of strangers share calls, a
//! dropped request stops at its next pixel, and progress is known after each row of pixels.

mod likelihood;
mod order;
mod painting;
mod sampling;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;

use self::order::PixelOrder;
use self::painting::column;
use super::shared::bound::BoundGraph;
use super::shared::choices::Choices;
use super::shared::loader::{LoadFailure, Loader, noise, sample_shape, states};
use super::shared::mismatch::Mismatch;
use super::shared::program::{Failure, GraphReport, Judge, Order, Program, Scoring};
use crate::fields::{
    Checked, IMAGE, InvalidField, KEEP_ROWS, PREVIEW_EVERY, Parameter, TEMPERATURE, Text,
    as_written,
};
use crate::imaging::{Channels, Image, TensorFormat};
use crate::models::{GraphRole, TensorRole};

/// The two step graphs, and the shapes of what they carry.
#[derive(Debug)]
pub(super) struct Autoregressive {
    format: TensorFormat,
    choices: Choices,
    /// Where a request names none.
    temperature: f32,
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
        let missing = |what: &str| Mismatch::Missing(what.to_owned());
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
            return Err(disagree(format!(
                "the pixel graph yields {} logits, and {channels} channels of {levels} levels \
                 need {}",
                logits.len(),
                channels * levels
            )));
        }
        let (row, pixel) = (row.bound, pixel.bound);
        let row_states = states(row.graph.graph().inputs(), &row.bindings)?;
        let pixel_states = states(pixel.graph.graph().inputs(), &pixel.bindings)?;
        Ok(Self {
            format,
            choices: Choices::of(manifest),
            temperature: manifest.defaults.temperature.unwrap_or(1.0),
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
    fn parameters(&self) -> Vec<Parameter> {
        let mut all = self.choices.parameters();
        all.extend([
            TEMPERATURE
                .parameter()
                .by_default(json!(as_written(self.temperature))),
            IMAGE.parameter().saying(Text::new(
                "The upper part of an image, which is kept and completed.",
                "Le haut d’une image, gardé et complété.",
                "Phần trên của bức ảnh, được giữ lại và vẽ tiếp.",
            )),
            KEEP_ROWS.parameter().to(self.format.height),
            PREVIEW_EVERY.parameter(),
        ]);
        all
    }

    fn size(&self) -> Option<(u32, u32)> {
        Some((self.format.width, self.format.height))
    }

    fn channels(&self) -> Channels {
        self.format.channels
    }

    fn graphs(&self) -> Vec<GraphReport> {
        vec![self.row.report(), self.pixel.report()]
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        Ok(Box::new(PixelOrder::read(self, request)?))
    }

    fn judge(&self) -> Option<&dyn Judge> {
        Some(self)
    }
}

impl Judge for Autoregressive {
    fn format(&self) -> &TensorFormat {
        &self.format
    }

    fn cost(&self) -> Duration {
        let (width, height) = (self.format.width as usize, self.format.height as usize);
        self.row.cost(height) + self.pixel.cost(height * width)
    }

    fn score<'a>(
        &'a self,
        image: &'a Image,
        classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Scoring, Failure>> {
        Box::pin(self.likelihood(image, classes))
    }
}

fn disagree(sentence: String) -> LoadFailure {
    Mismatch::Other(sentence).into()
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
            found => Err(disagree(format!(
                "input {name} is columns.{column} and must be [N, K, {width}]; one sample of it \
                 is {found:?}"
            ))),
        })
        .collect()
}
