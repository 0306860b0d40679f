//! A question about an image: JSON, or the file itself with all else in the address.

use std::time::Duration;

use axum::extract::{FromRequest, Query, Request};
use axum::http::Uri;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::App;
use crate::http::error::Problem;
use crate::http::plumbing::body::{JsonBody, is_json, media_type, read, unsupported};
use crate::http::wire::{Class, ImageData, Whole};
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::message;
use crate::service::ImageDraft;

/// The media types of bodies.
const TAKEN: &str = "application/json, image/png, image/jpeg, image/webp";

/// What is asked, in whichever form it came.
pub(in crate::http) async fn read_question(
    request: Request,
    app: &App,
) -> Result<ImageDraft, Problem> {
    let headers = request.headers();
    if is_json(headers) {
        let JsonBody(request) = JsonBody::<ImageRequest>::from_request(request, app).await?;
        return Ok(request.into());
    }
    let media_type = media_type(headers).unwrap_or_default();
    if FileFormat::from_media_type(&media_type).is_none() {
        return Err(unsupported(headers, TAKEN));
    }
    let params = ImageParams::of(request.uri())?;
    let image = read(request, app.options()).await?;
    Ok(ImageDraft {
        model: params.model,
        image: image.into(),
        class: params
            .class
            .as_deref()
            .map(|text| Class::from_query(text).into()),
        deadline: params.deadline_ms.map(Duration::from_millis),
    })
}

/// A question about an image.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ImageRequest {
    /// The model's id; if left out, the first model that can answer.
    #[schema(example = "digits-vae")]
    model: Option<String>,
    /// An image file (PNG, JPEG or WebP) as base64 text or as a `data:` address. It is resized to
    /// the model's size where it has another.
    #[schema(value_type = String)]
    image: ImageData,
    /// What the image shows, for models that want to know.
    class: Option<Class>,
    /// Milliseconds from now after which the answer is of no more use.
    #[schema(value_type = Option<u64>, minimum = 1)]
    deadline_ms: Option<Whole>,
}

/// What stands in the address where the body is the image file itself.
#[derive(Debug, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ImageParams {
    /// With an image file as the body: the model's id.
    model: Option<String>,
    /// With an image file as the body: what the image shows. Digits are a label's index.
    class: Option<String>,
    /// With an image file as the body: milliseconds after which the answer is of no more use.
    #[param(minimum = 1)]
    deadline_ms: Option<u64>,
}

impl ImageParams {
    fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(pairs): Query<Vec<(String, String)>> = Query::try_from_uri(uri)
            .map_err(|error| Problem::field("", Message::parsed(error.body_text())))?;
        let mut params = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "model" => params.model = Some(value),
                "class" => params.class = Some(value),
                "deadline_ms" => {
                    let number = value.parse().map_err(|_| {
                        let detail = message!(
                            "found {found}, expected a whole number from 0",
                            found = ?value
                        );
                        Problem::field("deadline_ms", detail)
                    })?;
                    params.deadline_ms = Some(number);
                }
                _ => {
                    let detail = message!("unknown; expected model, class or deadline_ms");
                    return Err(Problem::field(name, detail));
                }
            }
        }
        Ok(params)
    }
}

impl From<ImageRequest> for ImageDraft {
    fn from(request: ImageRequest) -> Self {
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
