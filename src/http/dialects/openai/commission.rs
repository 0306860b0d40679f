//! From a request to a draft, and to how its images go out.

use std::sync::Arc;

use super::request::{ImagesFields, ImagesRequest};
use super::{Route, size};
use crate::http::App;
use crate::http::dialects::shared::{MaskKind, Tailor, masked};
use crate::http::error::Problem;
use crate::http::wire::{LooseFlag, LooseWhole};
use crate::imaging::FileFormat;
use crate::language::Message;
use crate::service::{ClassChoice, Draft};

/// The most images that the API has in one request.
const MOST_PICTURES: u64 = 10;
/// The API's field, and the class axis that goes by its name here.
const STYLE: &str = "style";
/// The most unfinished images that the API has on the way to each.
const MOST_PARTIAL: usize = 3;
/// The most steps that a quality may ask for; see the parameter `steps`.
const MOST_STEPS: f64 = 200.0;

/// A request that has been read.
#[derive(Debug)]
pub(super) struct Commission {
    pub(super) draft: Draft,
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
}

/// How an image goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In the answer.
    Base64,
    /// As a link.
    Url,
}

impl Commission {
    /// Cuts a request to its model.
    pub(super) async fn read(
        app: &App,
        route: Route,
        request: ImagesRequest,
    ) -> Result<Self, Problem> {
        let (mut request, settings) = (request.own, request.settings);
        let form = form(request.response_format.as_deref())?;
        let quality = request.quality.clone();
        let mut tailor = Tailor::new(app.studio(), request.model.as_deref())?;
        if request.prompt.is_none() && route != Route::Variations {
            return Err(Problem::field("prompt", "is missing; say what to paint"));
        }
        tailor.prompt("prompt", request.prompt.take());
        tailor.draft.n = count(request.n)?;
        file(&mut tailor, &request)?;
        let size = request.size.as_deref().map(size::parse).transpose()?;
        if let Some((width, height)) = size.flatten() {
            tailor.size("size", width, height);
        }
        let counts_steps = settings.steps.is_some();
        habits(&mut tailor, &request);
        let streams = request.stream == Some(LooseFlag(true));
        let partial_images = partial_images(&mut tailor, streams, request.partial_images)?;
        if streams && form == Form::Url {
            tailor.unused("response_format", "events hold images as b64_json");
        }
        let mask = request.mask.take().map(|mask| mask.0);
        image(&mut tailor, route, &mut request)?;
        settings.fill(&mut tailor);
        style(&mut tailor, request.style.as_deref());
        quality_as_steps(&mut tailor, quality.as_deref(), counts_steps)?;
        masked(app, &mut tailor, mask, MaskKind::Transparent).await?;
        previews(&mut tailor, partial_images);
        let clear = tailor.takes("background") && tailor.draft.background.is_none();
        let format = tailor.draft.format.unwrap_or_default();
        Ok(Self {
            streams,
            partial_images,
            size: size_of(&tailor),
            form,
            quality,
            opaque: !clear || format == FileFormat::Jpeg,
            format,
            draft: tailor.draft,
            warnings: tailor.warnings,
        })
    }
}

fn form(name: Option<&str>) -> Result<Form, Problem> {
    match name {
        None | Some("b64_json") => Ok(Form::Base64),
        Some("url") => Ok(Form::Url),
        Some(other) => {
            let message = format!("found {other:?}; expected b64_json or url");
            Err(Problem::field("response_format", message))
        }
    }
}

fn count(n: Option<LooseWhole>) -> Result<Option<u64>, Problem> {
    match n {
        Some(LooseWhole(n)) if !(1..=MOST_PICTURES).contains(&n) => {
            let message = format!("found {n}; ask for 1 to {MOST_PICTURES} images");
            Err(Problem::field("n", message))
        }
        n => Ok(n.map(|LooseWhole(n)| n)),
    }
}

/// The files: their format, their quality, their background.
fn file(tailor: &mut Tailor, request: &ImagesFields) -> Result<(), Problem> {
    let format = request.output_format.as_deref().map(|name| {
        let known = FileFormat::ALL
            .into_iter()
            .find(|known| known.name() == name);
        known.ok_or_else(|| {
            let message = format!("found {name:?}; expected png, jpeg or webp");
            Problem::field("output_format", message)
        })
    });
    let format = format.transpose()?.unwrap_or_default();
    tailor.draft.format = Some(format);
    if let Some(LooseWhole(quality)) = request.output_compression {
        let narrow = u8::try_from(quality).ok().filter(|&quality| quality <= 100);
        let quality = narrow.ok_or_else(|| {
            let message = format!("found {quality}; expected 0 to 100");
            Problem::field("output_compression", message)
        })?;
        if format == FileFormat::Jpeg {
            tailor.draft.quality = Some(quality);
        } else if quality != 100 {
            tailor.unused(
                "output_compression",
                &format!("{format} files lose nothing here"),
            );
        }
    }
    match request.background.as_deref() {
        None | Some("auto") => {}
        // Without transparency, images are opaque as they are.
        Some("opaque") => {
            tailor.draft.background = tailor.takes("background").then(|| "opaque".to_owned())
        }
        Some("transparent") if format == FileFormat::Jpeg => {
            let message = "a JPEG file has no transparency; ask for png or webp";
            return Err(Problem::field("background", message));
        }
        Some("transparent") => {
            if !tailor.takes("background") {
                let why = format!("{} paints no transparency", tailor.model().id());
                tailor.unused("background", &why);
            }
        }
        Some(other) => {
            let message = format!("found {other:?}; expected transparent, opaque or auto");
            return Err(Problem::field("background", message));
        }
    }
    Ok(())
}

