//! POST /generate: images from a model.

mod answer;
mod events;
mod form;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use self::answer::GenerateAnswer;
use self::events::EventStream;
pub(in crate::http) use self::events::{DoneEvent, ImageEvent, ProgressEvent, QueuedEvent};
use self::form::Form;
use crate::http::App;
use crate::http::error::{GenerateProblems, Problem};
use crate::http::plumbing::accept::Accept;
use crate::http::plumbing::body::JsonBody;
use crate::http::plumbing::observe::RequestId;
use crate::http::wire::{
    Class, ImageData, ImageFile, Interpolation, Number, Seed, Sheet, SheetWire, Term, TermWire,
    Vectors, VectorsWire, Whole,
};
use crate::imaging::FileFormat;
use crate::language::Language;
use crate::service::{Draft, Generation};

/// Paint images
///
/// Exactly the parameters that the model's family understands are taken; `GET /models/{id}` lists
/// them with their ranges and defaults. The same model digest, parameters and seed give the same
/// bytes, however busy the server is.
///
/// With `Accept: image/png`, `image/jpeg` or `image/webp`, a request for one image, or for a sheet
/// of them, is answered with its bytes; with `image/apng` or `image/webp`, a walk is answered as an
/// animation.
///
/// With `Accept: text/event-stream`, the answer tells what happens as it happens, in events whose
/// data is JSON: `queued` once (`QueuedEvent`), `progress` after steps (`ProgressEvent`), `image`
/// for each image once it is finished (`ImageEvent`), and at last `done` (`DoneEvent`) or
/// `error` (`Problem`). A comment keeps a silent connection alive each 10 seconds. Closing the
/// stream stops the work; so does `DELETE /generations/{id}`. A request that is refused at once is
/// answered like any other, by its status.
#[utoipa::path(
    post,
    path = "/generate",
    tag = "images",
    request_body(
        content = GenerateRequest,
        examples(
            ("1-by-class" = (
                summary = "A three, always the same one",
                value = json!({"model": "digits-gan", "class": 3, "seed": 7}),
            )),
            ("2-by-prompt" = (
                summary = "Four sevens, asked for in French",
                value = json!({"model": "digits-gan", "prompt": "sept", "n": 4, "seed": 1}),
            )),
            ("3-best-of-many" = (
                summary = "The two that the discriminator finds most real among eight",
                value = json!({"model": "digits-gan", "class": "8", "n": 2, "best_of": 8, "seed": 0}),
            )),
            ("4-walk" = (
                summary = "Eight steps between the latents of two seeds",
                value = json!({
                    "model": "digits-vae",
                    "interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 8},
                }),
            )),
            ("5-mix" = (
                summary = "Seven parts of one image and three of another, as every digit",
                value = json!({
                    "model": "digits-vae",
                    "mix": [{"seed": 1, "weight": 0.7}, {"seed": 2, "weight": 0.3}],
                    "n": 10, "seed": 0, "grid": {"columns": 5},
                }),
            )),
            ("6-animation" = (
                summary = "A walk there and back, as one file that plays without an end",
                value = json!({
                    "model": "digits-vae", "class": 3, "format": "apng", "loop": true, "frame_ms": 80,
                    "interpolate": {"from": {"seed": 1}, "to": {"seed": 2}, "steps": 12},
                }),
            )),
            ("7-pixel-by-pixel" = (
                summary = "A five, drawn with a sure hand",
                value = json!({"model": "digits-pixelcnn", "class": 5, "temperature": 0.8, "seed": 3}),
            )),
        ),
    ),
    responses(
        (
            status = 200,
            description = "The images.",
            content(
                (GenerateAnswer = "application/json"),
                (ImageFile = "image/png"),
                (ImageFile = "image/jpeg"),
                (ImageFile = "image/webp"),
                (ImageFile = "image/apng"),
                (EventStream = "text/event-stream"),
            ),
            headers(
                ("x-atelier-id" = String, description = "This generation's id; it can't be guessed."),
                ("x-atelier-model" = String, description = "With image bytes: the model's id."),
                ("x-atelier-digest" = String, description = "With image bytes: the model's digest."),
                ("x-atelier-seed" = u64, description = "With image bytes: the seed that paints the image again."),
                ("x-atelier-warning" = String, description = "With image bytes: what the caller should know, a header for each."),
                ("server-timing" = String, description = "With image bytes: where the time went, in milliseconds."),
            ),
        ),
        GenerateProblems,
    )
)]
pub(in crate::http) async fn generate(
    State(app): State<App>,
    accept: Accept,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    JsonBody(request): JsonBody<Box<GenerateRequest>>,
) -> Result<Response, Problem> {
    // In boxes that are gone by then: whoever waits for an image should hold little memory, since
    // that of hundreds is more than a processor's cache keeps beside the weights.
    let generation = Box::pin(parsed(&app, &accept, request)).await?;
    match Form::choose(&accept, generation.format(), generation.files())? {
        Form::Events => events::stream(app.studio().watch(generation)?, request_id, language),
        _ if generation.preview_every().is_some() => Err(Problem::field(
            "preview_every",
            "only an event stream has previews; send Accept: text/event-stream, or leave it out",
        )),
        Form::Json => {
            Box::pin(form::whole(
                app.studio().generate(generation).await?,
                language,
            ))
            .await
        }
        Form::Bytes => form::bytes(app.studio().generate(generation).await?, language),
    }
}

