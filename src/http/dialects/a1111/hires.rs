//! `enable_hr`: images are painted small, enlarged, and painted anew by `denoising_strength`.
//!
//! The first pass is a generation like any other. Each of its images is then enlarged by an upscaler, and
//! is a generation of its own where the model paints images anew in the larger size; where it doesn't,
//! the enlarged image is the answer.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::jobs::JobGuard;
use super::second_pass::{Asked, SecondPass};
use super::upscalers::Upscaler;
use crate::http::App;
use crate::http::dialects::shared::{DraftBuilder, FieldNames, read_fields};
use crate::http::error::Problem;
use crate::http::wire::{LooseFlag, LooseNumber, LooseWhole};
use crate::imaging::FileFormat;
use crate::message;
use crate::service::{GeneratedImage, Studio};

/// How much is painted anew where the request doesn't say, as in the web UI.
const USUAL_STRENGTH: f32 = 0.75;
/// How many times larger each side becomes where the request doesn't say.
const USUAL_SCALE: f32 = 2.0;
/// Upscalers of that program that work on latents have names that begin so.
const LATENT: &str = "Latent";

/// What a request says of the second pass.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = A1111HiresFields)]
pub(super) struct HiresFields {
    /// Enlarges each image of `txt2img`, and paints it anew by `denoising_strength`.
    #[schema(value_type = serde_json::Value, required = false)]
    enable_hr: Option<LooseFlag>,
    /// How many times larger each side becomes; 2 if left out.
    #[schema(value_type = Option<f32>)]
    hr_scale: Option<LooseNumber>,
    /// As `GET /sdapi/v1/upscalers` lists them. Those on latents are Lanczos's filter here.
    #[schema(example = "Lanczos")]
    hr_upscaler: Option<String>,
    /// Steps of the second pass; 0 is as many as of the first.
    #[schema(value_type = Option<u64>, format = "uint64")]
    hr_second_pass_steps: Option<LooseWhole>,
    /// In pixels, instead of `hr_scale`; 0 follows from the other side.
    #[schema(value_type = Option<u64>, format = "uint64")]
    hr_resize_x: Option<LooseWhole>,
    /// In pixels, instead of `hr_scale`; 0 follows from the other side.
    #[schema(value_type = Option<u64>, format = "uint64")]
    hr_resize_y: Option<LooseWhole>,
    /// What to paint in the second pass, if something else.
    hr_prompt: Option<String>,
    /// What to avoid in the second pass, if something else.
    hr_negative_prompt: Option<String>,
    /// The sampler of the second pass, if another.
    hr_sampler_name: Option<String>,
    /// How its steps are spaced, if otherwise.
    hr_scheduler: Option<String>,
    /// The model of the second pass, if another.
    hr_checkpoint_name: Option<String>,
    /// `denoising_strength`, which the settings of models have, too.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) strength: Option<LooseNumber>,
    /// All other fields of the request.
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

impl HiresFields {
    /// Takes its fields out of those of a request.
    ///
    /// # Errors
    /// A [`Problem`] with the field that can't be read.
    pub(super) fn take(fields: &mut Map<String, Value>) -> Result<Self, Problem> {
        let mut own: Self = read_fields(std::mem::take(fields), &FieldNames::default())?;
        *fields = std::mem::take(&mut own.others);
        Ok(own)
    }
}

/// What happens to the images of the first pass.
#[derive(Debug)]
pub(super) struct Hires {
    upscaler: Upscaler,
    size: Target,
    format: FileFormat,
    most_pixels: u64,
    /// What is painted anew, but for the image; nothing where the model can't.
    second: Option<SecondPass>,
}

/// How large the images become.
#[derive(Debug, Clone, Copy)]
enum Target {
    Times(f32),
    /// A side of 0 follows from the other.
    Pixels(u64, u64),
}

impl Target {
    fn of(self, width: u32, height: u32) -> (u64, u64) {
        let (wide, high) = (u64::from(width), u64::from(height));
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a float becomes the nearest whole number that there is"
            )]
            Self::Times(factor) => {
                let side = |side: u32| (f64::from(side) * f64::from(factor)) as u64;
                (side(width), side(height))
            }
            Self::Pixels(x, 0) => (x, x.saturating_mul(high) / wide.max(1)),
            Self::Pixels(0, y) => (y.saturating_mul(wide) / high.max(1), y),
            Self::Pixels(x, y) => (x, y),
        }
    }
}

