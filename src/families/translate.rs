//! Image-to-image translation (Isola et al. 2017, "pix2pix"; Zhu et al. 2017, CycleGAN): an image of
//! one domain in, the same scene in another domain out.
//!
//! A graph may be told which domain by a label (Choi et al. 2018, `StarGAN`), or take noise or a latent
//! that choose among many translations (Zhu et al. 2017, `BicycleGAN`). It may take a mask and fill in
//! what is white there (Suvorov et al. 2022, `LaMa`).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::noise::Generator;
use super::shared::bound::class_tensor;
use super::shared::choices::Choices;
use super::shared::classes::spread;
use super::shared::image_order::ImageOrder;
use super::shared::inpainting::{Inpainting, Overlay, Usual};
use super::shared::latent::{draw, shaped};
use super::shared::loader::{LoadFailure, Loader};
use super::shared::offload::{in_place, pixels_of};
use super::shared::program::{Failure, GraphReport, Order, Program};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::with_alpha_of;
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use super::shared::transform::{Shape, Told, Transform};
use crate::fields::{
    Checked, IMAGE, InvalidField, MASK, MASK_AREA, MASK_BLUR, MASK_PADDING, Parameter, Text,
};
use crate::imaging::{Channels, Image};
use crate::language::Message;
use crate::message;
use crate::models::{GraphRole, Latent, TensorRole};
use crate::runtime::CallTime;

/// A graph that translates.
#[derive(Debug)]
pub(super) struct Translator {
    graph: ImageGraph,
    latent: Option<Latent>,
    choices: Choices,
    notes: Vec<Message>,
}

/// Which domain an image is brought to, as far as labels say.
#[derive(Debug)]
struct Translating {
    translator: Arc<Translator>,
    /// The label of each axis; what is left open follows the seed.
    labels: Vec<Option<usize>>,
    /// What is filled in, where the graph takes a mask.
    masked: Option<Masked>,
}

/// A part of an image that is filled in.
#[derive(Debug, Clone)]
struct Masked {
    /// Of the size of what the graph is given: white where it fills that in.
    mask: Arc<Image>,
    overlay: Overlay,
}

/// Around what it fills in, a graph sees enough to continue it, and the masked part of a large image
/// isn't reduced with it.
const USUAL: Usual = Usual {
    alone: true,
    padding: 128,
};

impl Translator {
    pub(super) fn load(loader: &Loader<'_>) -> Result<Self, LoadFailure> {
        let manifest = loader.manifest();
        let latent = manifest.latent.clone();
        let opened = loader.image_graph(GraphRole::Translator, |role, at| match role {
            TensorRole::Latent => {
                let latent = latent.as_ref()?;
                shaped(latent, draw(latent, &mut Generator::new(at as u64), None))
            }
            TensorRole::Class(axis) => {
                let axes = manifest.classes.iter();
                let classes: Vec<usize> = axes.map(|axis| at % axis.labels.len()).collect();
                class_tensor(&manifest.classes, axis, &classes)
            }
            _ => None,
        })?;
        let opened = opened.ok_or_else(|| LoadFailure::missing(GraphRole::Translator))?;
        Ok(Self {
            graph: opened.graph,
            notes: opened.notes,
            choices: Choices::of(manifest),
            latent,
        })
    }

    /// Whether a seed makes a difference beside the labels that it chooses.
    fn draws(&self) -> bool {
        self.latent.is_some() || self.graph.takes_noise()
    }

    /// The part of a request's image that the graph is given, and what of it is filled in.
    fn masked(&self, image: Image, request: &Checked<'_>) -> Result<(Image, Masked), InvalidField> {
        let missing = message!("is missing; give an image that is white where to fill in");
        let missing = || InvalidField::new("mask", missing);
        let mask = request.draft().mask.as_deref().ok_or_else(missing)?;
        let mask = request.open("mask", mask)?;
        let size = match request.draft().mask_area.as_deref() {
            Some("whole") => (image.width(), image.height()),
            _ => self.graph.geometry.window,
        };
        let inpainting = Inpainting::new((image, &mask), size, USUAL, request)?;
        let masked = Masked {
            mask: inpainting.mask,
            overlay: inpainting.overlay,
        };
        Ok((Arc::unwrap_or_clone(inpainting.image), masked))
    }
}

impl Program for Translator {
    fn parameters(&self) -> Vec<Parameter> {
        let image = IMAGE.parameter().required().saying(Text::new(
            "The image to translate, of any size.",
            "L’image à traduire, de n’importe quelle taille.",
            "Ảnh cần chuyển đổi, cỡ nào cũng được.",
        ));
        let mut all = vec![image];
        if self.graph.takes_mask() {
            all.extend([
                MASK.parameter().required(),
                MASK_BLUR.parameter(),
                MASK_AREA.parameter().by_default("masked"),
                MASK_PADDING.parameter().by_default(USUAL.padding),
            ]);
        }
        all.extend(self.choices.parameters());
        all
    }

