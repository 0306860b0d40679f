//! The fields that stand beside a dialect's own: what models here take, wherever it is asked from.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::reading::read_fields;
use super::variation;
use super::{DraftBuilder, FieldNames};
use crate::http::error::Problem;
use crate::http::wire::{
    Class, LooseNumber, LooseSeed, LooseWhole, Names, NamesWire, Vectors, VectorsWire,
};
use crate::message;

/// What models here take, by the names that other services have for it, too. What a model can't
/// honour becomes a warning.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DialectSettings)]
pub(in crate::http) struct Settings {
    /// Image i is drawn from seed + i, of which the low 32 bits count; -1 is any. `rng_seed` is another name for it.
    #[schema(value_type = Option<i64>, minimum = -1, example = 7)]
    pub(in crate::http) seed: Option<LooseSeed>,
    /// The noise of this seed is mixed into that of `seed`; image i mixes in `variation_seed` + i, and all have one
    /// `seed`. -1 is any. `subseed` is another name for it.
    #[schema(value_type = Option<i64>, minimum = -1)]
    variation_seed: Option<LooseSeed>,
    /// How far to move towards that noise; `subseed_strength` is another name for it.
    #[schema(value_type = Option<f32>)]
    variation_strength: Option<LooseNumber>,
    /// The seed's noise is that of an image of this size, in pixels; 0 or less is the image's own.
    /// `seed_resize_from_w` is another name for it.
    #[schema(value_type = Option<f32>)]
    noise_width: Option<LooseNumber>,
    /// Beside `noise_width`; `seed_resize_from_h` is another name for it.
    #[schema(value_type = Option<f32>)]
    noise_height: Option<LooseNumber>,
    /// What the image should not show.
    negative_prompt: Option<String>,
    /// Steps of the scheduler; `num_inference_steps` is another name for it.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(in crate::http) steps: Option<LooseWhole>,
    /// How closely the prompt is followed; `cfg_scale` and `guidance` are other names for it.
    #[schema(value_type = Option<f32>)]
    guidance_scale: Option<LooseNumber>,
    /// The share of guidance's excess contrast that is taken back.
    #[schema(value_type = Option<f32>)]
    guidance_rescale: Option<LooseNumber>,
    /// With the scheduler `ddim`: the noise that each step adds.
    #[schema(value_type = Option<f32>)]
    eta: Option<LooseNumber>,
    /// The scheduler; `sampler_name` is another name for it.
    scheduler: Option<String>,
    /// How much a given image is changed; `denoising_strength` is another name for it.
    #[schema(value_type = Option<f32>)]
    pub(in crate::http) strength: Option<LooseNumber>,
    /// In pixels.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(in crate::http) width: Option<LooseWhole>,
    /// In pixels.
    #[schema(value_type = Option<u64>, format = "uint64")]
    pub(in crate::http) height: Option<LooseWhole>,
    /// A latent vector, or one for each image, instead of noise that the seed draws.
    #[schema(value_type = Option<VectorsWire>)]
    latents: Option<Vectors>,
    /// The label, by index or by name, or an object by axis.
    class: Option<Class>,
    /// Class axes that are drawn evenly over the images of the request.
    #[schema(value_type = Option<NamesWire>)]
    balance: Option<Names>,
    /// Latent components beyond ± this are drawn again.
    #[schema(value_type = Option<f32>)]
    truncation: Option<LooseNumber>,
    /// Divides the logits of each pixel.
    #[schema(value_type = Option<f32>)]
    temperature: Option<LooseNumber>,
    /// Generate this many images, and return those that the discriminator finds most real.
    #[schema(value_type = Option<u64>, format = "uint64")]
    best_of: Option<LooseWhole>,
    /// How many times larger each side of a given image becomes.
    #[schema(value_type = Option<u64>, format = "uint64")]
    scale: Option<LooseWhole>,
    /// How many rows of a given image, from the top, are kept.
    #[schema(value_type = Option<u64>, format = "uint64")]
    keep_rows: Option<LooseWhole>,

    /// The dialect's own.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(super) others: Map<String, Value>,
    /// What the request calls these fields.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) names: FieldNames,
}

/// The fields here by their names in the native dialect, and what else they are called.
const NAMES: [(&str, &str, &[&str]); 22] = [
    ("seed", "seed", &["rng_seed"]),
    ("variation_seed", "variation_seed", &["subseed"]),
    (
        "variation_strength",
        "variation_strength",
        &["subseed_strength"],
    ),
    ("noise_width", "noise_width", &["seed_resize_from_w"]),
    ("noise_height", "noise_height", &["seed_resize_from_h"]),
    ("negative_prompt", "negative_prompt", &[]),
    ("steps", "steps", &["num_inference_steps", "step"]),
    ("guidance", "guidance_scale", &["cfg_scale", "guidance"]),
    ("guidance_rescale", "guidance_rescale", &[]),
    ("eta", "eta", &[]),
    ("scheduler", "scheduler", &["sampler_name"]),
    ("strength", "strength", &["denoising_strength"]),
    ("width", "width", &[]),
    ("height", "height", &[]),
    ("latents", "latents", &[]),
    ("class", "class", &[]),
    ("balance", "balance", &[]),
    ("truncation", "truncation", &[]),
    ("temperature", "temperature", &[]),
    ("best_of", "best_of", &[]),
    ("scale", "scale", &[]),
    ("keep_rows", "keep_rows", &[]),
];

