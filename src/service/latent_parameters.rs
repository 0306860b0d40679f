//! The parameters of models that start from a latent.

use serde_json::json;

use super::parameter::{Parameter, ParameterKind as Kind};
use super::parameters::{GREATEST_TRUNCATION, GREATEST_WEIGHT, LEAST_TRUNCATION, MOST_TERMS};
use crate::families::Traits;
use crate::models::{Direction, Label, Latent, Manifest, Noise};

/// What such a model takes beside what every model takes.
pub(super) fn parameters(manifest: &Manifest, traits: &Traits) -> Vec<Parameter> {
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
    let mut all = Vec::new();
    if !manifest.directions.is_empty() {
        all.push(edit(&manifest.directions));
    }
    all.extend([
        match manifest.defaults.truncation {
            Some(default) => truncation.by_default(json!(default)),
            None => truncation,
        },
        walk(traits),
        closing(),
    ]);
    all.extend(mix(traits));
    all.push(latents);
    all
}

/// Whether a walk closes.
pub(super) fn closing() -> Parameter {
    Parameter::new(
        "loop",
        Kind::Boolean,
        "The walk goes back to where it started, and an animation of it has no end.",
    )
    .by_default(false)
    .beside("interpolate")
    .advanced()
}

/// Where a latent comes from: a field of its own for each way to say it.
fn sources(traits: &Traits) -> Vec<Parameter> {
    let seed = Parameter::new("seed", Kind::Integer, "The latent that this seed draws.");
    let mut fields = vec![seed.from(0)];
    if traits.encodes {
        let image = "An image, which the model encodes; instead of a seed.";
        fields.push(Parameter::new("image", Kind::Image, image));
    }
    fields
}

/// Named directions, with a field for each.
fn edit(directions: &[Direction]) -> Parameter {
    let fields = directions.iter().map(|direction| {
        let [least, most] = direction.range();
        let description = format!(
            "Steps towards {}; fewer than 0 lead away from it.",
            direction.name
        );
        Parameter::new(direction.name.clone(), Kind::Number, description)
            .from(least)
            .to(most)
            .by_default(0)
            .called(vec![Label {
                name: direction.name.clone(),
                en: direction.en.clone(),
                fr: direction.fr.clone(),
                vi: direction.vi.clone(),
                prompt: None,
            }])
    });
    let description = "Moves the latent along named directions, wherever it comes from.";
    Parameter::new("edit", Kind::Object, description).with(fields)
}

fn mix(traits: &Traits) -> [Parameter; 2] {
    let weight = Parameter::new("weight", Kind::Number, "What the latent is multiplied by.")
        .from(-GREATEST_WEIGHT)
        .to(GREATEST_WEIGHT)
        .mostly(-1.0, 1.0)
        .by_default(1);
    let latent = Parameter::new("latent", Kind::Array, "A latent; instead of a seed.");
    let mut fields = sources(traits);
    fields.extend([latent.holding(Kind::Number), weight]);
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let most = MOST_TERMS as f64;
    [
        Parameter::new(
            "mix",
            Kind::Array,
            "A weighted sum of latents to start from.",
        )
        .from(1)
        .to(most)
        .holding(Kind::Object)
        .with(fields)
        .advanced(),
        Parameter::new(
            "normalise_mix",
            Kind::Boolean,
            "Divides the sum by the root of the sum of the squared weights, so that a mix of normal \
             draws is as long as one. If left out, it is done where every part is a seed.",
        )
        .beside("mix")
        .advanced(),
    ]
}

fn walk(traits: &Traits) -> Parameter {
    let end =
        |name, description| Parameter::new(name, Kind::Object, description).with(sources(traits));
    let description = if traits.encodes {
        "A walk between two latents, seeds or images."
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
                "How many images, both ends included.",
            )
            .from(2)
            .mostly(2.0, 24.0),
            Parameter::new("mode", Kind::String, "The line that it follows.")
                .by_default("spherical")
                .of(["spherical", "linear"].map(str::to_owned)),
        ])
        .advanced()
}
