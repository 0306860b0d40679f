//! The filter that enlarges where no model does.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::families::shared::offload::offload;
use crate::families::shared::transform::{Shape, Told, Transform};
use crate::families::{Failure, Sampled};
use crate::imaging::{Image, fit};
use crate::runtime::CallTime;

/// Enlarges by Lanczos's filter.
#[derive(Debug, Clone, Copy)]
pub struct Lanczos {
    /// How many times larger each side becomes.
    pub scale: u32,
}

impl Transform for Lanczos {
    fn size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let scaled = |side: u32| side.saturating_mul(self.scale);
        (scaled(width), scaled(height))
    }

    fn calls(&self, _shape: Shape) -> usize {
        0
    }

    fn cost(&self, _shape: Shape) -> Duration {
        Duration::ZERO
    }

    fn call_bytes(&self, _shape: Shape, _times: f64) -> u64 {
        0
    }

    fn apply<'a>(
        &'a self,
        image: &'a Image,
        _seed: u64,
        _told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>> {
        Box::pin(async move {
            let (width, height) = self.size((image.width(), image.height()));
            let image = image.clone();
            let pixels = u64::from(width) * u64::from(height);
            let enlarge = move || fit(&image, width, height, image.channels());
            Ok(Sampled {
                image: offload(pixels, enlarge).await?,
                seed: None,
                labels: Vec::new(),
                score: None,
                sources: Arc::default(),
                judged: Vec::new(),
                warnings: Vec::new(),
                time: CallTime::default(),
            })
        })
    }
}