/// What two groups of fields are in one object.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(in crate::http) struct WithSettings<T> {
    #[serde(flatten)]
    own: T,
    #[serde(flatten)]
    settings: Settings,
}

impl Settings {
    /// From the fields of a request, with what it calls them.
    pub(super) fn read(mut fields: Map<String, Value>) -> Result<(Self, FieldNames), Problem> {
        let mut names = FieldNames::default();
        for (native, own, others) in NAMES {
            if fields.contains_key(own) {
                names.set(native, own);
            }
            for &other in others {
                let Some(value) = fields.remove(other) else {
                    continue;
                };
                if fields.insert(own.to_owned(), value).is_some() {
                    let message = message!(
                        "says the same as {other}; leave one out",
                        other = names.of(native)
                    );
                    return Err(Problem::field(other, message));
                }
                names.set(native, other);
            }
        }
        // A fault is found under the name that the field has here.
        let mut by_own = FieldNames::default();
        for (native, own, _) in NAMES {
            by_own.set(own, names.of(native));
        }
        Ok((read_fields(fields, &by_own)?, names))
    }

    /// What the request calls these fields.
    pub(in crate::http) fn names(&self) -> &FieldNames {
        &self.names
    }

    /// Takes `eta` out, for samplers that have no use for it.
    pub(in crate::http) fn take_eta(&mut self) -> Option<f32> {
        self.eta.take().map(|LooseNumber(eta)| eta)
    }

    /// The same, as fields of an object of that name.
    #[must_use]
    pub(in crate::http) fn within(mut self, object: &str) -> Self {
        self.names = self.names.within(object);
        self
    }

    /// Fills in the draft.
    pub(in crate::http) fn fill(self, builder: &mut DraftBuilder) {
        let number = |value: Option<LooseNumber>| value.map(|LooseNumber(number)| number);
        let whole = |value: Option<LooseWhole>| value.map(|LooseWhole(number)| number);
        builder.names.extend(self.names);
        builder.draft.seed = self.seed.and_then(|LooseSeed(seed)| seed);
        variation::mix(
            builder,
            self.variation_seed,
            number(self.variation_strength),
        );
        variation::resize(builder, number(self.noise_width), number(self.noise_height));
        // Without these the image would be another one, so a model without them refuses.
        builder.draft.latents = self.latents.map(|Vectors(latents)| latents);
        builder.draft.keep_rows = match whole(self.keep_rows) {
            rows if builder.takes("keep_rows") => builder.whole("keep_rows", rows),
            rows => rows,
        };
        let (width, height) = (whole(self.width), whole(self.height));
        let sides = [(width, "width"), (height, "height")];
        if let (Some(width), Some(height)) = (width, height) {
            builder.sides("width, height", width, height);
        } else if let Some((width, height)) = builder.in_its_shape(width, height) {
            let what = builder.names.of(match self.width {
                Some(_) => "width",
                None => "height",
            });
            let what = what.to_owned();
            builder.sides(&what, width, height);
        } else {
            if width.is_none() && height.is_some() {
                // What is said of sizes is said of the width, which the request doesn't have.
                let named = builder.names.of("height").to_owned();
                builder.names.set("width", named);
            }
            for (side, name) in sides {
                let side = builder.whole(name, side);
                let draft = &mut builder.draft;
                match name {
                    "width" => draft.width = side.or(draft.width),
                    _ => draft.height = side.or(draft.height),
                }
            }
        }
        // An empty one keeps away from nothing, which every model can do.
        let negative = self.negative_prompt.filter(|text| !text.trim().is_empty());
        builder.draft.negative_prompt = builder.fitting("negative_prompt", negative);
        let field = builder.names.of("scheduler").to_owned();
        builder.draft.scheduler = builder.scheduler(&field, self.scheduler);
        builder.draft.class = builder.fitting("class", self.class.map(Into::into));
        let balance = self.balance.map(|Names(names)| names);
        builder.draft.balance = builder.fitting("balance", balance);
        macro_rules! bounded {
            ($($kind:ident $parameter:ident = $value:expr;)*) => {$(
                builder.draft.$parameter = builder.$kind(stringify!($parameter), $value);
            )*};
        }
        bounded! {
            whole steps = whole(self.steps);
            number guidance = number(self.guidance_scale);
            number guidance_rescale = number(self.guidance_rescale);
            number eta = number(self.eta);
            number strength = number(self.strength);
            number truncation = number(self.truncation);
            number temperature = number(self.temperature);
            whole best_of = whole(self.best_of);
            whole scale = whole(self.scale);
        }
    }
}
