//! What the flags ask the engine for: one request, or one for each image.

use anyhow::{Context as _, bail};

use super::fields::{FIRST_SEED, USUAL_COUNT, flag_of, flags_in};
use super::flags::Generate;
use super::turns::Turns;
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::service::{Draft, Failure, InvalidField, Model, Studio};

/// What to ask for.
#[derive(Debug)]
pub(super) enum Plan {
    /// One request for each image, all alike but for the seed.
    OneByOne {
        /// Without its seed.
        draft: Draft,
        /// The first image's seed.
        first: u64,
        /// How many.
        n: u64,
        /// The prompts that go round with the seeds.
        turns: Option<Turns>,
    },
    /// One request, whose images depend on each other: the best of many, the steps of a walk.
    Together {
        /// The whole of it.
        draft: Draft,
    },
}

impl Generate {
    /// What to ask the engine for.
    pub(super) fn plan(&self, model: &Model) -> anyhow::Result<Plan> {
        let manifest = model.manifest();
        let mut draft = Draft {
            model: Some(model.id().to_owned()),
            class: self.class_choice(&manifest.classes)?,
            format: self.format()?,
            ..self.fields.draft.clone()
        };
        let one_of_image = self.prompts.is_none() && makes_one_image_of(&draft, model);
        if is_together(&draft) || one_of_image {
            // What isn't said of a walk, a class say, follows its seed. Beside an image that a model
            // only enlarges or encodes, there is nothing that a seed decides.
            if draft.seeds.is_none() && (draft.image.is_none() || model.parameter("seed").is_some())
            {
                draft.seed.get_or_insert(FIRST_SEED);
            }
            return Ok(Plan::Together { draft });
        }
        let first = draft.seed.take().unwrap_or(FIRST_SEED);
        let prompts = self.prompts.as_deref();
        let written = prompts
            .map(|path| Turns::prompts(path, first))
            .transpose()?;
        let usual = match &written {
            Some(written) => written.prompts.len() as u64,
            _ if draft.mix.is_some() || self.names_one_file() => 1,
            _ => USUAL_COUNT,
        };
        let n = draft.n.take().unwrap_or(usual);
        let further = n.saturating_sub(1);
        if first.checked_add(further).is_none() {
            bail!(
                "--seed {first}: image i has seed + i; expected at most {}",
                u64::MAX - further
            );
        }
        let animated = draft.format.is_some_and(FileFormat::is_animated);
        if written.is_some() && animated {
            bail!(
                "--prompts paints one image a line, and --format an animation; leave one of them out"
            );
        }
        if draft.best_of.is_some() || animated {
            draft.n = Some(n);
            draft.seed = Some(first);
            return Ok(Plan::Together { draft });
        }
        Ok(Plan::OneByOne {
            draft,
            first,
            n,
            turns: written,
        })
    }

    /// The most images that a request of this command may ask for.
    pub(super) fn most_images(&self) -> u64 {
        asked_for(&self.fields.draft).unwrap_or_default()
    }
}

/// Whether its images are told apart by something else than neighbouring seeds.
fn is_together(draft: &Draft) -> bool {
    let varies = draft
        .variation_strength
        .is_some_and(|strength| strength > 0.0);
    draft.interpolate.is_some() || draft.latents.is_some() || draft.seeds.is_some() || varies
}

/// Whether the model makes one image of the one that is given, in which no seed has a part.
fn makes_one_image_of(draft: &Draft, model: &Model) -> bool {
    let required = || model.parameter("image").is_some_and(|image| image.required);
    draft.image.is_some() && (model.encoder().is_some() || required())
}

/// How many images a request asks for, if it says so.
fn asked_for(draft: &Draft) -> Option<u64> {
    let walk = draft.interpolate.as_ref().map(|walk| walk.steps);
    let latents = draft.latents.as_ref().map(|latents| latents.len() as u64);
    let seeds = draft.seeds.as_ref().map(|seeds| seeds.len() as u64);
    walk.or(latents).or(seeds).or(draft.n)
}

/// Whether all images are in one file: an animation, or a walk as a GIF.
fn is_one_file(draft: &Draft) -> bool {
    draft.format.is_some_and(|format| {
        let walks = draft.interpolate.is_some();
        format.is_animated() || (format == FileFormat::Gif && walks)
    })
}

/// A failure that calls the field at fault as its flag is called.
pub(super) fn by_flag(failure: Failure) -> Failure {
    match failure {
        Failure::Invalid(InvalidField { field, message, .. }) => {
            let says = Message::foreign(flags_in(&message.to_string()));
            InvalidField::new(flag_of(&field), says).into()
        }
        other => other,
    }
}

impl Plan {
    /// How many images there will be.
    pub(super) fn images(&self) -> u64 {
        match self {
            Self::OneByOne { n, .. } => *n,
            Self::Together { draft } => asked_for(draft).unwrap_or(1),
        }
    }

    /// The prompts that go round with the seeds, where a file of them is painted, and the first seed.
    pub(super) fn prompts(&self) -> Option<(&[String], u64)> {
        match self {
            Self::OneByOne {
                turns: Some(Turns { prompts, first }),
                ..
            } => Some((prompts, *first)),
            _ => None,
        }
    }

    /// How many files there will be: an animation is one, and a walk back has its own.
    pub(super) fn files(&self) -> u64 {
        let images = self.images();
        match self {
            Self::OneByOne { .. } => images,
            Self::Together { draft } if is_one_file(draft) => 1,
            Self::Together { draft } if draft.closes == Some(true) => {
                images.saturating_mul(2).saturating_sub(2)
            }
            Self::Together { .. } => images,
        }
    }

    /// Refuses what cannot be painted before anything is; answers with what should be said of it.
    pub(super) async fn check(&self, studio: &Studio) -> anyhow::Result<Vec<Message>> {
        let generation = match self {
            Self::Together { draft } => studio.parse(draft.clone()).await.map_err(by_flag)?,
            Self::OneByOne {
                draft,
                first,
                n,
                turns,
            } => {
                // The seeds in between are in range if the ends are.
                let last = first.saturating_add(n - 1);
                if let Some((prompts, _)) = self.prompts() {
                    return check_prompts(studio, draft, last, prompts).await;
                }
                let parse = async |seed| {
                    let draft = seeded(draft, seed, turns.as_ref());
                    studio.parse(draft).await.map_err(by_flag)
                };
                parse(last).await?;
                parse(*first).await?
            }
        };
        studio.could_run(&generation).map_err(by_flag)?;
        Ok(generation.warnings().to_vec())
    }
}

/// A prompt that cannot be painted is told before the ones before it are.
async fn check_prompts(
    studio: &Studio,
    draft: &Draft,
    seed: u64,
    prompts: &[String],
) -> anyhow::Result<Vec<Message>> {
    let mut warnings = Vec::new();
    for prompt in prompts {
        let draft = Draft {
            seed: Some(seed),
            prompt: Some(prompt.clone()),
            ..draft.clone()
        };
        let generation = studio.parse(draft).await.map_err(by_flag);
        let generation = generation.with_context(|| format!("the prompt {prompt:?}"))?;
        warnings.extend_from_slice(generation.warnings());
    }
    Ok(warnings)
}

/// One image of many.
pub(super) fn seeded(draft: &Draft, seed: u64, turns: Option<&Turns>) -> Draft {
    let mut draft = Draft {
        seed: Some(seed),
        ..draft.clone()
    };
    if let Some(turns) = turns {
        turns.choose(&mut draft, seed);
    }
    draft
}
