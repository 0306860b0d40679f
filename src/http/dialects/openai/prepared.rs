//! From a request to a draft, and to how its images go out.

use std::sync::Arc;

use super::request::{ImagesFields, ImagesRequest};
use super::{OpenAi, Route, size};
use crate::http::App;
use crate::http::dialects::shared::{DraftBuilder, FieldNames, MaskKind, choose_style, masked};
use crate::http::error::Problem;
use crate::http::wire::{LooseFlag, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::message;
use crate::service::Generation;

/// The most images that the API has in one request.
const MOST_IMAGES: u64 = 10;
/// The API's field.
const STYLE: &str = "style";
/// The most unfinished images that the API has on the way to each.
const MOST_PARTIAL: usize = 3;
/// The most steps that a quality may ask for; see the parameter `steps`.
const MOST_STEPS: f64 = 200.0;

/// A request that has been read.
#[derive(Debug)]
pub(super) struct PreparedRequest {
    pub(super) generation: Arc<Generation>,
    pub(super) warnings: Vec<Message>,
    pub(super) form: Form,
    /// As the request says it, for the answer.
    pub(super) quality: Option<String>,
    /// Whether the images have no transparent pixel.
    pub(super) opaque: bool,
    pub(super) format: FileFormat,
    /// Whether the images go out as events.
    pub(super) streams: bool,
    /// With events: unfinished images on the way to each image.
    pub(super) partial_images: usize,
    /// Of unfinished images.
    pub(super) size: String,
    /// What the request calls its fields, for faults that are found when its turn comes.
    pub(super) names: FieldNames,
}

/// How an image goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In the answer.
    Base64,
    /// As a link.
    Url,
}

impl PreparedRequest {
    /// Cuts a request to its model.
    pub(super) async fn read(
        app: &App,
        route: Route,
        request: ImagesRequest,
    ) -> Result<Self, Problem> {
        let (mut request, settings) = (request.own, request.settings);
        let form = form(request.response_format.as_deref())?;
        let quality = request.quality.clone();
        let mut builder = DraftBuilder::new::<OpenAi>(app.studio(), request.model.as_deref())?;
        if request.prompt.is_none() && route != Route::Variations {
            return Err(Problem::field(
                "prompt",
                message!("is missing; say what to paint"),
            ));
        }
        builder.prompt(request.prompt.take());
        let n = count(request.n)?;
        builder.draft.n = builder.whole("n", n);
        file(&mut builder, &request)?;
        let asked = request.size.as_deref().map(size::parse).transpose()?;
        let counts_steps = settings.steps.is_some();
        habits(&mut builder, &request);
        let streams = request.stream == Some(LooseFlag(true));
        let partial_images = partial_images(&mut builder, streams, request.partial_images)?;
        if streams && form == Form::Url {
            builder.unused(
                "response_format",
                message!("events hold images as b64_json"),
            );
        }
        let mask = request.mask.take().map(|mask| mask.0);
        image(&mut builder, route, &mut request)?;
        settings.fill(&mut builder);
        if let Some((width, height)) = asked.flatten() {
            builder.size("size", width, height);
        }
        let style: Vec<String> = request.style.take().into_iter().collect();
        choose_style(&mut builder, STYLE, &style, |_| STYLE.to_owned());
        quality_as_steps(&mut builder, quality.as_deref(), counts_steps)?;
        masked(app, &mut builder, mask, MaskKind::Transparent).await?;
        previews(&mut builder, partial_images);
        let size = size_of(&builder);
        let clear = builder.takes("background") && builder.draft.background.is_none();
        let format = builder.draft.format.unwrap_or_default();
        Ok(Self {
            streams,
            partial_images,
            size,
            form,
            quality,
            opaque: !clear || format == FileFormat::Jpeg,
            format,
            generation: builder.parse(app.studio()).await?,
            warnings: builder.warnings,
            names: builder.names,
        })
    }
}

fn form(name: Option<&str>) -> Result<Form, Problem> {
    match name {
        None | Some("b64_json") => Ok(Form::Base64),
        Some("url") => Ok(Form::Url),
        Some(other) => {
            let message = message!("found {found}; expected b64_json or url", found = ?other);
            Err(Problem::field("response_format", message))
        }
    }
}

fn count(n: Option<LooseWhole>) -> Result<Option<u64>, Problem> {
    match n {
        Some(LooseWhole(n)) if !(1..=MOST_IMAGES).contains(&n) => {
            let message = message!(
                "found {found}; ask for 1 to {most} images",
                found = n,
                most = MOST_IMAGES
            );
            Err(Problem::field("n", message))
        }
        n => Ok(n.map(|LooseWhole(n)| n)),
    }
}

