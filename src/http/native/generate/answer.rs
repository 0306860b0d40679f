//! The images of a generation as JSON.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::plumbing::language::spoken;
use crate::http::wire::{
    Base64Text, ChainLinkAnswer, JudgementAnswer, SourceAnswer, TimingsMs, UnderstoodAnswer,
};
use crate::language::Language;
use crate::service::{Cell, Generated, GeneratedImage};

/// The images, and how to get them again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct GenerateAnswer {
    /// This generation's id; it can't be guessed.
    #[schema(example = "6f3f6f0e-5d0c-4f0f-8f2e-0d8f4c8d5c55", format = "uuid")]
    id: String,
    /// When it was done, in seconds since 1970-01-01T00:00:00Z.
    #[schema(example = 1_764_000_000)]
    created: u64,
    /// The model's id.
    #[schema(example = "digits-gan")]
    model: String,
    /// A digest of exactly what generated the images: the model's graphs and all of its manifest that decides a
    /// pixel.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// The further models that the images went through, in their order; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    chain: Vec<ChainLinkAnswer>,
    /// The images: in the order of their seeds or steps, or with `best_of`, best first.
    images: Vec<ImageAnswer>,
    /// How the prompt was taken, where it chooses classes and directions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    understood: Option<UnderstoodAnswer>,
    /// Where the time went, in milliseconds.
    timings_ms: TimingsMs,
    /// What the caller should know: an image that was resized, a deadline that was cut.
    warnings: Vec<String>,
}

/// One image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GeneratedImage)]
pub(super) struct ImageAnswer {
    /// The file, as base64 text without line breaks and without a `data:` head.
    #[schema(value_type = String, content_encoding = "base64")]
    b64: Base64Text,
    /// The file's media type.
    #[schema(example = "image/png")]
    media_type: &'static str,
    /// In pixels.
    #[schema(example = 28, minimum = 1)]
    width: u32,
    /// In pixels.
    #[schema(example = 28, minimum = 1)]
    height: u32,
    /// The seed that generates this image again; absent where no noise was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 7)]
    seed: Option<u64>,
    /// The label of the image, by class axis; absent where the model has none, and where the
    /// images of one file differ in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    class: BTreeMap<String, String>,
    /// With `best_of`: the discriminator's score, higher for what looks more real.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    score: Option<f32>,
    /// What somebody made that it was painted from, for models that look such pictures up: those whose names are
    /// nearest to the prompt. Of a sheet or an animation, those of all its images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    sources: Vec<SourceAnswer>,
    /// What the operator's safety judges say of it, where there are any. Of a sheet or an animation, the worst of all
    /// its images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    judged: Vec<JudgementAnswer>,
    /// With `grid`: the images of the sheet, row by row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    cells: Vec<CellAnswer>,
    /// With an animated `format`: how many images it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 8)]
    frames: Option<usize>,
    /// What the pixels carry, where the service marks its images; absent where it doesn't, and where the image is
    /// too small or leaves too little room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    watermark: Option<ImageWatermark>,
}

/// A watermark that was hidden in an image.
#[derive(Debug, Serialize, ToSchema)]
struct ImageWatermark {
    /// What `POST /verify` reads again, in hexadecimal digits. Only the holder of the key can tell whose it is.
    #[schema(example = "2a6f0c14b7e", pattern = "^[0-9a-f]{11}$")]
    payload: String,
}

/// One image of a sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cell)]
struct CellAnswer {
    /// The seed that generates this image again; absent where no noise was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 7)]
    seed: Option<u64>,
    /// The label of the image, by class axis; absent where the model has none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    class: BTreeMap<String, String>,
    /// With `best_of`: the discriminator's score, higher for what looks more real.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    score: Option<f32>,
}

impl From<Cell> for CellAnswer {
    fn from(cell: Cell) -> Self {
        Self {
            seed: cell.seed,
            class: cell.class.into_iter().collect(),
            score: cell.score,
        }
    }
}

impl GenerateAnswer {
    /// The answer, with its warnings in that language.
    pub(in crate::http) fn new(generated: Generated, language: Language) -> Self {
        let created = generated.created.duration_since(UNIX_EPOCH);
        Self {
            id: generated.id,
            created: created.map_or(0, |since| since.as_secs()),
            model: generated.model,
            digest: generated.digest,
            chain: generated.chain.into_iter().map(Into::into).collect(),
            images: generated.images.into_iter().map(Into::into).collect(),
            understood: generated.understood.map(Into::into),
            timings_ms: generated.timings.into(),
            warnings: spoken(&generated.warnings, language),
        }
    }
}

impl From<GeneratedImage> for ImageAnswer {
    fn from(image: GeneratedImage) -> Self {
        Self {
            b64: Base64Text(image.bytes),
            media_type: image.format.media_type(),
            width: image.width,
            height: image.height,
            seed: image.seed,
            class: image.class.into_iter().collect(),
            score: image.score,
            sources: image.sources.iter().map(Into::into).collect(),
            judged: image.judged.iter().map(Into::into).collect(),
            cells: image.cells.into_iter().map(Into::into).collect(),
            frames: image.frames,
            watermark: image.watermark.map(|payload| ImageWatermark {
                payload: payload.to_string(),
            }),
        }
    }
}