impl Hires {
    /// Reads what is asked for, beside the first pass's draft.
    pub(super) fn read(
        studio: &Studio,
        builder: &mut DraftBuilder,
        fields: HiresFields,
    ) -> Result<Option<Self>, Problem> {
        if fields.enable_hr != Some(LooseFlag(true)) {
            return Ok(None);
        }
        let whole = |value: Option<LooseWhole>| value.map_or(0, |LooseWhole(whole)| whole);
        let size = match (whole(fields.hr_resize_x), whole(fields.hr_resize_y)) {
            (0, 0) => {
                let scale = fields
                    .hr_scale
                    .map_or(USUAL_SCALE, |LooseNumber(scale)| scale);
                Target::Times(scale)
            }
            (x, y) => Target::Pixels(x, y),
        };
        let name = fields
            .hr_upscaler
            .as_deref()
            .filter(|name| !name.is_empty());
        let upscaler = match name.unwrap_or(LATENT) {
            latent if latent.starts_with(LATENT) => {
                if name.is_some() {
                    builder.warn(message!(
                        "hr_upscaler {name} became Lanczos: nothing here enlarges latents",
                        name = latent
                    ));
                }
                Upscaler::Lanczos
            }
            name => {
                let (upscaler, said) = Upscaler::nearest(studio, "hr_upscaler", Some(name));
                if let Some(said) = said {
                    builder.warn(said);
                }
                upscaler
            }
        };
        let usual = |name: &str| builder.default_of(name).unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sides of a model, which are small whole numbers"
        )]
        let side = |said: Option<u64>, name: &str, own: u32| match said {
            Some(side) => side as u32,
            None if usual(name) > 0.0 => usual(name) as u32,
            None => own,
        };
        let own = builder.model().size().unwrap_or_default();
        // A model of one size may be enlarged in its first pass already.
        let upscale = builder.draft.upscale.as_ref();
        let scale = upscale.and_then(|upscale| upscale.scale).unwrap_or(1);
        let scale = u32::try_from(scale).unwrap_or(1);
        let width = side(builder.draft.width, "width", own.0).saturating_mul(scale);
        let height = side(builder.draft.height, "height", own.1).saturating_mul(scale);
        let format = builder.draft.format.unwrap_or_default();
        let mut hires = Self {
            upscaler,
            size,
            format,
            most_pixels: studio.limits().decode.max_pixels,
            second: None,
        };
        let target = hires.fitting(width, height)?;
        let strength = fields.strength.map_or(USUAL_STRENGTH, |LooseNumber(it)| it);
        let asked = Asked {
            strength,
            size: target,
            prompt: fields.hr_prompt,
            negative_prompt: fields.hr_negative_prompt,
            sampler: fields.hr_sampler_name,
            schedule: fields.hr_scheduler,
            checkpoint: fields.hr_checkpoint_name,
            steps: fields.hr_second_pass_steps,
        };
        hires.second = SecondPass::read(studio, builder, asked)?;
        Ok(Some(hires))
    }

    /// Refuses at the start what the second pass would refuse once the first is painted.
    pub(super) async fn check(&self, app: &App) -> Result<(), Problem> {
        match &self.second {
            Some(second) => second.check(app).await,
            None => Ok(()),
        }
    }

    /// How much is painted anew, where anything is.
    pub(super) fn strength(&self) -> Option<f32> {
        self.second.as_ref().and_then(SecondPass::strength)
    }

    /// The same, as the text of an image tells it.
    pub(super) fn told(&self) -> Vec<(&'static str, String)> {
        let size = match self.size {
            Target::Times(scale) => ("Hires upscale", scale.to_string()),
            Target::Pixels(x, y) => ("Hires resize", format!("{x}x{y}")),
        };
        let upscaler = ("Hires upscaler", self.upscaler.name().to_owned());
        let second = self.second.iter().flat_map(SecondPass::told);
        [size].into_iter().chain(second).chain([upscaler]).collect()
    }

    /// The size that an image becomes.
    fn fitting(&self, width: u32, height: u32) -> Result<(u32, u32), Problem> {
        fitting(self.size, self.most_pixels, width, height)
    }

    /// Enlarges images, and paints them anew where that was asked for and the model can.
    pub(super) async fn finish(
        self,
        app: &App,
        guard: &JobGuard,
        images: Vec<GeneratedImage>,
    ) -> Result<Vec<GeneratedImage>, Problem> {
        if self.second.is_some() {
            guard.job.will_go_on(images.len());
        }
        let mut finished = Vec::with_capacity(images.len());
        for (at, image) in (0..).zip(images) {
            if guard.job.is_stopped() {
                break;
            }
            finished.extend(self.finish_one(app, guard, at, image).await?);
        }
        Ok(finished)
    }

    async fn finish_one(
        &self,
        app: &App,
        guard: &JobGuard,
        at: u64,
        image: GeneratedImage,
    ) -> Result<Vec<GeneratedImage>, Problem> {
        let (size, most) = (self.size, self.most_pixels);
        let wanted = move |width, height| fitting(size, most, width, height);
        let file = ("hr_upscaler", image.bytes);
        // A pass that follows reads what this one writes.
        let format = match self.second {
            Some(_) => FileFormat::Png,
            None => self.format,
        };
        let enlarged = self.upscaler.enlarge(app, file, wanted, format).await?;
        let Some(second) = &self.second else {
            return Ok(vec![GeneratedImage {
                bytes: enlarged.file,
                format,
                width: enlarged.size.0,
                height: enlarged.size.1,
                ..image
            }]);
        };
        let mut painted = second
            .paint(app, guard, (at, image.seed), enlarged.file)
            .await?;
        for painted in &mut painted {
            // Nobody handed in what the second pass began with.
            painted.unsigned.clone_from(&image.unsigned);
            painted.warnings = [&*image.warnings, &*painted.warnings].concat();
        }
        Ok(painted)
    }
}

