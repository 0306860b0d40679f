//! An order that makes images of the request's image.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::failure::Failure;
use super::program::Order;
use super::progress::{Progress, Step};
use super::sampled::Sampled;
use super::together::paint_all;
use super::transform::{Shape, Transform};
use crate::fields::Checked;
use crate::imaging::Image;
use crate::prompts::Understood;

/// Images of one order that are made at the same time.
const AT_ONCE: usize = 8;

/// An image, and what is to be made of it: once for each seed.
#[derive(Debug)]
pub(in crate::families) struct ImageOrder {
    image: Image,
    samples: Vec<(u64, Arc<dyn Transform>)>,
    understood: Option<Understood>,
}

impl ImageOrder {
    /// One image for each transform and its seed; says what the caller should know of that.
    pub(in crate::families) fn new(
        image: Image,
        samples: Vec<(u64, Arc<dyn Transform>)>,
        request: &mut Checked<'_>,
    ) -> Self {
        let size = (image.width(), image.height());
        let first = samples.first();
        if let Some(said) = first.and_then(|(_, transform)| transform.said(size)) {
            request.warn(said);
        }
        Self {
            image,
            samples,
            understood: None,
        }
    }

    pub(in crate::families) fn understood_as(mut self, understood: Option<Understood>) -> Self {
        self.understood = understood;
        self
    }
}

impl Order for ImageOrder {
    fn count(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        let given = (self.image.width(), self.image.height());
        let first = self.samples.first();
        first.map_or(given, |(_, transform)| transform.size(given))
    }

    fn cost(&self) -> Duration {
        let shape = Shape::of(&self.image);
        let samples = self.samples.iter();
        samples.map(|(_, transform)| transform.cost(shape)).sum()
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let shape = Shape::of(&self.image);
        let first = self.samples.first();
        first.map_or(0, |(_, transform)| transform.call_bytes(shape, times))
    }

    fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let shape = Shape::of(&self.image);
            paint_all(self.samples.len(), AT_ONCE, async |at| {
                let (seed, transform) = &self.samples[at];
                let (calls, of) = (AtomicUsize::new(0), transform.calls(shape));
                let told = || {
                    progress.advanced(Step {
                        sample: Some(at),
                        done: 1 + calls.fetch_add(1, Ordering::Relaxed),
                        of,
                    });
                };
                let sampled = transform.apply(&self.image, *seed, &told).await?;
                progress.sampled(at, &sampled);
                Ok(sampled)
            })
            .await
        })
    }
}
