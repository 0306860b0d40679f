//! A draft beside its model: each field checked, and turned into what the order holds.

use std::time::Duration;

use super::Limits;
use super::labels::labels;
use crate::service::draft::Draft;
use crate::service::failure::Invalid;
use crate::service::model::Model;
use crate::service::parameters::{
    GREATEST_TEMPERATURE, GREATEST_TRUNCATION, LEAST_TRUNCATION, taker,
};

/// The longest prompt, in bytes.
pub(super) const LONGEST_PROMPT: usize = 4096;

/// A draft beside its model, checked field by field.
pub(super) struct Check<'c> {
    pub(super) draft: &'c Draft,
    pub(super) model: &'c Model,
    pub(super) limits: &'c Limits,
}

impl Check<'_> {
    /// Refuses fields that the model's family does not take.
    pub(super) fn takes_all(&self) -> Result<(), Invalid> {
        let draft = self.draft;
        let present = [
            ("prompt", draft.prompt.is_some()),
            ("class", draft.class.is_some()),
            ("latents", draft.latents.is_some()),
            ("truncation", draft.truncation.is_some()),
            ("temperature", draft.temperature.is_some()),
            ("best_of", draft.best_of.is_some()),
            ("interpolate", draft.interpolate.is_some()),
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
        ];
        for (name, is_present) in present {
            if is_present && self.model.parameter(name).is_none() {
                return Err(self.not_taken(name));
            }
        }
        let exclusive = [
            ("seeds", draft.seeds.is_some(), "seed", draft.seed.is_some()),
            (
                "interpolate",
                draft.interpolate.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "image",
                draft.image.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "image",
                draft.image.is_some(),
                "interpolate",
                draft.interpolate.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "latents",
                draft.latents.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "interpolate",
                draft.interpolate.is_some(),
            ),
            (
                "best_of",
                draft.best_of.is_some(),
                "seeds",
                draft.seeds.is_some(),
            ),
        ];
        for (a, has_a, b, has_b) in exclusive {
            if has_a && has_b {
                return Err(Invalid::new(
                    a,
                    format!("cannot be combined with {b}; leave one out"),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn not_taken(&self, name: &str) -> Invalid {
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
        Invalid::new(name, message)
    }

    pub(super) fn classes(
        &self,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Option<usize>>, Invalid> {
        let axes = &self.model.manifest().classes;
        let mut chosen = match &self.draft.class {
            Some(choice) => labels(axes, choice)?,
            None => vec![None; axes.len()],
        };
        let Some(prompt) = &self.draft.prompt else {
            return Ok(chosen);
        };
        if prompt.len() > LONGEST_PROMPT {
            let message = format!("{} bytes; expected at most {LONGEST_PROMPT}", prompt.len());
            return Err(Invalid::new("prompt", message));
        }
        if self.model.traits().diffusion.is_some() {
            return Ok(chosen);
        }
        let understanding = self
            .model
            .vocabulary()
            .understand(prompt)
            .map_err(|error| Invalid::new("prompt", error.to_string()))?;
        for ((chosen, said), axis) in chosen.iter_mut().zip(understanding.labels).zip(axes) {
            match (*chosen, said) {
                (Some(given), Some(said)) if given != said => {
                    let message = format!(
                        "names {}, and class says {}; leave one out",
                        axis.labels[said].name, axis.labels[given].name
                    );
                    return Err(Invalid::new("prompt", message));
                }
                (None, Some(said)) => *chosen = Some(said),
                _ => {}
            }
        }
        if !understanding.not_understood.is_empty() {
            warnings.push(format!(
                "these words of the prompt say nothing to this model: {}",
                understanding.not_understood.join(", ")
            ));
        }
        Ok(chosen)
    }

    pub(super) fn truncation(&self) -> Result<Option<f32>, Invalid> {
        let given = self.draft.truncation;
        match given {
            Some(value) if !(LEAST_TRUNCATION..=GREATEST_TRUNCATION).contains(&value) => {
                let message =
                    format!("{value}; expected {LEAST_TRUNCATION} to {GREATEST_TRUNCATION}");
                Err(Invalid::new("truncation", message))
            }
            Some(value) => Ok(Some(value)),
            None => Ok(self.model.manifest().defaults.truncation),
        }
    }

    pub(super) fn temperature(&self) -> Result<f32, Invalid> {
        let default = self.model.manifest().defaults.temperature.unwrap_or(1.0);
        let value = self.draft.temperature.unwrap_or(default);
        if (0.0..=GREATEST_TEMPERATURE).contains(&value) {
            return Ok(value);
        }
        let message = format!("{value}; expected 0 to {GREATEST_TEMPERATURE}");
        Err(Invalid::new("temperature", message))
    }

    pub(super) fn preview_every(&self) -> Result<Option<usize>, Invalid> {
        match self.draft.preview_every {
            Some(0) => Err(Invalid::new("preview_every", "0; expected at least 1")),
            steps => Ok(steps.map(|steps| usize::try_from(steps).unwrap_or(usize::MAX))),
        }
    }

    pub(super) fn deadline(&self, warnings: &mut Vec<String>) -> Result<Duration, Invalid> {
        let longest = self.limits.deadline;
        match self.draft.deadline {
            Some(Duration::ZERO) => Err(Invalid::new("deadline_ms", "0; expected at least 1")),
            Some(deadline) if deadline > longest => {
                warnings.push(format!(
                    "deadline_ms was cut to this server's longest, {} ms",
                    longest.as_millis()
                ));
                Ok(longest)
            }
            Some(deadline) => Ok(deadline),
            None => Ok(longest),
        }
    }
}
