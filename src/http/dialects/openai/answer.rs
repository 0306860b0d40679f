//! Images as the API answers with them.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::files::{File, Files};
use super::prepared::{Form, PreparedRequest};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::base::base;
use crate::http::plumbing::language::spoken;
use crate::http::wire::Base64Text;
use crate::language::Language;
use crate::service::{Generated, GeneratedImage};

/// The images; what stands beside the API's own fields is Atelier's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiImages)]
pub(super) struct ImagesAnswer {
    /// In seconds since 1970-01-01T00:00:00Z.
    #[schema(example = 1_764_000_000)]
    created: u64,
    /// The images.
    data: Vec<ImageAnswer>,
    /// `transparent` or `opaque`.
    #[schema(example = "opaque")]
    background: &'static str,
    /// `png`, `jpeg` or `webp`.
    #[schema(example = "png")]
    output_format: &'static str,
    /// As in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "medium")]
    quality: Option<String>,
    /// The images' size.
    #[schema(example = "28x28")]
    size: String,
    /// This generation's id.
    #[schema(format = "uuid")]
    id: String,
    /// The id of the model that was used.
    #[schema(example = "digits-gan")]
    model: String,
    /// What was asked for and could not be honoured, and whatever else the caller should know.
    warnings: Vec<String>,
}

/// One image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiImage)]
struct ImageAnswer {
    /// The file, as base64 text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, content_encoding = "base64")]
    b64_json: Option<Base64Text>,
    /// Where the file can be fetched for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri")]
    url: Option<String>,
    /// The seed that generates this image again; absent where no noise was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 7)]
    seed: Option<u64>,
    /// The label of the image, by class axis.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    class: BTreeMap<String, String>,
    /// With `best_of`: the discriminator's score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    score: Option<f32>,
}

/// Writes the answer; images that go out as links are put into the store.
pub(super) async fn answer(
    app: &App,
    files: &Files,
    headers: &HeaderMap,
    prepared: PreparedRequest,
    generated: Generated,
) -> Result<Response, Problem> {
    let bytes: usize = generated.images.iter().map(|one| one.bytes.len()).sum();
    let first = generated.images.first();
    let size = first.map_or((0, 0), |image| (image.width, image.height));
    let created = generated.created.duration_since(UNIX_EPOCH);
    let mut warnings = prepared.warnings;
    warnings.extend(generated.warnings);
    let base = base(app, headers);
    let images = generated.images.into_iter();
    let answer = ImagesAnswer {
        created: created.map_or(0, |since| since.as_secs()),
        data: images
            .map(|image| match prepared.form {
                Form::Base64 => ImageAnswer::whole(image),
                Form::Url => ImageAnswer::linked(files, &base, image),
            })
            .collect(),
        background: background(prepared.opaque),
        output_format: prepared.format.name(),
        quality: prepared.quality,
        size: format!("{}x{}", size.0, size.1),
        id: generated.id,
        model: generated.model,
        warnings: spoken(&warnings, Language::accepted(headers)),
    };
    json(answer, bytes / 3 * 4 + 4096).await
}

/// What the API calls an image without transparent pixels, and one with.
pub(super) fn background(opaque: bool) -> &'static str {
    if opaque { "opaque" } else { "transparent" }
}

impl ImageAnswer {
    fn whole(image: GeneratedImage) -> Self {
        Self {
            b64_json: Some(Base64Text(image.bytes)),
            url: None,
            seed: image.seed,
            class: image.class.into_iter().collect(),
            score: image.score,
        }
    }

    fn linked(files: &Files, base: &str, image: GeneratedImage) -> Self {
        let file = File {
            bytes: image.bytes.into(),
            format: image.format,
        };
        let link = files.keep(file);
        Self {
            b64_json: None,
            url: Some(format!("{base}{link}")),
            seed: image.seed,
            class: image.class.into_iter().collect(),
            score: image.score,
        }
    }
}
