//! A model's images, and what further models make of them, as one order.
//!
//! An image goes on to the next model as soon as it is there, while others are still being
//! sampled; so the tiles of its enlargement share calls with those of strangers, and nothing waits
//! for the slowest.

mod lanczos;
mod progress;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;

pub use self::lanczos::Lanczos;
use self::progress::{ChainProgress, Handed};
use super::shared::program::{Failure, Order};
use super::shared::progress::Progress;
use super::shared::sampled::Sampled;
use super::shared::together::paint_all;
use super::shared::transform::{Shape, Transform};
use crate::prompts::Understood;

/// Images of one order that go through the links at the same time.
const AT_ONCE: usize = 8;

/// An order whose images go through further models.
#[derive(Debug)]
pub struct Chain {
    first: Box<dyn Order>,
    links: Vec<Arc<dyn Transform>>,
    /// One for each image, where it has no seed of its own.
    seeds: Vec<u64>,
    /// Whether the first model's images may be transparent.
    transparent: bool,
}

impl Chain {
    /// An order, and what its images go through.
    #[must_use]
    pub fn new(
        first: Box<dyn Order>,
        links: Vec<Arc<dyn Transform>>,
        seeds: Vec<u64>,
        transparent: bool,
    ) -> Self {
        Self {
            first,
            links,
            seeds,
            transparent,
        }
    }

    /// Each link with the shape of what it is given.
    fn stages(&self) -> impl Iterator<Item = (&dyn Transform, Shape)> {
        let mut size = self.first.size();
        let transparent = self.transparent;
        self.links.iter().map(move |link| {
            let given = Shape { size, transparent };
            size = link.size(size);
            (&**link, given)
        })
    }

    /// Graph calls that an image takes behind the first model.
    fn calls(&self) -> usize {
        self.stages().map(|(link, shape)| link.calls(shape)).sum()
    }

    /// Takes an image through all links.
    async fn go_on(
        &self,
        (place, mut sampled): (usize, Sampled),
        progress: &ChainProgress<'_>,
    ) -> Result<Sampled, Failure> {
        let seed = sampled.seed.or(self.seeds.get(place).copied());
        let told = || progress.link_called(place);
        for link in &self.links {
            let linked = link
                .apply(&sampled.image, seed.unwrap_or_default(), &told)
                .await?;
            sampled.image = linked.image;
            sampled.time += linked.time;
            sampled.judged.extend(linked.judged);
            sampled.warnings.extend(linked.warnings);
            if link.draws() {
                sampled.seed = seed;
            }
        }
        progress.linked(place, &sampled);
        Ok(sampled)
    }
}

impl Order for Chain {
    fn count(&self) -> usize {
        self.first.count()
    }

    fn size(&self) -> (u32, u32) {
        let links = self.links.iter();
        links.fold(self.first.size(), |size, link| link.size(size))
    }

    fn cost(&self) -> Duration {
        let each: Duration = self.stages().map(|(link, shape)| link.cost(shape)).sum();
        let images = u32::try_from(self.count()).unwrap_or(u32::MAX);
        self.first.cost() + each.saturating_mul(images)
    }

    fn is_one_by_one(&self) -> bool {
        self.first.is_one_by_one()
    }

    fn call_bytes(&self, times: f64) -> u64 {
        let links = self
            .stages()
            .map(|(link, shape)| link.call_bytes(shape, times));
        links.fold(self.first.call_bytes(times), u64::max)
    }

    fn understood(&self) -> Option<&Understood> {
        self.first.understood()
    }

    fn sample<'a>(
        &'a self,
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<Vec<Sampled>, Failure>> {
        Box::pin(async move {
            // Room for all of them, so that sampling never waits for a link.
            let (hand, mut handed) = mpsc::channel::<Handed>(self.count().max(1));
            let progress = &ChainProgress::new(progress, (self.count(), self.calls()));
            let sampling = async {
                // Dropped when all is sampled, which ends the links' wait.
                let handing = progress.handing(hand);
                self.first.sample(&handing).await
            };
            let linking = async {
                let mut linked: Vec<Option<Sampled>> = Vec::new();
                linked.resize_with(self.count(), || None);
                let mut going = FuturesUnordered::new();
                let mut open = true;
                while open || !going.is_empty() {
                    tokio::select! {
                        next = handed.recv(), if open && going.len() < AT_ONCE => match next {
                            Some((place, sampled)) => going.push(async move {
                                let sampled = self.go_on((place, sampled), progress).await?;
                                Ok::<_, Failure>((place, sampled))
                            }),
                            None => open = false,
                        },
                        Some(done) = going.next(), if !going.is_empty() => {
                            let (place, sampled) = done?;
                            if let Some(room) = linked.get_mut(place) {
                                *room = Some(sampled);
                            }
                        }
                    }
                }
                Ok(linked)
            };
            let (sampled, linked) = try_join(sampling, linking).await?;
            // What was chosen among the finished ones comes now.
            let both: Vec<(Sampled, Option<Sampled>)> = sampled.into_iter().zip(linked).collect();
            paint_all(both.len(), AT_ONCE, async |place| match &both[place] {
                (_, Some(linked)) => Ok(linked.clone()),
                (sampled, None) => self.go_on((place, sampled.clone()), progress).await,
            })
            .await
        })
    }
}
