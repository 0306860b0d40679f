//! What is done to an image around painting a part of it anew.
//!
//! An autoencoder gives no image back as it was, so that what a mask keeps would change all the same:
//! the original is laid over it in the end. And a small part of a large image can be painted as large as
//! the model paints, and put back.

use std::sync::Arc;

use super::order::Fill;
use crate::families::Failure;
use crate::families::shared::offload::offload;
use crate::fields::{Checked, InvalidField};
use crate::imaging::{
    Channels, Image, Region, composited, filled, fit, masked_region, softened, window,
};
use crate::message;

/// Pixels around the masked part that a model sees, where a request doesn't say.
const USUAL_PADDING: u64 = 32;

/// An image and a mask over it, as the model is given them.
#[derive(Debug)]
pub(super) struct Inpainting {
    pub(super) image: Arc<Image>,
    pub(super) mask: Arc<Image>,
    pub(super) fill: Fill,
    pub(super) overlay: Overlay,
}

/// The original, and where it stays.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    original: Arc<Image>,
    /// Grey, of the original's size: white where what was painted is seen.
    mask: Arc<Image>,
    /// What of the original was painted, if not all of it.
    region: Option<Region>,
}

impl Inpainting {
    /// Prepares an image and a mask for a model that paints in that size.
    pub(super) fn new(
        (image, mask): (Image, &Image),
        size: (u32, u32),
        request: &Checked<'_>,
    ) -> Result<Self, InvalidField> {
        let draft = request.draft();
        let alone = draft.mask_area.as_deref() == Some("masked");
        if draft.mask_padding.is_some() && !alone {
            let message = message!("is for mask_area masked, and this is whole");
            return Err(InvalidField::new("mask_padding", message));
        }
        // In whole pixels of what comes out.
        let (width, height) = match alone {
            true => (image.width(), image.height()),
            false => size,
        };
        let image = fit(&image, width, height, image.channels());
        let mask = fit(mask, width, height, Channels::Grey);
        let padding = draft.mask_padding.unwrap_or(USUAL_PADDING);
        let padding = u32::try_from(padding).unwrap_or(u32::MAX);
        let region = masked_region(&mask, padding, size).filter(|_| alone);
        let soft = softened(&mask, draft.mask_blur.unwrap_or(0.0));
        let (fill, seen) = match draft.mask_fill.as_deref() {
            Some("fill") => (Fill::Image, filled(&image, &mask)),
            Some("noise") => (Fill::Noise, image.clone()),
            Some("empty") => (Fill::Empty, image.clone()),
            _ => (Fill::Image, image.clone()),
        };
        let (seen, below) = match region {
            Some(region) => (cut(&seen, region), cut(&mask, region)),
            None => (seen, mask),
        };
        Ok(Self {
            image: Arc::new(seen),
            mask: Arc::new(below),
            fill,
            overlay: Overlay {
                original: Arc::new(image),
                mask: Arc::new(soft),
                region,
            },
        })
    }
}

impl Overlay {
    /// Width and height of what comes out.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.original.width(), self.original.height())
    }

    /// The original with what was painted where the mask is white.
    pub(super) async fn over(self, painted: Image) -> Result<Image, Failure> {
        let (width, height) = self.size();
        let pixels = u64::from(width) * u64::from(height);
        offload(pixels, move || self.laid(&painted)).await
    }

    fn laid(&self, painted: &Image) -> Image {
        let channels = painted.channels();
        let (width, height) = self.size();
        let original = fit(&self.original, width, height, channels);
        let painted = match self.region {
            None => fit(painted, width, height, channels),
            Some(region) => {
                let part = fit(painted, region.width, region.height, channels);
                placed(&original, &part, region)
            }
        };
        composited(&original, &painted, &self.mask)
    }
}

fn cut(image: &Image, region: Region) -> Image {
    let corner = (i64::from(region.left), i64::from(region.top));
    window(image, corner, (region.width, region.height))
}

/// An image with another of its channels in that place.
fn placed(image: &Image, part: &Image, region: Region) -> Image {
    let count = image.channels().count();
    let mut pixels = image.pixels().to_vec();
    let row = region.width as usize * count;
    let across = image.width() as usize * count;
    let corner = region.top as usize * across + region.left as usize * count;
    let rows = pixels[corner..].chunks_mut(across);
    for (to, from) in rows.zip(part.pixels().chunks_exact(row)) {
        to[..row].copy_from_slice(from);
    }
    Image::new(image.width(), image.height(), image.channels(), pixels)
        .expect("the sides are as they were")
}
