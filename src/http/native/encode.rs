//! POST /encode: what an image is in a model's latent space.

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::jobs::{Asked, JobAnswer, Preferred, Question, defer};
use super::question::{ImageParams, ImageRequest, read_question};
use crate::http::App;
use crate::http::error::{Problem, Problems, Reading};
use crate::http::plumbing::answer::json;
use crate::http::plumbing::language::spoken;
use crate::http::plumbing::observe::RequestId;
use crate::http::wire::{ImageFile, TimingsMs};
use crate::language::Language;
use crate::service::Encoded;

/// Bytes that a number takes in JSON, with its comma.
const NUMBER_BYTES: usize = 12;

/// Encode an image
///
/// Finds the mean and the log-variance of an image in the latent space of a model that has an
/// encoder, such as a VAE. The mean can be sent back as `latents`, or as an end of `interpolate`.
///
/// The body is JSON, or the image file itself with the other fields in the address.
#[utoipa::path(
    post,
    path = "/encode",
    tag = "images",
    params(ImageParams),
    request_body(
        content(
            (ImageRequest = "application/json"),
            (ImageFile = "image/png"),
            (ImageFile = "image/jpeg"),
            (ImageFile = "image/webp"),
        ),
    ),
    responses(
        (status = 200, description = "The image's place in latent space.", body = EncodeAnswer),
        (status = 202, description = "With `Prefer: respond-async`: the job.", body = JobAnswer),
        Problems<Reading>,
    )
)]
pub(in crate::http) async fn encode(
    State(app): State<App>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Preferred(deferred): Preferred,
    request: Request,
) -> Result<Response, Problem> {
    let question = read_question(request, &app).await?;
    if let Some(deferred) = deferred {
        let asked = Asked::new(deferred, language, request_id);
        return Box::pin(defer(&app, Question::Encode(question), asked)).await;
    }
    let encoded = app.studio().encode(question).await?;
    let numbers = encoded.mean.len() + encoded.log_variance.as_ref().map_or(0, Vec::len);
    let expected = numbers * NUMBER_BYTES + 1024;
    json(EncodeAnswer::new(encoded, language), expected).await
}

/// An image's place in a latent space: a normal distribution over it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct EncodeAnswer {
    /// The model's id.
    #[schema(example = "digits-vae")]
    model: String,
    /// The model's digest.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// The latent's shape, of which `mean` and `log_variance` are the numbers in row-major order.
    #[schema(example = json!([16]))]
    shape: Vec<usize>,
    /// The mean: the latent that reconstructs the image best.
    mean: Vec<f32>,
    /// The logarithm of the variance of each number; absent where the encoder gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    log_variance: Option<Vec<f32>>,
    /// Where the time went, in milliseconds.
    timings_ms: TimingsMs,
    /// What the caller should know: that the image was resized, say.
    warnings: Vec<String>,
}

impl EncodeAnswer {
    pub(in crate::http) fn new(encoded: Encoded, language: Language) -> Self {
        Self {
            model: encoded.model,
            digest: encoded.digest,
            shape: encoded.shape,
            mean: encoded.mean,
            log_variance: encoded.log_variance,
            timings_ms: encoded.timings.into(),
            warnings: spoken(&encoded.warnings, language),
        }
    }
}