async fn parsed(
    app: &App,
    accept: &Accept,
    request: Box<GenerateRequest>,
) -> Result<Arc<Generation>, Problem> {
    let mut draft = Draft::from(*request);
    let is_walk = draft.interpolate.is_some() && draft.grid.is_none();
    draft.format = draft
        .format
        .or_else(|| form::preferred_format(accept, is_walk));
    Ok(app.studio().parse(draft).await?)
}

/// A request for images. What is left out takes the model's default.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct GenerateRequest {
    /// The model's id, from `GET /models`; if left out, the server's default model.
    #[schema(example = "digits-gan")]
    model: Option<String>,
    /// What to paint, in English, French or Vietnamese. It chooses class labels, and each image
    /// says which. At most 4096 bytes.
    #[schema(example = "seven")]
    prompt: Option<String>,
    /// The label to paint, by index or by name; for a model with several class axes, an object by
    /// axis. An axis that is left out follows the seed: the first of them by label number seed modulo
    /// the number of labels, further ones so that neighbouring seeds differ. diffusion: a label is put
    /// into the prompt as words, and an axis that is left out adds none.
    class: Option<Class>,
    /// Where to start from, instead of noise that the seed draws: a vector, or a list of vectors
    /// with one for each image.
    #[schema(value_type = Option<VectorsWire>)]
    latents: Option<Vectors>,
    /// How many images; 1 if left out. At most as many as the operator allows (64 unless set
    /// otherwise).
    #[schema(value_type = Option<u64>, minimum = 1, example = 1)]
    n: Option<Whole>,
    /// Image i is drawn from seed + i, from a generator of its own. A seed here draws what it
    /// draws in PyTorch on the CPU, whose generator sees the low 32 bits of 64. It may be written as
    /// text, too. If left out, the server draws one, and each image names its own.
    #[schema(value_type = Option<u64>, example = 7)]
    seed: Option<Seed>,
    /// A seed for each image, instead of `seed`.
    #[schema(value_type = Option<Vec<u64>>)]
    seeds: Option<Vec<Seed>>,
    /// gan, vae: latent components beyond ± this are drawn again. Lower is more typical and less
    /// varied.
    #[schema(value_type = Option<f32>, minimum = 0.05, maximum = 10)]
    truncation: Option<Number>,
    /// autoregressive: divides the logits of each pixel. Lower is surer; 0 takes the likeliest.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 10)]
    temperature: Option<Number>,
    /// gan with a discriminator: paint this many and answer with the `n` that the discriminator
    /// scores highest, best first, each with its score. At least `n`.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 256)]
    best_of: Option<Whole>,
    /// gan, vae: a walk from one latent to another; each step is an image. diffusion: a walk from
    /// one prompt and its noise to another, spherical between the noises and straight between what
    /// the prompts say.
    #[schema(nullable)]
    interpolate: Option<Interpolation>,
    /// With `interpolate`: the walk goes back to where it started, by the images that it came by,
    /// and an animation of it has no end.
    r#loop: Option<bool>,
    /// gan, vae: start from a weighted sum of latents. Where all parts are seeds of a normal
    /// latent, the sum is divided by the root of the sum of the squared weights, which makes it as
    /// long as a draw; numbers beyond the bound of a bounded distribution are clamped. Each class
    /// axis that is left out follows the seed, so several images show one mix in several classes.
    #[schema(value_type = Option<Vec<TermWire>>)]
    mix: Option<Vec<Term>>,
    /// With `mix`: whether to divide, whatever the parts are.
    normalise_mix: Option<bool>,
    /// gan, vae whose manifest names directions: moves the latent along them by so many steps,
    /// wherever it comes from: a seed, `latents`, `mix`, `interpolate` or `image`.
    #[schema(value_type = Option<BTreeMap<String, f32>>, example = json!({"smile": 1.5}))]
    edit: Option<BTreeMap<String, Number>>,
    /// An image file (PNG, JPEG or WebP) as base64 text or as a `data:` address. vae with an
    /// encoder: the image to reconstruct. autoregressive: the upper part, which is kept and
    /// completed.
    #[schema(value_type = Option<String>)]
    image: Option<ImageData>,
    /// autoregressive: how many rows of `image`, from the top, are kept. All of them if left out
    /// where `image` is an upper part.
    #[schema(value_type = Option<u64>, minimum = 1)]
    keep_rows: Option<Whole>,
    /// diffusion: what to keep away from.
    negative_prompt: Option<String>,
    /// diffusion: steps of the scheduler; the model's own number if left out.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 200)]
    steps: Option<Whole>,
    /// diffusion: how closely the prompt is followed; up to 1 is not at all.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 100)]
    guidance: Option<Number>,
    /// diffusion: the share of guidance's excess contrast that is taken back.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    guidance_rescale: Option<Number>,
    /// diffusion, with the scheduler `ddim`: the noise that each step adds.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    eta: Option<Number>,
    /// diffusion: the scheduler, if not the model's own; `GET /models/{id}` lists them.
    #[schema(example = "dpmpp_2m_karras")]
    scheduler: Option<String>,
    /// diffusion: in pixels; the model's own size if left out.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 4096)]
    width: Option<Whole>,
    /// diffusion: in pixels; the model's own size if left out.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 4096)]
    height: Option<Whole>,
    /// diffusion: how much of `image` is painted anew; the model's own share if left out, mostly 0.8.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    strength: Option<Number>,
    /// diffusion: an image file like `image`, white where it is painted anew.
    #[schema(value_type = Option<String>)]
    mask: Option<ImageData>,
    /// diffusion, autoregressive, with `Accept: text/event-stream`: `progress` events show the
    /// unfinished image after each so many steps (of an autoregressive model, rows). A diffusion
    /// model spends a call of its decoder on each. None if left out.
    #[schema(value_type = Option<u64>, minimum = 1, example = 5)]
    preview_every: Option<Whole>,
    /// The format of the files; PNG if left out, or what `Accept` prefers.
    #[schema(nullable)]
    format: Option<Format>,
    /// With an animated `format`: milliseconds that each image is shown.
    #[schema(value_type = Option<u64>, minimum = 20, maximum = 10000, example = 100)]
    frame_ms: Option<Whole>,
    /// Puts all images on one sheet, whose `cells` say what each is.
    #[schema(value_type = Option<SheetWire>)]
    grid: Option<Sheet>,
    /// Models that paint with transparency: what lies behind the image. `transparent` is nothing, and the default;
    /// `opaque` is white; and a colour is written `#rrggbb`.
    #[schema(
        example = "#fff4e0",
        pattern = "^(transparent|opaque|#[0-9a-fA-F]{6})$"
    )]
    background: Option<String>,
    /// Milliseconds from now after which the answer is of no more use. At most, and if left out,
    /// what the operator allows (60,000 unless set otherwise).
    #[schema(value_type = Option<u64>, minimum = 1, example = 10000)]
    deadline_ms: Option<Whole>,
    /// Writes the prompt into the files, beside the model, its digest and the seed, which are
    /// always there.
    #[schema(default = false)]
    include_prompt: Option<bool>,
}

