//! What a request's images are marked with, and what that takes.

use std::time::Duration;

use super::{Bundle, Generation};
use crate::watermark::Watermark;

/// Images of one request that are marked at the same time: enough to fill calls, and no more memory than so
/// many rows.
pub(in crate::service) const AT_ONCE: usize = 8;
/// Bytes for each pixel of an image that is being marked, in three colours: as it was, as what comes out, and as
/// what the graph is given and gives.
const BYTES: u64 = 3 * (1 + 1 + 4 + 4);

impl Generation {
    /// The same, whose images are marked.
    #[must_use]
    pub(in crate::service) fn watermarked(self, watermark: Watermark) -> Self {
        Self {
            watermark: Some(watermark),
            ..self
        }
    }

    /// What its images are marked with, if they are.
    #[must_use]
    pub fn watermark(&self) -> Option<&Watermark> {
        self.watermark.as_ref()
    }

    /// Time that it would keep one worker busy, from what graphs have cost recently.
    pub(in crate::service) fn cost(&self) -> Duration {
        let marked = match self.bundle {
            Bundle::Sheet { .. } => 1,
            Bundle::Each | Bundle::Animation(_) if self.marks_each() => self.count(),
            Bundle::Each | Bundle::Animation(_) => 0,
        };
        let marking = self.watermark.as_ref();
        let marking = marking.map_or(Duration::ZERO, |watermark| watermark.cost(marked));
        self.order.cost() + marking
    }

    /// Bytes that the largest of its graph calls takes, for images with so many times as many pixels.
    pub(super) fn call_bytes(&self, times: f64) -> u64 {
        let marking = self.watermark.as_ref().map_or(0, |watermark| {
            let (width, height) = self.order.size();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a side, which saturates"
            )]
            let side = |side: u32| (f64::from(side) * times.sqrt()).ceil().max(1.0) as u32;
            watermark.pair().call_bytes((side(width), side(height)))
        });
        self.order.call_bytes(times).max(marking)
    }

    /// Bytes that marking so many images takes beside what they take themselves.
    pub(super) fn marking_bytes(&self, images: u64) -> u64 {
        let at_once = match self.bundle {
            // It has the pixels of all of them.
            Bundle::Sheet { .. } if self.watermark.is_some() => images,
            Bundle::Each | Bundle::Animation(_) if self.marks_each() => images.min(AT_ONCE as u64),
            _ => return 0,
        };
        let (width, height) = self.order.size();
        let pixels = u64::from(width) * u64::from(height);
        pixels.saturating_mul(BYTES).saturating_mul(at_once)
    }

    fn marks_each(&self) -> bool {
        let size = self.order.size();
        let watermark = self.watermark.as_ref();
        watermark.is_some_and(|watermark| watermark.marks(size))
    }
}
