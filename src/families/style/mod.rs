//! Style transfer: what an image shows, in the manner of another.
//!
//! A net of one style is a function of the image (Johnson et al. 2016). One net of many styles takes
//! weights or a vector for them (Dumoulin et al. 2017), which a second graph may find in any image
//! (Ghiasi et al. 2017); or it sees the style's image itself (Huang and Belongie 2017).

mod load;
mod manner;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;

use self::manner::{Manner, Styles};
use super::noise::Generator;
use super::shared::program::{Encoder, Failure, GraphReport, Order, Program};
use super::shared::progress::{Progress, Step};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::with_alpha_of;
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use super::shared::together::paint_all;
use crate::fields::{Checked, IMAGE, InvalidField, Parameter, STRENGTH, Text, as_written};
use crate::imaging::{Channels, Image, TensorFormat, blended};
use crate::language::Message;
use crate::message;
use crate::models::TensorRole;
use crate::prompts::Understood;
use crate::runtime::{CallTime, Tensor};

/// Paintings of one image that are made at the same time.
const AT_ONCE: usize = 8;

/// A graph that paints, and one that finds the style of an image if the model has it.
#[derive(Debug)]
pub(super) struct Style {
    painter: ImageGraph,
    stylist: Option<load::Stylist>,
    styles: Styles,
    /// The sides of the image that a style is seen in.
    sees: TensorFormat,
    strength: f32,
    /// The deviation of the noise that is added to what is painted.
    noise: f32,
    notes: Vec<Message>,
}

/// An image to paint, and in what manner.
#[derive(Debug)]
struct Painting {
    model: Arc<Style>,
    image: Image,
    manner: Manner,
    strength: f32,
    seeds: Vec<u64>,
    understood: Option<Understood>,
}

impl Program for Style {
    fn parameters(&self) -> Vec<Parameter> {
        let image = IMAGE.parameter().required().saying(Text::new(
            "The image to paint, of any size.",
            "L’image à peindre, de n’importe quelle taille.",
            "Ảnh cần vẽ lại, cỡ nào cũng được.",
        ));
        let strength = STRENGTH.parameter().by_default(as_written(self.strength));
        let strength = strength.saying(Text::new(
            "How much of the style is taken on; 0 leaves the image as it is.",
            "La part du style qui est prise ; 0 laisse l’image telle quelle.",
            "Mức nhận phong cách; 0 là giữ nguyên ảnh.",
        ));
        let mut all = vec![image];
        all.extend(self.styles.parameters());
        all.push(strength);
        all
    }

    fn size(&self) -> Option<(u32, u32)> {
        None
    }

    fn channels(&self) -> Channels {
        self.painter.channels()
    }

    fn graphs(&self) -> Vec<GraphReport> {
        let stylist = self.stylist.iter().map(|stylist| stylist.graph.report());
        [self.painter.bound.report()]
            .into_iter()
            .chain(stylist)
            .collect()
    }

    fn notes(&self) -> &[Message] {
        &self.notes
    }

    fn order(self: Arc<Self>, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        let missing =
            || InvalidField::new("image", message!("is missing; give the image to paint"));
        let image = request.image()?.ok_or_else(missing)?;
        let (manner, understood) = self
            .styles
            .choose(request, (self.sees.width, self.sees.height))?;
        if request.count() > 1 && !self.draws() {
            let message = message!(
                "{count} images would all be the same; ask for 1",
                count = request.count()
            );
            return Err(InvalidField::new("n", message));
        }
        if let Some(said) = self
            .painter
            .said((image.width(), image.height()), Large::Reduce)
        {
            request.warn(said);
        }
        Ok(Box::new(Painting {
            strength: request.draft().strength.unwrap_or(self.strength),
            seeds: request.seeds(request.count()),
            model: self,
            image,
            manner,
            understood,
        }))
    }

    fn encoder(&self) -> Option<&dyn Encoder> {
        self.stylist.as_ref().map(|stylist| stylist as &dyn Encoder)
    }
}

impl Style {
    /// Whether a seed makes a difference.
    fn draws(&self) -> bool {
        self.noise > 0.0 || self.painter.takes_noise()
    }
}

