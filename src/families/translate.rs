//! Image-to-image translation (Isola et al. 2017, "pix2pix"; Zhu et al. 2017, CycleGAN): an image of
//! one domain in, the same scene in another domain out.
//!
//! A graph may be told which domain by a label (Choi et al. 2018, `StarGAN`), or take noise or a latent
//! that choose among many translations (Zhu et al. 2017, `BicycleGAN`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::noise::Generator;
use super::shared::bound::class_tensor;
use super::shared::choices::{Choices, Chosen};
use super::shared::classes::spread;
use super::shared::latent::{draw, shaped};
use super::shared::loader::{LoadFailure, Loader};
use super::shared::program::{Failure, GraphReport, Order, Program};
use super::shared::progress::{Progress, Step};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::with_alpha_of;
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use super::shared::together::paint_all;
use crate::fields::{Checked, IMAGE, InvalidField, Parameter, Text};
use crate::imaging::{Channels, Image};
use crate::language::Message;
use crate::message;
use crate::models::{GraphRole, Latent, TensorRole};
use crate::prompts::Understood;
use crate::runtime::CallTime;

/// Translations of one image that are made at the same time.
const AT_ONCE: usize = 8;

/// A graph that translates.
#[derive(Debug)]
pub(super) struct Translator {
    graph: ImageGraph,
    latent: Option<Latent>,
    choices: Choices,
    notes: Vec<Message>,
}

/// An image to translate, and how often.
#[derive(Debug)]
struct Translating {
    translator: Arc<Translator>,
    image: Image,
    samples: Vec<Sample>,
    understood: Option<Understood>,
}

#[derive(Debug)]
struct Sample {
    seed: u64,
    classes: Vec<usize>,
}

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
}

impl Program for Translator {
    fn parameters(&self) -> Vec<Parameter> {
        let image = IMAGE.parameter().required().saying(Text::new(
            "The image to translate, of any size.",
            "L’image à traduire, de n’importe quelle taille.",
            "Ảnh cần chuyển đổi, cỡ nào cũng được.",
        ));
        let mut all = vec![image];
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
        let Chosen {
            labels, understood, ..
        } = self.choices.read(request)?;
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
            return Err(InvalidField::new("n", message));
        }
        if let Some(said) = self
            .graph
            .said((image.width(), image.height()), Large::Reduce)
        {
            request.warn(said);
        }
        let seeds = request.seeds(request.count()).into_iter();
        let samples = seeds.map(|seed| Sample {
            classes: spread(&self.choices.axes, &labels, seed),
            seed,
        });
        Ok(Box::new(Translating {
            samples: samples.collect(),
            translator: self,
            image,
            understood,
        }))
    }
}

impl Translating {
    async fn sample_one(
        &self,
        sample: &Sample,
        told: &(dyn Fn() + Send + Sync),
    ) -> Result<Sampled, Failure> {
        let Translator {
            graph,
            latent,
            choices,
            ..
        } = &*self.translator;
        let mut generator = Generator::new(sample.seed);
        // The latent is drawn before the noise.
        let drawn = latent.as_ref();
        let drawn = drawn.and_then(|latent| shaped(latent, draw(latent, &mut generator, None)));
        let mut time = CallTime::default();
        let passage = Passage {
            image: &self.image,
            large: Large::Reduce,
            feed: &|role| match role {
                TensorRole::Latent => drawn.clone(),
                TensorRole::Class(axis) => class_tensor(&choices.axes, axis, &sample.classes),
                _ => None,
            },
            grain: 0.0,
            noise: Some(generator),
            told: &|_, _| told(),
        };
        let painted = graph.paint(passage, &mut time).await?;
        let tells = self.translator.draws();
        Ok(Sampled {
            image: with_alpha_of(&self.image, painted),
            seed: tells.then_some(sample.seed),
            labels: sample.classes.iter().copied().map(Some).collect(),
            score: None,
            warnings: Vec::new(),
            time,
        })
    }
}

impl Order for Translating {
    fn count(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> (u32, u32) {
        let scale = self.translator.graph.geometry.scale;
        (self.image.width() * scale, self.image.height() * scale)
    }

    fn cost(&self) -> Duration {
        let size = (self.image.width(), self.image.height());
        let each = self.translator.graph.cost(size, Large::Reduce);
        each * u32::try_from(self.samples.len()).unwrap_or(u32::MAX)
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let size = (self.image.width(), self.image.height());
        self.translator.graph.call_bytes(size, Large::Reduce, times)
    }

    fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let size = (self.image.width(), self.image.height());
            let each = self.translator.graph.calls(size, Large::Reduce);
            paint_all(self.samples.len(), AT_ONCE, async |at| {
                let calls = AtomicUsize::new(0);
                let told = || {
                    progress.advanced(Step {
                        sample: Some(at),
                        done: 1 + calls.fetch_add(1, Ordering::Relaxed),
                        of: each,
                    });
                };
                let sampled = self.sample_one(&self.samples[at], &told).await?;
                progress.sampled(at, &sampled);
                Ok(sampled)
            })
            .await
        })
    }
}