/// A kind of image file.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FileFormat)]
enum Format {
    /// Lossless, with alpha, and with its metadata in text chunks that many tools show.
    Png,
    /// Lossy and without alpha.
    Jpeg,
    /// Lossless, with alpha; smaller than PNG, and slower to write.
    Webp,
    /// At most 256 colours. The images of a walk are in one file, one after the other.
    Gif,
    /// All images in one PNG file, one after the other; what knows no APNG shows the first.
    Apng,
    /// All images in one WebP file, one after the other, lossless.
    WebpAnimation,
}

impl From<Format> for FileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Png => Self::Png,
            Format::Jpeg => Self::Jpeg,
            Format::Webp => Self::Webp,
            Format::Gif => Self::Gif,
            Format::Apng => Self::Apng,
            Format::WebpAnimation => Self::WebpAnimation,
        }
    }
}

/// What a request may hold, the types have checked; what it may mean, the studio checks.
impl From<GenerateRequest> for Draft {
    fn from(request: GenerateRequest) -> Self {
        Self {
            model: request.model,
            prompt: request.prompt,
            class: request.class.map(Into::into),
            latents: request.latents.map(|Vectors(latents)| latents),
            n: request.n.map(|Whole(n)| n),
            seed: request.seed.map(|Seed(seed)| seed),
            seeds: request
                .seeds
                .map(|seeds| seeds.into_iter().map(|Seed(seed)| seed).collect()),
            truncation: request.truncation.map(|Number(bound)| bound),
            temperature: request.temperature.map(|Number(divisor)| divisor),
            best_of: request.best_of.map(|Whole(candidates)| candidates),
            interpolate: request.interpolate.map(Into::into),
            closes: request.r#loop,
            mix: request
                .mix
                .map(|terms| terms.into_iter().map(|Term(term)| term).collect()),
            normalise_mix: request.normalise_mix,
            edit: request.edit.map(|edit| {
                let steps = edit.into_iter();
                steps.map(|(name, Number(steps))| (name, steps)).collect()
            }),
            image: request.image.map(|ImageData(file)| file),
            keep_rows: request.keep_rows.map(|Whole(rows)| rows),
            negative_prompt: request.negative_prompt,
            steps: request.steps.map(|Whole(steps)| steps),
            guidance: request.guidance.map(|Number(guidance)| guidance),
            guidance_rescale: request.guidance_rescale.map(|Number(share)| share),
            eta: request.eta.map(|Number(eta)| eta),
            scheduler: request.scheduler,
            width: request.width.map(|Whole(width)| width),
            height: request.height.map(|Whole(height)| height),
            strength: request.strength.map(|Number(strength)| strength),
            mask: request.mask.map(|ImageData(file)| file),
            preview_every: request.preview_every.map(|Whole(steps)| steps),
            format: request.format.map(Into::into),
            frame: request.frame_ms.map(|Whole(ms)| Duration::from_millis(ms)),
            grid: request.grid.and_then(|Sheet(grid)| grid),
            background: request.background,
            deadline: request
                .deadline_ms
                .map(|Whole(ms)| Duration::from_millis(ms)),
            keep_prompt: request.include_prompt,
            ..Self::default()
        }
    }
}
