//! POST /sdapi/v1/txt2img and /sdapi/v1/img2img.

use axum::body::Bytes;
use axum::extract::{Extension, FromRequest, Request, State as Shared};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{AnswerParts, ImagesAnswer};
use super::checkpoint;
use super::error::PaintProblems;
use super::hires::{Hires, HiresFields};
use super::infotext::Recipe;
use super::inpainting::InpaintFields;
use super::jobs::{Caller, task_id};
use super::request::{PaintRequest, PaintWire};
use super::resize::ResizeMode;
use super::samplers::Wanted;
use super::state::State;
use super::unused_fields::UnusedFields;
use super::{A1111, options, samplers, samples_format};
use crate::fields::Variation;
use crate::http::App;
use crate::http::dialect::Dialect;
use crate::http::dialects::shared::{
    DraftBuilder, FieldNames, MaskKind, choose_style, masked, parse_fields, worded,
};
use crate::http::error::Problem;
use crate::http::plumbing::answer::json;
use crate::http::plumbing::body;
use crate::http::wire::{ImageData, LooseFlag, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::Language;
use crate::message;
use crate::service::{Signed, warn_once};

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
        body::offload(bytes, Self::read).await
    }
}

impl Body {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let parameters = parse_fields(bytes)?;
        let mut request = PaintRequest::of(parameters.clone())?;
        request.own.hires = HiresFields::take(&mut request.own.others)?;
        request.own.inpainting = InpaintFields::take(&mut request.own.others)?;
        request.own.unused = UnusedFields::read(std::mem::take(&mut request.own.others))?;
        Ok(Self {
            request,
            parameters,
        })
    }
}

/// Generate images, in A1111's dialect
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
    responses((status = 200, description = "The images.", body = ImagesAnswer), PaintProblems)
)]
pub(super) async fn txt2img(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    caller: Caller,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    let own = &mut body.request.own;
    let strays = [own.init_images.take().is_some(), own.mask.take().is_some()];
    // It speaks of a second pass here, and clients always send it.
    own.hires.strength = body.request.settings.strength.take();
    paint(&app, &state, caller, &headers, body, strays.contains(&true)).await
}

