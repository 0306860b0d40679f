//! The fields of models that start from latents, and the orders that they become.

use std::sync::Arc;

use serde_json::json;

use super::choices::Choices;
use super::images::sized;
use super::latent_order::{Anchor, LatentOrder, Mix, Sample, Start, Walk};
use crate::fields::{
    BEST_OF, Checked, Endpoint, IMAGE, INTERPOLATE, InvalidField, LATENTS, LOOP, MIX,
    NORMALISE_MIX, Parameter, TRUNCATION, Text, VARIATION_SEED, VARIATION_STRENGTH, as_written,
    encoded_image, mix_parts, source, walk_parts,
};
use crate::imaging::TensorFormat;
use crate::message;
use crate::models::{Latent, Manifest, Noise};

/// A model that starts from latents, as far as its requests go.
#[derive(Debug)]
pub(in crate::families) struct LatentFields {
    pub(in crate::families) latent: Latent,
    pub(in crate::families) choices: Choices,
    pub(in crate::families) format: TensorFormat,
    /// Images that stand for latents, as the encoder looks at them.
    seen: TensorFormat,
    truncation: Option<f32>,
    /// Whether images can stand for latents.
    encodes: bool,
    /// Whether a discriminator can choose the best.
    scores: bool,
    /// Whether a seed makes a difference beside the labels that it chooses.
    draws: bool,
}

/// What a model has beside the graph that paints.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::families) struct Beside {
    pub(in crate::families) encoder: bool,
    pub(in crate::families) judge: bool,
    /// Inputs of the graph that paints which are noise.
    pub(in crate::families) noise: bool,
}

impl LatentFields {
    pub(in crate::families) fn new(
        manifest: &Manifest,
        latent: Latent,
        (format, seen): (TensorFormat, TensorFormat),
        beside: Beside,
    ) -> Self {
        Self {
            draws: beside.noise || !latent.is_empty(),
            latent,
            choices: Choices::of(manifest),
            format,
            seen,
            truncation: manifest.defaults.truncation,
            encodes: beside.encoder,
            scores: beside.judge,
        }
    }

    pub(in crate::families) fn size(&self) -> (u32, u32) {
        (self.format.width, self.format.height)
    }

    pub(in crate::families) fn parameters(&self) -> Vec<Parameter> {
        let mut all = self.choices.parameters();
        if self.latent.is_empty() {
            return all;
        }
        let image = self.encodes.then(encoded_image);
        let ends = || source(image.clone());
        let walk = INTERPOLATE.parameter().with(walk_parts(ends()));
        all.extend([
            match self.truncation {
                Some(own) => TRUNCATION.parameter().by_default(json!(as_written(own))),
                None => TRUNCATION.parameter(),
            },
            if self.encodes {
                walk.saying(Text::new(
                    "A walk between two seeds or two images.",
                    "Un chemin entre deux graines ou deux images.",
                    "Đường đi giữa hai hạt giống hoặc hai bức ảnh.",
                ))
            } else {
                walk
            },
            LOOP.parameter(),
            MIX.parameter()
                .with(mix_parts(ends()))
                .without(["latents", "interpolate", "image"]),
            NORMALISE_MIX.parameter(),
            self.vector(),
            VARIATION_SEED
                .parameter()
                .without(["latents", "interpolate", "mix", "image"]),
            VARIATION_STRENGTH.parameter(),
        ]);
        if self.encodes {
            let image = IMAGE.parameter().without(["latents", "interpolate"]);
            all.push(image.saying(Text::new(
                "The image to reconstruct.",
                "L’image à reconstruire.",
                "Bức ảnh cần dựng lại.",
            )));
        }
        if self.scores {
            all.push(BEST_OF.parameter());
        }
        all
    }

    fn vector(&self) -> Parameter {
        #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
        let length = self.latent.len() as f64;
        let reach = match self.latent.noise() {
            Noise::Normal => 3.0 * self.latent.scale,
            Noise::TruncatedNormal { bound } | Noise::Uniform { bound } => {
                bound * self.latent.scale
            }
        };
        let reach = as_written(reach);
        LATENTS
            .parameter()
            .from(length)
            .to(length)
            .mostly(-reach, reach)
    }

    /// What a request asks for, with so many candidates if the best are to be chosen.
    ///
    /// # Errors
    /// [`InvalidField`], where its fields don't fit the model's latent, or each other.
    pub(in crate::families) fn order(
        &self,
        request: &mut Checked<'_>,
    ) -> Result<LatentOrder, InvalidField> {
        let draft = request.draft();
        let candidates = candidates(request)?;
        let seeds = request.seeds(candidates);
        let chosen = self.choices.read(request)?;
        self.tells_apart(request, &chosen.labels)?;
        if draft.image.is_some() && request.count() != 1 {
            let message = message!(
                "{count} images; a reconstruction is one image",
                count = request.count()
            );
            return Err(InvalidField::all_alike(message));
        }
        let image = request.image()?;
        let image = image.map(|image| sized("image", &image, &self.seen, request));
        let walk = match &draft.interpolate {
            Some(walk) => Some(Walk {
                from: self.anchor(&walk.from.in_walk("interpolate.from"), &walk.from, request)?,
                to: self.anchor(&walk.to.in_walk("interpolate.to"), &walk.to, request)?,
                mode: walk.mode,
            }),
            None => None,
        };
        let mix = self.mix(request)?;
        let first = seeds.first().copied().unwrap_or_default();
        let starts = self.starts(request, seeds.len())?;
        let variations = request.variations(seeds.len());
        let drawn = seeds.iter().zip(variations);
        let samples = drawn.zip(starts).enumerate();
        let samples = samples.map(|(at, ((&seed, variation), start))| Sample {
            seed,
            variation,
            start,
            // A walk is through latents; its class stays that of its first image.
            classes: chosen.classes(
                &self.choices.axes,
                at,
                if walk.is_some() { first } else { seed },
            ),
        });
        Ok(LatentOrder {
            samples: samples.collect(),
            truncation: draft.truncation.or(self.truncation),
            walk,
            mix,
            edit: chosen.edit,
            image: image.map(Arc::new),
            understood: chosen.understood,
        })
    }

