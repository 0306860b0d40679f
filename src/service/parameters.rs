//! Which parameters a model takes, with their types, ranges and defaults.
//!
//! One list serves three readers: validation refuses what is not on it, `GET /models/{id}` shows
//! it, and a page draws its controls from it.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::families::Traits;
use crate::models::Manifest;

/// A field that a request for a model may have.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Parameter {
    /// The field's name in `POST /generate`.
    pub name: &'static str,
    /// What its value is.
    pub kind: ParameterKind,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// The least number, or the least length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The greatest number, or the greatest length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// What it is when the request leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub default: Option<Value>,
    /// The values to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// What the value of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A text.
    String,
    /// A list.
    Array,
    /// A table.
    Object,
    /// A picture file in base64.
    Image,
}

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

impl Parameter {
    pub(super) fn new(name: &'static str, kind: ParameterKind, description: &'static str) -> Self {
        Self {
            name,
            kind,
            description,
            minimum: None,
            maximum: None,
            default: None,
            choices: Vec::new(),
        }
    }

    pub(super) fn from(mut self, minimum: impl Into<f64>) -> Self {
        self.minimum = Some(minimum.into());
        self
    }

    pub(super) fn to(mut self, maximum: impl Into<f64>) -> Self {
        self.maximum = Some(maximum.into());
        self
    }

    pub(super) fn by_default(mut self, default: impl Into<Value>) -> Self {
        self.default = Some(default.into());
        self
    }

    pub(super) fn of(mut self, choices: impl IntoIterator<Item = String>) -> Self {
        self.choices = choices.into_iter().collect();
        self
    }
}

/// What a model of these traits takes.
pub(super) fn parameters(manifest: &Manifest, traits: &Traits) -> Vec<Parameter> {
    use ParameterKind as Kind;
    let mut all = vec![
        Parameter::new("n", Kind::Integer, "How many pictures.")
            .from(1)
            .by_default(1),
        Parameter::new(
            "seed",
            Kind::Integer,
            "Picture i is drawn from seed + i; a seed is drawn when there is none.",
        )
        .from(0)
        .to(u32::MAX),
        Parameter::new("seeds", Kind::Array, "A seed for each picture.").from(1),
        Parameter::new("format", Kind::String, "The format of the files.")
            .by_default("png")
            .of(["png", "jpeg", "webp"].map(str::to_owned)),
        Parameter::new(
            "deadline_ms",
            Kind::Integer,
            "Milliseconds after which the answer is of no more use.",
        )
        .from(1),
    ];
    if !manifest.classes.is_empty() {
        all.push(Parameter::new(
            "prompt",
            Kind::String,
            "Names the class in English, French or Vietnamese.",
        ));
        all.push(class(manifest));
    }
    if traits.latent {
        let length = manifest
            .latent
            .as_ref()
            .map_or(0, crate::models::Latent::len);
        #[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
        let length = length as f64;
        all.push(
            Parameter::new(
                "latents",
                Kind::Array,
                "A latent vector, or a list of them, as plain numbers.",
            )
            .from(length)
            .to(length),
        );
        let truncation = Parameter::new(
            "truncation",
            Kind::Number,
            "Latent components beyond ± this are drawn again: lower is more typical, less varied.",
        )
        .from(LEAST_TRUNCATION)
        .to(GREATEST_TRUNCATION);
        all.push(match manifest.defaults.truncation {
            Some(default) => truncation.by_default(json!(default)),
            None => truncation,
        });
        all.push(Parameter::new(
            "interpolate",
            Kind::Object,
            if traits.encodes {
                "A walk between two latents, seeds or pictures."
            } else {
                "A walk between two latents or seeds."
            },
        ));
    }
    if let Some(diffusion) = &traits.diffusion {
        all.extend(super::pipeline_parameters::parameters(
            diffusion,
            &traits.format,
        ));
    }
    if traits.scores {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let most = MOST_CANDIDATES as f64;
        let best = Parameter::new(
            "best_of",
            Kind::Integer,
            "Paints this many and answers with the n that the discriminator scores highest.",
        );
        all.push(best.from(1).to(most));
    }
    if traits.encodes {
        all.push(Parameter::new(
            "image",
            Kind::Image,
            "The picture to reconstruct.",
        ));
    }
    if traits.autoregressive {
        let default = manifest.defaults.temperature.unwrap_or(1.0);
        all.push(
            Parameter::new(
                "temperature",
                Kind::Number,
                "Divides the logits of each pixel: lower is surer, 0 takes the likeliest.",
            )
            .from(0)
            .to(GREATEST_TEMPERATURE)
            .by_default(json!(default)),
        );
        all.push(Parameter::new(
            "image",
            Kind::Image,
            "The upper part of a picture, which is kept and completed.",
        ));
        all.push(
            Parameter::new(
                "keep_rows",
                Kind::Integer,
                "How many rows of image are kept; all of them when it is an upper part.",
            )
            .from(1)
            .to(traits.format.height),
        );
    }
    all
}

fn class(manifest: &Manifest) -> Parameter {
    let parameter = Parameter::new(
        "class",
        match manifest.classes.len() {
            1 => ParameterKind::String,
            _ => ParameterKind::Object,
        },
        "The label, by name or index; for several axes, an object by axis. An axis that is left \
         out follows the seed: label number (seed modulo the number of labels).",
    );
    match &manifest.classes[..] {
        [axis] => parameter.of(axis.labels.iter().map(|label| label.name.clone())),
        axes => parameter.of(axes.iter().map(|axis| axis.name.clone())),
    }
}

/// Whose parameter this is, for the error of a model that does not take it.
pub(super) fn taker(name: &str) -> &'static str {
    match name {
        "prompt" | "class" => "models with classes take it",
        "latents" | "truncation" | "interpolate" => "the families gan and vae take it",
        "best_of" => "the family gan takes it, where the model has a discriminator",
        "temperature" | "keep_rows" => "the family autoregressive takes it",
        "image" => "the family autoregressive takes it, and vae where the model has an encoder",
        "negative_prompt" | "steps" | "guidance" | "guidance_rescale" | "eta" | "scheduler"
        | "width" | "height" | "strength" | "mask" => "the family diffusion takes it",
        _ => "no family takes it",
    }
}
