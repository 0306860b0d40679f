//! Opening a painter and its stylist, and what stands for the styles that they know by name.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Style;
use super::manner::{Known, Styles, middle};
use crate::families::shared::bound::BoundGraph;
use crate::families::shared::format::sides;
use crate::families::shared::loader::{LoadFailure, Loader, SAMPLES, noise};
use crate::families::shared::mismatch::{Mismatch, StyleImageFault};
use crate::families::shared::program::{Encoder, Encoding, Failure};
use crate::families::shared::tiles::geometry::texture;
use crate::imaging::{DecodeLimits, Image, TensorFormat, decode, window};
use crate::models::{GraphRole, ImageSpec, TensorRole};
use crate::runtime::{CallTime, Port, Row, Tensor};

/// The sides of the image that a style is seen in, where the graph leaves them open.
const SIDE: u32 = 256;

/// Finds the style of an image.
#[derive(Debug)]
pub(super) struct Stylist {
    pub(super) graph: BoundGraph,
    format: TensorFormat,
}

impl Style {
    pub(in crate::families) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let missing = || LoadFailure::missing(GraphRole::Painter);
        let (ports, bindings) = loader.look(GraphRole::Painter)?.ok_or_else(missing)?;
        let port = |wanted: &TensorRole| {
            let found = bindings.takes().find(|(_, role)| *role == wanted);
            let name = found.map(|(name, _)| name.clone())?;
            ports.iter().find(|port| port.name == name)
        };
        let (vector, seen) = (port(&TensorRole::Style), port(&TensorRole::StyleImage));
        let spec = manifest.input_of(GraphRole::Painter);
        let stylist = stylist(loader, manifest.input_of(GraphRole::Stylist))?;
        let sees = match (&stylist, seen) {
            (Some((stylist, _)), _) => stylist.format.clone(),
            (None, Some(port)) => format_of(spec, port),
            (None, None) => square(spec, (SIDE, SIDE)),
        };
        let images = images(loader, &sees)?;
        let looked = match &stylist {
            Some((stylist, _)) => stylist.looked(loader, &images)?,
            None => Vec::new(),
        };
        let stated = vector.and_then(|port| {
            let sides = port.dims.get(1..)?.iter().copied();
            sides.product::<Option<usize>>()
        });
        let known = match (vector, seen) {
            (Some(port), _) => Known::Vectors(vectors(loader, port, looked)?),
            (None, Some(_)) => Known::Images(images),
            (None, None) => Known::One,
        };
        let samples = samples(&sees);
        let drawn = stylist
            .as_ref()
            .map(|(_, drawn)| drawn.clone())
            .unwrap_or_default();
        let opened = loader.image_graph(GraphRole::Painter, |role, at| match role {
            TensorRole::Style => match &known {
                Known::Vectors(vectors) if !vectors.is_empty() => {
                    Some(Tensor::vector(vectors[at % vectors.len()].clone()))
                }
                _ => drawn.get(at).cloned().or_else(|| {
                    let length = vector?
                        .dims
                        .get(1..)?
                        .iter()
                        .copied()
                        .product::<Option<usize>>()?;
                    Some(noise(&[length], at))
                }),
            },
            TensorRole::StyleImage => samples.get(at).cloned(),
            _ => None,
        })?;
        let opened = opened.ok_or_else(missing)?;
        let found = drawn.first().map(Tensor::len);
        let length = match &known {
            Known::Vectors(vectors) => stated.or(vectors.first().map(Vec::len)).or(found),
            Known::One | Known::Images(_) => None,
        };
        let sees_images = seen.is_some() || stylist.is_some();
        let own = manifest.defaults.style.as_deref();
        Ok(Self {
            painter: opened.graph,
            notes: opened.notes,
            styles: Styles::new(manifest.styles.clone(), (known, length), sees_images, own),
            stylist: stylist.map(|(stylist, _)| stylist),
            sees,
            strength: manifest.defaults.strength.unwrap_or(1.0),
            noise: manifest.defaults.noise.unwrap_or(0.0),
        })
    }
}

/// The graph that finds styles, and what it finds in samples.
fn stylist(
    loader: &Loader<'_>,
    spec: &ImageSpec,
) -> Result<Option<(Stylist, Vec<Tensor>)>, LoadFailure> {
    let Some((ports, bindings)) = loader.look(GraphRole::Stylist)? else {
        return Ok(None);
    };
    let name = bindings
        .takes()
        .find(|(_, role)| **role == TensorRole::Image);
    let port = name.and_then(|(name, _)| ports.iter().find(|port| port.name == *name));
    let format = port.map_or_else(|| square(spec, (SIDE, SIDE)), |port| format_of(spec, port));
    let samples = samples(&format);
    let proved = loader.need(GraphRole::Stylist, |role, at| match role {
        TensorRole::Image => samples.get(at).cloned(),
        _ => None,
    })?;
    let found = proved.outputs(&TensorRole::Style);
    let flat = found
        .into_iter()
        .map(|style| Tensor::vector(style.into_floats().iter().copied().collect()));
    let flat = flat.collect();
    let graph = proved.bound;
    Ok(Some((Stylist { graph, format }, flat)))
}

