//! Which parameters a model takes, with their types, ranges and defaults.
//!
//! One list serves three readers: validation refuses what is not on it, `GET /models/{id}` shows
//! it, and a page draws its controls from it.

use serde_json::json;

use super::parameter::{Parameter, ParameterKind as Kind};
use crate::families::Traits;
use crate::models::{ClassAxis, Latent, Manifest, Noise};

/// The least truncation: below it, redrawing takes too long.
pub(super) const LEAST_TRUNCATION: f32 = 0.05;
/// The greatest truncation: no normal number is beyond it.
pub(super) const GREATEST_TRUNCATION: f32 = 10.0;
/// The greatest temperature.
pub(super) const GREATEST_TEMPERATURE: f32 = 10.0;
/// The most candidates that a discriminator chooses from.
pub(super) const MOST_CANDIDATES: u64 = 256;
/// The most steps of a scheduler.
pub(super) const MOST_STEPS: usize = 200;
/// The greatest guidance.
pub(super) const GREATEST_GUIDANCE: f32 = 100.0;
/// The greatest seed: PyTorch's CPU generator sees 32 bits.
pub(super) const GREATEST_SEED: u64 = u32::MAX as u64;

/// What a model of these traits takes, what people reach for first standing first.
pub(super) fn parameters(manifest: &Manifest, traits: &Traits) -> Vec<Parameter> {
    let mut all = Vec::new();
    if !manifest.classes.is_empty() {
        all.push(Parameter::new(
            "prompt",
            Kind::String,
            "Names the class in English, French or Vietnamese.",
        ));
        all.push(class(manifest));
    }
    if let Some(diffusion) = &traits.diffusion {
        all.extend(super::pipeline_parameters::parameters(
            diffusion,
            &traits.format,
        ));
    }
    if traits.encodes {
        all.push(Parameter::new(
            "image",
            Kind::Image,
            "The picture to reconstruct.",
        ));
    }
    if traits.autoregressive {
        all.extend(pixel_by_pixel(manifest, traits));
    }
    all.extend(every_model());
    if traits.latent {
        all.extend(from_latents(manifest, traits));
    }
    if traits.autoregressive || traits.diffusion.is_some() {
        let previews = Parameter::new(
            "preview_every",
            Kind::Integer,
            "In an event stream: show the unfinished picture after each so many steps (rows of a \
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

fn every_model() -> [Parameter; 5] {
    [
        Parameter::new(
            "seed",
            Kind::Integer,
            "Picture i is drawn from seed + i; a seed is drawn when there is none.",
        )
        .from(0)
        .to(u32::MAX),
        Parameter::new("n", Kind::Integer, "How many pictures.")
            .from(1)
            .mostly(1.0, 16.0)
            .by_default(1),
        Parameter::new("seeds", Kind::Array, "A seed for each picture.")
            .from(1)
            .holding(Kind::Integer)
            .advanced(),
        Parameter::new("format", Kind::String, "The format of the files.")
            .by_default("png")
            .of(["png", "jpeg", "webp"].map(str::to_owned))
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

fn from_latents(manifest: &Manifest, traits: &Traits) -> [Parameter; 3] {
    let latent = manifest.latent.as_ref();
    #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
    let length = latent.map_or(0, Latent::len) as f64;
    let reach = latent.map_or(3.0, |latent| match latent.noise() {
        Noise::Normal => 3.0 * latent.scale,
        Noise::TruncatedNormal { bound } | Noise::Uniform { bound } => bound * latent.scale,
    });
    let latents = Parameter::new(
        "latents",
        Kind::Array,
        "A latent vector, or a list of them, as plain numbers.",
    )
    .from(length)
    .to(length)
    .holding(Kind::Number)
    .mostly(-f64::from(reach), f64::from(reach))
    .advanced();
    let truncation = Parameter::new(
        "truncation",
        Kind::Number,
        "Latent components beyond ± this are drawn again: lower is more typical, less varied.",
    )
    .from(LEAST_TRUNCATION)
    .to(GREATEST_TRUNCATION)
    .mostly(0.2, 3.0);
    [
        match manifest.defaults.truncation {
            Some(default) => truncation.by_default(json!(default)),
            None => truncation,
        },
        walk(traits),
        latents,
    ]
}

fn walk(traits: &Traits) -> Parameter {
    let end = |name, description| {
        let seed = Parameter::new("seed", Kind::Integer, "The latent that this seed draws.");
        let mut fields = vec![seed.from(0).to(u32::MAX)];
        if traits.encodes {
            let image = "A picture, which the model encodes; instead of a seed.";
            fields.push(Parameter::new("image", Kind::Image, image));
        }
        Parameter::new(name, Kind::Object, description).with(fields)
    };
    let description = if traits.encodes {
        "A walk between two latents, seeds or pictures."
    } else {
        "A walk between two latents or seeds."
    };
    Parameter::new("interpolate", Kind::Object, description)
        .with([
            end("from", "Where it starts."),
            end("to", "Where it ends."),
            Parameter::new(
                "steps",
                Kind::Integer,
                "How many pictures, both ends included.",
            )
            .from(2)
            .mostly(2.0, 24.0),
            Parameter::new("mode", Kind::String, "The line that it follows.")
                .by_default("spherical")
                .of(["spherical", "linear"].map(str::to_owned)),
        ])
        .advanced()
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
            "The upper part of a picture, which is kept and completed.",
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
    let names = |axis: &ClassAxis| -> Vec<String> {
        let names = axis.labels.iter().map(|label| label.name.clone());
        names.collect()
    };
    match &manifest.classes[..] {
        [axis] => Parameter::new(
            "class",
            Kind::String,
            "The label, by name or index. If left out it follows the seed: label number (seed \
             modulo the number of labels).",
        )
        .of(names(axis)),
        axes => Parameter::new(
            "class",
            Kind::Object,
            "The labels, by name or index, for each axis. An axis that is left out follows the \
             seed: label number (seed modulo the number of labels).",
        )
        .with(axes.iter().map(|axis| {
            let description = format!("The {} to paint.", axis.name);
            Parameter::new(axis.name.clone(), Kind::String, description).of(names(axis))
        })),
    }
}

/// Whose parameter this is, for the error of a model that does not take it.
pub(super) fn taker(name: &str) -> &'static str {
    match name {
        "prompt" | "class" => "models with classes take it",
        "truncation" => "the families gan and vae take it",
        "latents" | "interpolate" => "the families gan, vae and diffusion take it",
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
