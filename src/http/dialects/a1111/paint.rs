//! POST /sdapi/v1/txt2img and /sdapi/v1/img2img.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{ImagesAnswer, Told};
use super::checkpoint;
use super::infotext::Recipe;
use super::jobs::{Caller, Stay};
use super::request::{PaintRequest, PaintWire};
use super::{NAMES, habits, samplers};
use crate::http::App;
use crate::http::dialects::shared::{MaskKind, Tailor, masked};
use crate::http::error::{A1111Problems, Problem};
use crate::http::plumbing::answer::json;
use crate::http::plumbing::body;
use crate::http::wire::{ImageData, LooseFlag, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::Language;
use crate::message;
use crate::service::{Event, Failure, GeneratedImage, Watched, warn_once};

/// A body, read twice: as what it asks for, and as it stands, for the answer.
#[derive(Debug)]
pub(super) struct Body {
    request: PaintRequest,
    parameters: Map<String, Value>,
}

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes: Bytes = body::json_bytes(request, app).await?;
        let read = |bytes: &[u8]| {
            let parameters: Map<String, Value> = body::parse(bytes)?;
            let request = PaintRequest::of(parameters.clone())?;
            Ok(Self {
                request,
                parameters,
            })
        };
        body::offload(bytes, read).await
    }
}

/// Paint images, in A1111's dialect
///
/// What can't be honoured is named in `warnings`, and in `info` too. The model is that of
/// `override_settings.sd_model_checkpoint`, or the one that the caller set by `POST
/// /sdapi/v1/options`, or the server's default model. PNG files carry the text `parameters`.
#[utoipa::path(
    post,
    path = "/sdapi/v1/txt2img",
    operation_id = "a1111_txt2img",
    tag = "a1111",
    request_body(content = PaintWire, examples(
        ("1-plain" = (
            summary = "A seven",
            value = json!({
                "prompt": "seven", "seed": 7,
                "override_settings": {"sd_model_checkpoint": "digits-gan"},
            }),
        )),
    )),
    responses((status = 200, description = "The images.", body = ImagesAnswer), A1111Problems)
)]
pub(super) async fn txt2img(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    let own = &mut body.request.own;
    let strays = [own.init_images.take().is_some(), own.mask.take().is_some()];
    // It speaks of a second pass here, and clients always send it.
    body.request.settings.strength = None;
    paint(&app, caller, &headers, body, strays.contains(&true)).await
}

/// Paint images from an image, in A1111's dialect
///
/// Where `mask` is white, the image is painted anew (`inpainting_mask_invert` turns it around);
/// without one, all of it, by `denoising_strength`.
#[utoipa::path(
    post,
    path = "/sdapi/v1/img2img",
    operation_id = "a1111_img2img",
    tag = "a1111",
    request_body(content = PaintWire),
    responses((status = 200, description = "The images.", body = ImagesAnswer), A1111Problems)
)]
pub(super) async fn img2img(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if body
        .request
        .own
        .init_images
        .as_ref()
        .is_none_or(Vec::is_empty)
    {
        return Err(Problem::field("init_images", "is missing; send an image"));
    }
    paint(&app, caller, &headers, body, false).await
}

async fn paint(
    app: &App,
    caller: Caller,
    headers: &HeaderMap,
    body: Body,
    has_strays: bool,
) -> Result<Response, Problem> {
    let painted = async {
        let (mut tailor, mut told) = read(app, headers, body).await?;
        if has_strays {
            tailor.unused("init_images and mask", "images go to img2img");
        }
        let generation = app.studio().parse(tailor.draft).await?;
        told.warnings = tailor.warnings;
        told.warnings.extend_from_slice(generation.warnings());
        let count = generation.count();
        let watched = app.studio().watch(generation)?;
        let stay = app.jobs().enter(caller, watched.id(), count);
        let images = follow(watched, &stay).await?;
        for image in &images {
            warn_once(&mut told.warnings, &image.warnings);
        }
        drop(stay);
        let bytes: usize = images.iter().map(|image| image.bytes.len()).sum();
        let write = move || ImagesAnswer::new(told, images);
        let answer = tokio::task::spawn_blocking(write).await;
        let answer = answer.map_err(|error| Problem::internal(error.to_string()))?;
        json(answer, bytes / 3 * 4 + 8192).await
    };
    painted
        .await
        .map_err(|problem: Problem| problem.renamed(&NAMES))
}

