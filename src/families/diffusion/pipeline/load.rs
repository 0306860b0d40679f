//! Opening the graphs of a folder, each proved with rows as the pipeline will send them.

use std::path::Path;

use super::denoiser::Denoiser;
use super::layout::{Kind, Layout, LayoutError};
use super::parts::Pipeline;
use super::vae::Autoencoder;
use crate::families::LoadFailure;
use crate::families::diffusion::text::encoding::TextEncoders;
use crate::runtime::{Engine, Graph, Placement, Port, Row};

/// Rows with which a graph is proved.
pub(in crate::families::diffusion) const SAMPLES: usize = 3;

impl From<LayoutError> for LoadFailure {
    fn from(error: LayoutError) -> Self {
        Self::Folder(error.to_string())
    }
}

/// A graph that is to be opened.
pub(in crate::families::diffusion) struct OpenGraph<'o> {
    pub(in crate::families::diffusion) engine: &'o Engine,
    pub(in crate::families::diffusion) model: &'o str,
    pub(in crate::families::diffusion) name: &'o str,
    pub(in crate::families::diffusion) path: &'o Path,
}

/// Opens and proves a graph; `samples` makes rows that differ, for the inputs that it has.
pub(in crate::families::diffusion) fn open(
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
