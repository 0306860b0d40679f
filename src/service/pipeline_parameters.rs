//! The parameters that diffusion pipelines take.

use serde_json::json;

use super::parameter::{Parameter, ParameterKind as Kind};
use super::parameters::{GREATEST_GUIDANCE, MOST_STEPS, choice};
use crate::families::diffusion::DiffusionTraits;
use crate::families::diffusion::schedulers::SchedulerName;
use crate::imaging::TensorFormat;
use crate::models::Manifest;

/// What a pipeline of these traits takes beside what every model takes.
pub(super) fn parameters(
    manifest: &Manifest,
    traits: &DiffusionTraits,
    format: &TensorFormat,
) -> Vec<Parameter> {
    let mut all = vec![Parameter::new("prompt", Kind::String, "What to paint.")];
    if !manifest.classes.is_empty() {
        let description = "What is added to the prompt in words; what is left out adds nothing.";
        let axes = manifest.classes.iter().map(choice);
        all.push(Parameter::new("class", Kind::Object, description).with(axes));
    }
    all.push(
        Parameter::new(
            "latents",
            Kind::Array,
            "Initial noise, or a list of them, as plain numbers, instead of what the seed draws.",
        )
        .holding(Kind::Number)
        .advanced(),
    );
    if traits.negates {
        all.push(Parameter::new(
            "negative_prompt",
            Kind::String,
            "What to keep away from; needs a guidance above 1.",
        ));
    }
    all.extend([
        number(
            "steps",
            Kind::Integer,
            "Steps of the scheduler: more is finer, and slower.",
        )
        .from(1)
        .to(MOST_STEPS as f64)
        .mostly(1.0, 50.0)
        .by_default(traits.steps),
        number(
            "guidance",
            Kind::Number,
            "How closely the prompt is followed; up to 1 is not at all.",
        )
        .from(0)
        .to(GREATEST_GUIDANCE)
        .mostly(1.0, 15.0)
        .by_default(json!(traits.guidance)),
        number(
            "guidance_rescale",
            Kind::Number,
            "The share of guidance's excess contrast that is taken back.",
        )
        .from(0)
        .to(1)
        .by_default(0)
        .advanced(),
        number(
            "eta",
            Kind::Number,
            "With ddim: the noise that each step adds.",
        )
        .from(0)
        .to(1)
        .by_default(0)
        .advanced(),
        Parameter::new(
            "scheduler",
            Kind::String,
            "The scheduler; the model's own when it is left out.",
        )
        .of(SchedulerName::ALL.map(|(_, name)| name.to_owned())),
        side("width", format.width, traits),
        side("height", format.height, traits),
    ]);
    if traits.walks {
        all.extend([walk(), super::latent_parameters::closing()]);
    }
    if traits.encodes {
        all.extend([
            Parameter::new("image", Kind::Image, "The image to start from."),
            number(
                "strength",
                Kind::Number,
                "How much of image is painted anew; 1 keeps nothing of it.",
            )
            .from(0)
            .to(1)
            .by_default(json!(traits.strength))
            .beside("image"),
            Parameter::new("mask", Kind::Mask, "White where image is painted anew.")
                .beside("image"),
        ]);
    }
    all
}

fn walk() -> Parameter {
    let end = |name, description| {
        let seed = "The noise that this seed draws; the request's own seed when it is left out.";
        Parameter::new(name, Kind::Object, description).with([
            Parameter::new(
                "prompt",
                Kind::String,
                "What to paint; prompt when left out.",
            ),
            Parameter::new("seed", Kind::Integer, seed)
                .from(0),
        ])
    };
    let mode = "The line between the noises; that between the prompts is always straight.";
    let description = "A walk from one prompt and its noise to another.";
    Parameter::new("interpolate", Kind::Object, description)
        .with([
            end("from", "Where it starts."),
            end("to", "Where it ends."),
            Parameter::new(
                "steps",
                Kind::Integer,
                "How many images, both ends included.",
            )
            .from(2)
            .mostly(2.0, 24.0),
            Parameter::new("mode", Kind::String, mode)
                .by_default("spherical")
                .of(["spherical", "linear"].map(str::to_owned)),
        ])
        .advanced()
}

fn number(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter::new(name, kind, description)
}

fn side(name: &'static str, own: u32, traits: &DiffusionTraits) -> Parameter {
    let description = "In pixels; only certain multiples, of which the least is the minimum.";
    Parameter::new(name, Kind::Integer, description)
        .from(traits.side_step)
        .to(4096)
        .mostly(f64::from(traits.side_step.max(own / 2)), f64::from(own * 2))
        .in_steps_of(traits.side_step)
        .by_default(own)
}
