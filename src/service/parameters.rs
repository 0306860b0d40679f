//! Which parameters a model takes, with their types, ranges and defaults.
//!
//! One list serves three readers: validation refuses what is not on it, `GET /models/{id}` shows
//! it, and a page draws its controls from it.

use serde_json::json;

use super::parameter::{Parameter, ParameterKind as Kind};
use crate::families::Traits;
use crate::imaging::{Channels, FileFormat, Timing};
use crate::models::{ClassAxis, Manifest};

/// The least truncation: below it, redrawing takes too long.
pub(super) const LEAST_TRUNCATION: f32 = 0.05;
/// The greatest truncation: no normal number is beyond it.
pub(super) const GREATEST_TRUNCATION: f32 = 10.0;
/// The greatest temperature.
pub(super) const GREATEST_TEMPERATURE: f32 = 10.0;
/// The most candidates that a discriminator chooses from.
pub(super) const MOST_CANDIDATES: u64 = 256;
/// The most latents of a mix.
pub(super) const MOST_TERMS: usize = 64;
/// The greatest weight of a mix, to either side.
pub(super) const GREATEST_WEIGHT: f32 = 10.0;
/// The shortest time that an animation shows an image: browsers slow down what is faster.
pub(super) const LEAST_FRAME_MS: u16 = 20;
/// The longest time that an animation shows an image.
pub(super) const GREATEST_FRAME_MS: u16 = 10_000;
/// The most steps of a scheduler.
pub(super) const MOST_STEPS: usize = 200;
/// The greatest guidance.
pub(super) const GREATEST_GUIDANCE: f32 = 100.0;

/// What a model of these traits takes, what people reach for first standing first.
pub(super) fn parameters(manifest: &Manifest, traits: &Traits) -> Vec<Parameter> {
    let mut all = Vec::new();
    let told = traits.diffusion.is_none();
    if told && (!manifest.classes.is_empty() || !manifest.directions.is_empty()) {
        let names = match (manifest.classes.len(), manifest.directions.is_empty()) {
            (0, _) => "directions",
            (1, true) => "the class",
            (_, true) => "classes",
            (_, false) => "classes and directions",
        };
        let description = format!("Names {names} in English, French or Vietnamese.");
        all.push(Parameter::new("prompt", Kind::String, description));
    }
    if told && !manifest.classes.is_empty() {
        all.push(class(manifest));
    }
    if let Some(diffusion) = &traits.diffusion {
        let own = super::pipeline_parameters::parameters(manifest, diffusion, &traits.format);
        all.extend(own);
    }
    if traits.encodes {
        all.push(Parameter::new(
            "image",
            Kind::Image,
            "The image to reconstruct.",
        ));
    }
    if traits.autoregressive {
        all.extend(pixel_by_pixel(manifest, traits));
    }
    all.extend(every_model());
    if traits.format.channels == Channels::Rgba {
        all.push(background());
    }
    if traits.latent {
        all.extend(super::latent_parameters::parameters(manifest, traits));
    }
    if traits.autoregressive || traits.diffusion.is_some() {
        let previews = Parameter::new(
            "preview_every",
            Kind::Integer,
            "In an event stream: show the unfinished image after each so many steps (rows of a \
             family that paints pixel by pixel).",
        );
        all.push(previews.from(1).mostly(1.0, 10.0).advanced());
    }
    if traits.scores {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let most = MOST_CANDIDATES as f64;
        let best = Parameter::new(
            "best_of",
            Kind::Integer,
            "Paints this many and answers with the n that the discriminator scores highest.",
        );
        all.push(best.from(1).to(most).mostly(1.0, 32.0).advanced());
    }
    all
}

