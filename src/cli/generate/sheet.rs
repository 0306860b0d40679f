//! All images on one sheet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::files::{format_of, write_whole};
use crate::imaging::signing::{Credentials, Statement};
use crate::imaging::{DecodeLimits, FileFormat, Image, Provenance, decode, encode, grid};
use crate::service::{Model, Studio};

/// Pixels of a sheet: what fits a large screen many times over, and memory easily.
const MOST_PIXELS: u64 = 100_000_000;

/// A sheet that images are added to.
pub(super) struct Sheet {
    path: PathBuf,
    columns: usize,
    images: Vec<Image>,
    provenance: Provenance,
    credentials: Option<Arc<Credentials>>,
}

impl Sheet {
    pub(super) fn new(
        path: &Path,
        columns: Option<u32>,
        model: &Model,
        images: u64,
        credentials: Option<Arc<Credentials>>,
    ) -> anyhow::Result<Self> {
        if format_of(path).is_none_or(FileFormat::is_animated) {
            bail!(
                "--grid {}: the name must end in .png, .jpg or .webp",
                path.display()
            );
        }
        // Of a model without a size of its own, the sheet itself is bounded.
        let (width, height) = model.size().unwrap_or((1, 1));
        let most = MOST_PIXELS / (u64::from(width) * u64::from(height)).max(1);
        if images > most {
            bail!("a sheet holds {most} images of this model, not {images}; give --out a folder");
        }
        let columns = match columns {
            Some(columns) => columns as usize,
            None => usize::try_from(images.isqrt())? + usize::from(!is_square(images)),
        };
        Ok(Self {
            path: path.to_owned(),
            columns,
            images: Vec::new(),
            provenance: Provenance {
                model: model.id().to_owned(),
                digest: model.digest().to_owned(),
                family: model.manifest().family.to_string(),
                ..Provenance::default()
            },
            credentials,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an image file.
    pub(super) fn add(&mut self, file: &[u8]) -> anyhow::Result<()> {
        self.images.push(decode(file, &DecodeLimits::default())?);
        Ok(())
    }

    /// Writes it; marked, where images are.
    pub(super) async fn write(self, studio: &Studio) -> anyhow::Result<()> {
        let sheet = grid(&self.images, self.columns)?;
        let sheet = match studio.mark(&sheet).await? {
            Some((marked, _)) => marked,
            None => sheet,
        };
        let format = format_of(&self.path).unwrap_or_default();
        let file = encode(&sheet, format, &self.provenance)
            .with_context(|| format!("cannot make {}", self.path.display()))?;
        let file = match self.credentials {
            None => file,
            Some(credentials) => {
                let statement = Statement {
                    provenance: &self.provenance,
                    inputs: &[],
                };
                credentials.sign(&file, format, statement)?
            }
        };
        write_whole(&self.path, &file)
    }
}

fn is_square(number: u64) -> bool {
    number.isqrt().pow(2) == number
}