    /// Refuses several images that would all be one.
    fn tells_apart(
        &self,
        request: &Checked<'_>,
        labels: &[Option<usize>],
    ) -> Result<(), InvalidField> {
        let (draft, count) = (request.draft(), request.count());
        let chosen = labels.iter().all(Option::is_some);
        if chosen && count > 1 && (draft.mix.is_some() || !self.draws) {
            let message = match draft.mix {
                Some(_) => message!(
                    "{count} images of one mix would all be the same; ask for 1, or leave a class \
                     axis to the seed",
                    count
                ),
                None => message!(
                    "{count} images would all be the same; ask for 1, or leave a class axis to the seed",
                    count
                ),
            };
            return Err(match draft.seeds {
                Some(_) => InvalidField::new("seeds", message),
                None => InvalidField::all_alike(message),
            });
        }
        Ok(())
    }

    fn latent(&self, field: &str, values: &[f32]) -> Result<Vec<f32>, InvalidField> {
        let length = self.latent.len();
        if values.len() != length {
            let message = message!(
                "{count} numbers; this model's latent has {length}",
                count = values.len(),
                length
            );
            return Err(InvalidField::new(field, message));
        }
        Ok(values.to_vec())
    }

    fn anchor(
        &self,
        field: &str,
        endpoint: &Endpoint,
        request: &mut Checked<'_>,
    ) -> Result<Anchor, InvalidField> {
        match endpoint {
            Endpoint::Latent(values) => Ok(Anchor::Latent(self.latent(field, values)?)),
            Endpoint::Seed(seed) => Ok(Anchor::Seed(*seed)),
            Endpoint::Image(file) if self.encodes => {
                let image = request.open(field, file)?;
                Ok(Anchor::Image(Arc::new(sized(
                    field, &image, &self.seen, request,
                ))))
            }
            Endpoint::Image(_) => {
                let message =
                    message!("is an image, and this model has no encoder; give a latent or a seed");
                Err(InvalidField::new(field, message))
            }
            Endpoint::Prompt { .. } => {
                let message = message!(
                    "is a prompt, and this model walks between latents; give a latent or a seed"
                );
                Err(InvalidField::new(field, message))
            }
        }
    }

    fn mix(&self, request: &mut Checked<'_>) -> Result<Option<Mix>, InvalidField> {
        let draft = request.draft();
        let Some(terms) = &draft.mix else {
            return Ok(None);
        };
        let mut checked = Vec::with_capacity(terms.len());
        for (at, term) in terms.iter().enumerate() {
            let anchor = self.anchor(&term.of.in_mix(at), &term.of, request)?;
            checked.push((anchor, term.weight));
        }
        if checked.iter().all(|(_, weight)| *weight == 0.0) {
            return Err(InvalidField::new(
                "mix",
                message!("every weight is 0; give one another"),
            ));
        }
        let is_normal = !matches!(self.latent.noise(), Noise::Uniform { .. });
        let drawn = |(anchor, _): &(Anchor, f32)| matches!(anchor, Anchor::Seed(_));
        let usual = is_normal && checked.iter().all(drawn);
        Ok(Some(Mix {
            normalise: draft.normalise_mix.unwrap_or(usual),
            terms: checked,
        }))
    }

    fn starts(&self, request: &Checked<'_>, count: usize) -> Result<Vec<Start>, InvalidField> {
        let draft = request.draft();
        if let Some(latents) = &draft.latents {
            let numbered = latents.iter().enumerate();
            return numbered
                .map(|(at, latent)| {
                    Ok(Start::Latent(
                        self.latent(&format!("latents[{at}]"), latent)?,
                    ))
                })
                .collect();
        }
        if draft.interpolate.is_some() {
            #[expect(clippy::cast_precision_loss, reason = "a walk has few steps")]
            let at = |step: usize| step as f32 / (count - 1) as f32;
            return Ok((0..count).map(|step| Start::Walk(at(step))).collect());
        }
        let start = match (&draft.mix, &draft.image) {
            (Some(_), _) => Start::Mix,
            (None, Some(_)) => Start::Image,
            (None, None) => Start::Noise,
        };
        Ok(vec![start; count])
    }
}

/// How many images are sampled, of which the best are kept.
fn candidates(request: &Checked<'_>) -> Result<usize, InvalidField> {
    let count = request.count();
    let Some(candidates) = request.draft().best_of else {
        return Ok(count);
    };
    let narrow = usize::try_from(candidates).ok();
    narrow
        .filter(|candidates| *candidates >= count)
        .ok_or_else(|| {
            let message = message!(
                "{candidates} candidates; expected at least {count}, which is n",
                candidates,
                count
            );
            InvalidField::new("best_of", message)
        })
}
