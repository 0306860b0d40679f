//! The requests of one command, and their answers in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _, stream};
use tokio_util::task::AbortOnDropHandle;

use super::plan::{Plan, by_flag, seeded};
use crate::service::{Draft, Generated, Studio};

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
            // The last seed may be the last number there is.
            let seeds = *first..=first.saturating_add(n.saturating_sub(1));
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
                let generation = studio.parse(draft).await.map_err(by_flag)?;
                let generated = studio.generate(generation).await.map_err(by_flag)?;
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
