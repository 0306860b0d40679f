//! Vectors of styles as other models have latents: given as numbers, summed, or walked between.

use super::manner::{Manner, Part, Styles, left_unsaid, middle};
use crate::fields::{
    Checked, Endpoint, INTERPOLATE, InvalidField, LATENTS, LOOP, MIX, Parameter, Text,
    encoded_image, mix_parts, prompt_end, walk_parts,
};
use crate::message;

/// The fields that say a style in another way, of which a request has one.
const OTHERS: [&str; 3] = ["style", "style_image", "prompt"];

impl Styles {
    /// The fields by which vectors are given, where the painter takes one.
    pub(super) fn vector_parameters(&self) -> Vec<Parameter> {
        let Some(length) = self.length else {
            return Vec::new();
        };
        #[expect(clippy::cast_precision_loss, reason = "a vector has few numbers")]
        let length = length as f64;
        let image = self.sees.then(encoded_image);
        let names = prompt_end().into_iter().take(1);
        let names = names.filter(|_| !self.named.is_empty()).map(|named| {
            named.saying(Text::new(
                "Names a style in English, French or Vietnamese.",
                "Nomme un style en anglais, en français ou en vietnamien.",
                "Gọi tên một phong cách bằng tiếng Anh, tiếng Pháp hoặc tiếng Việt.",
            ))
        });
        let ends: Vec<Parameter> = names.chain(image.clone()).collect();
        // The line is straight: nobody draws these vectors from a normal distribution.
        let parts = walk_parts(ends).into_iter();
        let parts: Vec<Parameter> = parts.filter(|part| part.name != "mode").collect();
        let without = |more: &[&'static str]| {
            let all = OTHERS.iter().chain(more);
            all.copied().collect::<Vec<_>>()
        };
        vec![
            INTERPOLATE
                .parameter()
                .with(parts)
                .without(without(&["latents"]))
                .saying(Text::new(
                    "A straight line between two styles: vectors, images, or prompts that name them.",
                    "Une ligne droite entre deux styles : vecteurs, images, ou consignes qui les nomment.",
                    "Đường thẳng giữa hai phong cách: véc-tơ, ảnh, hoặc lời nhắc gọi tên chúng.",
                )),
            LOOP.parameter(),
            MIX.parameter()
                .with(mix_parts(image))
                .without(without(&["latents", "interpolate"]))
                .saying(Text::new(
                    "A sum of style vectors and of the styles of images, each with its weight.",
                    "Une somme de vecteurs de style et de styles d’images, chacun avec son poids.",
                    "Tổng các véc-tơ phong cách và phong cách của ảnh, mỗi cái có trọng số.",
                )),
            LATENTS
                .parameter()
                .from(length)
                .to(length)
                .without(without(&[]))
                .saying(Text::new(
                    "A style as numbers, found in an image before, or a list of them.",
                    "Un style en nombres, trouvé auparavant dans une image, ou une liste.",
                    "Một phong cách dưới dạng các số, đã tìm ra từ một ảnh, hoặc một danh sách.",
                )),
        ]
    }

    /// The manner of each image that a request gives by vectors; none where it gives none.
    ///
    /// # Errors
    /// [`InvalidField`], where a vector has another length, or something stands for none.
    pub(super) fn given(
        &self,
        request: &mut Checked<'_>,
        side: (u32, u32),
    ) -> Result<Option<Vec<Manner>>, InvalidField> {
        let draft = request.draft();
        let count = request.count();
        if let Some(vectors) = &draft.latents {
            let numbered = vectors.iter().enumerate();
            let manners = numbered.map(|(at, vector)| {
                let part = self.vector(&format!("latents[{at}]"), vector)?;
                Ok(Manner::Sum(vec![(part, 1.0)]))
            });
            return manners.collect::<Result<_, _>>().map(Some);
        }
        if let Some(walk) = &draft.interpolate {
            let from = self.part(
                &walk.from.in_walk("interpolate.from"),
                &walk.from,
                request,
                side,
            )?;
            let to = self.part(&walk.to.in_walk("interpolate.to"), &walk.to, request, side)?;
            #[expect(clippy::cast_precision_loss, reason = "a walk has few steps")]
            let place = |step: usize| step as f32 / (count - 1) as f32;
            let manner = |at: f32| Manner::Sum(vec![(from.clone(), 1.0 - at), (to.clone(), at)]);
            return Ok(Some((0..count).map(|step| manner(place(step))).collect()));
        }
        let Some(terms) = &draft.mix else {
            return Ok(None);
        };
        let mut sum = Vec::with_capacity(terms.len());
        for (at, term) in terms.iter().enumerate() {
            let part = self.part(&term.of.in_mix(at), &term.of, request, side)?;
            sum.push((part, term.weight));
        }
        if sum.iter().all(|(_, weight)| *weight == 0.0) {
            let message = message!("every weight is 0; give one another");
            return Err(InvalidField::new("mix", message));
        }
        Ok(Some(vec![Manner::Sum(sum); count]))
    }

    fn part(
        &self,
        field: &str,
        of: &Endpoint,
        request: &mut Checked<'_>,
        side: (u32, u32),
    ) -> Result<Part, InvalidField> {
        match of {
            Endpoint::Latent(vector) => self.vector(field, vector),
            Endpoint::Image(file) if self.sees => {
                let image = request.open(field, file)?;
                Ok(Part::Image(middle(&image, side)))
            }
            Endpoint::Image(_) => {
                let message = message!("is an image, and this model takes no style image; {offer}")
                    .with("offer", self.offer());
                Err(InvalidField::new(field, message))
            }
            Endpoint::Prompt { prompt, .. } => {
                let (at, understood) = self.understood(field, prompt)?;
                left_unsaid(request, &understood);
                Ok(self.named_part(at))
            }
            Endpoint::Seed(_) => {
                let message = message!(
                    "is a seed, and no seed draws a style; give a vector, an image, or a prompt that names \
                     a style"
                );
                Err(InvalidField::new(field, message))
            }
        }
    }

    fn vector(&self, field: &str, vector: &[f32]) -> Result<Part, InvalidField> {
        let length = self.length.unwrap_or_default();
        if vector.len() == length {
            return Ok(Part::Vector(vector.to_vec()));
        }
        let message = message!(
            "{count} numbers; this model's latent has {length}",
            count = vector.len(),
            length
        );
        Err(InvalidField::new(field, message))
    }
}
