//! The second pass of `enable_hr`: an enlarged image is painted anew, by the same model or another.

use super::jobs::JobGuard;
use super::samplers::{self, Wanted};
use super::{A1111, checkpoint};
use crate::http::App;
use crate::http::dialects::shared::{DraftBuilder, FieldNames};
use crate::http::error::Problem;
use crate::http::wire::LooseWhole;
use crate::imaging::{Channels, FileFormat, Image, Provenance, encode};
use crate::message;
use crate::service::{Draft, GeneratedImage, Signed, Studio};

/// What a request says of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) strength: f32,
    /// Of the enlarged image.
    pub(super) size: (u32, u32),
    pub(super) prompt: Option<String>,
    pub(super) negative_prompt: Option<String>,
    pub(super) sampler: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) checkpoint: Option<String>,
    pub(super) steps: Option<LooseWhole>,
}

/// What is painted anew, but for the image.
#[derive(Debug)]
pub(super) struct SecondPass {
    draft: Draft,
    /// What the request calls its fields.
    names: FieldNames,
    /// The model, where it is another than that of the first pass.
    other: Option<String>,
}

impl SecondPass {
    /// Reads it, beside the first pass's draft; nothing where the model paints no image of that size anew.
    pub(super) fn read(
        studio: &Studio,
        builder: &mut DraftBuilder,
        asked: Asked,
    ) -> Result<Option<Self>, Problem> {
        if asked.strength == 0.0 {
            return Ok(None);
        }
        let mut other = other(studio, builder, asked.checkpoint.as_deref())?;
        let first = builder.draft.clone();
        let painter = other.as_mut().unwrap_or(&mut *builder);
        let second = painted_by(painter, &first, asked);
        if let Some(other) = other {
            builder.take_warnings(other);
        } else {
            builder.draft = first;
        }
        second
    }

    /// How much is painted anew.
    pub(super) fn strength(&self) -> Option<f32> {
        self.draft.strength
    }

    /// The same, as the text of an image tells it.
    pub(super) fn told(&self) -> impl Iterator<Item = (&'static str, String)> {
        let steps = self.draft.steps;
        let steps = steps.map(|steps| ("Hires steps", steps.to_string()));
        let other = self.other.clone();
        let other = other.map(|other| ("Hires checkpoint", other));
        steps.into_iter().chain(other)
    }

    /// Reads it with a blank image in place of the enlarged one, so that what can't be done is refused before
    /// anything is painted.
    pub(super) async fn check(&self, app: &App) -> Result<(), Problem> {
        let side = |side: Option<u64>| side.and_then(|side| u32::try_from(side).ok());
        let (width, height) = (
            side(self.draft.width).unwrap_or(1),
            side(self.draft.height).unwrap_or(1),
        );
        let blank = tokio::task::spawn_blocking(move || blank(width, height)).await;
        let blank = blank.map_err(|error| Problem::internal(error.to_string()))??;
        let draft = Draft {
            image: Some(blank),
            ..self.draft.clone()
        };
        let named = |failure| self.names.rename(Problem::from(failure));
        let generation = app.studio().parse(draft).await.map_err(named)?;
        app.studio().could_run(&generation).map_err(named)
    }

    /// Paints the enlarged file of an image of the first pass anew, by its place and its seed.
    pub(super) async fn paint(
        &self,
        app: &App,
        guard: &JobGuard,
        (at, seed): (u64, Option<u64>),
        enlarged: Vec<u8>,
    ) -> Result<Vec<GeneratedImage>, Problem> {
        let nth = |seed: u64| seed.wrapping_add(at);
        let draft = Draft {
            image: Some(enlarged),
            seed: seed.or(self.draft.seed),
            variation_seed: self.draft.variation_seed.map(nth),
            ..self.draft.clone()
        };
        let named = |failure| self.names.rename(Problem::from(failure));
        let generation = app.studio().parse_signed(draft, Signed::Later).await;
        let generation = generation.map_err(named)?;
        let said = generation.warnings().iter().cloned();
        let said: Vec<_> = said
            .map(|why| message!("in the second pass: {why}").with("why", why))
            .collect();
        let watched = app.studio().watch(generation).map_err(named)?;
        let painted = guard.go_on(watched).await?;
        let with_said = |painted: GeneratedImage| GeneratedImage {
            warnings: [&*said, &*painted.warnings].concat(),
            ..painted
        };
        Ok(painted.into_iter().map(with_said).collect())
    }
}

fn blank(width: u32, height: u32) -> Result<Vec<u8>, Problem> {
    let pixels = vec![0; width as usize * height as usize];
    let image = Image::new(width, height, Channels::Grey, pixels);
    let image = image.map_err(|error| Problem::internal(error.to_string()))?;
    let file = encode(&image, FileFormat::Png, &Provenance::default());
    file.map_err(|error| Problem::internal(error.to_string()))
}