/// Generate images from an image, in A1111's dialect
///
/// Where `mask` is white, the image is regenerated (`inpainting_mask_invert` turns it around);
/// without one, all of it, by `denoising_strength`.
#[utoipa::path(
    post,
    path = "/sdapi/v1/img2img",
    operation_id = "a1111_img2img",
    tag = "a1111",
    request_body(content = PaintWire),
    responses((status = 200, description = "The images.", body = ImagesAnswer), PaintProblems)
)]
pub(super) async fn img2img(
    Shared(app): Shared<App>,
    Extension(state): Extension<State>,
    caller: Caller,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Problem> {
    // There is no second pass from an image there.
    body.request.own.hires = HiresFields::default();
    if body
        .request
        .own
        .init_images
        .as_ref()
        .is_none_or(Vec::is_empty)
    {
        return Err(Problem::field(
            "init_images",
            message!("is missing; send an image"),
        ));
    }
    paint(&app, &state, caller, &headers, body, false).await
}

async fn paint(
    app: &App,
    state: &State,
    caller: Caller,
    headers: &HeaderMap,
    body: Body,
    has_strays: bool,
) -> Result<Response, Problem> {
    let mut body = body;
    let task = task_id(body.request.own.force_task_id.take())?;
    let (mut builder, mut parts, hires) = read(app, state, headers, body).await?;
    if has_strays {
        builder.unused("init_images, mask", message!("images go to img2img"));
    }
    // The text that goes into the files is known once they are there.
    builder.signed = Signed::Later;
    let generation = builder.parse(app.studio()).await?;
    parts.warnings = builder.warnings;
    parts.warnings.extend_from_slice(generation.warnings());
    if let Some(hires) = &hires {
        hires.check(app).await?;
    }
    let count = generation.count();
    let names = builder.names;
    let watched = app.studio().watch(generation);
    let watched = watched.map_err(|failure| names.rename(failure.into()))?;
    let guard = state.jobs().enter((caller, task), watched.id(), count);
    let images = guard.follow(watched).await;
    let images = images.map_err(|problem| names.rename(problem))?;
    let images = match hires {
        Some(hires) => hires.finish(app, &guard, images).await?,
        None => images,
    };
    for image in &images {
        warn_once(&mut parts.warnings, &image.warnings);
    }
    drop(guard);
    let bytes: usize = images.iter().map(|image| image.bytes.len()).sum();
    let write = move || ImagesAnswer::new(parts, images);
    let answer = tokio::task::spawn_blocking(write).await;
    let answer = answer.map_err(|error| Problem::internal(error.to_string()))??;
    json(answer, bytes / 3 * 4 + 8192).await
}

/// Cuts a request to its model.
async fn read(
    app: &App,
    state: &State,
    headers: &HeaderMap,
    body: Body,
) -> Result<(DraftBuilder, AnswerParts, Option<Hires>), Problem> {
    let mut parameters = body.parameters;
    let (own, mut settings) = (body.request.own, body.request.settings);
    let options = own.override_settings.unwrap_or_default();
    let named = options.get("sd_model_checkpoint");
    let model = match samples_format::text("override_settings.sd_model_checkpoint", named)? {
        Some(name) => {
            let names = FieldNames::new(A1111::NAMES);
            let found = checkpoint::find(app.studio(), name);
            Some(found.map_err(|problem| names.rename(problem))?)
        }
        None => checkpoint::remembered(app.studio(), state, headers),
    };
    let id = model.as_ref().map(|model| model.id());
    let mut builder = DraftBuilder::new::<A1111>(app.studio(), id)?;
    builder.names.extend(settings.names().clone());
    if let Some(script) = own
        .script_name
        .filter(|name| !name.is_empty() && name != "None")
    {
        let message = message!("there is no script {name}", name = ?script);
        return Err(Problem::field("script_name", message));
    }
    override_settings(&mut builder, &options)?;
    let format = samples_format::remembered(state, headers);
    builder.draft.format = builder.draft.format.or(format);
    let prompt = own.prompt.unwrap_or_default();
    builder.prompt(Some(prompt.clone()));
    let whole = |value: Option<LooseWhole>| value.map_or(1, |LooseWhole(whole)| whole);
    let (batch_size, times) = (whole(own.batch_size), whole(own.n_iter));
    if times != 1 {
        let product = "batch_size × n_iter";
        let named = if batch_size == 1 { "n_iter" } else { product };
        builder.names.set("n", named);
    }
    let count = batch_size.saturating_mul(times);
    builder.draft.n = builder.whole("n", Some(count));
    own.unused.warn(&mut builder);
    let sampler = Wanted {
        sampler: own.sampler.as_deref(),
        schedule: own.schedule.as_deref(),
        names: (settings.names().of("sampler"), "scheduler"),
    };
    let sampler = samplers::choose(&mut builder, sampler)?;
    let scheduler = builder.draft.scheduler.take();
    // Clients always send it as 0 or 1, and only one sampler here has a use for it.
    if scheduler.as_deref() != Some("ddim")
        && settings
            .take_eta()
            .is_some_and(|eta| eta != 0.0 && eta != 1.0)
    {
        builder.unused(
            "eta",
            message!("it goes with {other}", other = "sampler_name DDIM"),
        );
    }
    if own.mask.is_some() && own.inpainting.paints_the_masked_part_alone() {
        builder.keep_size();
    }
    settings.fill(&mut builder);
    builder.draft.scheduler = scheduler;
    let styles = own.styles.unwrap_or_default();
    let named = |style: &str| format!("styles {style:?}");
    let style = choose_style(&mut builder, "styles", &styles, named);

    let images = own.init_images.unwrap_or_default();
    let image = builder.first_image("init_images", images);
    builder.draft.image = image.map(|ImageData(file)| file);
    let kind = match own.inpainting_mask_invert {
        Some(LooseFlag(true)) => MaskKind::WhiteKept,
        _ => MaskKind::White,
    };
    let mask = own.mask.map(|ImageData(file)| file);
    let mode = ResizeMode::read(&mut builder, own.resize_mode);
    let mask = match own.inpainting.paints_the_masked_part_alone() {
        // It has the image's own size in the end.
        true if mask.is_some() => mask,
        _ => mode.apply(app, &mut builder, mask).await?,
    };
    masked(app, &mut builder, mask, kind).await?;
    own.inpainting.fill(&mut builder);
    builder.settle();
    let hires = Hires::read(app.studio(), &mut builder, own.hires)?;
    // What is written down makes the same image again.
    let told = match style {
        Some(style) => worded(&builder, &style, &prompt),
        None => example(&builder).unwrap_or(prompt),
    };
    let mut recipe = recipe(&builder, told, sampler);
    if let Some(hires) = &hires {
        recipe.strength = hires.strength();
        recipe.others = hires.told();
    }

    if own.include_init_images != Some(LooseFlag(true)) {
        for name in ["init_images", "mask"] {
            if let Some(image) = parameters.get_mut(name) {
                *image = Value::Null;
            }
        }
    }
    let parts = AnswerParts {
        recipe,
        parameters,
        batch_size,
        send_images: own.send_images != Some(LooseFlag(false)),
        warnings: Vec::new(),
        language: Language::accepted(headers),
    };
    Ok((builder, parts, hires))
}

/// What is painted where nothing is asked for.
fn example(builder: &DraftBuilder) -> Option<String> {
    let draft = &builder.draft;
    let asks = draft.image.is_some() || draft.class.is_some();
    let is_blank = |prompt: &String| prompt.trim().is_empty();
    if asks || !draft.prompt.as_ref().is_none_or(is_blank) {
        return None;
    }
    let training = builder.model().training()?;
    training.examples.into_iter().next()
}

fn recipe(
    builder: &DraftBuilder,
    prompt: String,
    sampler: Option<(&'static str, &'static str)>,
) -> Recipe {
    let draft = &builder.draft;
    let usual = |name: &str| builder.default_of(name);
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
        variation: draft
            .variation_seed
            .zip(draft.variation_strength)
            .map(|(seed, strength)| Variation { seed, strength }),
        noise_size: draft.noise_width.zip(draft.noise_height),
        others: Vec::new(),
        model: builder.model().id().to_owned(),
        hash: checkpoint::hash(builder.model()).to_owned(),
    }
}

fn override_settings(
    builder: &mut DraftBuilder,
    options: &Map<String, Value>,
) -> Result<(), Problem> {
    for (name, value) in options {
        let field = format!("override_settings.{name}");
        match name.as_str() {
            "sd_model_checkpoint" => {}
            _ if options::is_usual(name, value) => {}
            "samples_format" => {
                let Some(format) = samples_format::read(&field, value)? else {
                    continue;
                };
                builder.draft.format = Some(format);
                if format != FileFormat::Png {
                    builder.warn(message!("only PNG files carry the text parameters"));
                }
            }
            _ if value.is_null() => {}
            _ if options::is_fixed(name) => {
                builder.unused(&field, message!("nothing here does that"));
            }
            _ => builder.unused(&field, message!("there is no such option")),
        }
    }
    Ok(())
}
