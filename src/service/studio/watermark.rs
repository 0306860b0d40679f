//! Hiding a payload in what was painted, and reading what others' pixels carry.

use std::sync::PoisonError;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;

use super::Studio;
use crate::families::{Sampled, in_place, pixels_of};
use crate::imaging::{Image, over};
use crate::runtime::CallTime;
use crate::service::failure::Failure;
use crate::service::request::{AT_ONCE, Generation};
use crate::trace::Trace;
use crate::watermark::{Payload, Watermark, WatermarkKeys};

/// An image that is ready to be a file, and what it carries.
#[derive(Debug, Clone)]
pub(super) struct Marked {
    pub(super) sampled: Sampled,
    pub(super) payload: Option<Payload>,
}

/// An image without its history, and what it carries.
pub(super) struct MarkedImage {
    pub(super) image: Image,
    pub(super) payload: Option<Payload>,
    pub(super) time: CallTime,
}

impl Studio {
    /// What images are marked with now, if they are.
    #[must_use]
    pub fn watermark(&self) -> Option<Watermark> {
        let watermark = self.inner.watermark.read();
        watermark.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hides a payload in an image that came of others, as a sheet does, where images are marked and it is large
    /// enough.
    ///
    /// # Errors
    /// [`Failure`]: the graph failed.
    pub async fn mark(&self, image: &Image) -> Result<Option<(Image, Payload)>, Failure> {
        let size = (image.width(), image.height());
        let Some(watermark) = self.watermark().filter(|watermark| watermark.marks(size)) else {
            return Ok(None);
        };
        let payload = in_place(pixels_of(image), || watermark.payload(&[image]));
        let (marked, _) = watermark.mark(image, payload).await?;
        Ok(marked.map(|marked| (marked, payload)))
    }

    /// Makes payloads with these keys from now on, where images are marked. Requests that were read before
    /// keep to what they began with.
    pub fn watermark_with(&self, keys: WatermarkKeys) {
        let watermark = self.inner.watermark.write();
        let mut watermark = watermark.unwrap_or_else(PoisonError::into_inner);
        if let Some(watermark) = &mut *watermark {
            *watermark = watermark.with_keys(keys);
        }
    }
}

/// Marks an image by itself, where its request is marked and it is large enough.
pub(super) async fn marked(
    generation: &Generation,
    mut sampled: Sampled,
) -> Result<Marked, Failure> {
    let marked = marked_image(generation, sampled.image).await?;
    sampled.image = marked.image;
    sampled.time += marked.time;
    Ok(Marked {
        sampled,
        payload: marked.payload,
    })
}

/// Marks images, each by itself, so that their rows share calls.
pub(super) async fn all_marked(
    generation: &Generation,
    sampled: Vec<Sampled>,
) -> Result<Vec<Marked>, Failure> {
    let all = stream::iter(sampled).map(|sampled| marked(generation, sampled));
    all.buffered(AT_ONCE).try_collect().await
}

/// Marks an image: a sheet, say.
pub(super) async fn marked_image(
    generation: &Generation,
    image: Image,
) -> Result<MarkedImage, Failure> {
    let mut marked = marked_together(generation, vec![image]).await?;
    Ok(MarkedImage {
        image: marked.images.pop().expect("as many as were given"),
        payload: marked.payload,
        time: marked.time,
    })
}

/// Images of one file, and what all of them carry.
pub(super) struct MarkedTogether {
    pub(super) images: Vec<Image>,
    pub(super) payload: Option<Payload>,
    pub(super) time: CallTime,
}

/// Marks the images of one file with one payload.
pub(super) async fn marked_together(
    generation: &Generation,
    images: Vec<Image>,
) -> Result<MarkedTogether, Failure> {
    let watermark = generation.watermark();
    let marks = |image: &Image| {
        watermark.filter(|watermark| watermark.marks((image.width(), image.height())))
    };
    let Some(watermark) = images.first().and_then(marks) else {
        return Ok(MarkedTogether {
            images,
            payload: None,
            time: CallTime::default(),
        });
    };
    let started = Instant::now();
    // What is laid over a colour afterwards would be laid over the mark.
    let images = match generation.background() {
        Some(colour) => images.iter().map(|image| over(image, colour)).collect(),
        None => images,
    };
    let pixels = images.iter().map(pixels_of).sum();
    let payload = in_place(pixels, || {
        let all: Vec<&Image> = images.iter().collect();
        watermark.payload(&all)
    });
    let all = stream::iter(images);
    let all = all.map(|image| async move {
        let (marked, time) = watermark.mark(&image, payload).await?;
        let carries = marked.is_some();
        Ok::<_, Failure>((marked.unwrap_or(image), carries, time))
    });
    let marked: Vec<(Image, bool, CallTime)> = all.buffered(AT_ONCE).try_collect().await?;
    let time = CallTime::longest(marked.iter().map(|(_, _, time)| *time));
    // Of several, the first is the one that is read.
    let carries = marked.first().is_some_and(|(_, carries, _)| *carries);
    let lasted = (started.elapsed(), Duration::ZERO);
    Trace::current().add("watermark", lasted, Vec::new);
    Ok(MarkedTogether {
        images: marked.into_iter().map(|(image, ..)| image).collect(),
        payload: carries.then_some(payload),
        time,
    })
}