/// The API's word for quality, as steps, unless those are counted.
fn quality_as_steps(
    tailor: &mut Tailor,
    quality: Option<&str>,
    counted: bool,
) -> Result<(), Problem> {
    let factor = match quality {
        None | Some("auto" | "standard" | "medium") => return Ok(()),
        Some("low") => 0.5,
        Some("high" | "hd" | "xhigh" | "max") => 2.0,
        Some(other) => {
            let message =
                format!("found {other:?}; expected auto, low, medium, high, standard or hd");
            return Err(Problem::field("quality", message));
        }
    };
    match tailor.default_of("steps") {
        Some(_) if counted => tailor.unused("quality", "steps says how many there are"),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 200"
        )]
        Some(usual) => {
            let steps = (usual * factor).ceil().clamp(1.0, MOST_STEPS);
            tailor.draft.steps = Some(steps as u64);
        }
        None => {
            let why = format!("{} has one quality", tailor.model().id());
            tailor.unused("quality", &why);
        }
    }
    Ok(())
}

/// What clients send by habit, and nothing here has a meaning for.
fn habits(tailor: &mut Tailor, request: &ImagesFields) {
    if request.moderation.is_some() {
        tailor.unused("moderation", "nothing is moderated here");
    }
    if request.input_fidelity.is_some() {
        let why = "strength says here how much of an image is painted anew";
        tailor.unused("input_fidelity", why);
    }
    for field in request.others.keys() {
        tailor.unused(field, "there is no such field");
    }
}

/// The API's style, where the model has a class of that name and such a label.
fn style(tailor: &mut Tailor, wanted: Option<&str>) {
    let Some(wanted) = wanted else { return };
    let model = Arc::clone(tailor.model());
    let Some((_, axis)) = model.manifest().class(STYLE) else {
        let why = format!("{} has no styles", model.id());
        return tailor.unused(STYLE, &why);
    };
    if axis.index_of(wanted).is_none() {
        let names: Vec<&str> = axis.labels.iter().map(|label| &*label.name).collect();
        let why = format!("those of {} are {}", model.id(), names.join(", "));
        return tailor.unused(STYLE, &why);
    }
    let chosen = ClassChoice::Name(wanted.to_owned());
    match &mut tailor.draft.class {
        None => tailor.draft.class = Some(ClassChoice::Axes([(STYLE.to_owned(), chosen)].into())),
        Some(ClassChoice::Axes(axes)) if !axes.contains_key(STYLE) => {
            axes.insert(STYLE.to_owned(), chosen);
        }
        Some(_) => tailor.unused(STYLE, "class says which it is"),
    }
}

/// How many unfinished images were asked for, and can be had.
fn partial_images(
    tailor: &mut Tailor,
    streams: bool,
    wanted: Option<LooseWhole>,
) -> Result<usize, Problem> {
    let wanted = wanted.map_or(0, |LooseWhole(wanted)| wanted);
    let count = usize::try_from(wanted)
        .ok()
        .filter(|&count| count <= MOST_PARTIAL);
    let count = count.ok_or_else(|| {
        let message = format!("found {wanted}; expected 0 to {MOST_PARTIAL}");
        Problem::field("partial_images", message)
    })?;
    if count > 0 && !streams {
        tailor.unused("partial_images", "it goes with stream");
        return Ok(0);
    }
    if count > 0 && !tailor.takes("preview_every") {
        let why = format!("{} paints in one step", tailor.model().id());
        tailor.unused("partial_images", &why);
        return Ok(0);
    }
    Ok(count)
}

/// Previews at equal distances, the first one after the first of them.
fn previews(tailor: &mut Tailor, count: usize) {
    if count == 0 {
        return;
    }
    let usual = tailor.default_of("steps").map_or_else(
        // A model without a scheduler paints row after row.
        || tailor.model().size().map_or(1, |(_, height)| height.into()),
        |steps| steps as u64,
    );
    let steps = tailor.draft.steps.unwrap_or(usual);
    let every = steps / (count as u64 + 1);
    tailor.draft.preview_every = Some(every.max(1));
}

fn size_of(tailor: &Tailor) -> String {
    let (width, height) = tailor.model().size().unwrap_or_default();
    let width = tailor.draft.width.unwrap_or(width.into());
    let height = tailor.draft.height.unwrap_or(height.into());
    format!("{width}x{height}")
}

fn image(tailor: &mut Tailor, route: Route, request: &mut ImagesFields) -> Result<(), Problem> {
    let mut images = request.image.take().map_or(Vec::new(), |all| all.0);
    if images.len() > 1 {
        let message = format!("found {} images; models here take one", images.len());
        return Err(Problem::field("image", message));
    }
    let image = images.pop();
    if image.is_none() && route != Route::Generations {
        return Err(Problem::field("image", "is missing; send an image"));
    }
    tailor.draft.image = image.map(|image| image.0);
    Ok(())
}
