//! POST /encode: what a picture is in a model's latent space.

use std::time::Duration;

use axum::extract::{FromRequest, Query, Request, State};
use axum::http::Uri;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::answer::json;
use super::body::{JsonBody, is_json, media_type, read, unsupported};
use super::error::{EncodeProblems, Problem};
use super::wire::{Class, PictureData, PictureFile, TimingsMs, Whole};
use crate::imaging::FileFormat;
use crate::service::{EncodeDraft, Encoded};

/// Bytes that a number takes in JSON, with its comma.
const NUMBER_BYTES: usize = 12;

/// The media types of bodies.
const TAKEN: &str = "application/json, image/png, image/jpeg, image/webp";

/// Encode a picture
///
/// Finds the mean and the log-variance of a picture in the latent space of a model that has an
/// encoder, such as a VAE. The mean can be sent back as `latents`, or as an end of `interpolate`.
///
/// The body is JSON, or the picture file itself with the other fields in the address.
#[utoipa::path(
    post,
    path = "/encode",
    tag = "pictures",
    params(EncodeParams),
    request_body(
        content(
            (EncodeRequest = "application/json"),
            (PictureFile = "image/png"),
            (PictureFile = "image/jpeg"),
            (PictureFile = "image/webp"),
        ),
    ),
    responses(
        (status = 200, description = "The picture's place in latent space.", body = EncodeAnswer),
        EncodeProblems,
    )
)]
pub(super) async fn encode(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let draft = draft(request, &app).await?;
    let encoded = app.studio().encode(draft).await?;
    let numbers = encoded.mean.len() + encoded.log_variance.as_ref().map_or(0, Vec::len);
    let expected = numbers * NUMBER_BYTES + 1024;
    json(EncodeAnswer::from(encoded), expected).await
}

/// Reads the request in whichever form it has.
async fn draft(request: Request, app: &App) -> Result<EncodeDraft, Problem> {
    let headers = request.headers();
    if is_json(headers) {
        let JsonBody(request) = JsonBody::<EncodeRequest>::from_request(request, app).await?;
        return Ok(request.into());
    }
    let media_type = media_type(headers).unwrap_or_default();
    if FileFormat::from_media_type(&media_type).is_none() {
        return Err(unsupported(headers, TAKEN));
    }
    let params = EncodeParams::of(request.uri())?;
    let image = read(request, app.options()).await?;
    Ok(EncodeDraft {
        model: params.model,
        image: image.into(),
        class: params
            .class
            .as_deref()
            .map(|text| Class::from_query(text).into()),
        deadline: params.deadline_ms.map(Duration::from_millis),
    })
}

/// A request to encode a picture.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EncodeRequest {
    /// The model's id; if left out, the first model with an encoder.
    #[schema(example = "digits-vae")]
    model: Option<String>,
    /// A picture file (PNG, JPEG or WebP) as base64 text or as a `data:` address. It is resized to
    /// the model's size where it has another.
    #[schema(value_type = String)]
    image: PictureData,
    /// What the picture shows, for encoders that want to know.
    class: Option<Class>,
    /// Milliseconds from now after which the answer is of no more use.
    #[schema(value_type = Option<u64>, minimum = 1)]
    deadline_ms: Option<Whole>,
}

/// What stands in the address where the body is the picture file itself.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct EncodeParams {
    /// With a picture file as the body: the model's id.
    model: Option<String>,
    /// With a picture file as the body: what the picture shows. Digits are a label's index.
    class: Option<String>,
    /// With a picture file as the body: milliseconds after which the answer is of no more use.
    #[param(minimum = 1)]
    deadline_ms: Option<u64>,
}

impl EncodeParams {
    fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(pairs): Query<Vec<(String, String)>> =
            Query::try_from_uri(uri).map_err(|error| Problem::field("", error.body_text()))?;
        let mut params = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "model" => params.model = Some(value),
                "class" => params.class = Some(value),
                "deadline_ms" => {
                    let number = value.parse().map_err(|_| {
                        let detail = format!("found {value:?}, expected a whole number from 0");
                        Problem::field("deadline_ms", detail)
                    })?;
                    params.deadline_ms = Some(number);
                }
                _ => {
                    let detail = "unknown; expected model, class or deadline_ms";
                    return Err(Problem::field(name, detail));
                }
            }
        }
        Ok(params)
    }
}

impl From<EncodeRequest> for EncodeDraft {
    fn from(request: EncodeRequest) -> Self {
        Self {
            model: request.model,
            image: request.image.0,
            class: request.class.map(Into::into),
            deadline: request
                .deadline_ms
                .map(|Whole(ms)| Duration::from_millis(ms)),
        }
    }
}

/// A picture's place in a latent space: a normal distribution over it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EncodeAnswer {
    /// The model's id.
    #[schema(example = "digits-vae")]
    model: String,
    /// The model's digest.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// The latent's shape, of which `mean` and `log_variance` are the numbers in row-major order.
    #[schema(example = json!([16]))]
    shape: Vec<usize>,
    /// The mean: the latent that reconstructs the picture best.
    mean: Vec<f32>,
    /// The logarithm of the variance of each number; absent where the encoder gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    log_variance: Option<Vec<f32>>,
    /// Where the time went, in milliseconds.
    timings_ms: TimingsMs,
    /// What the caller should know: that the picture was resized, say.
    warnings: Vec<String>,
}

impl From<Encoded> for EncodeAnswer {
    fn from(encoded: Encoded) -> Self {
        Self {
            model: encoded.model,
            digest: encoded.digest,
            shape: encoded.shape,
            mean: encoded.mean,
            log_variance: encoded.log_variance,
            timings_ms: encoded.timings.into(),
            warnings: encoded.warnings,
        }
    }
}
