//! Where the images of a request start from: noise, latents, a walk, or an image.

use std::sync::Arc;

use super::check::Check;
use super::images::{open_image, sized};
use crate::families::{Anchor, Mix, Start, Walk};
use crate::fields::Endpoint;
use crate::imaging::{Channels, Image, cut_out};
use crate::language::Message;
use crate::message;
use crate::models::{Latent, Noise};
use crate::service::failure::InvalidField;
use crate::service::parameters::{GREATEST_WEIGHT, MOST_TERMS};

impl Check<'_> {
    pub(super) fn latent(&self, field: &str, values: &[f32]) -> Result<Vec<f32>, InvalidField> {
        let length = self.model.manifest().latent.as_ref().map_or(0, Latent::len);
        // A pipeline's latent has the size that the request asks for; the pipeline looks at it.
        let any_length = self.model.traits().diffusion.is_some();
        if values.len() != length && !any_length {
            let message = format!("{} numbers; this model's latent has {length}", values.len());
            return Err(InvalidField::new(field, message));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let message = "not a finite 32-bit number";
            return Err(InvalidField::new(format!("{field}[{at}]"), message));
        }
        Ok(values.to_vec())
    }

    /// The order's image: to reconstruct in the model's size, or the upper part to keep.
    pub(super) fn image(&self, warnings: &mut Vec<Message>) -> Result<Option<Image>, InvalidField> {
        let Some(bytes) = &self.draft.image else {
            return Ok(None);
        };
        let image = open_image("image", bytes, &self.limits.decode)?;
        if self.model.traits().diffusion.is_some() {
            return Ok(Some(self.cut_out(image, warnings)));
        }
        let format = &self.model.traits().format;
        let is_upper_part = self.model.traits().autoregressive
            && image.width() == format.width
            && image.height() < format.height;
        if is_upper_part {
            return Ok(Some(image));
        }
        if self.model.traits().autoregressive && self.draft.keep_rows.is_none() {
            let message = format!(
                "is {} × {}; give an upper part, {} wide and less than {} high, or say with \
                 keep_rows how much of it is kept",
                image.width(),
                image.height(),
                format.width,
                format.height
            );
            return Err(InvalidField::new("image", message));
        }
        Ok(Some(sized("image", &image, self.model, warnings)))
    }

    /// A pipeline that paints with transparency has learnt clear backgrounds, and makes little of a
    /// white one.
    fn cut_out(&self, image: Image, warnings: &mut Vec<Message>) -> Image {
        if self.model.traits().format.channels != Channels::Rgba {
            return image;
        }
        match cut_out(&image) {
            Some(cut) => {
                warnings.push(message!(
                    "image: its plain background was taken for a clear one, which is what this \
                     model paints"
                ));
                cut
            }
            None => image,
        }
    }

    pub(super) fn keep_rows(&self, image: Option<&Image>) -> Result<usize, InvalidField> {
        let Some(image) = image.filter(|_| self.model.traits().autoregressive) else {
            if self.draft.keep_rows.is_some() {
                return Err(InvalidField::new(
                    "keep_rows",
                    "needs the image whose rows are kept",
                ));
            }
            return Ok(0);
        };
        let most = u64::from(image.height());
        let rows = self.draft.keep_rows.unwrap_or(most);
        if !(1..=most).contains(&rows) {
            let message = format!("{rows} rows; expected 1 to {most}, the image's height");
            return Err(InvalidField::new("keep_rows", message));
        }
        Ok(usize::try_from(rows).unwrap_or(usize::MAX))
    }

    pub(super) fn walk(&self, warnings: &mut Vec<Message>) -> Result<Option<Walk>, InvalidField> {
        // A pipeline walks between prompts too, and looks at the walk itself.
        let walks = self.model.traits().diffusion.is_none();
        let Some(walk) = self.draft.interpolate.as_ref().filter(|_| walks) else {
            return Ok(None);
        };
        Ok(Some(Walk {
            from: self.anchor("interpolate.from", &walk.from, warnings)?,
            to: self.anchor("interpolate.to", &walk.to, warnings)?,
            mode: walk.mode,
        }))
    }

    pub(super) fn anchor(
        &self,
        field: &str,
        endpoint: &Endpoint,
        warnings: &mut Vec<Message>,
    ) -> Result<Anchor, InvalidField> {
        match endpoint {
            Endpoint::Latent(values) => Ok(Anchor::Latent(self.latent(field, values)?)),
            Endpoint::Seed(seed) => Ok(Anchor::Seed(*seed)),
            Endpoint::Image(bytes) if self.model.traits().encodes => {
                let image = open_image(field, bytes, &self.limits.decode)?;
                let image = sized(field, &image, self.model, warnings);
                Ok(Anchor::Image(Arc::new(image)))
            }
            Endpoint::Image(_) => {
                let message = "is an image, and this model has no encoder; give a latent or a seed";
                Err(InvalidField::new(field, message))
            }
            Endpoint::Prompt { .. } => {
                let message = "is a prompt, and only the family diffusion walks between prompts; \
                               give a latent or a seed";
                Err(InvalidField::new(field, message))
            }
        }
    }

    pub(super) fn mix(&self, warnings: &mut Vec<Message>) -> Result<Option<Mix>, InvalidField> {
        let Some(terms) = &self.draft.mix else {
            if self.draft.normalise_mix.is_some() {
                return Err(InvalidField::new(
                    "normalise_mix",
                    "needs the mix that it is for",
                ));
            }
            return Ok(None);
        };
        if !(1..=MOST_TERMS).contains(&terms.len()) {
            let message = format!("{} latents; expected 1 to {MOST_TERMS}", terms.len());
            return Err(InvalidField::new("mix", message));
        }
        let mut checked = Vec::with_capacity(terms.len());
        for (at, term) in terms.iter().enumerate() {
            let field = format!("mix[{at}]");
            let weight = term.weight;
            if !(-GREATEST_WEIGHT..=GREATEST_WEIGHT).contains(&weight) {
                let message = format!(
                    "{weight}; expected {} to {GREATEST_WEIGHT}",
                    -GREATEST_WEIGHT
                );
                return Err(InvalidField::new(format!("{field}.weight"), message));
            }
            checked.push((self.anchor(&field, &term.of, warnings)?, weight));
        }
        if checked.iter().all(|(_, weight)| *weight == 0.0) {
            return Err(InvalidField::new(
                "mix",
                "every weight is 0; give one another",
            ));
        }
        let noise = self.model.manifest().latent.as_ref().map(Latent::noise);
        let is_normal = !matches!(noise, Some(Noise::Uniform { .. }));
        let drawn = |(anchor, _): &(Anchor, f32)| matches!(anchor, Anchor::Seed(_));
        let usual = is_normal && checked.iter().all(drawn);
        Ok(Some(Mix {
            normalise: self.draft.normalise_mix.unwrap_or(usual),
            terms: checked,
        }))
    }

    pub(super) fn starts(&self, count: usize) -> Result<Vec<Start>, InvalidField> {
        if let Some(latents) = &self.draft.latents {
            let numbered = latents.iter().enumerate();
            return numbered
                .map(|(at, latent)| {
                    let latent = self.latent(&format!("latents[{at}]"), latent)?;
                    Ok(Start::Latent(latent))
                })
                .collect();
        }
        if self.draft.interpolate.is_some() {
            #[expect(clippy::cast_precision_loss, reason = "a walk has few steps")]
            let at = |step: usize| step as f32 / (count - 1) as f32;
            return Ok((0..count).map(|step| Start::Walk(at(step))).collect());
        }
        if self.draft.mix.is_some() {
            return Ok(vec![Start::Mix; count]);
        }
        if self.draft.image.is_some() && self.model.traits().encodes {
            return Ok(vec![Start::Image; count]);
        }
        Ok(vec![Start::Noise; count])
    }
}
