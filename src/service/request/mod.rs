//! The only validated form of a request.
//!
//! A [`Draft`] is held against the parameters of its model ([`Checked`]), the model's family turns
//! it into an order of its own, and what is about the files is read here. What passes can be
//! sampled without looking again.

mod background;
mod bundle;
mod chain;
mod marking;
mod judging;
mod memory;
mod signing;

use std::sync::Arc;
use std::time::Duration;

use super::answer::ChainLink;
use super::failure::Failure;
use super::model::Model;
use crate::families::{Order, Sampled};
use crate::fields::{Checked, Draft, Endpoint, InvalidField, Refusal};
use crate::imaging::{DecodeLimits, FileFormat};
use crate::language::Message;
use crate::message;
use crate::prompts::Understood;
use crate::watermark::Watermark;

pub use self::bundle::Bundle;
pub use self::chain::LANCZOS;
pub(super) use self::chain::{ChainModels, restylers, scales, upscalers};
pub(super) use self::marking::AT_ONCE;
pub use self::signing::{Signed, Signing};

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

impl Limits {
    /// How long a request's answer is of use, and whether that was cut.
    pub(super) fn deadline_of(&self, asked: Option<Duration>) -> Duration {
        asked.unwrap_or(self.deadline).min(self.deadline)
    }
}

/// The deadline of a stream that names none: its reader sees how far it is, and leaves at will.
const STREAMED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A request that can be sampled.
#[derive(Debug)]
pub struct Generation {
    model: Arc<Model>,
    order: Box<dyn Order>,
    format: FileFormat,
    quality: Option<u8>,
    background: Option<[u8; 3]>,
    deadline: Duration,
    /// Whether the request names it.
    names_deadline: bool,
    prompt: Option<String>,
    bundle: Bundle,
    closes: bool,
    preview_every: Option<usize>,
    candidates: Option<u64>,
    steps: Option<u64>,
    /// Whether an image is given.
    looks: bool,
    /// Whether an image is given that its images are made of.
    is_edit: bool,
    chain: Vec<ChainLink>,
    further: ChainModels,
    signing: Option<(Arc<Signing>, Signed)>,
    watermark: Option<Watermark>,
    warnings: Vec<Message>,
}

impl Generation {
    /// Holds a draft against its model, and against those that its images go on to.
    ///
    /// # Errors
    /// [`Refusal`], naming the field and what would be right.
    pub(super) fn parse(
        draft: &Draft,
        (model, further): (Arc<Model>, ChainModels),
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let bounds = (limits.images, &limits.decode);
        let mut checked = Checked::new(draft, model.parameters(), bounds)?;
        let background = background::of(draft)?;
        let order = model.order(&mut checked)?;
        let (order, chain) = further.behind(order, (&model, limits), &mut checked)?;
        let bundle = bundle::of(draft, &*order)?;
        let deadline = limits.deadline_of(draft.deadline);
        if draft.deadline.is_some_and(|asked| asked > deadline) {
            checked.warn(message!(
                "deadline_ms was cut to this server's longest, {longest} ms",
                longest = deadline.as_millis()
            ));
        }
        let every = draft.preview_every;
        Ok(Self {
            order,
            format: draft.format.unwrap_or_default(),
            quality: draft.quality.and_then(|quality| u8::try_from(quality).ok()),
            background,
            deadline,
            names_deadline: draft.deadline.is_some(),
            prompt: draft
                .prompt
                .clone()
                .filter(|_| draft.keep_prompt == Some(true)),
            bundle,
            closes: bundle::closes(draft),
            preview_every: every.map(|steps| usize::try_from(steps).unwrap_or(usize::MAX)),
            candidates: draft.best_of,
            steps: draft.steps,
            looks: looks(draft),
            is_edit: draft.image.is_some(),
            chain,
            further,
            signing: None,
            watermark: None,
            warnings: checked.into_warnings(),
            model,
        })
    }

    /// The same, whose files are signed.
    #[must_use]
    pub(super) fn signed(self, signing: Signing, when: Signed) -> Self {
        Self {
            signing: Some((Arc::new(signing), when)),
            ..self
        }
    }

    /// What its files are signed with, if they are, and when.
    #[must_use]
    pub fn signing(&self) -> Option<&(Arc<Signing>, Signed)> {
        self.signing.as_ref()
    }

    /// The model that paints.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// What its images go through behind that.
    #[must_use]
    pub fn chain(&self) -> &[ChainLink] {
        &self.chain
    }

    /// The digests of all models that its images go through, in their order.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        let further = self.chain.iter().filter_map(|link| link.digest.as_deref());
        [self.model.digest()].into_iter().chain(further)
    }

    /// Whether the same seeds make the same images.
    #[must_use]
    pub fn is_reproducible(&self) -> bool {
        self.irreproducible().next().is_none()
    }

    /// What each of its answers must say, where a model gives another answer each time.
    pub(super) fn irreproducible(&self) -> impl Iterator<Item = &Message> {
        // Those that follow are given its image.
        let further = self.further.models().map(|model| (model, true));
        let models = [(&self.model, self.looks)].into_iter().chain(further);
        models.filter_map(|(model, looks)| model.irreproducible(looks))
    }

    /// What is sampled.
    #[must_use]
    pub fn order(&self) -> &dyn Order {
        &*self.order
    }

    /// How many images are sampled for the answer.
    #[must_use]
    pub fn count(&self) -> usize {
        self.order.count()
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

    /// Whether the request itself says how long.
    #[must_use]
    pub fn names_deadline(&self) -> bool {
        self.names_deadline
    }

    /// How long the answer is of use where it is streamed.
    #[must_use]
    pub fn streamed_deadline(&self) -> Duration {
        match self.names_deadline {
            true => self.deadline,
            false => STREAMED,
        }
    }

    /// Whether its images are made of one that was handed in.
    pub(in crate::service) fn is_edit(&self) -> bool {
        self.is_edit
    }

    /// The prompt, if it may be written into the files.
    #[must_use]
    pub fn prompt(&self) -> Option<&str> {
        self.prompt.as_deref()
    }

    /// After how many steps whoever watches wants to see the unfinished image.
    #[must_use]
    pub fn preview_every(&self) -> Option<usize> {
        self.preview_every
    }

    /// How the prompt was taken, where it chooses labels and directions.
    #[must_use]
    pub fn understood(&self) -> Option<&Understood> {
        self.order.understood()
    }

    /// The labels that an image shows: axis and label.
    pub(super) fn labels_of(&self, sampled: &Sampled) -> Vec<(String, String)> {
        let axes = self.model.manifest().classes.iter();
        let named = axes.zip(&sampled.labels).filter_map(|(axis, label)| {
            let label = axis.labels.get((*label)?)?;
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

/// Whether the request has an image that an encoder looks at.
fn looks(draft: &Draft) -> bool {
    let ends = draft
        .interpolate
        .iter()
        .flat_map(|walk| [&walk.from, &walk.to]);
    let parts = draft.mix.iter().flatten().map(|term| &term.of);
    let mut given = ends.chain(parts);
    draft.image.is_some() || given.any(|end| matches!(end, Endpoint::Image(_)))
}

/// A refusal of the draft becomes a failure of the request.
pub(super) fn refused(invalid: InvalidField) -> Failure {
    Failure::Invalid(invalid)
}
