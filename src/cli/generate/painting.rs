//! The requests of one command, and their answers in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;
use futures_util::{Stream, StreamExt as _, stream};
use tokio_util::task::AbortOnDropHandle;

use super::turns::Turns;
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::service::{Draft, Generated, Studio};

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
        /// The labels or prompts that go round with the seeds.
        turns: Option<Turns>,
    },
    /// One request, whose images depend on each other: the best of many, the steps of a walk.
    Together {
        /// The whole of it.
        draft: Draft,
    },
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// An earlier run has painted it.
    Found {
        /// Its name in the folder.
        name: String,
    },
    /// Images, and their names in a folder.
    Sampled {
        /// One for each image.
        names: Vec<String>,
        /// The answer.
        generated: Box<Generated>,
        /// What was asked for, in words.
        prompt: Option<String>,
    },
}

impl Plan {
    /// How many images there will be.
    pub(super) fn images(&self) -> u64 {
        match self {
            Self::OneByOne { n, .. } => *n,
            Self::Together { draft } => {
                let walk = draft.interpolate.as_ref().map(|walk| walk.steps);
                let latents = draft.latents.as_ref().map(|latents| latents.len() as u64);
                walk.or(latents).or(draft.n).unwrap_or(1)
            }
        }
    }

    /// The prompts that go round with the seeds, where a file of them is painted, and the first seed.
    pub(super) fn prompts(&self) -> Option<(&[String], u64)> {
        match self {
            Self::OneByOne {
                turns: Some(Turns::Prompts { prompts, first }),
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
            Self::Together { draft } if draft.format.is_some_and(FileFormat::is_animated) => 1,
            Self::Together { draft } if draft.closes == Some(true) => {
                images.saturating_mul(2).saturating_sub(2)
            }
            Self::Together { .. } => images,
        }
    }

    /// Refuses what cannot be painted before anything is; answers with what should be said of it.
    pub(super) async fn check(&self, studio: &Studio) -> anyhow::Result<Vec<Message>> {
        let generation = match self {
            Self::Together { draft } => studio.parse(draft.clone()).await?,
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
                studio.parse(seeded(draft, last, turns.as_ref())).await?;
                studio.parse(seeded(draft, *first, turns.as_ref())).await?
            }
        };
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
        let generation = studio.parse(draft).await;
        let generation = generation.with_context(|| format!("the prompt {prompt:?}"))?;
        warnings.extend_from_slice(generation.warnings());
    }
    Ok(warnings)
}

/// Paints the plan with at most `in_flight` requests at a time, and answers in order. Dropping the
/// stream stops the work.
pub(super) fn paint(
    studio: &Studio,
    plan: &Plan,
    done: &Arc<BTreeSet<String>>,
    in_flight: usize,
) -> impl Stream<Item = anyhow::Result<Outcome>> + use<> {
    let (drafts, together): (Box<dyn Iterator<Item = (u64, Draft)> + Send>, bool) = match plan {
        Plan::Together { draft } => (Box::new(std::iter::once((0, draft.clone()))), true),
        Plan::OneByOne {
            draft,
            first,
            n,
            turns,
        } => {
            let (draft, turns) = (draft.clone(), turns.clone());
            let seeds = *first..first + n;
            (
                Box::new(seeds.map(move |seed| (seed, seeded(&draft, seed, turns.as_ref())))),
                false,
            )
        }
    };
    let (studio, done) = (studio.clone(), Arc::clone(done));
    stream::iter(drafts)
        .map(move |(seed, draft)| {
            let (studio, done) = (studio.clone(), Arc::clone(&done));
            let extension = draft.format.unwrap_or_default().extension();
            // As a task, so that images are encoded on all threads.
            let task = tokio::spawn(async move {
                let name = format!("{seed:06}.{extension}");
                if !together && done.contains(&name) {
                    return Ok(Outcome::Found { name });
                }
                let prompt = draft.prompt.clone();
                let generation = studio.parse(draft).await?;
                let generated = studio.generate(generation).await?;
                let names = if together {
                    names(&generated, extension)
                } else {
                    vec![name]
                };
                Ok(Outcome::Sampled {
                    names,
                    generated: Box::new(generated),
                    prompt,
                })
            });
            AbortOnDropHandle::new(task)
        })
        .buffered(in_flight)
        .map(|joined| joined?)
}

/// One image of many.
fn seeded(draft: &Draft, seed: u64, turns: Option<&Turns>) -> Draft {
    let mut draft = Draft {
        seed: Some(seed),
        ..draft.clone()
    };
    if let Some(turns) = turns {
        turns.choose(&mut draft, seed);
    }
    draft
}

/// By their seeds where those differ, as the best of many do; else by their places.
fn names(generated: &Generated, extension: &str) -> Vec<String> {
    let images = &generated.images;
    let seeds: BTreeSet<u64> = images.iter().filter_map(|image| image.seed).collect();
    let by_seed = seeds.len() == images.len();
    let name = |(place, image): (usize, &crate::service::GeneratedImage)| match image.seed {
        Some(seed) if by_seed => format!("{seed:06}.{extension}"),
        _ if image.frames.is_some() => format!("walk.{extension}"),
        _ => format!("step-{:03}.{extension}", place + 1),
    };
    images.iter().enumerate().map(name).collect()
}
