//! The only validated form of a request.
//!
//! Every field of a [`Draft`] is held against the model that it is for: whether the family takes
//! it, whether it is in range, and whether the fields that count images agree. What passes is
//! an [`Order`] that a family can paint without looking again.

mod images;
mod background;
mod bundle;
mod check;
mod count;
mod diffusion;
mod labels;
mod starts;
mod taken;
mod words;

use std::sync::Arc;
use std::time::Duration;

use self::check::Check;
use self::labels::spread;
use super::answer::Understood;
use super::failure::{Failure, InvalidField};
use super::model::Model;
use crate::families::diffusion::Unfit;
use crate::families::{Order, Sample, Sampled, Start};
use crate::fields::Draft;
use crate::imaging::{DecodeLimits, FileFormat};
use crate::language::Message;

pub use self::bundle::Bundle;
pub(super) use self::images::{open_image, sized};
pub(super) use self::labels::every_class;

/// Bounds that the operator sets.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Images in one request.
    pub images: u64,
    /// The deadline of requests that name none, and the longest that one may name.
    pub deadline: Duration,
    /// Bounds on image files that come in.
    pub decode: DecodeLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            images: 64,
            deadline: Duration::from_secs(60),
            decode: DecodeLimits::default(),
        }
    }
}

/// A request that can be painted.
#[derive(Debug)]
pub struct Generation {
    model: Arc<Model>,
    order: Order,
    format: FileFormat,
    quality: Option<u8>,
    background: Option<[u8; 3]>,
    deadline: Duration,
    prompt: Option<String>,
    seeded: bool,
    bundle: Bundle,
    closes: bool,
    understood: Option<Understood>,
    labels: Vec<Option<usize>>,
    preview_every: Option<usize>,
    warnings: Vec<Message>,
}

impl Generation {
    /// Holds a draft against its model.
    ///
    /// # Errors
    /// [`InvalidField`], naming the field and what would be right.
    pub fn parse(draft: &Draft, model: Arc<Model>, limits: &Limits) -> Result<Self, InvalidField> {
        let mut warnings = Vec::new();
        let check = Check {
            draft,
            model: &model,
            limits,
        };
        check.takes_all()?;
        let count = check.count()?;
        let candidates = check.candidates(count)?;
        let seeds = check.seeds(candidates.unwrap_or(count));
        let wishes = check.wishes(&mut warnings)?;
        check.tells_apart(count, &wishes.labels)?;
        let bundle = check.bundle(count)?;
        let image = check.image(&mut warnings)?.map(Arc::new);
        let keep_rows = check.keep_rows(image.as_deref())?;
        let walk = check.walk(&mut warnings)?;
        let mix = check.mix(&mut warnings)?;
        let starts = check.starts(seeds.len())?;
        let seeded = starts.iter().all(|start| matches!(start, Start::Noise));
        // A pipeline's labels go into its prompt.
        let axes = match model.traits().diffusion {
            Some(_) => &[],
            None => &model.manifest().classes[..],
        };
        let first = seeds.first().copied().unwrap_or_default();
        let samples = seeds
            .iter()
            .zip(starts)
            .map(|(&seed, start)| {
                // A walk is through latents; its class stays that of its first image.
                let turn = if walk.is_some() { first } else { seed };
                Sample {
                    seed,
                    start,
                    classes: spread(axes, &wishes.labels, turn),
                }
            })
            .collect();
        let order = Order {
            samples,
            truncation: check.truncation()?,
            temperature: check.temperature()?,
            keep_best: candidates.map(|_| usize::try_from(count).unwrap_or(usize::MAX)),
            walk,
            mix,
            edit: wishes.edit,
            diffusion: check.diffusion(image.as_ref(), first, &wishes.labels)?,
            image,
            keep_rows,
        };
        let unfit = |unfit: Unfit| InvalidField::new(unfit.field, unfit.message);
        warnings.extend(model.check(&order).map_err(unfit)?);
        let deadline = check.deadline(&mut warnings)?;
        Ok(Self {
            order,
            format: draft.format.unwrap_or_default(),
            quality: draft.quality,
            background: check.background()?,
            deadline,
            prompt: draft.prompt.clone().filter(|_| draft.keep_prompt),
            seeded,
            bundle,
            closes: check.closes(),
            understood: wishes.understood,
            labels: wishes.labels,
            preview_every: check.preview_every()?,
            warnings,
            model,
        })
    }

    /// The model that paints.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// What is painted.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many images are painted for the answer.
    #[must_use]
    pub fn count(&self) -> usize {
        self.order.keep_best.unwrap_or(self.order.samples.len())
    }

    /// The files' quality, where the format loses something.
    #[must_use]
    pub fn quality(&self) -> Option<u8> {
        self.quality
    }

    /// The colour that transparent pixels are laid over, if any.
    #[must_use]
    pub fn background(&self) -> Option<[u8; 3]> {
        self.background
    }

    /// How many files the answer has.
    #[must_use]
    pub fn files(&self) -> usize {
        match self.bundle {
            Bundle::Each if self.closes => 2 * self.count() - 2,
            Bundle::Each => self.count(),
            Bundle::Sheet { .. } | Bundle::Animation(_) => 1,
        }
    }

    /// How the images become files.
    #[must_use]
    pub fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// Whether its walk goes back to where it started, by the images that it came by.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.closes
    }

    /// The files' format.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// How long the answer is of use.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The prompt, if it may be written into the files.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }

    /// Whether an image's seed paints it again: a given latent or image leaves it nothing to do.
    #[must_use]
    pub fn seeded(&self) -> bool {
        self.seeded
    }

    /// After how many steps whoever watches wants to see the unfinished image.
    #[must_use]
    pub fn preview_every(&self) -> Option<usize> {
        self.preview_every
    }

    /// How the prompt was taken, where it chooses labels and directions.
    #[must_use]
    pub fn understood(&self) -> Option<&Understood> {
        self.understood.as_ref()
    }

    /// The labels that an image shows: axis and label. A pipeline's are those that were asked for.
    pub(super) fn labels_of(&self, painted: &Sampled) -> Vec<(String, String)> {
        let axes = self.model.manifest().classes.iter();
        let of_graphs = painted.classes.iter().copied().map(Some);
        let labels: Vec<Option<usize>> = match self.model.traits().diffusion {
            Some(_) => self.labels.clone(),
            None => of_graphs.collect(),
        };
        let named = axes.zip(labels).filter_map(|(axis, label)| {
            let label = axis.labels.get(label?)?;
            Some((axis.name.clone(), label.name.clone()))
        });
        named.collect()
    }

    /// What the caller should know.
    #[must_use]
    pub fn warnings(&self) -> &[Message] {
        &self.warnings
    }
}

/// A refusal of the draft becomes a failure of the request.
pub(super) fn refused(invalid: InvalidField) -> Failure {
    Failure::Invalid(invalid)
}
