//! An invisible mark in the pixels, which most copies of an image keep when its metadata is gone.
//!
//! A pair of graphs hides 127 bits and reads them ([`Pair`]); a code makes them of 43 and mends those that
//! were read wrong ([`Payload`], [`decode`]); and a key makes the 43 of an image's pixels, so that its holder
//! alone tells whose they are ([`WatermarkKeys`]). [`Watermark`] is a pair with keys. The same image and key
//! give the same payload and the same pixels, on every replica and in whatever company.

mod code;
mod error;
mod keys;
mod manifest;
mod pair;
mod trial;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

pub use self::code::{BITS, MOST_ERRORS, PAYLOAD_BITS, Payload, Reading, decode};
pub use self::error::WatermarkError;
pub use self::keys::{WatermarkKeyError, WatermarkKeys};
pub use self::manifest::ManifestError;
pub use self::pair::Pair;

use crate::families::Failure;
use crate::imaging::Image;
use crate::imaging::verify::Pixels;
use crate::runtime::{CallTime, Engine};

/// A pair of graphs with the keys that its payloads are made with.
#[derive(Debug, Clone)]
pub struct Watermark {
    pair: Arc<Pair>,
    keys: Arc<WatermarkKeys>,
}

impl Watermark {
    /// Opens the pair in a folder.
    ///
    /// # Errors
    /// As [`Pair::open`].
    pub fn open(
        engine: &Engine,
        folder: &Path,
        keys: WatermarkKeys,
    ) -> Result<Self, WatermarkError> {
        Ok(Self {
            pair: Arc::new(Pair::open(engine, folder)?),
            keys: Arc::new(keys),
        })
    }

    /// The same pair with other keys.
    #[must_use]
    pub fn with_keys(&self, keys: WatermarkKeys) -> Self {
        Self {
            pair: Arc::clone(&self.pair),
            keys: Arc::new(keys),
        }
    }

    /// The pair.
    #[must_use]
    pub fn pair(&self) -> &Pair {
        &self.pair
    }

    /// A name for what it makes of images: of its graphs and its first key, and nothing to learn them from.
    #[must_use]
    pub fn name(&self) -> [u8; 32] {
        let name = Sha256::new().chain_update(self.pair.digest());
        name.chain_update(self.keys.name()).finalize().into()
    }

    /// Whether an image of that size is marked.
    #[must_use]
    pub fn marks(&self, (width, height): (u32, u32)) -> bool {
        width.min(height) >= self.pair.least_side()
    }

    /// The payload of an image, or of several that are one file.
    #[must_use]
    pub fn payload(&self, images: &[&Image]) -> Payload {
        self.keys.payload(images)
    }

    /// Whether one of its keys made a payload.
    #[must_use]
    pub fn made(&self, payload: Payload) -> bool {
        self.keys.made(payload)
    }

    /// Hides a payload in an image, in colour; its transparency stays. Nothing comes of an image that has too little
    /// room for it.
    ///
    /// # Errors
    /// As [`Pair::mark`].
    pub async fn mark(
        &self,
        image: &Image,
        payload: Payload,
    ) -> Result<(Option<Image>, CallTime), Failure> {
        self.pair.mark(image, payload).await
    }

    /// Looks for a mark in an image, and whether one of its keys made it.
    ///
    /// # Errors
    /// As [`Pair::read`].
    pub async fn find(&self, image: &Image) -> Result<Pixels, Failure> {
        self.pair.find(image, Some(&self.keys)).await
    }

    /// Time that marking so many images would keep a worker busy.
    #[must_use]
    pub fn cost(&self, images: usize) -> Duration {
        let images = u32::try_from(images).unwrap_or(u32::MAX);
        self.pair.cost().saturating_mul(images)
    }
}
