//! Super-resolution (Dong et al. 2014; Shi et al. 2016, "sub-pixel convolution"): an image in, the
//! image enlarged out.
//!
//! A graph for grey sees brightness alone: colours are enlarged by Lanczos beside it, as the
//! papers do. A transparent image goes through twice, over black and over white.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join};

use super::shared::bound::BoundGraph;
use super::shared::enlarged::within_bounds;
use super::shared::image_order::ImageOrder;
use super::shared::loader::{LoadFailure, Loader};
use super::shared::offload::{in_place, pixels_of};
use super::shared::program::{Failure, GraphReport, Order, Program};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::{is_transparent, matted, over_black_and_white};
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use super::shared::transform::{Shape, Told, Transform};
use crate::fields::{Checked, IMAGE, InvalidField, Parameter, SCALE, Text};
use crate::imaging::{Channels, Image, coloured, with_channels};
use crate::language::Message;
use crate::message;
use crate::models::GraphRole;
use crate::runtime::CallTime;

/// The greatest scale that comes of more than two graphs, one after the other.
const GREATEST: u32 = 16;

/// A graph that enlarges, and another by another scale if the model has it.
#[derive(Debug)]
pub(super) struct Upscaler {
    graphs: Vec<ImageGraph>,
    notes: Vec<Message>,
}

/// The graphs that an image goes through.
#[derive(Debug)]
struct Enlarging {
    upscaler: Arc<Upscaler>,
    /// Their places.
    way: Vec<usize>,
}

impl Upscaler {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let mut graphs = Vec::new();
        let mut notes = Vec::new();
        for role in [GraphRole::Upscaler, GraphRole::UpscalerTwo] {
            if let Some(opened) = loader.image_graph(role, |_, _| None)? {
                graphs.push(opened.graph);
                notes.extend(opened.notes);
            }
        }
        Ok(Self { graphs, notes })
    }

    /// The scales that it can do, and the fewest graphs that do them one after the other.
    fn ways(&self) -> Vec<(u32, Vec<usize>)> {
        let mut ways: Vec<(u32, Vec<usize>)> = Vec::new();
        let mut last = vec![(1, Vec::new())];
        while !last.is_empty() {
            let mut longer = Vec::new();
            for (before, way) in &last {
                for (at, graph) in self.graphs.iter().enumerate() {
                    let scale = before * graph.geometry.scale;
                    let way: Vec<usize> = way.iter().copied().chain([at]).collect();
                    let mut known = ways.iter().chain(&longer).map(|(known, _)| *known);
                    if !known.any(|known| known == scale) && (way.len() <= 2 || scale <= GREATEST) {
                        longer.push((scale, way));
                    }
                }
            }
            ways.extend(longer.iter().cloned());
            last = longer;
        }
        ways.sort_by_key(|(scale, _)| *scale);
        ways
    }

    fn own_scale(&self) -> u32 {
        self.graphs.first().map_or(1, |graph| graph.geometry.scale)
    }

    /// The graphs that do what a request asks for, and the scale.
    fn enlarging(self: Arc<Self>, request: &Checked<'_>) -> Result<Enlarging, InvalidField> {
        let scale = request.draft().scale.unwrap_or(self.own_scale().into());
        let ways = self.ways();
        let scales: Vec<String> = ways.iter().map(|(scale, _)| scale.to_string()).collect();
        let way = ways
            .into_iter()
            .find(|(known, _)| u64::from(*known) == scale);
        let Some((_, way)) = way else {
            let message = message!(
                "{scale}; this model enlarges by {scales}",
                scale,
                scales = scales.join(", ")
            );
            return Err(InvalidField::new("scale", message));
        };
        Ok(Enlarging {
            upscaler: self,
            way,
        })
    }
}

impl Program for Upscaler {
    fn parameters(&self) -> Vec<Parameter> {
        let scales: Vec<u32> = self.ways().into_iter().map(|(scale, _)| scale).collect();
        let (least, most) = (scales.first(), scales.last());
        vec![
            IMAGE.parameter().required().saying(Text::new(
                "The image to enlarge, of any size.",
                "L’image à agrandir, de n’importe quelle taille.",
                "Ảnh cần phóng to, cỡ nào cũng được.",
            )),
            SCALE
                .parameter()
                .from(least.copied().unwrap_or(1))
                .to(most.copied().unwrap_or(1))
                .by_default(self.own_scale())
                .of(scales.iter().map(u32::to_string)),
        ]
    }

    fn size(&self) -> Option<(u32, u32)> {
        None
    }

    fn channels(&self) -> Channels {
        Channels::Rgb
    }

