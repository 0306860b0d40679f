//! A picture's place in a model's latent space.

use std::sync::Arc;
use std::time::Duration;

use super::{Studio, blocking};
use crate::service::answer::{Encoded, Timings};
use crate::service::catalogue::ModelState;
use crate::service::draft::EncodeDraft;
use crate::service::failure::{Failure, Invalid};
use crate::service::model::Model;
use crate::service::request::{every_class, open_image, refused, sized};

impl Studio {
    /// Finds what a picture is in a model's latent space.
    ///
    /// # Errors
    /// [`Failure`], as for [`generate`](Self::generate).
    pub async fn encode(&self, draft: EncodeDraft) -> Result<Encoded, Failure> {
        let model = self.counted(self.encoder(draft.model.as_deref()))?;
        let classes = every_class(&model, draft.class.as_ref());
        let classes = self.counted(classes.map_err(refused))?;
        let limits = self.inner.limits.clone();
        let deadline = draft
            .deadline
            .unwrap_or(limits.deadline)
            .min(limits.deadline);
        let house = self.admit(Duration::ZERO, deadline)?;
        let opening = {
            let model = Arc::clone(&model);
            move || {
                let mut warnings = Vec::new();
                let picture = open_image("image", &draft.image, &limits.decode)?;
                let picture = sized("image", &picture, &model, &mut warnings);
                Ok::<_, Invalid>((picture, warnings))
            }
        };
        let (picture, warnings) = self.counted(blocking(opening).await?.map_err(refused))?;
        let encoding = async { Ok(model.program().encode(&picture, &classes).await?) };
        let encoding = house.within(encoding).await?;
        let total = house.elapsed();
        drop(house);
        let latent = model.manifest().latent.as_ref();
        Ok(Encoded {
            model: model.id().to_owned(),
            digest: model.digest().to_owned(),
            mean: encoding.mean,
            log_variance: encoding.log_variance,
            shape: latent
                .map(|latent| latent.shape.clone())
                .unwrap_or_default(),
            timings: Timings {
                queue: encoding.time.queued,
                inference: encoding.time.inference,
                encode: Duration::ZERO,
                total,
            },
            warnings,
        })
    }

    /// The model that is asked to encode: the named one, or the first that can.
    fn encoder(&self, id: Option<&str>) -> Result<Arc<Model>, Failure> {
        let sound = self.models().iter().filter_map(|state| match state {
            ModelState::Sound(model) if model.traits().encodes => Some(model),
            _ => None,
        });
        let encoders: Vec<&Arc<Model>> = sound.collect();
        let names = || {
            let names: Vec<&str> = encoders.iter().map(|model| model.id()).collect();
            if names.is_empty() {
                "no model here has one".to_owned()
            } else {
                format!("these have one: {}", names.join(", "))
            }
        };
        let Some(id) = id else {
            return encoders
                .first()
                .map(|&model| Arc::clone(model))
                .ok_or_else(|| {
                    Invalid::new(
                        "model",
                        format!("encoding needs an encoder, and {}", names()),
                    )
                    .into()
                });
        };
        let model = self.inner.catalogue.serving(Some(id))?;
        if model.traits().encodes {
            return Ok(model);
        }
        Err(Invalid::new("model", format!("{id} has no encoder; {}", names())).into())
    }
}
