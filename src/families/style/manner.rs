//! In what manner to paint: a style by its name, some of them mixed, or that of an image.

use std::collections::BTreeMap;

use crate::fields::{
    Checked, InvalidField, PROMPT, Parameter, STYLE, STYLE_IMAGE, StyleChoice, Text,
};
use crate::imaging::{Channels, Image, fit, window};
use crate::language::Message;
use crate::message;
use crate::models::nearest::{nearest, proposal};
use crate::models::words::phrase;
use crate::models::{ClassAxis, Encoding, Label, NamedStyle, Title};
use crate::prompts::{Said, Understood, Vocabulary};

/// How a model is told its style, and the styles that it knows by name.
#[derive(Debug)]
pub(super) struct Styles {
    pub(super) named: Vec<NamedStyle>,
    pub(super) known: Known,
    /// The numbers of a style's vector, where the painter takes one.
    pub(super) length: Option<usize>,
    /// Whether a caller's image can be the style.
    pub(super) sees: bool,
    /// The place of the style that is taken where a request names none.
    pub(super) own: Option<usize>,
    vocabulary: Vocabulary,
}

/// What stands for the named styles.
#[derive(Debug)]
pub(super) enum Known {
    /// Nothing: the model paints in one manner.
    One,
    /// Vectors, which mix.
    Vectors(Vec<Vec<f32>>),
    /// Images that the painter looks at.
    Images(Vec<Image>),
}

/// What a request wants.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Manner {
    /// The only one.
    Own,
    /// The sum of these vectors, each by its weight.
    Sum(Vec<(Part, f32)>),
    /// That of an image, in the size that the painter takes.
    Image(Image),
}

/// What stands for a style's vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// Itself.
    Vector(Vec<f32>),
    /// An image, in the size that the stylist takes.
    Image(Image),
}

impl Styles {
    pub(super) fn new(
        named: Vec<NamedStyle>,
        (known, length): (Known, Option<usize>),
        sees: bool,
        own: Option<&str>,
    ) -> Self {
        let label = |style: &NamedStyle| Label {
            name: style.name.clone(),
            en: style.en.clone(),
            fr: style.fr.clone(),
            vi: style.vi.clone(),
            prompt: None,
        };
        let axis = ClassAxis {
            name: "style".to_owned(),
            title: Title::default(),
            encoding: Encoding::Index,
            labels: named.iter().map(label).collect(),
        };
        let axes = if named.is_empty() {
            Vec::new()
        } else {
            vec![axis]
        };
        let own = own.and_then(|own| named.iter().position(|style| style.name == own));
        Self {
            own: own.or((!named.is_empty()).then_some(0)),
            vocabulary: Vocabulary::of(&axes, &[]),
            named,
            known,
            length,
            sees,
        }
    }

    pub(super) fn parameters(&self) -> Vec<Parameter> {
        let mut all = Vec::new();
        if !self.named.is_empty() {
            let own = self.own.map(|own| self.named[own].name.clone());
            let words = self.named.iter().map(|style| Label {
                name: style.name.clone(),
                en: style.en.clone(),
                fr: style.fr.clone(),
                vi: style.vi.clone(),
                prompt: None,
            });
            let names = self.named.iter().map(|style| &*style.name);
            let style = STYLE.parameter().of(names).called(words.collect());
            all.push(match own {
                Some(own) => style.by_default(own),
                None => style,
            });
            all.push(PROMPT.parameter().saying(Text::new(
                "Names a style in English, French or Vietnamese.",
                "Nomme un style en anglais, en français ou en vietnamien.",
                "Gọi tên một phong cách bằng tiếng Anh, tiếng Pháp hoặc tiếng Việt.",
            )));
        }
        if self.sees {
            let image = STYLE_IMAGE.parameter();
            // A vector does in its place.
            let only = self.named.is_empty() && self.length.is_none();
            all.push(if only { image.required() } else { image });
        }
        all.extend(self.vector_parameters());
        all
    }

    /// The manner that a request wants; an image of one is brought to `side` × `side`.
    pub(super) fn choose(
        &self,
        request: &mut Checked<'_>,
        side: (u32, u32),
    ) -> Result<(Manner, Option<Understood>), InvalidField> {
        let draft = request.draft();
        let file = match (&draft.style, &draft.style_image) {
            (Some(StyleChoice::Image(file)), _) => Some(("style", file)),
            (_, Some(file)) => Some(("style_image", file)),
            _ => None,
        };
        if let Some((field, file)) = file {
            if !self.sees {
                let message = message!("is an image, and this model takes no style image; {offer}")
                    .with("offer", self.offer());
                return Err(InvalidField::new(field, message));
            }
            let image = middle(&request.open(field, file)?, side);
            let manner = match self.known {
                Known::Vectors(_) => Manner::Sum(vec![(Part::Image(image), 1.0)]),
                _ => Manner::Image(image),
            };
            return Ok((manner, None));
        }
        let (named, understood) = match (&draft.style, &draft.prompt) {
            (Some(StyleChoice::Name(name)), _) => (Some(self.find("style", name)?), None),
            (Some(StyleChoice::Weights(weights)), _) => {
                return Ok((self.mixed(weights)?, None));
            }
            (_, Some(prompt)) => {
                let (named, understood) = self.understood("prompt", prompt)?;
                left_unsaid(request, &understood);
                (Some(named), Some(understood))
            }
            _ => (self.own, None),
        };
        if self.sees && named.is_none() {
            let message = message!("is missing; give an image of the style");
            return Err(InvalidField::new("style_image", message));
        }
        Ok((self.manner(named), understood))
    }

