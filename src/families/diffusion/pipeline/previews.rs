//! Unfinished images, decoded beside the steps that go on.

use std::pin::pin;

use futures_util::future::{BoxFuture, Either, FutureExt as _, select};
use ndarray::ArrayD;

use super::vae::Autoencoder;
use crate::families::{Progress, Step};
use crate::runtime::CallTime;

/// At most one preview that is being decoded. While it is, further ones are left out, so that
/// painting is held up by no more than one call of the decoder at a time.
pub(in crate::families::diffusion) struct Previews<'p> {
    decoding: Option<BoxFuture<'p, ()>>,
    /// Whether one has been decoded.
    any: bool,
    vae: &'p Autoencoder,
    tiling: Option<bool>,
    progress: &'p dyn Progress,
}

impl<'p> Previews<'p> {
    pub(in crate::families::diffusion) fn new(
        (vae, tiling): (&'p Autoencoder, Option<bool>),
        progress: &'p dyn Progress,
    ) -> Self {
        Self {
            decoding: None,
            any: false,
            vae,
            tiling,
            progress,
        }
    }

    /// Whether one should be shown after this step, and can be.
    pub(in crate::families::diffusion) fn are_due(&self, step: Step) -> bool {
        self.decoding.is_none() && self.progress.wants_preview(step)
    }

    /// Starts to decode one.
    pub(in crate::families::diffusion) fn show(&mut self, step: Step, latent: ArrayD<f32>) {
        let (vae, tiling, progress) = (self.vae, self.tiling, self.progress);
        self.decoding = Some(Box::pin(async move {
            // Its time is nobody's: the image doesn't wait for it. What fails is not shown.
            let mut time = CallTime::default();
            if let Ok(image) = vae.decode(latent, tiling, &mut time).await {
                progress.previewed(step, image);
            }
        }));
    }

    /// Does the work, with a preview beside it if there is one.
    pub(in crate::families::diffusion) async fn beside<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = pin!(work);
        while let Some(decoding) = &mut self.decoding {
            match select(work.as_mut(), decoding).await {
                Either::Left((done, decoding)) => {
                    // Both may have come out of one call.
                    if decoding.now_or_never().is_some() {
                        self.decoded();
                    }
                    return done;
                }
                Either::Right(_) => self.decoded(),
            }
        }
        work.await
    }

    fn decoded(&mut self) {
        self.decoding = None;
        self.any = true;
    }

    /// Waits for the first one, if it is still being decoded: callers who ask for previews of a few steps
    /// would otherwise see one or none, depending on how busy the workers are.
    pub(in crate::families::diffusion) async fn finish(self) {
        if let Some(decoding) = self.decoding.filter(|_| !self.any) {
            decoding.await;
        }
    }
}
