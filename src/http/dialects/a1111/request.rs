//! What a client may send to `txt2img` and `img2img`.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::hires::HiresFields;
use super::inpainting::InpaintFields;
use super::unused_fields::UnusedFields;
use crate::http::dialects::shared::{DialectBody, FieldNames, Fields, Settings};
use crate::http::error::Problem;
use crate::http::wire::{ImageData, LooseFlag, LooseWhole};

/// The dialect's own fields, and the settings of models here.
pub(super) type PaintRequest = DialectBody<PaintFields>;

/// The same, as the document shows it.
#[derive(ToSchema)]
#[schema(as = A1111PaintRequest)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(super) struct PaintWire {
    #[serde(flatten)]
    own: PaintFields,
    #[serde(flatten)]
    hires: HiresFields,
    #[serde(flatten)]
    inpainting: InpaintFields,
    #[serde(flatten)]
    settings: Settings,
}

/// A request for images. Any field may be null, which says nothing; fields that can't be
/// honoured are named in the answer's `warnings`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = A1111PaintFields)]
pub(super) struct PaintFields {
    /// What the image should show.
    #[schema(example = "seven")]
    pub(super) prompt: Option<String>,
    /// Images that are generated together.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(super) batch_size: Option<LooseWhole>,
    /// How many times as many.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(super) n_iter: Option<LooseWhole>,
    /// The sampler, as `GET /sdapi/v1/samplers` lists them.
    #[serde(rename = "sampler")]
    #[schema(rename = "sampler_name", example = "Euler a")]
    pub(super) sampler: Option<String>,
    /// How its steps are spaced, as `GET /sdapi/v1/schedulers` lists them.
    #[serde(rename = "schedule")]
    #[schema(rename = "scheduler", example = "automatic")]
    pub(super) schedule: Option<String>,
    /// Options for this request alone: `sd_model_checkpoint` (a model's title, id or hash) and
    /// `samples_format`.
    #[schema(value_type = Option<Object>)]
    pub(super) override_settings: Option<Map<String, Value>>,
    /// The image to work from, in base64.
    #[schema(value_type = Option<Vec<String>>)]
    pub(super) init_images: Option<Vec<ImageData>>,
    /// An image in base64, white where the other image is regenerated.
    #[schema(value_type = Option<String>)]
    pub(super) mask: Option<ImageData>,
    /// 1: black where it is regenerated.
    #[schema(value_type = serde_json::Value, required = false)]
    pub(super) inpainting_mask_invert: Option<LooseFlag>,
    /// Whether `parameters` in the answer holds the images that came in.
    #[schema(value_type = serde_json::Value, required = false)]
    pub(super) include_init_images: Option<LooseFlag>,
    /// Whether the answer holds the images.
    #[schema(value_type = serde_json::Value, required = false)]
    pub(super) send_images: Option<LooseFlag>,
    /// An id of the client's own, by which it asks how far this is: up to 256 bytes.
    #[schema(max_length = 256, example = "task(0ab1c2)")]
    pub(super) force_task_id: Option<String>,
    /// Labels of the model's class axis `style`, as `GET /sdapi/v1/prompt-styles` lists them.
    pub(super) styles: Option<Vec<String>>,
    /// How the image comes to the size that is painted: 0 stretched, 1 its middle cropped, 2 filled up at its edges.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(super) resize_mode: Option<LooseWhole>,
    /// A group of its own, read from what is left over.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) hires: HiresFields,
    /// Another one.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) inpainting: InpaintFields,
    /// What is left over then.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) unused: UnusedFields,
    /// There are no scripts here.
    #[schema(example = json!(null))]
    pub(super) script_name: Option<String>,

    /// Whatever else a client sends.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(super) others: Map<String, Value>,
}

impl Fields for PaintFields {
    /// What this dialect calls a scheduler is the spacing of a sampler's steps, and `eta` is its
    /// samplers' own.
    fn prepare(fields: &mut Map<String, Value>) -> Result<FieldNames, Problem> {
        let mut names = FieldNames::default();
        // Clients send both; the older one has that program's usual value then.
        let index = fields.remove("sampler_index");
        let (sampler, named) = match fields.remove("sampler_name") {
            None if index.is_some() => (index, "sampler_index"),
            sampler => (sampler, "sampler_name"),
        };
        for (own, name) in [
            ("sampler", named),
            ("scheduler", named),
            ("schedule", "scheduler"),
        ] {
            names.set(own, name);
        }
        let schedule = fields.remove("scheduler");
        for (name, value) in [("sampler", sampler), ("schedule", schedule)] {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        }
        Ok(names)
    }
}
