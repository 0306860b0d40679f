//! What the families load with: opens the graphs of a folder, binds their tensors, proves them.

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::bound::{Bindings, BoundGraph, class_tensor};
use super::classes::spread;
use super::failure::Failure;
use super::format::{remarks, resolve, sides};
use super::graph::ModelGraph;
use super::latent::{draw, noises, shaped};
use super::mismatch::Mismatch;
use super::ranges::RangeFault;
use super::survey::survey;
use crate::families::noise::Generator;
use crate::imaging::{TensorFormat, fit};
use crate::language::Message;
use crate::models::{GraphRole, Latent, Manifest, ModelFolder, TensorRole};
use crate::runtime::{Engine, LoadError, Port, Row, Tensor};

/// Rows that differ, with which each graph is proved.
pub(in crate::families) const SAMPLES: usize = 3;

/// Why a model cannot be loaded.
#[derive(Debug, Clone, Error)]
pub enum LoadFailure {
    /// One of its graphs cannot be.
    #[error(transparent)]
    Graph(#[from] LoadError),
    /// Something else of a folder in the layout of diffusers is missing, or can't be.
    #[error("{0}")]
    Folder(String),
    /// The manifest and the graphs disagree.
    #[error("model.toml and the graphs disagree: {0}")]
    Manifest(#[from] Mismatch),
    /// A range that the folder states can't be the model's.
    #[error(transparent)]
    Ranges(#[from] RangeFault),
}

impl LoadFailure {
    /// The graph of that role is not there.
    pub(in crate::families) fn missing(role: GraphRole) -> Self {
        Mismatch::Missing(format!("graphs.{role}")).into()
    }
}

/// What the families load with.
pub(in crate::families) struct Loader<'l> {
    pub(in crate::families) engine: &'l Engine,
    pub(in crate::families) folder: &'l ModelFolder,
}

/// What a GAN and a VAE have in common: a graph that paints latents, and one that looks.
pub(in crate::families) struct Painter {
    pub(in crate::families) latent: Latent,
    pub(in crate::families) painter: BoundGraph,
    pub(in crate::families) viewer: Option<Proved>,
    pub(in crate::families) format: TensorFormat,
    /// The images that the other graph looks at.
    pub(in crate::families) seen: TensorFormat,
    /// What is remarkable about the values that were painted.
    pub(in crate::families) notes: Vec<Message>,
}

/// A graph that was proved, and what it made of the samples.
pub(in crate::families) struct Proved {
    pub(in crate::families) bound: BoundGraph,
    answers: Vec<Row>,
}

impl Proved {
    /// What the graph made of each sample, for one role.
    pub(in crate::families) fn outputs(&self, role: &TensorRole) -> Vec<Tensor> {
        self.answers
            .iter()
            .filter_map(|answer| answer.get(self.bound.bindings.output(role)?).cloned())
            .collect()
    }
}

impl Loader<'_> {
    pub(in crate::families) fn manifest(&self) -> &Manifest {
        &self.folder.manifest
    }

    /// Opens and proves the graph of a role, if the manifest has one. `sample` answers with a
    /// tensor for a role; class labels and states are answered here.
    pub(in crate::families) fn open(
        &self,
        role: GraphRole,
        sample: impl Fn(&TensorRole, usize) -> Option<Tensor>,
    ) -> Result<Option<Proved>, LoadFailure> {
        let manifest = self.manifest();
        let (Some(spec), Some(path)) = (manifest.graph(role), self.folder.graph_file(role)) else {
            return Ok(None);
        };
        let path: PathBuf = path;
        let inspected = self.engine.inspect(&path)?;
        let bindings = Bindings::resolve(
            role,
            spec,
            manifest,
            inspected.inputs(),
            inspected.outputs(),
        )?;
        let states = states(inspected.inputs(), &bindings)?;
        let rows: Vec<Row> = (0..SAMPLES)
            .map(|at| {
                let mut maps = bindings.noises().iter();
                bindings.row(|role| match role {
                    TensorRole::Noise => maps.next().map(|shape| noise(shape, at)),
                    TensorRole::Class(axis) => {
                        let classes: Vec<usize> = manifest
                            .classes
                            .iter()
                            .map(|axis| at % axis.labels.len())
                            .collect();
                        class_tensor(&manifest.classes, axis, &classes)
                    }
                    TensorRole::State(_) => states
                        .iter()
                        .find(|(known, _)| known == role)
                        .map(|(_, shape)| noise(shape, at)),
                    _ => sample(role, at),
                })
            })
            .collect();
        let named = (self.folder.id.as_str(), role, spec.max_batch);
        let timestep = bindings.input(&TensorRole::Timestep);
        let inspected = match timestep {
            Some(timestep) => inspected.with_batch_axis(timestep),
            None => inspected,
        };
        let graph = ModelGraph::prove(inspected, named, &rows)?;
        let answers = graph.graph().proof().answers.clone();
        let bound = BoundGraph { graph, bindings };
        Ok(Some(Proved { bound, answers }))
    }

    /// Opens what paints latents, and the graph that looks at its images, if the model has it.
    pub(in crate::families) fn painter(
        &self,
        paints: GraphRole,
        looks: GraphRole,
    ) -> Result<Painter, LoadFailure> {
        let manifest = self.manifest();
        let latent = manifest.latent.clone().unwrap_or_else(Latent::nothing);
        let painter = self.need(paints, |role, at| match role {
            TensorRole::Latent => {
                let values = draw(&latent, &mut Generator::new(at as u64), None);
                shaped(&latent, values)
            }
            _ => None,
        })?;
        let images = painter.outputs(&TensorRole::Image);
        let shape = images.first().map(Tensor::shape).unwrap_or_default();
        let format = resolve(manifest.image_of(paints), shape)?;
        let seen = self.seen(looks, &format)?;
        let viewer = self.open(looks, |role, at| match role {
            TensorRole::Image => shown(images.get(at)?, &format, &seen).ok(),
            _ => None,
        })?;
        let mut notes = remarks(format.range, &images);
        let open = vec![None; manifest.classes.len()];
        let first = vec![0; manifest.classes.len()];
        let row = |seed| {
            // Where there is no latent, labels are all that a seed chooses.
            let labels = match latent.is_empty() {
                true => spread(&manifest.classes, &open, seed),
                false => first.clone(),
            };
            let mut maps = noises(&latent, painter.bound.bindings.noises(), seed);
            painter.bound.bindings.row(|role| match role {
                TensorRole::Noise => maps.next(),
                TensorRole::Latent => {
                    let values = draw(&latent, &mut Generator::new(seed), None);
                    shaped(&latent, values)
                }
                TensorRole::Class(axis) => class_tensor(&manifest.classes, axis, &labels),
                _ => None,
            })
        };
        let output = painter.bound.bindings.output(&TensorRole::Image);
        let image = |mut answer: Row| answer.take(output?);
        let graph = painter.bound.graph.graph();
        notes.extend(survey(graph, &format, row, image));
        Ok(Painter {
            notes,
            latent,
            painter: painter.bound,
            format,
            seen,
            viewer,
        })
    }

    /// The images that a graph looks at: as those that are painted, unless it has a way of its own.
    fn seen(&self, looks: GraphRole, painted: &TensorFormat) -> Result<TensorFormat, LoadFailure> {
        let own = self.manifest().graph(looks);
        let Some(spec) = own.and_then(|graph| graph.image.as_ref()) else {
            return Ok(painted.clone());
        };
        let ports = self.look(looks)?;
        let insisted = ports.as_ref().and_then(|(ports, bindings)| {
            let name = bindings.input(&TensorRole::Image)?;
            sides(spec, ports.iter().find(|port| *port.name == *name)?)
        });
        let size = spec.width.zip(spec.height).or(insisted);
        let (width, height) = size.unwrap_or((painted.width, painted.height));
        Ok(TensorFormat {
            layout: spec.layout,
            range: spec.range,
            width,
            height,
            channels: spec.channels,
        })
    }

    /// The ports of a graph and what they mean, without running it.
    pub(in crate::families) fn look(
        &self,
        role: GraphRole,
    ) -> Result<Option<(Vec<Port>, Bindings)>, LoadFailure> {
        let manifest = self.manifest();
        let (Some(spec), Some(path)) = (manifest.graph(role), self.folder.graph_file(role)) else {
            return Ok(None);
        };
        let inspected = self.engine.inspect(&path)?;
        let (inputs, outputs) = (inspected.inputs(), inspected.outputs());
        let bindings = Bindings::resolve(role, spec, manifest, inputs, outputs)?;
        Ok(Some((inputs.to_vec(), bindings)))
    }

    /// As [`open`](Self::open), for a graph that the family cannot do without.
    pub(in crate::families) fn need(
        &self,
        role: GraphRole,
        sample: impl Fn(&TensorRole, usize) -> Option<Tensor>,
    ) -> Result<Proved, LoadFailure> {
        self.open(role, sample)?
            .ok_or_else(|| LoadFailure::missing(role))
    }
}

/// What one graph has painted as another looks at it.
pub(in crate::families) fn shown(
    painted: &Tensor,
    format: &TensorFormat,
    seen: &TensorFormat,
) -> Result<Tensor, Failure> {
    if format == seen {
        return Ok(painted.clone());
    }
    let image = format.paint(painted.clone().into_floats().view())?;
    let image = fit(&image, seen.width, seen.height, seen.channels);
    Ok(Tensor::Float(seen.read(&image)?))
}

/// Normal noise of a shape, another for each sample.
pub(in crate::families) fn noise(shape: &[usize], sample: usize) -> Tensor {
    let mut generator = Generator::new(sample as u64);
    let values = generator.normal(shape.iter().product());
    ndarray::ArrayD::from_shape_vec(shape, values)
        .map_or_else(|_| Tensor::zeros(shape), Tensor::Float)
}

/// The states that a graph carries, with the shape of one sample of each.
pub(in crate::families) fn states(
    ports: &[Port],
    bindings: &Bindings,
) -> Result<Vec<(TensorRole, Vec<usize>)>, Mismatch> {
    bindings
        .takes()
        .filter(|(_, role)| matches!(role, TensorRole::State(_)))
        .map(|(name, role)| {
            let shape = sample_shape(ports, name).ok_or_else(|| Mismatch::OpenState {
                port: Arc::clone(name),
                role: role.clone(),
            })?;
            Ok((role.clone(), shape))
        })
        .collect()
}

/// The shape of one sample of an input whose first axis is the batch, if the graph fixes it.
pub(in crate::families) fn sample_shape(ports: &[Port], name: &Arc<str>) -> Option<Vec<usize>> {
    let port = ports.iter().find(|port| port.name == *name)?;
    port.dims.get(1..)?.iter().copied().collect()
}
