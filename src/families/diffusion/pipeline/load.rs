//! Opening the graphs of a folder, each proved with rows as the pipeline will send them.

use std::path::Path;

use crate::families::LoadFailure;
use crate::families::shared::graph::ModelGraph;
use crate::models::GraphRole;
use crate::runtime::{Engine, Port, Row};

/// Rows with which a graph is proved.
pub(in crate::families::diffusion) const SAMPLES: usize = 3;

/// What the parts of a pipeline load with.
#[derive(Clone, Copy)]
pub(in crate::families::diffusion) struct Opening<'o> {
    pub(in crate::families::diffusion) engine: &'o Engine,
    pub(in crate::families::diffusion) model: &'o str,
}

impl Opening<'_> {
    /// Opens and proves a graph; `samples` makes rows that differ, for the inputs that it has.
    pub(in crate::families::diffusion) fn open(
        &self,
        role: GraphRole,
        path: &Path,
        samples: impl FnOnce(&[Port]) -> Vec<Row>,
    ) -> Result<ModelGraph, LoadFailure> {
        let inspected = self.engine.inspect(path)?;
        let rows = samples(inspected.inputs());
        let inspected = inspected.with_batch_axis("timestep").by_small_rows();
        Ok(ModelGraph::prove(
            inspected,
            (self.model, role, None),
            &rows,
        )?)
    }
}
