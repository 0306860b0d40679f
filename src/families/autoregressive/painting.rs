//! One image, row by row and pixel by pixel.

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayD, Axis};

use super::Autoregressive;
use super::order::PixelOrder;
use super::sampling::draw_level;
use crate::families::noise::Generator;
use crate::families::shared::bound::{Answer, class_tensor};
use crate::families::shared::program::Failure;
use crate::families::shared::progress::{Progress, Step};
use crate::families::shared::sampled::Sampled;
use crate::imaging::{Image, ValueRange, with_channels};
use crate::models::TensorRole;
use crate::runtime::{CallTime, Tensor};

/// The states of a graph by role: a handful, looked up for each pixel. Absent while a call has one.
pub(super) type States = Vec<(TensorRole, Option<Tensor>)>;

impl PixelOrder {
    pub(super) async fn paint_one(
        &self,
        place: usize,
        progress: &dyn Progress,
    ) -> Result<Sampled, Failure> {
        let (model, sample) = (&*self.model, &self.samples[place]);
        let classes = &sample.classes[..];
        let format = &model.format;
        let (width, height) = (format.width as usize, format.height as usize);
        let channels = format.channels.count();
        let known = self.image.as_ref().map(|image| model.levels_of(image));
        let mut generator = Generator::new(sample.seed);
        let mut time = CallTime::default();
        let mut image = vec![0_usize; height * width * channels];
        let mut row_states = zeros(&model.row_states);
        let mut gathered: HashMap<String, Array2<f32>> = model
            .columns
            .iter()
            .map(|(name, length)| (name.clone(), Array2::zeros((*length, width))))
            .collect();

        for y in 0..height {
            let above = model.row_values(&image, y);
            let mut answer = model
                .row
                .call(&mut time, |role| match role {
                    TensorRole::Pixels => Some(Tensor::Float(above.clone())),
                    TensorRole::Columns(name) => gathered
                        .get(name)
                        .map(|array| Tensor::Float(array.clone().into_dyn())),
                    role => model.common(role, classes, &mut row_states),
                })
                .await?;
            advance(&mut row_states, &mut answer)?;
            let context = answer.take(&TensorRole::Context).ok();

            let kept = known.as_ref().filter(|_| y < self.keep_rows);
            if let Some(known) = kept {
                let line = y * width * channels..(y + 1) * width * channels;
                image[line.clone()].copy_from_slice(&known[line]);
                if model.columns.is_empty() {
                    model.row_done((place, y + 1), &image, progress);
                    continue;
                }
            }
            let mut pixel_states = zeros(&model.pixel_states);
            for x in 0..width {
                let at = (y * width + x) * channels;
                let left = model.left_of(&image, x, at);
                let mut answer = model
                    .pixel
                    .call(&mut time, |role| match role {
                        TensorRole::Pixel => Some(Tensor::Float(left.clone())),
                        TensorRole::Context => context.as_ref().and_then(|c| column(c, x)),
                        role => model.common(role, classes, &mut pixel_states),
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
                for (channel, logits) in logits.chunks(model.levels).take(channels).enumerate() {
                    image[at + channel] = draw_level(logits, self.temperature, &mut generator);
                }
            }
            model.row_done((place, y + 1), &image, progress);
        }
        let painted = Sampled {
            image: model.image_of(&image)?,
            seed: Some(sample.seed),
            labels: classes.iter().copied().map(Some).collect(),
            score: None,
            sources: Arc::default(),
            judged: Vec::new(),
            warnings: Vec::new(),
            time,
        };
        progress.sampled(place, &painted);
        Ok(painted)
    }
}

impl Autoregressive {
    /// Tells whoever watches, and shows the canvas so far to who wants to see it.
    pub(super) fn row_done(
        &self,
        (place, done): (usize, usize),
        image: &[usize],
        progress: &dyn Progress,
    ) {
        let of = self.format.height as usize;
        let sample = Some(place);
        let step = Step { sample, done, of };
        progress.advanced(step);
        if progress.wants_preview(step)
            && let Ok(canvas) = self.image_of(image)
        {
            progress.previewed(step, canvas);
        }
    }

    /// The tensors that both graphs may take: labels and their own states.
    pub(super) fn common(
        &self,
        role: &TensorRole,
        classes: &[usize],
        states: &mut States,
    ) -> Option<Tensor> {
        match role {
            TensorRole::Class(axis) => class_tensor(&self.choices.axes, axis, classes),
            TensorRole::State(_) => states
                .iter_mut()
                .find(|(known, _)| known == role)
                .and_then(|(_, state)| state.take()),
            _ => None,
        }
    }

    /// A level as the graphs take it.
    fn value(&self, level: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "at most 256 levels")]
        let unit = level as f32 / (self.levels - 1) as f32;
        match self.format.range {
            ValueRange::SignedUnit => unit * 2.0 - 1.0,
            // A manifest of this family can state no other.
            _ => unit,
        }
    }

    /// The row above row `y` as `[C, W]`; zeros where there is none.
    pub(super) fn row_values(&self, image: &[usize], y: usize) -> ArrayD<f32> {
        let (width, channels) = (self.format.width as usize, self.format.channels.count());
        let Some(above) = y.checked_sub(1) else {
            return Array2::zeros((channels, width)).into_dyn();
        };
        Array2::from_shape_fn((channels, width), |(channel, x)| {
            self.value(image[(above * width + x) * channels + channel])
        })
        .into_dyn()
    }

    /// The pixel to the left as `[C]`; zeros where there is none.
    pub(super) fn left_of(&self, image: &[usize], x: usize, at: usize) -> ArrayD<f32> {
        let channels = self.format.channels.count();
        if x == 0 {
            return Array1::zeros(channels).into_dyn();
        }
        Array1::from_shape_fn(channels, |channel| {
            self.value(image[at - channels + channel])
        })
        .into_dyn()
    }

    /// The nearest level of each byte, row-major and interleaved.
    pub(super) fn levels_of(&self, image: &Image) -> Vec<usize> {
        let image = with_channels(image, self.format.channels);
        let most = self.levels - 1;
        let nearest = |&byte: &u8| (usize::from(byte) * most + 127) / 255;
        image.pixels().iter().map(nearest).collect()
    }

    pub(super) fn image_of(&self, levels: &[usize]) -> Result<Image, Failure> {
        let most = self.levels - 1;
        let byte =
            |&level: &usize| u8::try_from((level * 255 + most / 2) / most).unwrap_or(u8::MAX);
        let format = &self.format;
        let pixels: Vec<u8> = levels.iter().map(byte).collect();
        Image::new(format.width, format.height, format.channels, pixels)
            .map_err(|_error| Failure::missing(TensorRole::Logits))
    }
}

pub(super) fn zeros(states: &[(TensorRole, Vec<usize>)]) -> States {
    states
        .iter()
        .map(|(role, shape)| (role.clone(), Some(Tensor::zeros(shape))))
        .collect()
}

/// Replaces each state by what the graph made of it.
pub(super) fn advance(states: &mut States, answer: &mut Answer<'_>) -> Result<(), Failure> {
    for (role, state) in states.iter_mut() {
        *state = Some(answer.take(role)?);
    }
    Ok(())
}

/// Column `x` of a row's context `[W, F]`.
pub(super) fn column(context: &Tensor, x: usize) -> Option<Tensor> {
    let Tensor::Float(context) = context else {
        return None;
    };
    (context.ndim() == 2 && x < context.len_of(Axis(0)))
        .then(|| Tensor::Float(context.index_axis(Axis(0), x).to_owned()))
}
