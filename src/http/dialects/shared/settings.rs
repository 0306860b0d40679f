//! The fields that stand beside a dialect's own: what models here take, wherever it is asked from.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Tailor;
use crate::http::wire::{Class, LooseNumber, LooseSeed, LooseWhole, Vectors, VectorsWire};

/// What models here take, by the names that other services have for it, too. What a model can't
/// honour becomes a warning.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DialectSettings)]
pub(in crate::http) struct Settings {
    /// Image i is drawn from seed + i, of which the low 32 bits count; -1 is any. `rng_seed` is another name for it.
    #[serde(alias = "rng_seed")]
    #[schema(value_type = Option<i64>, minimum = -1, example = 7)]
    pub(in crate::http) seed: Option<LooseSeed>,
    /// What to keep away from.
    negative_prompt: Option<String>,
    /// Steps of the scheduler; `num_inference_steps` is another name for it.
    #[serde(alias = "num_inference_steps", alias = "step")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 200)]
    pub(in crate::http) steps: Option<LooseWhole>,
    /// How closely the prompt is followed; `cfg_scale` and `guidance` are other names for it.
    #[serde(alias = "cfg_scale", alias = "guidance")]
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 100)]
    guidance_scale: Option<LooseNumber>,
    /// The share of guidance's excess contrast that is taken back.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    guidance_rescale: Option<LooseNumber>,
    /// With the scheduler `ddim`: the noise that each step adds.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    eta: Option<LooseNumber>,
    /// The scheduler; `sampler_name` is another name for it.
    #[serde(alias = "sampler_name")]
    scheduler: Option<String>,
    /// How much of a given image is painted anew; `denoising_strength` is another name for it.
    #[serde(alias = "denoising_strength")]
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 1)]
    pub(in crate::http) strength: Option<LooseNumber>,
    /// In pixels.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 4096)]
    pub(in crate::http) width: Option<LooseWhole>,
    /// In pixels.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 4096)]
    pub(in crate::http) height: Option<LooseWhole>,
    /// A latent vector, or one for each image, instead of noise that the seed draws.
    #[schema(value_type = Option<VectorsWire>)]
    latents: Option<Vectors>,
    /// The label to paint, by index or by name, or an object by axis.
    class: Option<Class>,
    /// Latent components beyond ± this are drawn again.
    #[schema(value_type = Option<f32>, minimum = 0.05, maximum = 10)]
    truncation: Option<LooseNumber>,
    /// Divides the logits of each pixel.
    #[schema(value_type = Option<f32>, minimum = 0, maximum = 10)]
    temperature: Option<LooseNumber>,
    /// Paint this many, and answer with those that the discriminator finds most real.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 256)]
    best_of: Option<LooseWhole>,
    /// How many rows of a given image, from the top, are kept.
    #[schema(value_type = Option<u64>, minimum = 1)]
    keep_rows: Option<LooseWhole>,

    /// The dialect's own.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(super) others: Map<String, Value>,
}

/// What two groups of fields are in one object.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "the shape alone is of use")]
pub(in crate::http) struct Beside<T> {
    #[serde(flatten)]
    own: T,
    #[serde(flatten)]
    settings: Settings,
}

impl Settings {
    /// Leaves `eta` out unless the sampler has a use for it.
    pub(in crate::http) fn keep_eta(&mut self, keeps: bool) {
        self.eta = self.eta.filter(|_| keeps);
    }

    /// Fills in the draft.
    pub(in crate::http) fn fill(self, tailor: &mut Tailor) {
        let number = |value: Option<LooseNumber>| value.map(|LooseNumber(number)| number);
        let whole = |value: Option<LooseWhole>| value.map(|LooseWhole(number)| number);
        tailor.draft.seed = self.seed.and_then(|LooseSeed(seed)| seed);
        // Without these the image would be another one, so a model without them refuses.
        tailor.draft.latents = self.latents.map(|Vectors(latents)| latents);
        tailor.draft.keep_rows = whole(self.keep_rows);
        match (whole(self.width), whole(self.height)) {
            (Some(width), Some(height)) => tailor.size("the size", width, height),
            (width, height) => {
                let (width, height) = (
                    tailor.fitting("width", "width", width),
                    tailor.fitting("height", "height", height),
                );
                tailor.draft.width = width.or(tailor.draft.width);
                tailor.draft.height = height.or(tailor.draft.height);
            }
        }
        macro_rules! fitting {
            ($($parameter:ident = $value:expr;)*) => {$(
                let value = $value;
                let name = stringify!($parameter);
                tailor.draft.$parameter = tailor.fitting(name, name, value);
            )*};
        }
        // An empty one keeps away from nothing, which every model can do.
        let negative = self.negative_prompt.filter(|text| !text.trim().is_empty());
        fitting! {
            negative_prompt = negative;
            steps = whole(self.steps);
            guidance = number(self.guidance_scale);
            guidance_rescale = number(self.guidance_rescale);
            eta = number(self.eta);
            scheduler = self.scheduler;
            strength = number(self.strength);
            class = self.class.map(Into::into);
            truncation = number(self.truncation);
            temperature = number(self.temperature);
            best_of = whole(self.best_of);
        }
    }
}
