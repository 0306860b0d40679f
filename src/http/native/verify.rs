//! POST /verify: what a file says of where it comes from.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::error::{Kind, Problem, Problems, kinds};
use crate::http::plumbing::answer::json;
use crate::http::plumbing::body::{JsonBody, is_json, media_type, read, unsupported};
use crate::http::plumbing::language::spoken;
use crate::http::wire::{ImageData, ImageFile};
use crate::imaging::FoundProvenance;
use crate::imaging::verify::{
    Action, Assurance, Findings, IngredientClaim, Kind as FileKind, Origin, Pixels, Signed,
    Validation,
};
use crate::language::{Language, Message};
use crate::message;

const FORM: &str = "multipart/form-data";
const TAKEN: &str = "application/json, multipart/form-data, image/png, image/jpeg, image/webp, image/gif, \
                     image/avif, image/heic, application/octet-stream";
/// Parts of a form that are looked through for the file.
const MOST_PARTS: usize = 16;

kinds! {
    /// What can come between a file and what it says.
    OfFiles: MissingKey, KeyNotEnough, ForeignOrigin, TooOften, UnreadableBody, ReadTimeout, TooLarge,
    UnsupportedMedia, InvalidField, Internal, QueueFull, Draining, DeadlinePassed, OutOfMemory
}

/// Check what a file says of where it comes from
///
/// Reads the signed statement (C2PA) of an image file and says whether it holds and who vouches for whom;
/// its unsigned metadata (IPTC, and what Atelier writes); and the settings that tools for generating images
/// leave behind. Where the service marks its images (`--watermark`), it also looks for a watermark in the
/// pixels, which stays when the rest is gone. `summary` says it in sentences. It works for files from anywhere,
/// needs no model, and fetches nothing. A file that says nothing proves nothing.
///
/// The body is the file itself, a form with the file as the part `image`, or JSON. PNG, JPEG, WebP, GIF, AVIF
/// and HEIC are looked into; the pixels of PNG, JPEG and WebP.
#[utoipa::path(
    post,
    path = "/verify",
    tag = "images",
    request_body(
        content(
            (VerifyRequest = "application/json"),
            (VerifyForm = "multipart/form-data"),
            (ImageFile = "image/png"),
            (ImageFile = "image/jpeg"),
            (ImageFile = "image/webp"),
            (ImageFile = "image/gif"),
            (ImageFile = "image/avif"),
            (ImageFile = "image/heic"),
        ),
    ),
    responses(
        (status = 200, description = "What the file says.", body = VerifyAnswer),
        Problems<OfFiles>,
    )
)]
pub(in crate::http) async fn verify(
    State(app): State<App>,
    language: Language,
    request: Request,
) -> Result<Response, Problem> {
    let file = file(request, &app).await?;
    let findings = app.studio().inspect("image", file).await?;
    json(VerifyAnswer::new(findings, language), 4096).await
}

/// The file, in whichever form it came.
async fn file(request: Request, app: &App) -> Result<Vec<u8>, Problem> {
    let headers = request.headers();
    if is_json(headers) {
        let JsonBody(request) = JsonBody::<VerifyRequest>::from_request(request, app).await?;
        return Ok(request.image.0);
    }
    match media_type(headers).as_deref() {
        Some(FORM) => {
            let header = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
            let boundary = multer::parse_boundary(header.unwrap_or_default());
            let boundary = boundary.map_err(|error| unreadable(&error))?;
            let bytes = read(request, app.options()).await?;
            of_form(bytes, boundary).await
        }
        Some(media) if media.starts_with("image/") || media == "application/octet-stream" => {
            Ok(read(request, app.options()).await?.into())
        }
        _ => Err(unsupported(headers, TAKEN)),
    }
}

