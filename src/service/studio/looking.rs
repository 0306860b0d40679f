//! What encoding and judging have in common: a model that can, and the image that it looks at.

use std::sync::Arc;

use super::{Studio, blocking};
use crate::families::resized;
use crate::fields::{InvalidField, open_image};
use crate::imaging::{Image, TensorFormat};
use crate::language::Message;
use crate::message;
use crate::service::catalogue::ModelState;
use crate::service::failure::Failure;
use crate::service::model::Model;
use crate::service::request::refused;

/// Models that can do something with an image, and words for those that cannot.
pub(super) struct Lookers {
    pub(super) can: fn(&Model) -> bool,
    /// What is said where no model can; `{names}` is left for those that could.
    pub(super) needs: fn() -> Message,
    /// What is said of a model that can't, and `{names}`.
    pub(super) lacks: fn(&str) -> Message,
}

impl Studio {
    /// The named one, or the first that can.
    pub(super) fn looker(&self, id: Option<&str>, of: &Lookers) -> Result<Arc<Model>, Failure> {
        let models = self.models();
        let sound = models.iter().filter_map(ModelState::sound);
        let able: Vec<&Arc<Model>> = sound.filter(|model| (of.can)(model)).collect();
        let names = || {
            let names: Vec<&str> = able.iter().map(|model| model.id()).collect();
            if names.is_empty() {
                message!("no model here can")
            } else {
                message!("these can: {names}", names = names.join(", "))
            }
        };
        let Some(id) = id else {
            let first = able.first().map(|&model| Arc::clone(model));
            if first.is_none() && self.loading().is_some() {
                return self.serving_now(None);
            }
            let message = || (of.needs)().with("names", names());
            return first.ok_or_else(|| InvalidField::new("model", message()).into());
        };
        let model = self.serving_now(Some(id))?;
        if (of.can)(&model) {
            return Ok(model);
        }
        Err(InvalidField::new("model", (of.lacks)(id).with("names", names())).into())
    }

    /// The image of a file in the size that is looked at, and what the caller should know of that.
    pub(super) async fn look_at(
        &self,
        format: &TensorFormat,
        file: Vec<u8>,
    ) -> Result<(Image, Vec<Message>), Failure> {
        let (format, limits) = (format.clone(), self.inner.limits.decode.clone());
        let open = move || {
            let image = open_image("image", &file, &limits)?;
            let (image, warning) = resized("image", &image, &format);
            Ok::<_, InvalidField>((image, warning.into_iter().collect()))
        };
        let _decoder = self.decoder().await;
        blocking(open).await?.map_err(refused)
    }
}