impl Painting {
    /// The vector of the manner, between that of the image itself and that of the style.
    async fn vector(&self, time: &mut CallTime) -> Result<Option<Vec<f32>>, Failure> {
        let stylist = self.model.stylist.as_ref();
        let wanted = match (&self.manner, stylist) {
            (Manner::Vector(vector), _) => Cow::Borrowed(vector),
            (Manner::Image(image), Some(stylist)) => Cow::Owned(stylist.look(image, time).await?),
            _ => return Ok(None),
        };
        let Some(stylist) = stylist.filter(|_| self.strength < 1.0) else {
            return Ok(Some(wanted.into_owned()));
        };
        let format = &self.model.sees;
        let image = manner::middle(&self.image, (format.width, format.height));
        let own = stylist.look(&image, time).await?;
        let between = own.iter().zip(&*wanted);
        let between = between.map(|(own, wanted)| own + self.strength * (wanted - own));
        Ok(Some(between.collect()))
    }

    async fn sample_one(
        &self,
        seed: u64,
        vector: Option<&[f32]>,
        told: &(dyn Fn() + Send + Sync),
    ) -> Result<Sampled, Failure> {
        let Style {
            painter,
            sees,
            noise,
            ..
        } = &*self.model;
        let style_image = match &self.manner {
            Manner::Image(image) if vector.is_none() => Some(Tensor::Float(sees.read(image)?)),
            _ => None,
        };
        let mut time = CallTime::default();
        let passage = Passage {
            image: &self.image,
            large: Large::Reduce,
            feed: &|role| match role {
                TensorRole::Style => vector.map(|vector| Tensor::vector(vector.to_vec())),
                TensorRole::StyleImage => style_image.clone(),
                _ => None,
            },
            grain: *noise,
            noise: Some(Generator::new(seed)),
            told: &|_, _| told(),
        };
        let mut painted = painter.paint(passage, &mut time).await?;
        // Where the vector could not go half the way, the image does.
        if self.model.stylist.is_none() || vector.is_none() {
            painted = blended(&self.image, painted, self.strength);
        }
        Ok(Sampled {
            image: with_alpha_of(&self.image, painted),
            seed: self.model.draws().then_some(seed),
            labels: Vec::new(),
            score: None,
            warnings: Vec::new(),
            time,
        })
    }
}

impl Order for Painting {
    fn count(&self) -> usize {
        self.seeds.len()
    }

    fn size(&self) -> (u32, u32) {
        (self.image.width(), self.image.height())
    }

    fn cost(&self) -> Duration {
        let size = (self.image.width(), self.image.height());
        let stylist = self
            .model
            .stylist
            .as_ref()
            .map(|stylist| stylist.graph.cost(2));
        let each = self.model.painter.cost(size, Large::Reduce);
        each * u32::try_from(self.seeds.len()).unwrap_or(u32::MAX) + stylist.unwrap_or_default()
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let size = (self.image.width(), self.image.height());
        let stylist = self.model.stylist.as_ref();
        let looked = stylist.map_or(0, |stylist| stylist.graph.call_bytes(1.0));
        let painted = self.model.painter.call_bytes(size, Large::Reduce, times);
        painted.max(looked)
    }

    fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            let mut looking = CallTime::default();
            let vector = self.vector(&mut looking).await?;
            let size = (self.image.width(), self.image.height());
            let of = self.model.painter.calls(size, Large::Reduce);
            paint_all(self.seeds.len(), AT_ONCE, async |at| {
                let calls = AtomicUsize::new(0);
                let told = || {
                    progress.advanced(Step {
                        sample: Some(at),
                        done: 1 + calls.fetch_add(1, Ordering::Relaxed),
                        of,
                    });
                };
                let sampled = self.sample_one(self.seeds[at], vector.as_deref(), &told);
                let mut sampled = sampled.await?;
                sampled.time.queued += looking.queued;
                sampled.time.inference += looking.inference;
                progress.sampled(at, &sampled);
                Ok(sampled)
            })
            .await
        })
    }
}