/// A draft for the model of that name, unless it is the first pass's.
fn other(
    studio: &Studio,
    builder: &DraftBuilder,
    name: Option<&str>,
) -> Result<Option<DraftBuilder>, Problem> {
    let said = |name: &&str| !name.trim().is_empty() && *name != "Use same checkpoint";
    let Some(name) = name.filter(said) else {
        return Ok(None);
    };
    let names = FieldNames::new(&[("model", "hr_checkpoint_name")]);
    let model = checkpoint::find(studio, name).map_err(|problem| names.rename(problem))?;
    if model.id() == builder.model().id() {
        return Ok(None);
    }
    let mut other = DraftBuilder::new::<A1111>(studio, Some(model.id()))?;
    other.names.extend(builder.names.clone());
    Ok(Some(other))
}

fn painted_by(
    painter: &mut DraftBuilder,
    first: &Draft,
    asked: Asked,
) -> Result<Option<SecondPass>, Problem> {
    let model = painter.model().id().to_owned();
    let (width, height) = asked.size;
    let paints_anew = painter.takes("strength") && painter.takes("image");
    if !paints_anew || !painter.paints(width.into(), height.into()) {
        painter.warn(message!(
            "images were enlarged and not painted anew: {model} doesn't do that in {width}x{height}",
            model,
            width,
            height
        ));
        return Ok(None);
    }
    let strength = painter.number("strength", Some(asked.strength));
    if strength <= Some(0.0) {
        return Ok(None);
    }
    let is_other = first.model.as_deref() != Some(&*model);
    let inherited = match is_other {
        true => inherited(painter, first),
        false => first.clone(),
    };
    let names = names(painter, &asked);
    let scheduler = scheduler(painter, inherited.scheduler.clone(), &asked)?;
    let steps = asked.steps.map(|LooseWhole(steps)| steps);
    let steps = match steps.filter(|&steps| steps > 0) {
        Some(steps) => {
            painter.names.set("steps", "hr_second_pass_steps");
            painter.whole("steps", Some(steps))
        }
        None => inherited.steps,
    };
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let draft = Draft {
        n: Some(1),
        prompt: said(asked.prompt).or_else(|| inherited.prompt.clone()),
        negative_prompt: said(asked.negative_prompt).or_else(|| inherited.negative_prompt.clone()),
        width: Some(width.into()),
        height: Some(height.into()),
        strength,
        scheduler,
        steps,
        latents: None,
        best_of: None,
        upscale: None,
        ..inherited
    };
    Ok(Some(SecondPass {
        draft,
        names,
        other: is_other.then_some(model),
    }))
}

/// What of the first pass holds for another model.
fn inherited(painter: &mut DraftBuilder, first: &Draft) -> Draft {
    if first.class.is_some() {
        let why = message!("it is of the first pass's model");
        painter.unused("class", why);
    }
    Draft {
        model: Some(painter.model().id().to_owned()),
        seed: first.seed,
        format: first.format,
        quality: first.quality,
        prompt: painter.fitting("prompt", first.prompt.clone()),
        negative_prompt: painter.fitting("negative_prompt", first.negative_prompt.clone()),
        guidance: painter.number("guidance", first.guidance),
        guidance_rescale: painter.number("guidance_rescale", first.guidance_rescale),
        eta: painter.number("eta", first.eta),
        scheduler: painter.scheduler("sampler_name", first.scheduler.clone()),
        steps: painter.whole("steps", first.steps),
        variation_seed: painter.fitting("variation_seed", first.variation_seed),
        variation_strength: painter.number("variation_strength", first.variation_strength),
        deadline: first.deadline,
        ..Draft::default()
    }
}

fn scheduler(
    painter: &mut DraftBuilder,
    first: Option<String>,
    asked: &Asked,
) -> Result<Option<String>, Problem> {
    let said = |text: &Option<String>, same: &str| {
        text.clone().filter(|name| !name.is_empty() && name != same)
    };
    let sampler = said(&asked.sampler, "Use same sampler");
    let schedule = said(&asked.schedule, "Use same scheduler");
    let wanted = Wanted {
        sampler: sampler.as_deref(),
        schedule: schedule.as_deref(),
        names: ("hr_sampler_name", "hr_scheduler"),
    };
    painter.draft.scheduler = None;
    samplers::choose(painter, wanted)?;
    Ok(painter.draft.scheduler.take().or(first))
}

/// What the request calls the fields of the second pass.
fn names(painter: &DraftBuilder, asked: &Asked) -> FieldNames {
    let mut names = painter.names.clone();
    for (native, name, is_said) in [
        ("prompt", "hr_prompt", asked.prompt.is_some()),
        (
            "negative_prompt",
            "hr_negative_prompt",
            asked.negative_prompt.is_some(),
        ),
        ("steps", "hr_second_pass_steps", asked.steps.is_some()),
        ("scheduler", "hr_sampler_name", asked.sampler.is_some()),
        ("width", "hr_scale", true),
        ("height", "hr_scale", true),
    ] {
        if is_said {
            names.set(native, name);
        }
    }
    names
}
