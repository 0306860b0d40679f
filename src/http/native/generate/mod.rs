//! POST /generate: images from a model.

pub(in crate::http) mod answer;
pub(in crate::http) mod events;
mod form;
pub(in crate::http) mod request;

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;

pub(in crate::http) use self::answer::GenerateAnswer;
pub(in crate::http) use self::events::EventStream;
pub(in crate::http) use self::events::{DoneEvent, ImageEvent, ProgressEvent, QueuedEvent};
use self::form::Form;
pub(in crate::http) use self::request::GenerateRequest;
use super::jobs::{Asked, JobAnswer, Preferred, Question, defer};
use crate::http::App;
use crate::http::error::{Painting, Problem, Problems};
use crate::http::plumbing::accept::Accept;
use crate::http::plumbing::body::JsonBody;
use crate::http::plumbing::observe::RequestId;
use crate::http::wire::ImageFile;
use crate::imaging::FileFormat;
use crate::language::Language;
use crate::message;
use crate::service::{Draft, Generation};

/// Generate images
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
///
/// With `Prefer: respond-async`, the answer is a job (status 202), as `POST /jobs` gives it.
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
            ("8-chain" = (
                summary = "A seven, twice as large",
                value = json!({"model": "digits-gan", "class": 7, "seed": 3, "upscale": {"model": "lanczos", "scale": 2}}),
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
                ("x-atelier-chain" = String, description = "With image bytes: the further models that the image went through, a header for each."),
                ("x-atelier-seed" = u64, description = "With image bytes: the seed that paints the image again."),
                ("x-atelier-warning" = String, description = "With image bytes: what the caller should know, a header for each."),
                ("server-timing" = String, description = "With image bytes: where the time went, in milliseconds."),
            ),
        ),
        (status = 202, description = "With `Prefer: respond-async`: the job.", body = JobAnswer),
        Problems<Painting>,
    )
)]
pub(in crate::http) async fn generate(
    State(app): State<App>,
    accept: Accept,
    language: Language,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Preferred(deferred): Preferred,
    JsonBody(request): JsonBody<Box<GenerateRequest>>,
) -> Result<Response, Problem> {
    if let Some(deferred) = deferred {
        let asked = Asked::new(deferred, language, request_id);
        let draft = Box::new(drafted(&accept, request).0);
        return Box::pin(defer(&app, Question::Generate(draft), asked)).await;
    }
    // In boxes that are gone by then: whoever waits for an image should hold little memory, since
    // that of hundreds is more than a processor's cache keeps beside the weights.
    let (generation, formats) = Box::pin(parsed(&app, &accept, request)).await?;
    let format = (generation.format(), &*formats);
    match Form::choose(&accept, format, generation.files())? {
        Form::Events => events::stream(app.studio().watch(generation)?, request_id, language),
        _ if generation.preview_every().is_some() => Err(Problem::field(
            "preview_every",
            message!(
                "only an event stream has previews; send Accept: text/event-stream, or leave it out"
            ),
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
) -> Result<(Arc<Generation>, Vec<FileFormat>), Problem> {
    let (draft, formats) = drafted(accept, request);
    Ok((app.studio().parse(draft).await?, formats))
}

/// What is asked for, in the format that the caller prefers where it names none, with all that it may be in.
fn drafted(accept: &Accept, request: Box<GenerateRequest>) -> (Draft, Vec<FileFormat>) {
    let GenerateRequest(mut draft) = *request;
    let is_walk = draft.interpolate.is_some() && draft.grid.is_none();
    let formats = form::possible_formats(draft.format, is_walk);
    draft.format = draft
        .format
        .or_else(|| form::preferred_format(accept, &formats));
    (draft, formats)
}
