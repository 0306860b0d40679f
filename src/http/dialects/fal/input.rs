//! The arguments of a request, and the images that come of them.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Fal;
use crate::http::App;
use crate::http::dialects::shared::{
    DialectBody, DraftBuilder, Fields, MaskKind, data_urls, masked, model_of,
};
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::wire::{ImageData, LooseWhole};
use crate::imaging::FileFormat;
use crate::jobs::Job;
use crate::message;

/// Bytes of an answer beside its images.
const BYTES: usize = 8 << 10;

/// What the usual applications of fal take.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FalArguments)]
pub(super) struct Arguments {
    /// What the image should show.
    #[schema(example = "seven")]
    prompt: Option<String>,
    /// How many images.
    #[schema(value_type = Option<u64>, format = "uint64")]
    num_images: Option<LooseWhole>,
    /// A size in pixels, or the name of one, such as `landscape_4_3`.
    image_size: Option<ImageSize>,
    /// An image as a `data:` address, to change.
    #[schema(value_type = Option<String>)]
    image_url: Option<ImageData>,
    /// An image as a `data:` address, white where the other is regenerated.
    #[schema(value_type = Option<String>)]
    mask_url: Option<ImageData>,
    /// `png` or `jpeg`.
    #[schema(example = "png")]
    output_format: Option<String>,
    /// Images are in the answer either way.
    #[serde(rename = "sync_mode")]
    _sync_mode: Option<Value>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

impl Fields for Arguments {}

/// How large an image should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FalImageSize)]
enum ImageSize {
    /// In pixels.
    #[schema(title = "pixels")]
    Pixels {
        /// Pixels in a row.
        #[schema(value_type = u64, format = "uint64", example = 512)]
        width: LooseWhole,
        /// Rows.
        #[schema(value_type = u64, format = "uint64", example = 512)]
        height: LooseWhole,
    },
    /// By its name.
    #[schema(title = "name")]
    Named(String),
}

/// The field of the size.
const SIZE: &str = "image_size";
/// The sizes that have names.
const SIZES: [(&str, u64, u64); 6] = [
    ("square_hd", 1024, 1024),
    ("square", 512, 512),
    ("portrait_4_3", 768, 1024),
    ("portrait_16_9", 576, 1024),
    ("landscape_4_3", 1024, 768),
    ("landscape_16_9", 1024, 576),
];

/// A draft for the application's model.
pub(super) async fn draft(
    app: &App,
    (owner, name): (&str, &str),
    body: DialectBody<Arguments>,
) -> Result<DraftBuilder, Problem> {
    let model = model_of(app.studio(), owner, name);
    let mut builder = DraftBuilder::new::<Fal>(app.studio(), Some(&model))?;
    let DialectBody { own, settings } = body;
    builder.prompt(own.prompt);
    builder.draft.image = own.image_url.map(|ImageData(file)| file);
    builder.draft.n = own.num_images.map(|LooseWhole(count)| count);
    for field in own.others.keys() {
        builder.unknown(field);
    }
    settings.fill(&mut builder);
    match own.image_size {
        Some(ImageSize::Pixels { width, height }) => builder.size(SIZE, width.0, height.0),
        Some(ImageSize::Named(name)) => match SIZES.iter().find(|(known, ..)| *known == name) {
            Some(&(_, width, height)) => builder.size(SIZE, width, height),
            None => builder.unused(
                SIZE,
                message!(
                    "there is no size {name}, and the model's own was taken",
                    name
                ),
            ),
        },
        None => {}
    }
    if let Some(format) = own.output_format {
        builder.draft.format = Some(match &*format {
            "png" => FileFormat::Png,
            "jpg" | "jpeg" => FileFormat::Jpeg,
            _ => {
                let detail = message!("found {found}, expected png or jpeg", found = ?format);
                return Err(Problem::field("output_format", detail));
            }
        });
    }
    let mask = own.mask_url.map(|ImageData(file)| file);
    masked(app, &mut builder, mask, MaskKind::White).await?;
    Ok(builder)
}

/// What came of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalResult)]
pub(super) struct Images {
    /// The images.
    images: Vec<ImageAnswer>,
    /// The first image's seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seed: Option<u64>,
    /// What the caller should know.
    warnings: Vec<String>,
}

/// An image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FalImage)]
struct ImageAnswer {
    /// A `data:` address.
    url: String,
    /// In pixels.
    width: u64,
    /// In pixels.
    height: u64,
    /// The media type.
    content_type: String,
}

impl Images {
    /// Of a job that has succeeded, as an answer.
    pub(super) async fn written(app: &App, job: &Job) -> Result<Response, Problem> {
        let answer = job.answer.as_deref().unwrap_or_default();
        let answer: Value = serde_json::from_slice(answer)
            .map_err(|error| Problem::internal(format!("a job's answer: {error}")))?;
        let urls = data_urls(app, job).await?;
        let number = |at: usize, side: &str| answer["images"][at][side].as_u64();
        let texts = answer["warnings"].as_array().into_iter().flatten();
        let texts = texts.filter_map(|text| text.as_str().map(str::to_owned));
        let mut warnings = job.warnings.clone();
        warnings.extend(texts.filter(|text| !job.warnings.contains(text)));
        let expected = urls.iter().map(String::len).sum::<usize>() + BYTES;
        let images = urls.into_iter().zip(&job.files).enumerate();
        let answer = Self {
            seed: number(0, "seed"),
            warnings,
            images: images
                .map(|(at, (url, media_type))| ImageAnswer {
                    url,
                    width: number(at, "width").unwrap_or_default(),
                    height: number(at, "height").unwrap_or_default(),
                    content_type: media_type.clone(),
                })
                .collect(),
        };
        json(answer, expected).await
    }
}
