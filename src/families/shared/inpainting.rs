//! What is done to an image around painting a part of it anew.
//!
//! An autoencoder gives no image back as it was, so that what a mask keeps would change all the same:
//! the original is laid over it in the end. And a small part of a large image can be painted as large as
//! the model paints, and put back.

use std::sync::Arc;

use super::failure::Failure;
use super::offload::offload;
use crate::fields::{Checked, InvalidField};
use crate::imaging::{
    Channels, Image, Region, composited, filled, fit, masked_region, softened, window,
};
use crate::message;

/// An image and a mask over it, as the model is given them.
#[derive(Debug)]
pub(in crate::families) struct Inpainting {
    pub(in crate::families) image: Arc<Image>,
    pub(in crate::families) mask: Arc<Image>,
    pub(in crate::families) overlay: Overlay,
}

/// What is taken where a request doesn't say.
#[derive(Debug, Clone, Copy)]
pub(in crate::families) struct Usual {
    /// Whether the model sees the masked part alone.
    pub(in crate::families) alone: bool,
    /// Pixels around the masked part that it sees as well.
    pub(in crate::families) padding: u64,
}

impl Default for Usual {
    fn default() -> Self {
        Self {
            alone: false,
            padding: 32,
        }
    }
}

/// The original, and where it stays.
#[derive(Debug, Clone)]
pub(in crate::families) struct Overlay {
    original: Arc<Image>,
    /// Grey, of the original's size: white where what was painted is seen.
    mask: Arc<Image>,
    /// What of the original was painted, if not all of it.
    region: Option<Region>,
}

impl Inpainting {
    /// Prepares an image and a mask for a model that paints in that size.
    pub(in crate::families) fn new(
        (image, mask): (Image, &Image),
        size: (u32, u32),
        usual: Usual,
        request: &Checked<'_>,
    ) -> Result<Self, InvalidField> {
        let draft = request.draft();
        let area = draft.mask_area.as_deref();
        let alone = area.map_or(usual.alone, |area| area == "masked");
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
        let padding = draft.mask_padding.unwrap_or(usual.padding);
        let padding = u32::try_from(padding).unwrap_or(u32::MAX);
        let region = masked_region(&mask, padding, size).filter(|_| alone);
        let soft = softened(&mask, draft.mask_blur.unwrap_or(0.0));
        let seen = match draft.mask_fill.as_deref() {
            Some("fill") => filled(&image, &mask),
            _ => image.clone(),
        };
        let (seen, below) = match region {
            Some(region) => (cut(&seen, region), cut(&mask, region)),
            None => (seen, mask),
        };
        Ok(Self {
            image: Arc::new(seen),
            mask: Arc::new(below),
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
    pub(in crate::families) fn size(&self) -> (u32, u32) {
        (self.original.width(), self.original.height())
    }

    /// What it lies over.
    pub(in crate::families) fn original(&self) -> &Image {
        &self.original
    }

    /// The original with what was painted where the mask is white.
    pub(in crate::families) async fn over(self, painted: Image) -> Result<Image, Failure> {
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
