//! An image's place in a model's latent space.

use std::pin::pin;
use std::time::Duration;

use super::Studio;
use super::advice::longer;
use super::looking::Lookers;
use crate::families::every_class;
use crate::fields::ImageDraft;
use crate::message;
use crate::service::answer::{Encoded, Timings};
use crate::service::failure::Failure;
use crate::service::gate::Work;
use crate::service::request::refused;

pub(super) const ENCODERS: Lookers = Lookers {
    can: |model| model.encoder().is_some(),
    needs: || message!("encoding needs an encoder, and {names}"),
    lacks: |id| message!("{id} has no encoder; {names}", id),
};

impl Studio {
    /// Finds what an image is in a model's latent space.
    ///
    /// # Errors
    /// [`Failure`], as for [`generate`](Self::generate).
    pub async fn encode(&self, draft: ImageDraft) -> Result<Encoded, Failure> {
        let model = self.counted(self.looker(draft.model.as_deref(), &ENCODERS))?;
        let classes = every_class(&model.manifest().classes, draft.class.as_ref());
        let classes = self.counted(classes.map_err(refused))?;
        let encoder = model.encoder().expect("it was chosen for having one");
        let deadline = draft.deadline.unwrap_or(self.longest).min(self.longest);
        let active = self.admit(Work::one(encoder.cost()), deadline, |estimate| {
            longer(estimate, deadline)
        })?;
        let opened = self.look_at(encoder.format(), draft.image).await;
        let (image, mut warnings) = self.counted(opened)?;
        warnings.extend(model.irreproducible(true).cloned());
        let encoding = async { Ok(encoder.encode(&image, &classes).await?) };
        let encoding = active.within(pin!(encoding)).await?;
        let total = active.elapsed();
        drop(active);
        let latent = model.manifest().latent.as_ref();
        Ok(Encoded {
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            shape: match latent {
                Some(latent) => latent.shape.clone(),
                // A style's vector.
                None => vec![encoding.mean.len()],
            },
            mean: encoding.mean,
            log_variance: encoding.log_variance,
            timings: Timings {
                queue: encoding.time.queued,
                inference: encoding.time.inference,
                encode: Duration::ZERO,
                total,
            },
            warnings,
        })
    }
}
