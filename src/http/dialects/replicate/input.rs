//! The input of a prediction.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::dialects::shared::{DialectBody, DraftBuilder, Fields, MaskKind, masked};
use crate::http::error::Problem;
use crate::http::wire::{ImageData, LooseNumber, LooseWhole};
use crate::imaging::FileFormat;
use crate::message;

/// Values longer than this are files or vectors, and not given back.
const LONGEST: usize = 4096;

/// What the usual models of Replicate take.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReplicateInput)]
pub(super) struct Input {
    /// What the image should show.
    #[schema(example = "seven")]
    prompt: Option<String>,
    /// How many images.
    #[schema(value_type = Option<u64>, format = "uint64")]
    num_outputs: Option<LooseWhole>,
    /// An image as a `data:` address, to change.
    #[schema(value_type = Option<String>)]
    image: Option<ImageData>,
    /// An image as a `data:` address, white where the other is regenerated.
    #[schema(value_type = Option<String>)]
    mask: Option<ImageData>,
    /// How much a given image is changed.
    #[schema(value_type = Option<f32>)]
    prompt_strength: Option<LooseNumber>,
    /// `png`, `jpg` or `webp`.
    #[schema(example = "webp")]
    output_format: Option<String>,
    /// Of lossy files, 1 to 100.
    #[schema(value_type = Option<u64>, format = "uint64")]
    output_quality: Option<LooseWhole>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

impl Fields for Input {}

/// Fills a draft in from an input.
pub(super) async fn fill(
    app: &App,
    builder: &mut DraftBuilder,
    input: Map<String, Value>,
) -> Result<(), Problem> {
    let within = |problem: Problem| Problem {
        field: problem.field.map(|field| format!("input.{field}")),
        ..problem
    };
    let DialectBody { own, settings } = DialectBody::<Input>::of(input).map_err(within)?;
    builder.prompt(own.prompt);
    builder.draft.image = own.image.map(|ImageData(file)| file);
    builder.draft.n = own.num_outputs.map(|LooseWhole(count)| count);
    for field in own.others.keys() {
        builder.unknown(&format!("input.{field}"));
    }
    settings.within("input").fill(builder);
    let strength = own.prompt_strength.map(|LooseNumber(strength)| strength);
    if strength.is_some() {
        builder.draft.strength = builder.number("strength", strength);
    }
    if let Some(format) = own.output_format {
        builder.draft.format = Some(match &*format {
            "png" => FileFormat::Png,
            "jpg" | "jpeg" => FileFormat::Jpeg,
            "webp" => FileFormat::Webp,
            _ => {
                let detail = message!("found {found}, expected png, jpg or webp", found = ?format);
                return Err(Problem::field("input.output_format", detail));
            }
        });
    }
    if builder.draft.format == Some(FileFormat::Jpeg) {
        let quality = own.output_quality.map(|LooseWhole(quality)| quality);
        builder.draft.quality = quality.map(|quality| quality.clamp(1, 100));
    }
    let mask = own.mask.map(|ImageData(file)| file);
    masked(app, builder, mask, MaskKind::White).await
}

/// The input as it is given back: without what is long.
pub(super) fn given_back(input: &Map<String, Value>) -> Map<String, Value> {
    let short = |value: &Value| match value {
        Value::String(text) => text.len() <= LONGEST,
        Value::Array(_) | Value::Object(_) => value.to_string().len() <= LONGEST,
        _ => true,
    };
    let kept = input.iter().filter(|(_, value)| short(value));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
