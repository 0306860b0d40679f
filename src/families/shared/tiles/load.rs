//! Opening a graph that makes an image of an image: its geometry is measured, and rows that share
//! calls are proved at the size of its window.

use super::geometry::{Context, Geometry, texture};
use super::graph::{ImageGraph, noise_shape, normal};
use super::mask::MaskInput;
use crate::families::noise::Generator;
use crate::families::shared::bound::{Bindings, BoundGraph};
use crate::families::shared::format::{remarks, resolve, sides};
use crate::families::shared::graph::ModelGraph;
use crate::families::shared::loader::{LoadFailure, Loader, SAMPLES};
use crate::families::shared::mismatch::{Mismatch, TrialError};
use crate::imaging::mask::square;
use crate::imaging::{Image, TensorFormat, window};
use crate::language::Message;
use crate::message;
use crate::models::{GraphRole, ImageSpec, TensorRole};
use crate::runtime::{Inspected, Port, Row, Tensor};

/// A graph that was opened, and what a person should know of it.
pub(in crate::families) struct Opened {
    pub(in crate::families) graph: ImageGraph,
    pub(in crate::families) notes: Vec<Message>,
}

impl Loader<'_> {
    /// Opens the graph of a role, if the manifest has one. `side` answers with what it takes beside
    /// the image and noise, for each of the samples.
    pub(in crate::families) fn image_graph(
        &self,
        role: GraphRole,
        side: impl Fn(&TensorRole, usize) -> Option<Tensor>,
    ) -> Result<Option<Opened>, LoadFailure> {
        let manifest = self.manifest();
        let (Some(spec), Some(path)) = (manifest.graph(role), self.folder.graph_file(role)) else {
            return Ok(None);
        };
        let mut inspected = self.engine.inspect(&path)?;
        let (inputs, outputs) = (inspected.inputs(), inspected.outputs());
        let bindings = Bindings::resolve(role, spec, manifest, inputs, outputs)?;
        let output = manifest.image_of(role).clone();
        let input = manifest.input_of(role).clone();
        let port = bound_to(&TensorRole::Image, &bindings, inputs).next();
        let fixed = port.and_then(|port| sides(&input, port));
        let stated = input.width.zip(input.height);
        let noise: Vec<Vec<Option<usize>>> = bound_to(&TensorRole::Noise, &bindings, inputs)
            .map(|port| port.dims.get(1..).unwrap_or_default().to_vec())
            .collect();
        let mask = MaskInput::of(&bindings, inputs);
        let row = |image: &Image, sample: usize| -> Result<Row, TrialError> {
            let format = format(&input, (image.width(), image.height()));
            let tensor = format.read(image)?;
            let mut generator = Generator::new(sample as u64);
            let seen = (image.width(), image.height());
            let mut shapes = noise.iter().map(|dims| noise_shape(dims, seen));
            Ok(bindings.row(|role| match role {
                TensorRole::Image => Some(Tensor::Float(tensor.clone())),
                TensorRole::Mask | TensorRole::InverseMask => {
                    mask.map(|mask| mask.tensor(&square(seen.0, seen.1)))
                }
                TensorRole::Noise => shapes.next().map(|shape| normal(&mut generator, &shape)),
                other => side(other, sample),
            }))
        };
        let named = bindings.output(&TensorRole::Image);
        let mut paint = |image: &Image| -> Result<Image, TrialError> {
            let mut answer = try_row(&mut inspected, &row(image, 0)?)?;
            let painted = named.and_then(|name| answer.take(name));
            let painted = painted.ok_or(TrialError::NoImage)?.into_floats();
            Ok(resolve(&output, painted.shape())?.paint(painted.view())?)
        };
        let unfit = |trial| Mismatch::Trial {
            role,
            trial: Box::new(trial),
        };
        let mut geometry = Geometry::measure(fixed, stated, &mut paint).map_err(unfit)?;
        if mask.is_some() {
            // What is filled in continues what lies anywhere around it, and trying one mask tells little of others.
            geometry.context = Context::Whole;
        }
        let rows = (0..SAMPLES).map(|sample| {
            let (width, height) = geometry.window;
            let texture = texture(width + 16, height + 16);
            let corner = 8 * i64::try_from(sample).unwrap_or(0);
            row(
                &window(&texture, (corner, 16 - corner), geometry.window),
                sample,
            )
        });
        let rows: Vec<Row> = rows.collect::<Result<_, _>>().map_err(unfit)?;
        let placed = (self.folder.id.as_str(), role, spec.max_batch);
        let graph = ModelGraph::prove(inspected, placed, &rows)?;
        let answers = graph.graph().proof().answers.iter();
        let images: Vec<Tensor> = answers
            .filter_map(|answer| answer.get(named?).cloned())
            .collect();
        let mut notes = remarks(output.range, &images);
        notes.extend(said(&geometry));
        let bound = BoundGraph { graph, bindings };
        Ok(Some(Opened {
            notes,
            graph: ImageGraph {
                bound,
                geometry,
                input,
                output,
                noise,
                mask,
            },
        }))
    }
}

fn try_row(inspected: &mut Inspected<'_>, row: &Row) -> Result<Row, TrialError> {
    let answers = inspected.answers(std::slice::from_ref(row))?;
    answers.into_iter().next().ok_or(TrialError::NoImage)
}

/// The ports that are fed what has a role, in the graph's order.
fn bound_to<'p>(
    role: &TensorRole,
    bindings: &Bindings,
    ports: &'p [Port],
) -> impl Iterator<Item = &'p Port> {
    let names: Vec<_> = bindings
        .takes()
        .filter(|(_, known)| *known == role)
        .map(|(name, _)| name.clone())
        .collect();
    ports.iter().filter(move |port| names.contains(&port.name))
}

fn format(spec: &ImageSpec, (width, height): (u32, u32)) -> TensorFormat {
    TensorFormat {
        layout: spec.layout,
        range: spec.range,
        width,
        height,
        channels: spec.channels,
    }
}

/// What a person should know of a graph's geometry.
fn said(geometry: &Geometry) -> Vec<Message> {
    let mut said = Vec::new();
    let (width, height) = geometry.window;
    match (geometry.context, geometry.fixed) {
        (Context::Around(margin), _) => said.push(message!(
            "a pixel depends on what lies up to {margin} pixels around it, so larger images are cut into tiles \
             of {width} × {height}",
            margin = margin + geometry.eaten,
            width,
            height
        )),
        (Context::Whole, true) => said.push(message!(
            "a pixel depends on the whole image, so images are resized to {width} × {height} and back",
            width,
            height
        )),
        (Context::Whole, false) => said.push(message!(
            "a pixel depends on the whole image, so large images are reduced and the result is enlarged"
        )),
    }
    if geometry.eaten > 0 {
        said.push(message!(
            "it leaves out the outermost {eaten} pixels, so images are mirrored beyond their edges",
            eaten = geometry.eaten
        ));
    }
    said
}
