//! Looking at a request that will be done later: what could never be done is refused now.

use std::sync::Arc;
use std::time::Duration;

use super::Studio;
use super::advice::longer;
use super::encode::ENCODERS;
use super::looking::Lookers;
use super::score::JUDGES;
use crate::families::every_class;
use crate::fields::ImageDraft;
use crate::imaging::TensorFormat;
use crate::language::Message;
use crate::service::failure::Failure;
use crate::service::gate::Work;
use crate::service::model::Model;
use crate::service::request::{Generation, refused};

/// What is known of a question before it is asked.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The model that will answer.
    pub model: String,
    /// Time that it should keep a worker busy.
    pub cost: Duration,
    /// What the caller should know.
    pub warnings: Vec<Message>,
}

impl Studio {
    /// Whether a generation could be done at all, whatever else the server has to do.
    ///
    /// # Errors
    /// [`Failure::Invalid`], with what would be possible.
    pub fn examine(&self, generation: &Generation) -> Result<Duration, Failure> {
        let work = Work {
            time: generation.cost(),
            strands: generation.strands(),
        };
        self.counted(self.possible(generation, work).map(|()| work.time))
    }

    fn possible(&self, generation: &Generation, work: Work) -> Result<(), Failure> {
        self.has_memory(generation)?;
        let alone = work.alone(self.workers());
        if alone > generation.deadline() {
            return Err(Failure::Invalid(
                self.what_would_be_done(generation, work, alone),
            ));
        }
        Ok(())
    }

    /// Whether an image could be encoded.
    ///
    /// # Errors
    /// As [`encode`](Self::encode), for what fails each time.
    pub async fn examine_encode(&self, draft: &ImageDraft) -> Result<Examined, Failure> {
        let looked = |model: &Model| {
            let encoder = model.encoder()?;
            Some((encoder.format().clone(), encoder.cost()))
        };
        self.counted(self.examined(draft, &ENCODERS, looked).await)
    }

    /// Whether an image could be judged.
    ///
    /// # Errors
    /// As [`score`](Self::score), for what fails each time.
    pub async fn examine_score(&self, draft: &ImageDraft) -> Result<Examined, Failure> {
        let looked = |model: &Model| {
            let judge = model.judge()?;
            Some((judge.format().clone(), judge.cost()))
        };
        self.counted(self.examined(draft, &JUDGES, looked).await)
    }

    async fn examined(
        &self,
        draft: &ImageDraft,
        of: &Lookers,
        looked: impl Fn(&Model) -> Option<(TensorFormat, Duration)>,
    ) -> Result<Examined, Failure> {
        let model: Arc<Model> = self.looker(draft.model.as_deref(), of)?;
        every_class(&model.manifest().classes, draft.class.as_ref()).map_err(refused)?;
        let (format, cost) = looked(&model).expect("it was chosen for that");
        let deadline = draft.deadline.unwrap_or(self.longest).min(self.longest);
        if cost > deadline {
            return Err(refused(longer(cost, deadline)));
        }
        let (_, warnings) = self.look_at(&format, draft.image.clone()).await?;
        Ok(Examined {
            model: model.id().to_owned(),
            cost,
            warnings,
        })
    }
}
