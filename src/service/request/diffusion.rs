//! What only diffusion pipelines are asked for.

use std::sync::Arc;

use super::check::Check;
use super::images::open_image;
use super::words::LONGEST_PROMPT;
use crate::families::diffusion::schedulers::SchedulerName;
use crate::families::diffusion::{DiffusionOrder, NoiseEnd, PromptEnd, PromptWalk};
use crate::fields::Endpoint;
use crate::imaging::Image;
use crate::service::failure::InvalidField;
use crate::service::parameters::{GREATEST_GUIDANCE, MOST_STEPS};

impl Check<'_> {
    /// The order of a pipeline; what depends on its graphs, the pipeline checks.
    pub(super) fn diffusion(
        &self,
        image: Option<&Arc<Image>>,
        seed: u64,
        labels: &[Option<usize>],
    ) -> Result<Option<DiffusionOrder>, InvalidField> {
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
                    InvalidField::new("steps", format!("{steps}; expected 1 to {MOST_STEPS}"))
                })?,
        };
        let guidance = draft.guidance.unwrap_or(traits.guidance);
        if !(0.0..=GREATEST_GUIDANCE).contains(&guidance) {
            let message = format!("{guidance}; expected 0 to {GREATEST_GUIDANCE}");
            return Err(InvalidField::new("guidance", message));
        }
        let strength = draft.strength.map_or(traits.strength, as_written);
        if draft.strength.is_some() && image.is_none() {
            let message = "says how much of image is painted anew, and there is no image";
            return Err(InvalidField::new("strength", message));
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
            strength,
            walk: self.prompt_walk(seed, labels)?,
            ..DiffusionOrder::new(self.worded(draft.prompt.as_deref().unwrap_or_default(), labels))
        }))
    }

    /// A prompt as the chosen labels have it said.
    fn worded(&self, prompt: &str, labels: &[Option<usize>]) -> String {
        let axes = self.model.manifest().classes.iter();
        let chosen = axes
            .zip(labels)
            .filter_map(|(axis, label)| axis.labels.get((*label)?));
        chosen.fold(prompt.to_owned(), |prompt, label| label.worded(&prompt))
    }

    /// A walk from one prompt and its noise to another; what an end leaves out, the request says.
    fn prompt_walk(
        &self,
        own_seed: u64,
        labels: &[Option<usize>],
    ) -> Result<Option<PromptWalk>, InvalidField> {
        let Some(walk) = &self.draft.interpolate else {
            return Ok(None);
        };
        let own_prompt = self.draft.prompt.as_deref().unwrap_or_default();
        let end = |field: &str, end: &Endpoint| {
            let (prompt, noise) = match end {
                Endpoint::Prompt { prompt, .. } if prompt.len() > LONGEST_PROMPT => {
                    let message =
                        format!("{} bytes; expected at most {LONGEST_PROMPT}", prompt.len());
                    return Err(InvalidField::new(format!("{field}.prompt"), message));
                }
                Endpoint::Prompt { prompt, seed: own } => (
                    prompt.as_str(),
                    NoiseEnd::Seed(own.unwrap_or(own_seed)),
                ),
                Endpoint::Seed(own) => (own_prompt, NoiseEnd::Seed(*own)),
                Endpoint::Latent(values) => {
                    let latent = self.latent(field, values)?;
                    (own_prompt, NoiseEnd::Latent(latent))
                }
                Endpoint::Image(_) => {
                    let message = "is an image; a pipeline walks between prompts and their noise, \
                                   so give a prompt, a seed or both";
                    return Err(InvalidField::new(field, message));
                }
            };
            Ok(PromptEnd {
                prompt: self.worded(prompt, labels),
                noise,
            })
        };
        Ok(Some(PromptWalk {
            from: end("interpolate.from", &walk.from)?,
            to: end("interpolate.to", &walk.to)?,
            mode: walk.mode,
            at: 0.0,
        }))
    }
}

/// The number that was written, which the nearest single one falls short of now and then: 0.7 of ten
/// steps are seven, and 0.699999988 of them six.
fn as_written(number: f32) -> f64 {
    let written = number.to_string().parse();
    written.unwrap_or_else(|_error| number.into())
}

fn scheduler(name: &str) -> Result<SchedulerName, InvalidField> {
    name.parse().map_err(|_error| {
        let known: Vec<&str> = SchedulerName::ALL.iter().map(|(_, known)| *known).collect();
        let message = format!(
            "there is no {name:?}; the schedulers are {}",
            known.join(", ")
        );
        InvalidField::new("scheduler", message)
    })
}

fn side(field: &str, pixels: u64) -> Result<u32, InvalidField> {
    u32::try_from(pixels).map_err(|_error| {
        InvalidField::new(field, format!("{pixels} pixels; expected at most 4096"))
    })
}