fn fitting(size: Target, most: u64, width: u32, height: u32) -> Result<(u32, u32), Problem> {
    let (wide, high) = size.of(width, height);
    let sides = u32::try_from(wide).ok().zip(u32::try_from(high).ok());
    let fits = |&(wide, high): &(u32, u32)| {
        wide > 0 && high > 0 && u64::from(wide) * u64::from(high) <= most
    };
    sides.filter(fits).ok_or_else(|| {
        let message = message!(
            "makes {wide}x{high}; expected 1 to {most} pixels in all",
            wide,
            high,
            most
        );
        let field = match size {
            Target::Times(_) => "hr_scale",
            Target::Pixels(0, _) => "hr_resize_y",
            Target::Pixels(..) => "hr_resize_x",
        };
        Problem::field(field, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_that_is_left_out_follows_from_the_other() {
        assert_eq!(Target::Times(1.5).of(64, 32), (96, 48));
        assert_eq!(Target::Pixels(128, 0).of(64, 32), (128, 64));
        assert_eq!(Target::Pixels(0, 128).of(64, 32), (256, 128));
        assert_eq!(Target::Pixels(10, 20).of(64, 32), (10, 20));
    }

    #[test]
    fn sizes_of_no_image_are_refused_by_the_field_that_asks_for_them() {
        let fault = |size| fitting(size, 1 << 20, 64, 64).err().and_then(|it| it.field);
        for (size, field) in [
            (Target::Times(0.0), "hr_scale"),
            (Target::Times(-3.0), "hr_scale"),
            (Target::Times(f32::MAX), "hr_scale"),
            (Target::Pixels(u64::MAX, 0), "hr_resize_x"),
            (Target::Pixels(0, u64::MAX), "hr_resize_y"),
        ] {
            assert_eq!(fault(size).as_deref(), Some(field), "{size:?}");
        }
        assert_eq!(fault(Target::Times(2.0)), None);
    }
}
