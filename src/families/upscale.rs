//! Super-resolution (Dong et al. 2014; Shi et al. 2016, "sub-pixel convolution"): an image in, the
//! image enlarged out.
//!
//! A graph for grey sees brightness alone: colours are enlarged by Lanczos beside it, as the
//! papers do. A transparent image goes through twice, over black and over white.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join};

use super::shared::bound::BoundGraph;
use super::shared::loader::{LoadFailure, Loader};
use super::shared::program::{Failure, GraphReport, Order, Program};
use super::shared::progress::{Progress, Step};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::{is_transparent, matted, over_black_and_white};
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use crate::fields::{Checked, IMAGE, InvalidField, Parameter, SCALE, Text};
use crate::imaging::{Channels, Image, coloured, with_channels};
use crate::language::Message;
use crate::message;
use crate::models::GraphRole;
use crate::runtime::CallTime;

/// The most pixels that an image is enlarged to.
const MOST_PIXELS: u64 = 64_000_000;

/// A graph that enlarges, and another by another scale if the model has it.
#[derive(Debug)]
pub(super) struct Upscaler {
    graphs: Vec<ImageGraph>,
    notes: Vec<Message>,
}

/// An image, and the graphs that it goes through.
#[derive(Debug)]
struct Enlarging {
    upscaler: Arc<Upscaler>,
    image: Image,
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

    /// The scales that it can do, and the graphs that do them: each by itself, or one twice.
    fn ways(&self) -> Vec<(u32, Vec<usize>)> {
        let scale = |at: usize| self.graphs[at].geometry.scale;
        let once = (0..self.graphs.len()).map(|at| (scale(at), vec![at]));
        let twice = (0..self.graphs.len()).map(|at| (scale(at).pow(2), vec![at, at]));
        let mut ways: Vec<(u32, Vec<usize>)> = Vec::new();
        for (scale, way) in once.chain(twice) {
            if ways.iter().all(|(known, _)| *known != scale) {
                ways.push((scale, way));
            }
        }
        ways.sort_by_key(|(scale, _)| *scale);
        ways
    }

    fn own_scale(&self) -> u32 {
        self.graphs.first().map_or(1, |graph| graph.geometry.scale)
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
            return Err(InvalidField::new("n", message));
        }
        let missing =
            || InvalidField::new("image", message!("is missing; give the image to enlarge"));
        let image = request.image()?.ok_or_else(missing)?;
        let scale = request.draft().scale.unwrap_or(self.own_scale().into());
        let ways = self.ways();
        let scales: Vec<String> = ways.iter().map(|(scale, _)| scale.to_string()).collect();
        let way = ways
            .into_iter()
            .find(|(known, _)| u64::from(*known) == scale);
        let Some((scale, way)) = way else {
            let message = message!(
                "{scale}; this model enlarges by {scales}",
                scale,
                scales = scales.join(", ")
            );
            return Err(InvalidField::new("scale", message));
        };
        let (width, height) = (u64::from(image.width()), u64::from(image.height()));
        let [width, height] = [width, height].map(|side| side * u64::from(scale));
        let format = request.draft().format.unwrap_or_default();
        let longest = u64::from(format.max_side());
        if width * height > MOST_PIXELS || width.max(height) > longest {
            let message = message!(
                "{scale} makes {width} × {height} pixels; at most {most} are made, and {longest} a side of \
                 a {format} file",
                scale,
                width,
                height,
                most = MOST_PIXELS,
                longest,
                format
            );
            return Err(InvalidField::new("scale", message));
        }
        Ok(Box::new(Enlarging {
            upscaler: self,
            image,
            way,
        }))
    }
}

impl Enlarging {
    fn graphs(&self) -> impl Iterator<Item = &ImageGraph> {
        self.way.iter().map(|&at| &self.upscaler.graphs[at])
    }

    /// How often each pixel goes through.
    fn layers(&self) -> usize {
        if is_transparent(&self.image) { 2 } else { 1 }
    }

    /// Each graph with the size of what it is given.
    fn stages(&self) -> impl Iterator<Item = (&ImageGraph, (u32, u32))> {
        let mut size = (self.image.width(), self.image.height());
        self.graphs().map(move |graph| {
            let scale = graph.geometry.scale;
            let given = size;
            size = (given.0 * scale, given.1 * scale);
            (graph, given)
        })
    }

    fn calls(&self) -> usize {
        let calls = self
            .stages()
            .map(|(graph, size)| graph.calls(size, Large::Cut));
        self.layers() * calls.sum::<usize>()
    }

    async fn enlarged(
        &self,
        told: &(dyn Fn() + Send + Sync),
        time: &mut CallTime,
    ) -> Result<Image, Failure> {
        let mut image = Cow::Borrowed(&self.image);
        for graph in self.graphs() {
            let larger = if is_transparent(&image) {
                let [black, white] = over_black_and_white(&image);
                let mut second = CallTime::default();
                let (black, white) = try_join(
                    opaque(graph, &black, told, time),
                    opaque(graph, &white, told, &mut second),
                )
                .await?;
                matted(&black, &white)
            } else {
                opaque(graph, &image, told, time).await?
            };
            image = Cow::Owned(larger);
        }
        Ok(image.into_owned())
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
    let luma = sees_luma.then(|| with_channels(image, Channels::Grey));
    let passage = Passage {
        image: luma.as_ref().unwrap_or(image),
        large: Large::Cut,
        feed: &|_| None,
        grain: 0.0,
        noise: None,
        told: &|_, _| told(),
    };
    let larger = graph.paint(passage, time).await?;
    Ok(match (sees_luma, image.channels()) {
        (true, _) => coloured(&larger, image),
        (false, Channels::Grey) => with_channels(&larger, Channels::Grey),
        (false, _) => larger,
    })
}

impl Order for Enlarging {
    fn count(&self) -> usize {
        1
    }

    fn size(&self) -> (u32, u32) {
        let scale: u32 = self.graphs().map(|graph| graph.geometry.scale).product();
        (self.image.width() * scale, self.image.height() * scale)
    }

    fn cost(&self) -> Duration {
        let costs = self
            .stages()
            .map(|(graph, size)| graph.cost(size, Large::Cut));
        costs.sum::<Duration>() * u32::try_from(self.layers()).unwrap_or(2)
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let calls = self
            .stages()
            .map(|(graph, size)| graph.call_bytes(size, Large::Cut, times));
        calls.max().unwrap_or(0)
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let (of, calls) = (self.calls(), AtomicUsize::new(0));
            let told = || {
                let done = 1 + calls.fetch_add(1, Ordering::Relaxed);
                progress.advanced(Step {
                    sample: Some(0),
                    done,
                    of,
                });
            };
            let mut time = CallTime::default();
            let image = self.enlarged(&told, &mut time).await?;
            let sampled = Sampled {
                image,
                seed: None,
                labels: Vec::new(),
                score: None,
                warnings: Vec::new(),
                time,
            };
            progress.sampled(0, &sampled);
            Ok(vec![sampled])
        })
    }
}