async fn of_form(bytes: Bytes, boundary: String) -> Result<Vec<u8>, Problem> {
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut parts = multer::Multipart::new(whole, boundary);
    for _ in 0..MOST_PARTS {
        let part = parts.next_field().await;
        let Some(part) = part.map_err(|error| unreadable(&error))? else {
            break;
        };
        if matches!(part.name(), Some("image" | "file")) {
            let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
            return Ok(bytes.into());
        }
    }
    Err(Problem::field(
        "image",
        message!("is missing; send an image"),
    ))
}

fn unreadable(error: &multer::Error) -> Problem {
    let detail = message!("not a form: {error}");
    let detail = detail.with("error", Message::parsed(error.to_string()));
    Problem::new(Kind::UnreadableBody, detail)
}

/// A file to look into.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VerifyRequest {
    /// The file, as base64 text or as a `data:` address.
    #[schema(value_type = String)]
    image: ImageData,
}

/// A form with a file.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(in crate::http) struct VerifyForm {
    /// The file; `file` is another name for it.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// What a file says of where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifyAnswer {
    /// What was found, in sentences, the weightiest first.
    #[schema(example = json!(["Its unsigned metadata says: a trained model made it, digits-gan. Anybody could have written that."]))]
    summary: Vec<String>,
    /// Where the picture comes from, by what the file says: `generated` and `edited` are by a trained model.
    #[schema(value_type = String, example = "generated")]
    origin: Origin,
    /// How far that can be believed: `trusted` and `signed` are signed and unchanged; `broken` is signed and
    /// doesn't hold; `marked` is not signed, and its pixels carry a watermark that was made with a key of this
    /// service; `unsigned` could have been written by anybody; `nothing` says nothing.
    #[schema(value_type = String, example = "unsigned")]
    assurance: Assurance,
    /// The kind of file.
    #[schema(value_type = String, example = "png")]
    format: FileKind,
    /// The signed statement, where the file has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    signed: Option<SignedAnswer>,
    /// What its unsigned metadata says; absent where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    metadata: Option<MetadataAnswer>,
    /// The settings that tools for generating images write under `parameters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameters: Option<String>,
    /// What the pixels carry; absent where the service marks nothing and so can't look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    watermark: Option<WatermarkAnswer>,
}

/// A watermark in the pixels, if there is one.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct WatermarkAnswer {
    /// Whether there is one; null where the pixels could not be looked at, as `summary` says.
    #[schema(required = true)]
    found: Option<bool>,
    /// What it says, in hexadecimal digits: as in the answer of the request that made the image.
    #[schema(required = true, example = "2a6f0c14b7e")]
    payload: Option<String>,
    /// Bits of 127 that were read wrong and mended: 0 is a mark as it was made, and above 14 there is none.
    #[schema(required = true, minimum = 0, maximum = 14)]
    errors_corrected: Option<usize>,
    /// Whether it was made with a key of this service; null where there is none, or no key is known.
    #[schema(required = true)]
    ours: Option<bool>,
}

/// A signed statement.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct SignedAnswer {
    /// `trusted`, `valid`, `invalid`, as the C2PA's specification has it, or `unreadable`.
    #[schema(example = "valid")]
    state: &'static str,
    /// Why it isn't trusted, isn't valid or can't be read.
    reasons: Vec<ReasonAnswer>,
    /// Whom the certificate names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    signer: Option<String>,
    /// When it was signed, where a time stamp says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    time: Option<String>,
    /// The program that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Atelier 0.1.0")]
    generator: Option<String>,
    /// What was done, the first first.
    #[schema(value_type = Vec<ActionAnswer>)]
    actions: Vec<Action>,
    /// Of what it was made.
    #[schema(value_type = Vec<IngredientAnswer>)]
    ingredients: Vec<IngredientClaim>,
}

/// A reason, as the C2PA's specification names it, and in words.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReasonAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "signingCredential.untrusted")]
    code: Option<String>,
    text: String,
}