    fn manner(&self, named: Option<usize>) -> Manner {
        match (&self.known, named) {
            (Known::Vectors(_), Some(at)) => Manner::Sum(vec![(self.named_part(at), 1.0)]),
            (Known::Images(images), Some(at)) => Manner::Image(images[at].clone()),
            _ => Manner::Own,
        }
    }

    /// The vector of a named style.
    pub(super) fn named_part(&self, at: usize) -> Part {
        let vector = match &self.known {
            Known::Vectors(vectors) => vectors.get(at).cloned(),
            Known::One | Known::Images(_) => None,
        };
        Part::Vector(vector.unwrap_or_default())
    }

    /// A sum of styles, each by its weight.
    fn mixed(&self, weights: &BTreeMap<String, f32>) -> Result<Manner, InvalidField> {
        let Known::Vectors(vectors) = &self.known else {
            let message = message!("are weights, and this model mixes no styles; {offer}")
                .with("offer", self.offer());
            return Err(InvalidField::new("style", message));
        };
        let mut sum = vec![0.0; vectors.first().map_or(0, Vec::len)];
        for (name, &weight) in weights {
            let field = format!("style.{name}");
            let at = self.find(&field, name)?;
            if !(0.0..=1.0).contains(&weight) {
                let message = message!("{weight}; expected 0 to 1", weight);
                return Err(InvalidField::new(field, message));
            }
            for (sum, number) in sum.iter_mut().zip(&vectors[at]) {
                *sum += weight * number;
            }
        }
        if weights.values().all(|&weight| weight == 0.0) {
            let message = message!("every weight is 0; give one of them more");
            return Err(InvalidField::new("style", message));
        }
        Ok(Manner::Sum(vec![(Part::Vector(sum), 1.0)]))
    }

    fn find(&self, field: &str, name: &str) -> Result<usize, InvalidField> {
        let wanted = phrase(name);
        let is_meant = |style: &NamedStyle| style.words().any(|word| phrase(word) == wanted);
        self.named.iter().position(is_meant).ok_or_else(|| {
            let spellings = self.named.iter().flat_map(|style| {
                let name = style.name.as_str();
                style.words().map(move |word| (name, word))
            });
            let alike = proposal(&nearest(name, spellings));
            let message = message!("there is no style {name}{alike}; {offer}", name = ?name);
            let message = message.with("alike", alike).with("offer", self.offer());
            InvalidField::new(field, message)
        })
    }

    pub(super) fn offer(&self) -> Message {
        let names: Vec<&str> = self.named.iter().map(|style| &*style.name).collect();
        message!("the styles are {names}", names = names.join(", "))
    }

    pub(super) fn understood(
        &self,
        field: &str,
        prompt: &str,
    ) -> Result<(usize, Understood), InvalidField> {
        let understanding = self.vocabulary.understand(prompt);
        let understanding =
            understanding.map_err(|error| InvalidField::new(field, error.message()))?;
        let nothing = || {
            let message = message!("names no style; {offer}").with("offer", self.offer());
            InvalidField::new(field, message)
        };
        let label = understanding.labels.first().copied().flatten();
        let at = label.ok_or_else(nothing)?;
        let words = understanding
            .words
            .into_iter()
            .next()
            .flatten()
            .unwrap_or_default();
        let said = Said {
            what: self.named[at].name.clone(),
            words,
        };
        let understood = Understood {
            class: [("style".to_owned(), said)].into_iter().collect(),
            not_understood: understanding.not_understood,
            ..Understood::default()
        };
        Ok((at, understood))
    }
}

/// Tells which words of a prompt had no part in the choice.
pub(super) fn left_unsaid(request: &mut Checked<'_>, understood: &Understood) {
    if let Some(message) = understood.left_unsaid() {
        request.warn(message);
    }
}

/// The middle of an image, as large a part of it as has that shape, in that size.
pub(super) fn middle(image: &Image, (width, height): (u32, u32)) -> Image {
    let scale = f64::min(
        f64::from(image.width()) / f64::from(width),
        f64::from(image.height()) / f64::from(height),
    );
    let part = |side: u32, whole: u32| ((f64::from(side) * scale) as u32).clamp(1, whole);
    let part = (part(width, image.width()), part(height, image.height()));
    let corner = |whole: u32, part: u32| i64::from((whole - part) / 2);
    let corner = (
        corner(image.width(), part.0),
        corner(image.height(), part.1),
    );
    fit(&window(image, corner, part), width, height, Channels::Rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_style_image_the_middle_is_seen() {
        let row = [[1_u8; 3], [2; 3], [3; 3], [4; 3]].concat();
        let image = Image::new(4, 2, Channels::Rgb, row.repeat(2)).expect("eight pixels");
        let seen = middle(&image, (2, 2));
        assert_eq!(seen.pixels(), [[2_u8; 3], [3; 3]].concat().repeat(2));
        let tall = middle(&image, (1, 2));
        assert_eq!((tall.width(), tall.height()), (1, 2));
    }
}
