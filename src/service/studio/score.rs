//! What a model makes of an image.

use std::pin::pin;
use std::time::Duration;

use super::Studio;
use super::advice::longer;
use super::looking::Lookers;
use crate::families::every_class;
use crate::fields::ImageDraft;
use crate::message;
use crate::service::answer::{Scored, Timings};
use crate::service::failure::Failure;
use crate::service::gate::Work;
use crate::service::request::refused;

pub(super) const JUDGES: Lookers = Lookers {
    can: |model| model.judge().is_some(),
    needs: || {
        message!(
            "scoring an image needs a discriminator or a model that generates pixel by pixel, and {names}"
        )
    },
    lacks: |id| {
        message!(
            "{id} scores no images, as a discriminator or a model that generates pixel by pixel would; {names}",
            id
        )
    },
};

impl Studio {
    /// Judges an image: by a GAN's discriminator, or by its likelihood under a model that paints
    /// pixel by pixel.
    ///
    /// # Errors
    /// [`Failure`], as for [`generate`](Self::generate).
    pub async fn score(&self, draft: ImageDraft) -> Result<Scored, Failure> {
        let model = self.counted(self.looker(draft.model.as_deref(), &JUDGES))?;
        let classes = every_class(&model.manifest().classes, draft.class.as_ref());
        let classes = self.counted(classes.map_err(refused))?;
        let judge = model.judge().expect("it was chosen for being one");
        let deadline = draft.deadline.unwrap_or(self.longest).min(self.longest);
        let active = self.admit(Work::one(judge.cost()), deadline, |estimate| {
            longer(estimate, deadline)
        })?;
        let opened = self.look_at(judge.format(), draft.image).await;
        let (image, mut warnings) = self.counted(opened)?;
        warnings.extend(model.irreproducible(true).cloned());
        let scoring = async { Ok(judge.score(&image, &classes).await?) };
        let scoring = active.within(pin!(scoring)).await?;
        let total = active.elapsed();
        drop(active);
        Ok(Scored {
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            verdict: scoring.verdict,
            timings: Timings {
                queue: scoring.time.queued,
                inference: scoring.time.inference,
                encode: Duration::ZERO,
                total,
            },
            warnings,
        })
    }
}