    fn size(&self) -> Option<(u32, u32)> {
        None
    }

    fn channels(&self) -> Channels {
        self.graph.channels()
    }

    fn graphs(&self) -> Vec<GraphReport> {
        vec![self.graph.bound.report()]
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        let missing =
            || InvalidField::new("image", message!("is missing; give the image to translate"));
        let image = request.image()?.ok_or_else(missing)?;
        let chosen = self.choices.read(request)?;
        let labels = &chosen.labels;
        let told = labels.iter().all(Option::is_some);
        if request.count() > 1 && told && !self.draws() {
            let count = request.count();
            let message = if labels.is_empty() {
                message!("{count} images would all be the same; ask for 1", count)
            } else {
                message!(
                    "{count} images would all be the same; ask for 1, or leave a class axis to the seed",
                    count
                )
            };
            return Err(InvalidField::all_alike(message));
        }
        let (image, masked) = match self.graph.takes_mask() {
            true => {
                let (image, masked) = self.masked(image, request)?;
                (image, Some(masked))
            }
            false => (image, None),
        };
        let seeds = request.seeds(request.count()).into_iter();
        let samples = seeds.enumerate().map(|(at, seed)| {
            let translating: Arc<dyn Transform> = Arc::new(Translating {
                labels: chosen.open_classes(&self.choices.axes, at),
                translator: Arc::clone(&self),
                masked: masked.clone(),
            });
            (seed, translating)
        });
        let order = ImageOrder::new(image, samples.collect(), request);
        Ok(Box::new(order.understood_as(chosen.understood)))
    }

    fn transform(
        self: Arc<Self>,
        request: &mut Checked<'_>,
    ) -> Result<Option<Arc<dyn Transform>>, InvalidField> {
        // What another model painted has no mask.
        if self.graph.takes_mask() {
            return Ok(None);
        }
        let labels = self.choices.read(request)?.labels;
        Ok(Some(Arc::new(Translating {
            translator: self,
            labels,
            masked: None,
        })))
    }
}

impl Transform for Translating {
    fn size(&self, (width, height): (u32, u32)) -> (u32, u32) {
        if let Some(Masked { overlay, .. }) = &self.masked {
            return overlay.size();
        }
        let scale = self.translator.graph.geometry.scale;
        (width.saturating_mul(scale), height.saturating_mul(scale))
    }

    fn calls(&self, shape: Shape) -> usize {
        self.translator.graph.calls(shape.size, Large::Reduce)
    }

    fn cost(&self, shape: Shape) -> Duration {
        self.translator.graph.cost(shape.size, Large::Reduce)
    }

    fn call_bytes(&self, shape: Shape, times: f64) -> u64 {
        let graph = &self.translator.graph;
        graph.call_bytes(shape.size, Large::Reduce, times)
    }

    fn draws(&self) -> bool {
        self.translator.draws() || self.labels.contains(&None)
    }

    fn said(&self, given: (u32, u32)) -> Option<Message> {
        self.translator.graph.said(given, Large::Reduce)
    }

    fn apply<'a>(
        &'a self,
        image: &'a Image,
        seed: u64,
        told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>> {
        Box::pin(async move {
            let Translator {
                graph,
                latent,
                choices,
                ..
            } = &*self.translator;
            let classes = spread(&choices.axes, &self.labels, seed);
            let mut generator = Generator::new(seed);
            // The latent is drawn before the noise.
            let drawn = latent.as_ref();
            let drawn = drawn.and_then(|latent| shaped(latent, draw(latent, &mut generator, None)));
            let mut time = CallTime::default();
            let passage = Passage {
                image,
                mask: self.masked.as_ref().map(|masked| &*masked.mask),
                large: Large::Reduce,
                feed: &|role| match role {
                    TensorRole::Latent => drawn.clone(),
                    TensorRole::Class(axis) => class_tensor(&choices.axes, axis, &classes),
                    _ => None,
                },
                grain: 0.0,
                noise: Some(generator),
                told: &|_, _| told(),
            };
            let mut painted = graph.paint(passage, &mut time).await?;
            let mut original = image;
            if let Some(Masked { overlay, .. }) = &self.masked {
                painted = overlay.clone().over(painted).await?;
                original = overlay.original();
            }
            Ok(Sampled {
                image: in_place(pixels_of(original), || with_alpha_of(original, painted)),
                seed: self.translator.draws().then_some(seed),
                labels: classes.into_iter().map(Some).collect(),
                score: None,
                sources: Arc::default(),
                judged: Vec::new(),
                warnings: Vec::new(),
                time,
            })
        })
    }
}
