//! What a request asks of a model that paints pixel by pixel.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Autoregressive;
use crate::families::shared::images::sized;
use crate::families::shared::program::{Failure, Order};
use crate::families::shared::progress::Progress;
use crate::families::shared::sampled::Sampled;
use crate::families::shared::together::{AT_ONCE, paint_all};
use crate::fields::{Checked, InvalidField};
use crate::imaging::Image;
use crate::message;
use crate::prompts::Understood;

#[derive(Debug)]
pub(super) struct PixelOrder {
    pub(super) model: Arc<Autoregressive>,
    pub(super) samples: Vec<PixelSample>,
    /// Divides the logits of each pixel; 0 takes the likeliest level.
    pub(super) temperature: f32,
    /// The image whose upper rows are kept.
    pub(super) image: Option<Image>,
    /// How many rows of `image` are kept, from the top.
    pub(super) keep_rows: usize,
    understood: Option<Understood>,
}

/// One image to sample.
#[derive(Debug)]
pub(super) struct PixelSample {
    /// Seeds this image's own generator.
    pub(super) seed: u64,
    /// The label's index for each class axis of the model.
    pub(super) classes: Vec<usize>,
}

impl PixelOrder {
    pub(super) fn read(
        model: Arc<Autoregressive>,
        request: &mut Checked<'_>,
    ) -> Result<Self, InvalidField> {
        let draft = request.draft();
        let chosen = model.choices.read(request)?;
        let seeds = request.seeds(request.count()).into_iter();
        let samples = seeds.enumerate().map(|(at, seed)| PixelSample {
            seed,
            classes: chosen.classes(&model.choices.axes, at, seed),
        });
        let samples = samples.collect();
        let image = upper_part(&model, request)?;
        Ok(Self {
            samples,
            temperature: draft.temperature.unwrap_or(model.temperature),
            keep_rows: keep_rows(request, image.as_ref())?,
            image,
            understood: chosen.understood,
            model,
        })
    }
}

/// The image whose rows are kept: an upper part as it stands, or one in the model's size.
fn upper_part(
    model: &Autoregressive,
    request: &mut Checked<'_>,
) -> Result<Option<Image>, InvalidField> {
    let Some(image) = request.image()? else {
        return Ok(None);
    };
    let format = &model.format;
    if image.width() == format.width && image.height() < format.height {
        return Ok(Some(image));
    }
    if request.draft().keep_rows.is_none() {
        let message = message!(
            "is {size}; give an upper part, {width} wide and less than {height} high, or say with keep_rows \
             how much of it is kept",
            size = format_args!("{} × {}", image.width(), image.height()),
            width = format.width,
            height = format.height
        );
        return Err(InvalidField::new("image", message));
    }
    Ok(Some(sized("image", &image, format, request)))
}

fn keep_rows(request: &Checked<'_>, image: Option<&Image>) -> Result<usize, InvalidField> {
    let most = image.map_or(0, |image| u64::from(image.height()));
    let rows = request.draft().keep_rows.unwrap_or(most);
    if rows > most {
        let message = message!(
            "{rows} rows; expected 1 to {most}, the image's height",
            rows,
            most
        );
        return Err(InvalidField::new("keep_rows", message));
    }
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}

impl Order for PixelOrder {
    fn count(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        (self.model.format.width, self.model.format.height)
    }

    fn call_bytes(&self, _times: f64) -> u64 {
        let graphs = [&self.model.row, &self.model.pixel];
        let calls = graphs.map(|graph| graph.call_bytes(1.0));
        calls.into_iter().max().unwrap_or(0)
    }

    fn cost(&self) -> Duration {
        let format = &self.model.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let painted = height.saturating_sub(self.keep_rows);
        let samples = self.samples.len();
        self.model.row.cost(samples * height) + self.model.pixel.cost(samples * painted * width)
    }

    fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(paint_all(self.samples.len(), AT_ONCE, move |at| {
            self.paint_one(at, progress)
        }))
    }
}