fn every_model() -> [Parameter; 7] {
    [
        Parameter::new(
            "seed",
            Kind::Integer,
            "Image i is drawn from seed + i; a seed is drawn when there is none.",
        )
        .from(0),
        Parameter::new("n", Kind::Integer, "How many images.")
            .from(1)
            .mostly(1.0, 16.0)
            .by_default(1),
        Parameter::new("seeds", Kind::Array, "A seed for each image.")
            .from(1)
            .holding(Kind::Integer)
            .advanced(),
        Parameter::new(
            "format",
            Kind::String,
            "The format of the files. The last two put all images into one animation.",
        )
        .by_default("png")
        .of(FileFormat::ALL
            .into_iter()
            .chain(FileFormat::ANIMATED)
            .map(|format| format.name().to_owned()))
        .advanced(),
        Parameter::new(
            "frame_ms",
            Kind::Integer,
            "Milliseconds that an animation shows each image.",
        )
        .from(u32::from(LEAST_FRAME_MS))
        .to(u32::from(GREATEST_FRAME_MS))
        .mostly(40.0, 500.0)
        .by_default(Timing::default().frame_ms)
        .advanced(),
        Parameter::new(
            "grid",
            Kind::Object,
            "Puts all images on one sheet; true is as square as it goes.",
        )
        .with(
            [Parameter::new("columns", Kind::Integer, "Images in a row.")
                .from(1)
                .mostly(1.0, 16.0)],
        )
        .advanced(),
        Parameter::new(
            "deadline_ms",
            Kind::Integer,
            "Milliseconds after which the answer is of no more use.",
        )
        .from(1)
        .advanced(),
    ]
}

fn background() -> Parameter {
    Parameter::new(
        "background",
        Kind::String,
        "What lies behind the image: nothing, white, or a colour as #rrggbb.",
    )
    .by_default("transparent")
    .of(["transparent", "opaque"].map(str::to_owned))
}

fn pixel_by_pixel(manifest: &Manifest, traits: &Traits) -> [Parameter; 3] {
    let default = manifest.defaults.temperature.unwrap_or(1.0);
    [
        Parameter::new(
            "temperature",
            Kind::Number,
            "Divides the logits of each pixel: lower is surer, 0 takes the likeliest.",
        )
        .from(0)
        .to(GREATEST_TEMPERATURE)
        .mostly(0.0, 2.0)
        .by_default(json!(default)),
        Parameter::new(
            "image",
            Kind::Image,
            "The upper part of an image, which is kept and completed.",
        ),
        Parameter::new(
            "keep_rows",
            Kind::Integer,
            "How many rows of image are kept; all of them when it is an upper part.",
        )
        .from(1)
        .to(traits.format.height)
        .beside("image"),
    ]
}

/// The classes: a choice where there is one axis, an object of choices where there are several.
fn class(manifest: &Manifest) -> Parameter {
    match &manifest.classes[..] {
        [axis] => Parameter::new(
            "class",
            Kind::String,
            "The label, by name or index. If left out it follows the seed: label number (seed \
             modulo the number of labels).",
        )
        .of(names(axis))
        .called(axis.labels.clone()),
        axes => Parameter::new(
            "class",
            Kind::Object,
            "The labels, by name or index, for each axis. Axes that are left out follow the seed, \
             so that neighbouring seeds go through all of their labels.",
        )
        .with(axes.iter().map(choice)),
    }
}

/// One of several classes.
pub(super) fn choice(axis: &ClassAxis) -> Parameter {
    match axis.no_and_yes() {
        Some(_) => {
            let description = format!("Whether to paint it with {}.", axis.name);
            Parameter::new(axis.name.clone(), Kind::Boolean, description)
                .called(axis.labels.clone())
        }
        None => {
            let description = format!("The {} to paint.", axis.name);
            Parameter::new(axis.name.clone(), Kind::String, description)
                .of(names(axis))
                .called(axis.labels.clone())
        }
    }
}

fn names(axis: &ClassAxis) -> Vec<String> {
    let names = axis.labels.iter().map(|label| label.name.clone());
    names.collect()
}

/// Whose parameter this is, for the error of a model that does not take it.
pub(super) fn taker(name: &str) -> &'static str {
    match name {
        "prompt" | "class" => "models with classes take it",
        "truncation" | "mix" | "normalise_mix" => "the families gan and vae take it",
        "latents" | "interpolate" | "loop" => "the families gan, vae and diffusion take it",
        "background" => "models that paint with transparency take it",
        "edit" => "models whose manifest names directions take it",
        "best_of" => "the family gan takes it, where the model has a discriminator",
        "preview_every" => {
            "the families diffusion and autoregressive, which paint in steps, take it"
        }
        "temperature" | "keep_rows" => "the family autoregressive takes it",
        "image" => "the family autoregressive takes it, and vae where the model has an encoder",
        "negative_prompt" | "steps" | "guidance" | "guidance_rescale" | "eta" | "scheduler"
        | "width" | "height" | "strength" | "mask" => "the family diffusion takes it",
        _ => "no family takes it",
    }
}
