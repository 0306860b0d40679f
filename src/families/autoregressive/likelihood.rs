//! How likely an image is under the model: the chain rule, pixel by pixel.
//!
//! The image's own levels take the place of what sampling would draw ("teacher forcing"), so
//! that each call yields the distribution of one pixel given all before it. The sum of their
//! logarithms is the image's log-likelihood (van den Oord et al. 2016, equation 1).

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use ndarray::Array2;

use super::Autoregressive;
use super::painting::{advance, column, zeros};
use crate::families::shared::program::{Failure, Scoring, Verdict};
use crate::families::shared::together::AT_ONCE;
use crate::imaging::Image;
use crate::models::TensorRole;
use crate::runtime::{CallTime, Tensor};

/// What pixels have handed to the row below, by name.
type Columns = HashMap<String, Array2<f32>>;

impl Autoregressive {
    pub(super) async fn likelihood(
        &self,
        image: &Image,
        classes: &[usize],
    ) -> Result<Scoring, Failure> {
        let levels = self.levels_of(image);
        let (nats, time) = if self.columns.is_empty() {
            self.rows_at_once(&levels, classes).await?
        } else {
            self.rows_in_turn(&levels, classes).await?
        };
        Ok(Scoring {
            verdict: Verdict::Likelihood {
                nats,
                dimensions: levels.len(),
                levels: self.levels,
            },
            time,
        })
    }

    /// All rows of pixels at the same time, since none needs to know what the graph made of
    /// another.
    async fn rows_at_once(
        &self,
        levels: &[usize],
        classes: &[usize],
    ) -> Result<(f64, CallTime), Failure> {
        let mut time = CallTime::default();
        let mut states = zeros(&self.row_states);
        let mut contexts = Vec::new();
        for y in 0..self.format.height as usize {
            let none = Columns::new();
            let context = self.row_call(levels, y, (&mut states, &none), classes, &mut time);
            contexts.push(context.await?);
        }
        let rows: Vec<(f64, CallTime)> = stream::iter(contexts.into_iter().enumerate())
            .map(async |(y, context)| {
                let mut time = CallTime::default();
                let mut none = Columns::new();
                let at = (y, &mut none);
                let nats = self.pixel_calls(levels, at, context, classes, &mut time);
                Ok::<_, Failure>((nats.await?, time))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        time += CallTime::longest(rows.iter().map(|(_, time)| *time));
        Ok((rows.iter().map(|(nats, _)| nats).sum(), time))
    }

    /// One row after the other, each with what the one above has handed down.
    async fn rows_in_turn(
        &self,
        levels: &[usize],
        classes: &[usize],
    ) -> Result<(f64, CallTime), Failure> {
        let width = self.format.width as usize;
        let mut time = CallTime::default();
        let mut states = zeros(&self.row_states);
        let mut columns: Columns = self
            .columns
            .iter()
            .map(|(name, length)| (name.clone(), Array2::zeros((*length, width))))
            .collect();
        let mut nats = 0.0;
        for y in 0..self.format.height as usize {
            let context = self
                .row_call(levels, y, (&mut states, &columns), classes, &mut time)
                .await?;
            let at = (y, &mut columns);
            nats += self
                .pixel_calls(levels, at, context, classes, &mut time)
                .await?;
        }
        Ok((nats, time))
    }

    async fn row_call(
        &self,
        levels: &[usize],
        y: usize,
        (states, columns): (&mut super::painting::States, &Columns),
        classes: &[usize],
        time: &mut CallTime,
    ) -> Result<Option<Tensor>, Failure> {
        let above = self.row_values(levels, y);
        let mut answer = self
            .row
            .call(time, |role| match role {
                TensorRole::Pixels => Some(Tensor::Float(above.clone())),
                TensorRole::Columns(name) => columns
                    .get(name)
                    .map(|array| Tensor::Float(array.clone().into_dyn())),
                role => self.common(role, classes, states),
            })
            .await?;
        advance(states, &mut answer)?;
        Ok(answer.take(&TensorRole::Context).ok())
    }

    /// The log-likelihood of one row of pixels.
    async fn pixel_calls(
        &self,
        levels: &[usize],
        (y, columns): (usize, &mut Columns),
        context: Option<Tensor>,
        classes: &[usize],
        time: &mut CallTime,
    ) -> Result<f64, Failure> {
        let (width, channels) = (self.format.width as usize, self.format.channels.count());
        let mut states = zeros(&self.pixel_states);
        let mut nats = 0.0;
        for x in 0..width {
            let at = (y * width + x) * channels;
            let left = self.left_of(levels, x, at);
            let mut answer = self
                .pixel
                .call(time, |role| match role {
                    TensorRole::Pixel => Some(Tensor::Float(left.clone())),
                    TensorRole::Context => context.as_ref().and_then(|c| column(c, x)),
                    role => self.common(role, classes, &mut states),
                })
                .await?;
            advance(&mut states, &mut answer)?;
            for (name, array) in columns.iter_mut() {
                let role = TensorRole::Column(name.clone());
                let values = answer.take(&role)?.into_floats();
                for (slot, value) in array.column_mut(x).iter_mut().zip(&values) {
                    *slot = *value;
                }
            }
            let logits = answer.take(&TensorRole::Logits)?.into_floats();
            let logits: Vec<f32> = logits.iter().copied().collect();
            for (channel, logits) in logits.chunks(self.levels).take(channels).enumerate() {
                nats += log_probability(logits, levels[at + channel]);
            }
        }
        Ok(nats)
    }
}

/// The logarithm of what the softmax of `logits` gives to one of them.
fn log_probability(logits: &[f32], level: usize) -> f64 {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let above = |&logit: &f32| f64::from(logit) - f64::from(greatest);
    let total: f64 = logits.iter().map(|logit| above(logit).exp()).sum();
    logits.get(level).map_or(f64::NEG_INFINITY, above) - total.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_come_from_the_softmax() {
        let logits = [0.0, 2.0_f32.ln(), 5.0_f32.ln()];
        for (level, part) in [1.0, 2.0, 5.0].into_iter().enumerate() {
            let expected = (part / 8.0_f64).ln();
            assert!((log_probability(&logits, level) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn great_logits_do_not_overflow() {
        assert!(log_probability(&[900.0, 0.0], 0).abs() < 1e-9);
        assert!((log_probability(&[900.0, 0.0], 1) + 900.0).abs() < 1e-6);
        assert_eq!(
            log_probability(&[0.0, f32::NEG_INFINITY], 1),
            f64::NEG_INFINITY
        );
    }
}
