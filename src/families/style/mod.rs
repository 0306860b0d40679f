//! Style transfer: what an image shows, in the manner of another.
//!
//! A net of one style is a function of the image (Johnson et al. 2016). One net of many styles takes
//! weights or a vector for them (Dumoulin et al. 2017), which a second graph may find in any image
//! (Ghiasi et al. 2017); or it sees the style's image itself (Huang and Belongie 2017).

mod load;
mod manner;
mod vectors;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use self::manner::{Manner, Part, Styles};
use super::noise::Generator;
use super::shared::image_order::ImageOrder;
use super::shared::offload::{in_place, pixels_of};
use super::shared::program::{Encoder, Failure, GraphReport, Order, Program};
use super::shared::sampled::Sampled;
use super::shared::tiles::alpha::with_alpha_of;
use super::shared::tiles::graph::{ImageGraph, Large, Passage};
use super::shared::transform::{Shape, Told, Transform};
use crate::fields::{Checked, IMAGE, InvalidField, Parameter, STRENGTH, Text, as_written};
use crate::imaging::{Channels, Image, TensorFormat, blended};
use crate::language::Message;
use crate::message;
use crate::models::TensorRole;
use crate::runtime::{CallTime, Tensor};

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

/// In what manner an image is painted, and how far.
#[derive(Debug)]
struct Painting {
    model: Arc<Style>,
    manner: Manner,
    strength: f32,
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
        let side = (self.sees.width, self.sees.height);
        let count = request.count();
        let (manners, understood) = match self.styles.given(request, side)? {
            Some(manners) => (manners, None),
            None => {
                let (manner, understood) = self.styles.choose(request, side)?;
                (vec![manner; count], understood)
            }
        };
        let alike = manners.windows(2).all(|pair| pair[0] == pair[1]);
        if count > 1 && alike && !self.draws() {
            let message = message!("{count} images would all be the same; ask for 1", count);
            return Err(InvalidField::all_alike(message));
        }
        let seeds = request.seeds(count).into_iter().zip(manners);
        let samples = seeds.map(|(seed, manner)| {
            let painting = Arc::clone(&self).painting(manner, request);
            (seed, Arc::new(painting) as Arc<dyn Transform>)
        });
        let samples = samples.collect();
        let order = ImageOrder::new(image, samples, request);
        Ok(Box::new(order.understood_as(understood)))
    }

    fn transform(
        self: Arc<Self>,
        request: &mut Checked<'_>,
    ) -> Result<Option<Arc<dyn Transform>>, InvalidField> {
        let side = (self.sees.width, self.sees.height);
        let (manner, _) = self.styles.choose(request, side)?;
        Ok(Some(Arc::new(self.painting(manner, request))))
    }

    fn encoder(&self) -> Option<&dyn Encoder> {
        self.stylist.as_ref().map(|stylist| stylist as &dyn Encoder)
    }
}

impl Style {
    fn painting(self: Arc<Self>, manner: Manner, request: &Checked<'_>) -> Painting {
        Painting {
            strength: request.draft().strength.unwrap_or(self.strength),
            model: self,
            manner,
        }
    }

    /// Whether a seed makes a difference.
    fn draws(&self) -> bool {
        self.noise > 0.0 || self.painter.takes_noise()
    }
}

impl Painting {
    /// The vector of the manner, between that of the image itself and that of the style.
    async fn vector(
        &self,
        image: &Image,
        time: &mut CallTime,
    ) -> Result<Option<Vec<f32>>, Failure> {
        let Manner::Sum(parts) = &self.manner else {
            return Ok(None);
        };
        let stylist = self.model.stylist.as_ref();
        let mut wanted = vec![0.0; self.model.styles.length.unwrap_or_default()];
        for (part, weight) in parts {
            let vector = match (part, stylist) {
                (Part::Vector(vector), _) => vector.clone(),
                (Part::Image(image), Some(stylist)) => stylist.look(image, time).await?,
                (Part::Image(_), None) => return Err(Failure::missing(TensorRole::Style)),
            };
            for (sum, number) in wanted.iter_mut().zip(&vector) {
                *sum += weight * number;
            }
        }
        let Some(stylist) = stylist.filter(|_| self.strength < 1.0) else {
            return Ok(Some(wanted));
        };
        let format = &self.model.sees;
        let image = manner::middle(image, (format.width, format.height));
        let own = stylist.look(&image, time).await?;
        let between = own.iter().zip(&wanted);
        let between = between.map(|(own, wanted)| own + self.strength * (wanted - own));
        Ok(Some(between.collect()))
    }
}

impl Transform for Painting {
    fn size(&self, given: (u32, u32)) -> (u32, u32) {
        given
    }

    fn calls(&self, shape: Shape) -> usize {
        self.model.painter.calls(shape.size, Large::Reduce)
    }

    fn cost(&self, shape: Shape) -> Duration {
        let stylist = self.model.stylist.as_ref();
        let parts = match &self.manner {
            Manner::Sum(parts) => parts.len(),
            Manner::Own | Manner::Image(_) => 0,
        };
        let looking = stylist.map(|stylist| stylist.graph.cost(1 + parts));
        self.model.painter.cost(shape.size, Large::Reduce) + looking.unwrap_or_default()
    }

    fn call_bytes(&self, shape: Shape, times: f64) -> u64 {
        let stylist = self.model.stylist.as_ref();
        let looked = stylist.map_or(0, |stylist| stylist.graph.call_bytes(1.0));
        let painter = &self.model.painter;
        let painted = painter.call_bytes(shape.size, Large::Reduce, times);
        painted.max(looked)
    }

    fn draws(&self) -> bool {
        self.model.draws()
    }

    fn said(&self, given: (u32, u32)) -> Option<Message> {
        self.model.painter.said(given, Large::Reduce)
    }

    fn apply<'a>(
        &'a self,
        image: &'a Image,
        seed: u64,
        told: &'a Told<'a>,
    ) -> BoxFuture<'a, Result<Sampled, Failure>> {
        Box::pin(async move {
            let (model, mut time) = (&*self.model, CallTime::default());
            let vector = self.vector(image, &mut time).await?;
            let style_image = match &self.manner {
                Manner::Image(style) if vector.is_none() => {
                    Some(Tensor::Float(model.sees.read(style)?))
                }
                _ => None,
            };
            let passage = Passage {
                image,
                mask: None,
                large: Large::Reduce,
                feed: &|role| match role {
                    TensorRole::Style => vector.clone().map(Tensor::vector),
                    TensorRole::StyleImage => style_image.clone(),
                    _ => None,
                },
                grain: model.noise,
                noise: Some(Generator::new(seed)),
                told: &|_, _| told(),
            };
            let mut painted = model.painter.paint(passage, &mut time).await?;
            // Where the vector could not go half the way, the image does.
            if model.stylist.is_none() || vector.is_none() {
                painted = in_place(pixels_of(image), || blended(image, painted, self.strength));
            }
            Ok(Sampled {
                image: in_place(pixels_of(image), || with_alpha_of(image, painted)),
                seed: model.draws().then_some(seed),
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
