//! What a client may send: the API's own fields, and beside them what models here take.

use axum::Extension;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::reference::{Reference, References};
use crate::http::dialects::shared::{DialectBody, FieldNames, Fields, WithSettings};
use crate::http::error::Problem;
use crate::http::plumbing::address::Deployment;
use crate::http::wire::{LooseFlag, LooseWhole};
use crate::message;

/// The API's own fields, and the settings of models here.
pub(super) type ImagesRequest = DialectBody<ImagesFields>;

/// The same, as the document shows it.
pub(super) type ImagesWire = WithSettings<ImagesFields>;

/// What images are called: in forms, and in JSON.
const IMAGE: [&str; 3] = ["image", "images", "image[]"];

impl ImagesRequest {
    /// The same, of the model that the address names where the body names none.
    pub(super) fn at(mut self, deployment: Option<Extension<Deployment>>) -> Self {
        let model = self.own.model.filter(|model| !model.is_empty());
        self.own.model = model.or_else(|| deployment.map(|Extension(named)| named.0));
        self
    }
}

impl Fields for ImagesFields {
    fn prepare(fields: &mut Map<String, Value>) -> Result<FieldNames, Problem> {
        let mut names = FieldNames::default();
        let mut found = IMAGE.into_iter().filter(|name| fields.contains_key(*name));
        let name = match (found.next(), found.next()) {
            (Some(other), Some(name)) => {
                let message = message!("says the same as {other}; leave one out", other);
                return Err(Problem::field(name, message));
            }
            (Some(name), None) => name,
            (None, _) => return Ok(names),
        };
        if let Some(image) = fields.remove(name) {
            fields.insert(IMAGE[0].to_owned(), image);
            names.set(IMAGE[0], name);
        }
        Ok(names)
    }
}

/// A request for images. Fields that a model can't honour are named in the answer's `warnings`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OpenAiImagesFields)]
pub(super) struct ImagesFields {
    /// What the image should show; `POST /v1/images/variations` needs none.
    #[schema(example = "seven")]
    pub(super) prompt: Option<String>,
    /// A model's id, or a name that the operator gave it (`--alias dall-e-3=digits-gan`); if left
    /// out, the server's default model, which is also meant by names that clients have built in
    /// (`dall-e-3`, `gpt-image-1`).
    #[schema(example = "digits-gan")]
    pub(super) model: Option<String>,
    /// How many images.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 10, example = 1)]
    pub(super) n: Option<LooseWhole>,
    /// `WIDTHxHEIGHT`, or `auto` for the model's own.
    #[schema(example = "auto")]
    pub(super) size: Option<String>,
    /// `low`, `medium` or `high`: half, once or twice the steps that the model takes by default.
    /// `standard` and `auto` are `medium`; `hd`, `xhigh` and `max` are `high`.
    #[schema(example = "auto")]
    pub(super) quality: Option<String>,
    /// `b64_json`, or `url` for a link that works for an hour; `b64_json` if left out.
    #[schema(example = "b64_json")]
    pub(super) response_format: Option<String>,
    /// `png`, `jpeg`, `webp` or `gif`.
    #[schema(example = "png")]
    pub(super) output_format: Option<String>,
    /// The quality of a JPEG file, from 0 to 100.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(super) output_compression: Option<LooseWhole>,
    /// `opaque` lays transparent pixels over white; `transparent` needs a model that generates them.
    #[schema(example = "auto")]
    pub(super) background: Option<String>,
    /// Nothing is moderated here.
    pub(super) moderation: Option<String>,
    /// A label of the class axis `style`, where the model has one.
    #[schema(example = "flat")]
    pub(super) style: Option<String>,
    /// Taken, and not looked at.
    #[expect(dead_code, reason = "what it asks for is nothing")]
    pub(super) user: Option<Value>,
    /// Taken, and not looked at.
    #[expect(dead_code, reason = "what it asks for is nothing")]
    pub(super) safety_identifier: Option<Value>,
    /// Answers with server-sent events.
    #[schema(value_type = serde_json::Value, required = false)]
    pub(super) stream: Option<LooseFlag>,
    /// With `stream`: how many previews to send on the way.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(super) partial_images: Option<LooseWhole>,
    /// No model here has such a setting; `quality` and `steps` come close.
    pub(super) complexity: Option<Value>,
    /// No model here has such a setting; `strength` comes close.
    pub(super) input_fidelity: Option<String>,

    /// The image to work from: a file in a form, base64 text or a `data:` address in JSON.
    #[schema(value_type = Option<Vec<Reference>>)]
    pub(super) image: Option<References>,
    /// Where the image is regenerated: transparent pixels, or white ones where none is transparent.
    #[schema(value_type = Option<Reference>)]
    pub(super) mask: Option<Reference>,

    /// Whatever else a client sends; each is named in `warnings`.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(super) others: Map<String, Value>,
}
