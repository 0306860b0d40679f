//! What makes an image of an image: the whole of an order, or a link behind another model.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::program::{Failure, Order};
use super::progress::{Progress, Step};
use super::sampled::Sampled;
use super::tiles::alpha::is_transparent;
use super::together::paint_all;
use crate::fields::Checked;
use crate::imaging::Image;
use crate::language::Message;
use crate::prompts::Understood;

/// Images of one order that are made at the same time.
const AT_ONCE: usize = 8;

/// What is told after each graph call.
pub type Told<'t> = dyn Fn() + Send + Sync + 't;

/// Makes an image of an image.
pub trait Transform: Debug + Send + Sync {
    /// The size of what comes of an image of that size.
    fn size(&self, given: (u32, u32)) -> (u32, u32);

    /// Graph calls for an image of that shape.
    fn calls(&self, shape: Shape) -> usize;

    /// Time that an image of that shape would keep one worker busy.
    fn cost(&self, shape: Shape) -> Duration;

    /// Bytes that the largest of its calls takes, as [`Order::call_bytes`] says.
    fn call_bytes(&self, shape: Shape, times: f64) -> u64;

    /// Whether a seed makes a difference.
    fn draws(&self) -> bool {
        false
    }

    /// What the caller should know of how an image of that size goes through.
    fn said(&self, _given: (u32, u32)) -> Option<Message> {
        None
    }

    /// Makes it; `told` is called after each graph call.
    fn apply<'a>(
        &'a self,
        image: &'a Image,
        seed: u64,
        told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>>;
}

/// What is known of an image before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Whether it may have pixels that aren't opaque.
    pub transparent: bool,
}

impl Shape {
    /// That of an image that is there.
    #[must_use]
    pub fn of(image: &Image) -> Self {
        Self {
            size: (image.width(), image.height()),
            transparent: is_transparent(image),
        }
    }
}

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
