//! What makes an image of an image: the whole of an order, or a link behind another model.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::failure::Failure;
use super::sampled::Sampled;
use super::tiles::alpha::is_transparent;
use crate::imaging::Image;
use crate::language::Message;

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

    /// Bytes that the largest of its calls takes, as [`Order::call_bytes`](super::program::Order::call_bytes) says.
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
