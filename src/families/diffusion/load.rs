//! Opening the graphs of a folder, each proved with rows as the pipeline will send them.

use std::path::Path;

use super::denoiser::Denoiser;
use super::layout::{Kind, Layout, LayoutError};
use super::pipeline::Pipeline;
use super::text::TextEncoders;
use super::vae::Autoencoder;
use crate::families::LoadFailure;
use crate::runtime::{Engine, Graph, Placement, Port, Row};

/// Rows with which a graph is proved.
pub(super) const SAMPLES: usize = 3;

impl From<LayoutError> for LoadFailure {
    fn from(error: LayoutError) -> Self {
        Self::Folder(error.to_string())
    }
}

/// A graph that is to be opened.
pub(super) struct OpenGraph<'o> {
    pub(super) engine: &'o Engine,
    pub(super) model: &'o str,
    pub(super) name: &'o str,
    pub(super) path: &'o Path,
}

/// Opens and proves a graph; `samples` makes rows that differ, for the inputs that it has.
pub(super) fn open(
    opened: &OpenGraph<'_>,
    samples: impl FnOnce(&[Port]) -> Vec<Row>,
) -> Result<Graph, LoadFailure> {
    let inspected = opened.engine.inspect(opened.path)?;
    let rows = samples(inspected.inputs());
    let inspected = inspected.lifted("timestep", &rows)?;
    let placement = Placement {
        model: opened.model.into(),
        graph: opened.name.into(),
        max_batch: None,
    };
    Ok(inspected.prove(placement, &rows)?)
}

impl Pipeline {
    /// Loads a folder in the diffusers layout as the model `id`.
    ///
    /// # Errors
    /// [`LoadFailure`] when a part is missing, unreadable, or doesn't run.
    pub fn load(engine: &Engine, id: &str, folder: &Path) -> Result<Self, LoadFailure> {
        let layout = Layout::read(folder)?;
        let text = TextEncoders::open(engine, id, &layout)?;
        let unet = Denoiser::open(engine, id, &layout, text.shape())?;
        let vae = Autoencoder::open(engine, id, &layout)?;
        if layout.kind == Kind::LatentConsistency && layout.unet.time_cond_proj_dim.is_none() {
            return Err(LoadFailure::Folder(
                "unet/config.json has no time_cond_proj_dim, which a latent consistency model needs"
                    .into(),
            ));
        }
        Ok(Self::new(layout, text, unet, vae))
    }
}