/// The files: their format, their quality, their background.
fn file(builder: &mut DraftBuilder, request: &ImagesFields) -> Result<(), Problem> {
    let format = request.output_format.as_deref().map(|name| {
        let mut all = FileFormat::ALL.into_iter().chain([FileFormat::Gif]);
        let known = name.parse().ok();
        let known = known.filter(|known| all.any(|format| format == *known));
        known.ok_or_else(|| {
            let message = message!("found {found}; expected png, jpeg, webp or gif", found = ?name);
            Problem::field("output_format", message)
        })
    });
    let format = format.transpose()?.unwrap_or_default();
    builder.draft.format = Some(format);
    if let Some(LooseWhole(quality)) = request.output_compression {
        let narrow = u8::try_from(quality).ok().filter(|&quality| quality <= 100);
        let quality = narrow.ok_or_else(|| {
            let message = message!("found {found}; expected 0 to 100", found = quality);
            Problem::field("output_compression", message)
        })?;
        if format == FileFormat::Jpeg {
            builder.draft.quality = Some(quality.into());
        } else if quality != 100 {
            builder.unused(
                "output_compression",
                message!("{format} files lose nothing here", format),
            );
        }
    }
    match request.background.as_deref() {
        None | Some("auto") => {}
        // Without transparency, images are opaque as they are.
        Some("opaque") => {
            builder.draft.background = builder.takes("background").then(|| "opaque".to_owned())
        }
        Some("transparent") if format == FileFormat::Jpeg => {
            let message = message!("a JPEG file has no transparency; ask for png or webp");
            return Err(Problem::field("background", message));
        }
        Some("transparent") => {
            if !builder.takes("background") {
                let why = message!(
                    "{model} paints no transparency",
                    model = builder.model().id()
                );
                builder.unused("background", why);
            }
        }
        Some(other) => {
            let message = message!(
                "found {found}; expected transparent, opaque or auto",
                found = ?other
            );
            return Err(Problem::field("background", message));
        }
    }
    Ok(())
}

/// The API's word for quality, as steps, unless those are counted.
fn quality_as_steps(
    builder: &mut DraftBuilder,
    quality: Option<&str>,
    counted: bool,
) -> Result<(), Problem> {
    let factor = match quality {
        None | Some("auto" | "standard" | "medium") => return Ok(()),
        Some("low") => 0.5,
        Some("high" | "hd" | "xhigh" | "max") => 2.0,
        Some(other) => {
            let message = message!(
                "found {found}; expected auto, low, medium, high, xhigh, max, standard or hd",
                found = ?other
            );
            return Err(Problem::field("quality", message));
        }
    };
    match builder.default_of("steps") {
        Some(_) if counted => builder.unused("quality", message!("steps says how many there are")),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 200"
        )]
        Some(usual) => {
            let steps = (usual * factor).ceil().clamp(1.0, MOST_STEPS);
            builder.draft.steps = Some(steps as u64);
        }
        None => {
            let why = message!("{model} has one quality", model = builder.model().id());
            builder.unused("quality", why);
        }
    }
    Ok(())
}

/// What clients send by habit, and nothing here has a meaning for.
fn habits(builder: &mut DraftBuilder, request: &ImagesFields) {
    if request.moderation.is_some() {
        builder.unused("moderation", message!("nothing is moderated here"));
    }
    if request.complexity.is_some() {
        builder.unused(
            "complexity",
            message!("quality and steps say here how much is done"),
        );
    }
    if request.input_fidelity.is_some() {
        let why = message!("strength says here how much of an image is painted anew");
        builder.unused("input_fidelity", why);
    }
    for field in request.others.keys() {
        builder.unknown(field);
    }
}

/// How many unfinished images were asked for, and can be had.
fn partial_images(
    builder: &mut DraftBuilder,
    streams: bool,
    wanted: Option<LooseWhole>,
) -> Result<usize, Problem> {
    let wanted = wanted.map_or(0, |LooseWhole(wanted)| wanted);
    let count = usize::try_from(wanted)
        .ok()
        .filter(|&count| count <= MOST_PARTIAL);
    let count = count.ok_or_else(|| {
        let message = message!(
            "found {found}; expected 0 to {most}",
            found = wanted,
            most = MOST_PARTIAL
        );
        Problem::field("partial_images", message)
    })?;
    if count > 0 && !streams {
        builder.unused("partial_images", message!("it goes with stream"));
        return Ok(0);
    }
    if count > 0 && !builder.takes("preview_every") {
        let why = message!("{model} paints in one step", model = builder.model().id());
        builder.unused("partial_images", why);
        return Ok(0);
    }
    Ok(count)
}

/// Previews at equal distances, the first one after the first of them.
fn previews(builder: &mut DraftBuilder, count: usize) {
    if count == 0 {
        return;
    }
    let usual = builder.default_of("steps").map_or_else(
        // A model without a scheduler paints row after row.
        || {
            builder
                .model()
                .size()
                .map_or(1, |(_, height)| height.into())
        },
        |steps| steps as u64,
    );
    let steps = builder.draft.steps.unwrap_or(usual);
    let every = remaining(builder, steps) / (count as u64 + 1);
    builder.draft.preview_every = Some(every.max(1));
}

/// How many of the steps are done: of an image that is changed, as many as `strength` says.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "what is out of range is refused later, and few steps are asked for"
)]
fn remaining(builder: &DraftBuilder, steps: u64) -> u64 {
    if builder.draft.image.is_none() {
        return steps;
    }
    let asked = builder.draft.strength.map(f64::from);
    let strength = asked.or_else(|| builder.default_of("strength"));
    strength.map_or(steps, |strength| (steps as f64 * strength) as u64)
}

fn size_of(builder: &DraftBuilder) -> String {
    let (width, height) = builder.model().size().unwrap_or_default();
    let width = builder.draft.width.unwrap_or(width.into());
    let height = builder.draft.height.unwrap_or(height.into());
    format!("{width}x{height}")
}

fn image(
    builder: &mut DraftBuilder,
    route: Route,
    request: &mut ImagesFields,
) -> Result<(), Problem> {
    let images = request.image.take().map_or(Vec::new(), |all| all.0);
    let image = builder.first_image("image", images);
    if image.is_none() && route != Route::Generations {
        return Err(Problem::field(
            "image",
            message!("is missing; send an image"),
        ));
    }
    builder.draft.image = image.map(|image| image.0);
    Ok(())
}