/// Something that was done.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct ActionAnswer {
    #[schema(example = "c2pa.created")]
    action: String,
    /// The last part of its identifier in the IPTC's vocabulary.
    #[schema(nullable = false, example = "trainedAlgorithmicMedia")]
    digital_source_type: Option<String>,
    #[schema(nullable = false)]
    agent: Option<AgentAnswer>,
}

/// What did it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct AgentAnswer {
    #[schema(example = "digits-gan")]
    name: String,
    #[schema(nullable = false)]
    version: Option<String>,
}

/// Something that went into it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
struct IngredientAnswer {
    #[schema(nullable = false)]
    title: Option<String>,
    /// `parentOf`, `componentOf` or `inputTo`.
    #[schema(example = "parentOf")]
    relationship: String,
    /// Whether it had a signed statement, which is still there.
    is_signed: bool,
}

/// What unsigned metadata says.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MetadataAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Atelier 0.1.0")]
    software: Option<String>,
    /// By the IPTC's vocabulary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digital_source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "digits-gan")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "gan")]
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 7)]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    prompt: Option<String>,
    /// What further models did to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chain: Vec<String>,
    /// What it was painted from that somebody made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    sources: Vec<String>,
}

impl VerifyAnswer {
    /// What was found, with its sentences in that language.
    #[must_use]
    pub fn new(findings: Findings, language: Language) -> Self {
        Self {
            summary: spoken(&findings.says(), language),
            origin: findings.origin(),
            assurance: findings.assurance(),
            format: findings.kind,
            signed: findings.signed.map(|signed| match signed {
                Ok(signed) => SignedAnswer::new(signed, language),
                Err(unread) => SignedAnswer::unread(&unread.message(), language),
            }),
            metadata: MetadataAnswer::of(findings.metadata),
            parameters: findings.settings,
            watermark: findings.pixels.as_ref().map(WatermarkAnswer::new),
        }
    }

    /// What was found, in sentences.
    #[must_use]
    pub fn summary(&self) -> &[String] {
        &self.summary
    }

    /// Whether nothing is signed that doesn't hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.assurance != Assurance::Broken
    }
}

impl WatermarkAnswer {
    fn new(pixels: &Pixels) -> Self {
        let found = match pixels {
            Pixels::Marked(_) => Some(true),
            Pixels::Unmarked => Some(false),
            Pixels::Unread(_) => None,
        };
        let mark = pixels.mark();
        Self {
            found,
            payload: mark.map(|mark| mark.payload.clone()),
            errors_corrected: mark.map(|mark| mark.errors_corrected),
            ours: mark.and_then(|mark| mark.ours),
        }
    }
}

impl SignedAnswer {
    fn new(signed: Signed, language: Language) -> Self {
        let reasons = signed.faults.into_iter().map(|fault| ReasonAnswer {
            text: fault.message().to(language),
            code: Some(fault.code),
        });
        Self {
            state: match signed.validation {
                Validation::Trusted => "trusted",
                Validation::Valid => "valid",
                Validation::Invalid => "invalid",
            },
            reasons: reasons.collect(),
            signer: signed.signer,
            time: signed.time,
            generator: signed.claims.generator,
            actions: signed.claims.actions,
            ingredients: signed.claims.ingredients,
        }
    }

    fn unread(why: &Message, language: Language) -> Self {
        Self {
            state: "unreadable",
            reasons: vec![ReasonAnswer {
                code: None,
                text: why.to(language),
            }],
            signer: None,
            time: None,
            generator: None,
            actions: Vec::new(),
            ingredients: Vec::new(),
        }
    }
}

impl MetadataAnswer {
    fn of(found: FoundProvenance) -> Option<Self> {
        let says_something = found != FoundProvenance::default();
        says_something.then_some(Self {
            software: found.software,
            digital_source_type: found.digital_source_type,
            model: found.model,
            digest: found.digest,
            family: found.family,
            seed: found.seed,
            prompt: found.prompt,
            chain: found.chain,
            sources: found.sources,
        })
    }
}