    fn graphs(&self) -> Vec<GraphReport> {
        let bound = self.graphs.iter().map(|graph| &graph.bound);
        bound.map(BoundGraph::report).collect()
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        if request.count() != 1 {
            let message = message!(
                "{count} images; an image is enlarged in one way",
                count = request.count()
            );
            return Err(InvalidField::all_alike(message));
        }
        let missing =
            || InvalidField::new("image", message!("is missing; give the image to enlarge"));
        let image = request.image()?.ok_or_else(missing)?;
        let enlarging = self.enlarging(request)?;
        let (width, height) = enlarging.size((image.width(), image.height()));
        let format = request.draft().format.unwrap_or_default();
        within_bounds("scale", (width.into(), height.into()), format)?;
        let samples: Vec<(u64, Arc<dyn Transform>)> = vec![(0, Arc::new(enlarging))];
        Ok(Box::new(ImageOrder::new(image, samples, request)))
    }

    fn transform(
        self: Arc<Self>,
        request: &mut Checked<'_>,
    ) -> Result<Option<Arc<dyn Transform>>, InvalidField> {
        Ok(Some(Arc::new(self.enlarging(request)?)))
    }
}

impl Enlarging {
    fn graphs(&self) -> impl Iterator<Item = &ImageGraph> {
        self.way.iter().map(|&at| &self.upscaler.graphs[at])
    }

    /// Each graph with the size of what it is given.
    fn stages(&self, mut size: (u32, u32)) -> impl Iterator<Item = (&ImageGraph, (u32, u32))> {
        self.graphs().map(move |graph| {
            let scale = graph.geometry.scale;
            let given = size;
            size = (given.0.saturating_mul(scale), given.1.saturating_mul(scale));
            (graph, given)
        })
    }
}

/// How often each pixel goes through.
fn layers(shape: Shape) -> usize {
    if shape.transparent { 2 } else { 1 }
}

impl Transform for Enlarging {
    fn size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        let scale: u32 = self.graphs().map(|graph| graph.geometry.scale).product();
        (width.saturating_mul(scale), height.saturating_mul(scale))
    }

    fn calls(&self, shape: Shape) -> usize {
        let stages = self.stages(shape.size);
        let calls = stages.map(|(graph, size)| graph.calls(size, Large::Cut));
        layers(shape) * calls.sum::<usize>()
    }

    fn cost(&self, shape: Shape) -> Duration {
        let stages = self.stages(shape.size);
        let costs = stages.map(|(graph, size)| graph.cost(size, Large::Cut));
        costs.sum::<Duration>() * u32::try_from(layers(shape)).unwrap_or(2)
    }

    fn call_bytes(&self, shape: Shape, times: f64) -> u64 {
        let stages = self.stages(shape.size);
        let calls = stages.map(|(graph, size)| graph.call_bytes(size, Large::Cut, times));
        calls.max().unwrap_or(0)
    }

    fn apply<'a>(
        &'a self,
        image: &'a Image,
        _seed: u64,
        told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>> {
        Box::pin(async move {
            let mut time = CallTime::default();
            let mut image = Cow::Borrowed(image);
            for graph in self.graphs() {
                let larger = if is_transparent(&image) {
                    let both = || over_black_and_white(&image);
                    let [black, white] = in_place(pixels_of(&image), both);
                    let mut second = CallTime::default();
                    let (black, white) = try_join(
                        opaque(graph, &black, told, &mut time),
                        opaque(graph, &white, told, &mut second),
                    )
                    .await?;
                    in_place(pixels_of(&black), || matted(&black, &white))
                } else {
                    opaque(graph, &image, told, &mut time).await?
                };
                image = Cow::Owned(larger);
            }
            Ok(Sampled {
                image: image.into_owned(),
                seed: None,
                labels: Vec::new(),
                score: None,
                sources: Arc::default(),
                judged: Vec::new(),
                warnings: Vec::new(),
                time,
            })
        })
    }
}

/// Enlarges an image without transparency; a grey one stays grey.
async fn opaque(
    graph: &ImageGraph,
    image: &Image,
    told: &(dyn Fn() + Send + Sync),
    time: &mut CallTime,
) -> Result<Image, Failure> {
    let sees_luma = graph.channels() == Channels::Grey && image.channels() != Channels::Grey;
    let grey = || with_channels(image, Channels::Grey);
    let luma = sees_luma.then(|| in_place(pixels_of(image), grey));
    let passage = Passage {
        image: luma.as_ref().unwrap_or(image),
        mask: None,
        large: Large::Cut,
        feed: &|_| None,
        grain: 0.0,
        noise: None,
        told: &|_, _| told(),
    };
    let larger = graph.paint(passage, time).await?;
    Ok(match (sees_luma, image.channels()) {
        (true, _) => in_place(pixels_of(&larger), || coloured(&larger, image)),
        (false, Channels::Grey) => {
            let grey = || with_channels(&larger, Channels::Grey);
            in_place(pixels_of(&larger), grey)
        }
        (false, _) => larger,
    })
}