/// The images, in their order; those that are finished if the caller interrupts.
async fn follow(mut watched: Watched, stay: &Stay) -> Result<Vec<GeneratedImage>, Problem> {
    let mut images = Vec::new();
    while let Some(event) = watched.next().await {
        match event {
            Event::Queued(_) | Event::Done(_) => {}
            Event::Progress(advance) => stay.job.advanced(&advance),
            Event::Image { index, image } => {
                stay.job.finished(&image.bytes);
                images.push((index, image));
            }
            Event::Failed(failure) => {
                let state = stay.job.state().clone();
                let by_caller = state.interrupted || state.skipped;
                if !(by_caller && failure == Failure::Cancelled) {
                    return Err(failure.into());
                }
            }
        }
    }
    images.sort_by_key(|&(index, _)| index);
    Ok(images.into_iter().map(|(_, image)| image).collect())
}

/// Cuts a request to its model.
async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<(Tailor, Told), Problem> {
    let mut parameters = body.parameters;
    let (own, mut settings) = (body.request.own, body.request.settings);
    let options = own.override_settings.unwrap_or_default();
    let model = match options.get("sd_model_checkpoint").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Some(checkpoint::find(app.studio(), name)?),
        _ => checkpoint::remembered(app.studio(), headers),
    };
    let id = model.as_ref().map(|model| model.id());
    let mut tailor = Tailor::new(app.studio(), id)?;
    if let Some(script) = own
        .script_name
        .filter(|name| !name.is_empty() && name != "None")
    {
        let message = format!("there is no script {script:?}");
        return Err(Problem::field("script_name", message));
    }
    override_settings(&mut tailor, &options)?;
    let prompt = own.prompt.unwrap_or_default();
    tailor.prompt("prompt", Some(prompt.clone()));
    let whole = |value: Option<LooseWhole>| value.map_or(1, |LooseWhole(whole)| whole);
    let batch_size = whole(own.batch_size);
    tailor.draft.n = Some(batch_size.saturating_mul(whole(own.n_iter)));
    habits::mention(&mut tailor, &own.others, own.mask.is_some());
    let sampler = samplers::choose(&mut tailor, own.sampler.as_deref(), own.schedule.as_deref())?;
    let scheduler = tailor.draft.scheduler.take();
    // Clients always send it, and only one sampler here has a use for it.
    settings.keep_eta(scheduler.as_deref() == Some("ddim"));
    settings.fill(&mut tailor);
    tailor.draft.scheduler = scheduler;

    let mut images = own.init_images.unwrap_or_default();
    if images.len() > 1 {
        let message = format!("found {} images; models here take one", images.len());
        return Err(Problem::field("init_images", message));
    }
    tailor.draft.image = images.pop().map(|ImageData(file)| file);
    let kind = match own.inpainting_mask_invert {
        Some(LooseFlag(true)) => MaskKind::WhiteKept,
        _ => MaskKind::White,
    };
    let mask = own.mask.map(|ImageData(file)| file);
    masked(app, &mut tailor, mask, kind).await?;

    if own.include_init_images != Some(LooseFlag(true)) {
        for name in ["init_images", "mask"] {
            if let Some(image) = parameters.get_mut(name) {
                *image = Value::Null;
            }
        }
    }
    let told = Told {
        recipe: recipe(&tailor, prompt, sampler),
        parameters,
        batch_size,
        send_images: own.send_images != Some(LooseFlag(false)),
        warnings: Vec::new(),
        language: Language::accepted(headers),
    };
    Ok((tailor, told))
}

fn recipe(
    tailor: &Tailor,
    prompt: String,
    sampler: Option<(&'static str, &'static str)>,
) -> Recipe {
    let draft = &tailor.draft;
    let usual = |name: &str| tailor.default_of(name);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number of steps, and a guidance that was 32 bits wide"
    )]
    let (steps, guidance) = (
        usual("steps").map_or(1, |steps| steps as u64),
        usual("guidance").map(|guidance| guidance as f32),
    );
    Recipe {
        prompt,
        negative_prompt: draft.negative_prompt.clone().unwrap_or_default(),
        steps: draft.steps.unwrap_or(steps),
        sampler,
        guidance: draft.guidance.or(guidance),
        strength: draft.strength,
        model: tailor.model().id().to_owned(),
        hash: checkpoint::hash(tailor.model()).to_owned(),
    }
}

fn override_settings(tailor: &mut Tailor, options: &Map<String, Value>) -> Result<(), Problem> {
    for (name, value) in options {
        match (name.as_str(), value.as_str()) {
            ("sd_model_checkpoint", _) => {}
            ("samples_format", Some(format)) => {
                let format: Result<FileFormat, _> = format.parse();
                let format = format
                    .ok()
                    .filter(|format| FileFormat::ALL.contains(format));
                tailor.draft.format = Some(format.ok_or_else(|| {
                    let message = format!("found {value}; expected png, jpg or webp");
                    Problem::field("override_settings.samples_format", message)
                })?);
                if tailor.draft.format != Some(FileFormat::Png) {
                    tailor.warn(message!("only PNG files carry the text parameters"));
                }
            }
            _ if value.is_null() => {}
            _ => tailor.unused(name, "there is no such option"),
        }
    }
    Ok(())
}