/// The vector of each named style: as it is stated, found in its image, or 1 at its own place.
fn vectors(
    loader: &Loader<'_>,
    port: &Port,
    looked: Vec<Vec<f32>>,
) -> Result<Vec<Vec<f32>>, LoadFailure> {
    let styles = &loader.manifest().styles;
    let length = port
        .dims
        .get(1..)
        .and_then(|dims| dims.iter().copied().product::<Option<usize>>());
    let disagree = |at: usize, found: usize| {
        let length = length.unwrap_or_default();
        LoadFailure::from(Mismatch::Other(format!(
            "style[{at}].vector: {found} numbers, and the painter takes {length}"
        )))
    };
    let mut vectors = Vec::new();
    let mut looked = looked.into_iter();
    for (at, style) in styles.iter().enumerate() {
        let vector = match (&style.vector, &style.image) {
            (Some(vector), _) => vector.clone(),
            (None, Some(_)) => looked.next().ok_or_else(|| {
                Mismatch::Other(format!(
                    "style[{at}].picture: there is no stylist that could look at it; give a vector"
                ))
            })?,
            (None, None) => (0..styles.len())
                .map(|place| f32::from(u8::from(place == at)))
                .collect(),
        };
        if length.is_some_and(|length| length != vector.len()) {
            return Err(disagree(at, vector.len()));
        }
        vectors.push(vector);
    }
    Ok(vectors)
}

/// The image of each named style, as the painter takes it.
fn images(loader: &Loader<'_>, format: &TensorFormat) -> Result<Vec<Image>, LoadFailure> {
    let styles = loader.manifest().styles.iter().enumerate();
    let stated = styles.filter_map(|(at, style)| Some((at, style.image.as_ref()?)));
    let read = stated.map(|(at, file)| {
        let open = || -> Result<Image, StyleImageFault> {
            let bytes = fs::read(loader.folder.path.join(file))?;
            Ok(decode(&bytes, &DecodeLimits::default())?)
        };
        let image = open().map_err(|fault| Mismatch::StyleImage {
            at,
            file: file.clone(),
            fault: Arc::new(fault),
        })?;
        Ok(middle(&image, (format.width, format.height)))
    });
    read.collect()
}

fn samples(format: &TensorFormat) -> Vec<Tensor> {
    let size = (format.width, format.height);
    let texture = texture(size.0 + 16, size.1 + 16);
    let corners = (0..SAMPLES).map(|at| 8 * i64::try_from(at).unwrap_or(0));
    let seen = corners.map(|corner| window(&texture, (corner, 16 - corner), size));
    seen.filter_map(|image| format.read(&image).ok().map(Tensor::Float))
        .collect()
}

fn format_of(spec: &ImageSpec, port: &Port) -> TensorFormat {
    square(spec, sides(spec, port).unwrap_or((SIDE, SIDE)))
}

fn square(spec: &ImageSpec, (width, height): (u32, u32)) -> TensorFormat {
    TensorFormat {
        layout: spec.layout,
        range: spec.range,
        width,
        height,
        channels: spec.channels,
    }
}

impl Stylist {
    /// The styles of the images that stand for named ones, found when the model is loaded.
    fn looked(&self, loader: &Loader<'_>, images: &[Image]) -> Result<Vec<Vec<f32>>, LoadFailure> {
        let Some(path) = loader
            .folder
            .graph_file(GraphRole::Stylist)
            .filter(|_| !images.is_empty())
        else {
            return Ok(Vec::new());
        };
        let rows = images.iter().filter_map(|image| {
            let tensor = Tensor::Float(self.format.read(image).ok()?);
            let feed = |role: &TensorRole| (*role == TensorRole::Image).then(|| tensor.clone());
            Some(self.graph.bindings.row(feed))
        });
        let rows: Vec<Row> = rows.collect();
        let answers = loader.engine.inspect(&path)?.answers(&rows)?;
        let name = self
            .graph
            .bindings
            .output(&TensorRole::Style)
            .unwrap_or_default();
        let styles = answers
            .into_iter()
            .filter_map(|mut answer| answer.take(name));
        let flat = styles.map(|style| style.into_floats().iter().copied().collect());
        Ok(flat.collect())
    }

    /// The style of an image of the format's size.
    pub(super) async fn look(
        &self,
        image: &Image,
        time: &mut CallTime,
    ) -> Result<Vec<f32>, Failure> {
        let tensor = Tensor::Float(self.format.read(image)?);
        let mut answer = self
            .graph
            .call(time, |role| match role {
                TensorRole::Image => Some(tensor.clone()),
                _ => None,
            })
            .await?;
        let style = answer.take(&TensorRole::Style)?.into_floats();
        Ok(style.iter().copied().collect())
    }
}

impl Encoder for Stylist {
    fn format(&self) -> &TensorFormat {
        &self.format
    }

    fn cost(&self) -> Duration {
        self.graph.cost(1)
    }

    fn encode<'a>(
        &'a self,
        image: &'a Image,
        _classes: &'a [usize],
    ) -> BoxFuture<'a, Result<Encoding, Failure>> {
        Box::pin(async move {
            let mut time = CallTime::default();
            Ok(Encoding {
                mean: self.look(image, &mut time).await?,
                log_variance: None,
                time,
            })
        })
    }
}
