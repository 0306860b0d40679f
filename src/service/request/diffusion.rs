//! What only diffusion pipelines are asked for.

use std::sync::Arc;

use super::check::Check;
use super::pictures::open_image;
use crate::families::diffusion::DiffusionOrder;
use crate::families::diffusion::schedulers::SchedulerName;
use crate::imaging::Picture;
use crate::service::failure::Invalid;
use crate::service::parameters::{GREATEST_GUIDANCE, MOST_STEPS};

impl Check<'_> {
    /// The order of a pipeline; what depends on its graphs, the pipeline checks.
    pub(super) fn diffusion(
        &self,
        image: Option<&Arc<Picture>>,
    ) -> Result<Option<DiffusionOrder>, Invalid> {
        let Some(traits) = &self.model.traits().diffusion else {
            return Ok(None);
        };
        let draft = self.draft;
        let steps = match draft.steps {
            None => traits.steps,
            Some(steps) => usize::try_from(steps)
                .ok()
                .filter(|steps| (1..=MOST_STEPS).contains(steps))
                .ok_or_else(|| {
                    Invalid::new("steps", format!("{steps}; expected 1 to {MOST_STEPS}"))
                })?,
        };
        let guidance = draft.guidance.unwrap_or(traits.guidance);
        if !(0.0..=GREATEST_GUIDANCE).contains(&guidance) {
            let message = format!("{guidance}; expected 0 to {GREATEST_GUIDANCE}");
            return Err(Invalid::new("guidance", message));
        }
        let strength = draft.strength.unwrap_or(0.8);
        if draft.strength.is_some() && image.is_none() {
            let message = "says how much of image is painted anew, and there is no image";
            return Err(Invalid::new("strength", message));
        }
        let mask = draft.mask.as_ref().map(|bytes| {
            let mask = open_image("mask", bytes, &self.limits.decode)?;
            Ok(Arc::new(mask))
        });
        Ok(Some(DiffusionOrder {
            negative_prompt: draft.negative_prompt.clone(),
            steps,
            guidance,
            guidance_rescale: draft.guidance_rescale.unwrap_or(0.0),
            eta: draft.eta.unwrap_or(0.0),
            scheduler: draft.scheduler.as_deref().map(scheduler).transpose()?,
            width: draft.width.map(|width| side("width", width)).transpose()?,
            height: draft
                .height
                .map(|height| side("height", height))
                .transpose()?,
            image: image.cloned(),
            mask: mask.transpose()?,
            strength: f64::from(strength),
            ..DiffusionOrder::new(draft.prompt.clone().unwrap_or_default())
        }))
    }
}

fn scheduler(name: &str) -> Result<SchedulerName, Invalid> {
    name.parse().map_err(|_error| {
        let known: Vec<&str> = SchedulerName::ALL.iter().map(|(_, known)| *known).collect();
        let message = format!(
            "there is no {name:?}; the schedulers are {}",
            known.join(", ")
        );
        Invalid::new("scheduler", message)
    })
}

fn side(field: &str, pixels: u64) -> Result<u32, Invalid> {
    u32::try_from(pixels)
        .map_err(|_error| Invalid::new(field, format!("{pixels} pixels; expected at most 4096")))
}
