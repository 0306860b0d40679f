//! Which fields a draft has, whether its model takes them, and whether they go together.

use super::check::Check;
use crate::service::failure::InvalidField;
use crate::service::parameters::taker;

/// Fields that say the same thing in two ways, or want two things of one image.
const EXCLUSIVE: [(&str, &[&str]); 5] = [
    ("seeds", &["seed"]),
    ("interpolate", &["latents"]),
    ("image", &["latents", "interpolate"]),
    ("mix", &["latents", "interpolate", "image"]),
    (
        "best_of",
        &["latents", "interpolate", "seeds", "mix", "image"],
    ),
];

impl Check<'_> {
    /// Refuses fields that the model's family does not take.
    pub(super) fn takes_all(&self) -> Result<(), InvalidField> {
        let present = self.present();
        for name in &present {
            if self.model.parameter(name).is_none() {
                return Err(self.not_taken(name));
            }
        }
        for (field, others) in EXCLUSIVE {
            let other = others.iter().find(|other| present.contains(other));
            if let Some(other) = other.filter(|_| present.contains(&field)) {
                let message = format!("cannot be combined with {other}; leave one out");
                return Err(InvalidField::new(field, message));
            }
        }
        Ok(())
    }

    /// The fields that are there, in the order of the documentation.
    fn present(&self) -> Vec<&'static str> {
        let draft = self.draft;
        let all = [
            ("prompt", draft.prompt.is_some()),
            ("class", draft.class.is_some()),
            ("latents", draft.latents.is_some()),
            ("seed", draft.seed.is_some()),
            ("seeds", draft.seeds.is_some()),
            ("truncation", draft.truncation.is_some()),
            ("temperature", draft.temperature.is_some()),
            ("best_of", draft.best_of.is_some()),
            ("interpolate", draft.interpolate.is_some()),
            ("mix", draft.mix.is_some()),
            ("normalise_mix", draft.normalise_mix.is_some()),
            ("edit", draft.edit.is_some()),
            ("image", draft.image.is_some()),
            ("keep_rows", draft.keep_rows.is_some()),
            ("negative_prompt", draft.negative_prompt.is_some()),
            ("steps", draft.steps.is_some()),
            ("guidance", draft.guidance.is_some()),
            ("guidance_rescale", draft.guidance_rescale.is_some()),
            ("eta", draft.eta.is_some()),
            ("scheduler", draft.scheduler.is_some()),
            ("width", draft.width.is_some()),
            ("height", draft.height.is_some()),
            ("strength", draft.strength.is_some()),
            ("mask", draft.mask.is_some()),
            ("preview_every", draft.preview_every.is_some()),
            ("loop", draft.closes.is_some()),
            ("frame_ms", draft.frame.is_some()),
            ("grid", draft.grid.is_some()),
            ("background", draft.background.is_some()),
        ];
        let there = all.into_iter().filter(|(_, is_there)| *is_there);
        there.map(|(name, _)| name).collect()
    }

    fn not_taken(&self, name: &str) -> InvalidField {
        let model = self.model;
        let takes: Vec<&str> = model
            .parameters()
            .iter()
            .map(|known| &*known.name)
            .collect();
        let message = format!(
            "the model {} (family {}) does not take it: {}; this model takes {}",
            model.id(),
            model.manifest().family,
            taker(name),
            takes.join(", ")
        );
        InvalidField::new(name, message)
    }
}
