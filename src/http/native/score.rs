//! POST /score: what a model makes of an image.

use std::f64::consts::LN_2;

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::jobs::{Asked, JobAnswer, Preferred, Question, defer};
use super::question::{ImageParams, ImageRequest, read_question};
use crate::families::Verdict;
use crate::http::App;
use crate::http::error::{Problem, Problems, Reading};
use crate::http::plumbing::answer::json;
use crate::http::plumbing::language::spoken;
use crate::http::plumbing::observe::RequestId;
use crate::http::wire::{ImageFile, TimingsMs};
use crate::language::Language;
use crate::message;
use crate::service::Scored;

/// Judge an image
///
/// A GAN that ships its discriminator answers with `score`: higher for what looks more real *to
/// this discriminator*. It was trained against its own generator, so the number compares images
/// for one model and class, has no unit, and means nothing beside another model's.
///
/// A model that generates pixel by pixel answers with `log_likelihood_nats`: the natural logarithm of
/// the probability with which it would generate exactly this image, given its class, after each
/// number of the image was rounded to the nearest of the model's `levels`. `bits_per_dimension`
/// is the same per number, in bits: what an ideal compressor that knows the model would spend on
/// it. Lower is likelier; noise among 16 levels costs 4. Both compare images, or models of equal
/// levels and sizes; neither says that an image is good.
///
/// The body is JSON, or the image file itself with the other fields in the address. A model that
/// can do neither is refused, with those that can.
#[utoipa::path(
    post,
    path = "/score",
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
        (status = 200, description = "The verdict.", body = ScoreAnswer),
        (status = 202, description = "With `Prefer: respond-async`: the job.", body = JobAnswer),
        Problems<Reading>,
    )
)]
pub(in crate::http) async fn score(
    State(app): State<App>,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Preferred(deferred): Preferred,
    request: Request,
) -> Result<Response, Problem> {
    let question = read_question(request, &app).await?;
    if let Some(deferred) = deferred {
        let asked = Asked::new(deferred, language, request_id);
        return Box::pin(defer(&app, Question::Score(question), asked)).await;
    }
    let scored = app.studio().score(question).await?;
    json(ScoreAnswer::new(scored, language), 1024).await
}

/// A verdict, by a discriminator or by likelihood.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ScoreAnswer {
    /// The model's id.
    #[schema(example = "digits-pixelcnn")]
    model: String,
    /// The model's digest.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// gan: the discriminator's score, higher for what looks more real to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1.7)]
    score: Option<f32>,
    /// autoregressive: the logarithm of the image's probability; absent where the model gives it
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = -241.3)]
    log_likelihood_nats: Option<f64>,
    /// autoregressive: what the image costs in bits, for each of its `dimensions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.444)]
    bits_per_dimension: Option<f64>,
    /// autoregressive: the numbers of the image, which are its pixels times its channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 784)]
    dimensions: Option<usize>,
    /// autoregressive: the levels to which each number was rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 16)]
    levels: Option<usize>,
    /// Where the time went, in milliseconds.
    timings_ms: TimingsMs,
    /// What the caller should know: that the image was resized, say.
    warnings: Vec<String>,
}

impl ScoreAnswer {
    pub(in crate::http) fn new(scored: Scored, language: Language) -> Self {
        let mut answer = Self {
            model: scored.model,
            digest: scored.digest,
            score: None,
            log_likelihood_nats: None,
            bits_per_dimension: None,
            dimensions: None,
            levels: None,
            timings_ms: scored.timings.into(),
            warnings: spoken(&scored.warnings, language),
        };
        match scored.verdict {
            Verdict::Score(score) => answer.score = Some(score),
            Verdict::Likelihood {
                nats,
                dimensions,
                levels,
            } => {
                // JSON has no infinity.
                let finite = Some(nats).filter(|nats| nats.is_finite());
                #[expect(clippy::cast_precision_loss, reason = "an image has fewer")]
                let bits = |nats: f64| -nats / (dimensions as f64 * LN_2);
                answer.log_likelihood_nats = finite;
                answer.bits_per_dimension = finite.map(bits);
                answer.dimensions = Some(dimensions);
                answer.levels = Some(levels);
                if finite.is_none() {
                    let warning = message!("the model gives this image no probability at all");
                    answer.warnings.push(warning.to(language));
                }
            }
        }
        answer
    }
}
