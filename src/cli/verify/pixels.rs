//! What the pixels of files carry.

use anyhow::Context as _;

use crate::config::Settings;
use crate::families::Failure;
use crate::imaging::DecodeLimits;
use crate::imaging::verify::Pixels;
use crate::runtime::{Engine, EngineOptions};
use crate::watermark::{Pair, WatermarkKeys};

/// The graphs that read watermarks, and the keys that tell whose they are.
pub(super) struct PixelReader {
    // Dropped in this order: the graphs leave before their workers stop.
    pair: Pair,
    keys: Option<WatermarkKeys>,
    _engine: Engine,
}

impl PixelReader {
    /// None where the settings name no graphs.
    pub(super) fn open(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let (folder, key) = settings.watermark_to_read()?;
        let keys = key.as_deref().map(WatermarkKeys::read).transpose()?;
        let Some(folder) = folder else {
            return Ok(None);
        };
        let engine = Engine::start(&EngineOptions {
            library: settings.library(),
            ..EngineOptions::default()
        })?;
        let pair = Pair::open(&engine, &folder).context("watermarks can't be read")?;
        Ok(Some(Self {
            pair,
            keys,
            _engine: engine,
        }))
    }

    /// What the pixels of a file carry.
    pub(super) async fn look(&self, file: &[u8]) -> Result<Pixels, Failure> {
        match self.pair.unpack(file, &DecodeLimits::default()) {
            Ok(image) => self.pair.find(&image, self.keys.as_ref()).await,
            Err(error) => Ok(Pixels::Unread(error.message())),
        }
    }
}
