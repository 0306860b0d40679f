//! POST /hf/{model}: an image, from words or from an image.

use axum::body::Body;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::HuggingFace;
use super::error::PaintProblems;
use crate::http::App;
use crate::http::dialects::shared::{
    DialectBody, DraftBuilder, Fields, MaskKind, UniqueFields, WithSettings, masked,
};
use crate::http::error::{Kind, Problem};
use crate::http::plumbing::accept::Accept;
use crate::http::plumbing::body::{JsonBody, is_json, media_type, read, unsupported};
use crate::http::plumbing::warning::warn;
use crate::http::wire::{ImageData, ImageFile, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::{Language, Message};
use crate::message;
use crate::service::Generated;

const TAKEN: &str = "application/json, image/png, image/jpeg, image/webp";

/// A request for an image.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = HuggingFaceRequest)]
struct HuggingFaceRequest {
    /// What the image should show; or an image in base64, to change.
    #[schema(example = "seven")]
    inputs: String,
    /// How to generate it.
    #[serde(default)]
    #[schema(value_type = Option<WithSettings<Parameters>>)]
    parameters: Option<UniqueFields>,
    /// Taken, and not looked at: nothing is cached and no model sleeps.
    #[serde(rename = "options")]
    _options: Option<Map<String, Value>>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// The API's own parameters.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = HuggingFaceParameters)]
struct Parameters {
    /// What the result should show, where `inputs` is an image.
    prompt: Option<String>,
    /// The size of the result, where `inputs` is an image.
    target_size: Option<TargetSize>,
    /// An image in base64, white where `inputs` is regenerated.
    #[schema(value_type = Option<String>)]
    mask_image: Option<ImageData>,
    /// One; the answer has room for no more, and another number is taken as one, with a warning.
    #[schema(value_type = Option<u64>, format = "uint64")]
    num_images_per_prompt: Option<LooseWhole>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

impl Fields for Parameters {}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = HuggingFaceSize)]
#[serde(expecting = "an object with width and height")]
struct TargetSize {
    /// In pixels.
    #[schema(value_type = u64, format = "uint64")]
    width: LooseWhole,
    /// In pixels.
    #[schema(value_type = u64, format = "uint64")]
    height: LooseWhole,
}

/// What a body says, whichever kind it is of.
struct ParsedBody {
    words: Option<String>,
    image: Option<Vec<u8>>,
    parameters: Option<DialectBody<Parameters>>,
    others: Vec<String>,
}

/// Generate an image, in Hugging Face's dialect
///
/// The answer is the image's bytes. What the model can't honour stands in `x-atelier-warning`
/// headers, and the seed that generates the image again in `x-atelier-seed`.
#[utoipa::path(
    post,
    path = "/hf/{model}",
    tag = "huggingface",
    params(("model" = String, Path, description = "The model's id, or a name that the operator gave it.", example = "digits-gan")),
    request_body(
        content(
            (HuggingFaceRequest = "application/json", examples(
                ("1-words" = (
                    summary = "A seven",
                    value = json!({"inputs": "seven", "parameters": {"seed": 7}}),
                )),
            )),
            (ImageFile = "image/png"),
            (ImageFile = "image/jpeg"),
            (ImageFile = "image/webp"),
        ),
    ),
    responses(
        (
            status = 200,
            description = "The image.",
            content(
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
            ),
            headers(
                ("x-atelier-id" = String, description = "This generation's id."),
                ("x-atelier-model" = String, description = "The id of the model that painted."),
                ("x-atelier-seed" = u64, description = "The seed that paints the image again."),
                ("x-atelier-warning" = String, description = "What the caller should know, a header for each."),
            ),
        ),
        PaintProblems,
    )
)]
pub(super) async fn paint(
    State(app): State<App>,
    Path(model): Path<String>,
    accept: Accept,
    request: Request,
) -> Result<Response, Problem> {
    let language = Language::accepted(request.headers());
    let body = ParsedBody::read(request, &app).await?;
    let format = format(&accept)?;
    let mut builder = DraftBuilder::new::<HuggingFace>(app.studio(), Some(&model))?;
    builder.draft.format = Some(format);
    body.fill(&app, &mut builder).await?;
    let generation = builder.parse(app.studio()).await?;
    let generated = app.studio().generate(generation).await;
    let generated = generated.map_err(|failure| builder.names.rename(failure.into()))?;
    answer(generated, &builder.warnings, language)
}

impl ParsedBody {
    async fn read(request: Request, app: &App) -> Result<Self, Problem> {
        if is_json(request.headers()) {
            let JsonBody(body) = JsonBody::from_request(request, app).await?;
            return Self::of(body);
        }
        // The official client sends an image without parameters as it stands, of no stated type.
        let kind = media_type(request.headers());
        let is_file = kind.as_deref().is_none_or(|kind| {
            kind == "application/octet-stream" || FileFormat::from_media_type(kind).is_some()
        });
        if !is_file {
            return Err(unsupported(request.headers(), TAKEN));
        }
        let file = read(request, app.options()).await?;
        Ok(Self {
            words: None,
            image: Some(file.into()),
            parameters: None,
            others: Vec::new(),
        })
    }

    fn of(body: HuggingFaceRequest) -> Result<Self, Problem> {
        let parameters = body
            .parameters
            .map(|UniqueFields(fields)| DialectBody::of(fields));
        let parameters = parameters.transpose();
        let parameters = parameters.map_err(|problem: Problem| {
            let field = problem.field.map(|field| format!("parameters.{field}"));
            Problem { field, ..problem }
        })?;
        let image = image(&body.inputs);
        Ok(Self {
            words: image.is_none().then_some(body.inputs),
            image,
            parameters,
            others: body.others.into_iter().map(|(name, _)| name).collect(),
        })
    }

    async fn fill(self, app: &App, builder: &mut DraftBuilder) -> Result<(), Problem> {
        let needs = builder.model().parameter("image");
        if self.image.is_none() && needs.is_some_and(|image| image.required) {
            let model = builder.model().id();
            let message = message!("holds no image in base64, and {model} needs one", model);
            return Err(Problem::field("inputs", message));
        }
        builder.draft.image = self.image;
        for field in self.others {
            builder.unknown(&field);
        }
        let Some(DialectBody { own, settings }) = self.parameters else {
            builder.prompt(self.words);
            return Ok(());
        };
        if self.words.is_some() && own.prompt.is_some() {
            let message =
                message!("is no image in base64, and there is a prompt in parameters already");
            return Err(Problem::field("inputs", message));
        }
        builder.prompt(self.words.or(own.prompt));
        let count = own.num_images_per_prompt.map(|LooseWhole(count)| count);
        if let Some(count) = count.filter(|&count| count != 1) {
            builder.warn(message!(
                "parameters.num_images_per_prompt {count} became 1: the answer has room for one image",
                count
            ));
        }
        for field in own.others.keys() {
            builder.unused(
                &format!("parameters.{field}"),
                message!("there is no such parameter"),
            );
        }
        settings.within("parameters").fill(builder);
        if let Some(size) = own.target_size {
            builder.size("parameters.target_size", size.width.0, size.height.0);
        }
        let mask = own.mask_image.map(|ImageData(file)| file);
        masked(app, builder, mask, MaskKind::White).await
    }
}

/// The image that a text holds in base64, if it is one: no prompt happens to be.
fn image(text: &str) -> Option<Vec<u8>> {
    let read: Result<_, serde::de::value::Error> =
        ImageData::deserialize(StrDeserializer::new(text));
    let ImageData(file) = read.ok()?;
    FileFormat::sniff(&file).map(|_| file)
}

fn format(accept: &Accept) -> Result<FileFormat, Problem> {
    let kinds = FileFormat::ALL.map(FileFormat::media_type);
    let chosen = accept.choose(&kinds);
    chosen.and_then(FileFormat::from_media_type).ok_or_else(|| {
        let detail = message!("the answer can be {kinds}", kinds = kinds.join(", "));
        Problem::new(Kind::NotAcceptable, detail)
    })
}

fn answer(
    mut generated: Generated,
    warnings: &[Message],
    language: Language,
) -> Result<Response, Problem> {
    let image = generated
        .images
        .pop()
        .ok_or_else(|| Problem::internal("a generation without images"))?;
    let mut response = Response::new(Body::from(image.bytes));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(image.format.media_type());
    headers.insert(CONTENT_TYPE, media_type);
    let seed = image.seed.map(|seed| seed.to_string());
    let known = [
        ("x-atelier-id", Some(generated.id)),
        ("x-atelier-model", Some(generated.model)),
        ("x-atelier-seed", seed),
    ];
    for (name, value) in known {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    warn(
        headers,
        warnings.iter().chain(&generated.warnings),
        language,
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_no_image() {
        for words in ["seven", "a cat", "", "AQID", "data:image/png;base64,AQID"] {
            assert_eq!(image(words), None, "{words}");
        }
        assert!(image("iVBORw0KGgoAAAA=").is_some());
    }
}
