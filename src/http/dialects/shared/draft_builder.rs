//! A draft that is brought within what its model can honour, with a word to the caller for each change.

use std::sync::Arc;

use super::FieldNames;
use super::nearest::{nearest, range};
use crate::http::dialect::Dialect;
use crate::http::error::Problem;
use crate::language::Message;
use crate::message;
use crate::service::{Draft, Failure, Generation, Model, Parameter, Studio, UpscaleChoice};

/// Names that the official clients have built in, or send where their user named no model. They mean
/// the default model, unless the operator gave the name to another.
const BUILT_IN: [&str; 3] = ["dall-e-", "gpt-image-", "chatgpt-image-"];

/// A draft in the making, beside the model that it is for.
#[derive(Debug)]
pub(in crate::http) struct DraftBuilder {
    studio: Studio,
    model: Arc<Model>,
    parameters: Vec<Parameter>,
    /// What the caller calls the fields.
    pub(in crate::http) names: FieldNames,
    /// What has been made of the request so far.
    pub(in crate::http) draft: Draft,
    /// What the caller should know.
    pub(in crate::http) warnings: Vec<Message>,
}

impl DraftBuilder {
    /// A draft for the model of that id or alias; without one, for the default model.
    pub(in crate::http) fn new<D: Dialect>(
        studio: &Studio,
        model: Option<&str>,
    ) -> Result<Self, Failure> {
        let named = model.filter(|id| !id.is_empty());
        let unknown = |name: &&str| studio.model(name).is_none() && is_built_in(name);
        let built_in = named.filter(unknown);
        let model = studio.serving(named.filter(|_| built_in.is_none()))?;
        let draft = Draft {
            model: Some(model.id().to_owned()),
            ..Draft::default()
        };
        let warnings = built_in.map(|name| {
            message!(
                "there is no {name} here; {model} painted instead, the default model",
                name = name,
                model = model.id()
            )
        });
        Ok(Self {
            studio: studio.clone(),
            parameters: studio.parameters(&model),
            model,
            names: FieldNames::new(D::NAMES),
            draft,
            warnings: warnings.into_iter().collect(),
        })
    }

    /// Holds the draft against its model; a fault names the field as the caller wrote it.
    pub(in crate::http) async fn parse(
        &mut self,
        studio: &Studio,
    ) -> Result<Arc<Generation>, Problem> {
        self.settle();
        let draft = std::mem::take(&mut self.draft);
        let parsed = studio.parse(draft).await;
        parsed.map_err(|failure| self.names.rename(failure.into()))
    }

    /// Leaves out what goes with an image where there is none, and what goes with none where there is.
    pub(in crate::http) fn settle(&mut self) {
        if self.draft.image.is_none() && self.draft.strength.take().is_some() {
            let field = self.names.of("strength").to_owned();
            self.unused(&field, message!("there is no image to paint anew"));
        }
        if self.draft.image.is_some() && self.excludes("variation_seed", "image") {
            self.draft.variation_strength = None;
            if self.draft.variation_seed.take().is_some() {
                let field = self.names.of("variation_seed").to_owned();
                self.unused(
                    &field,
                    message!("an image that is reconstructed has no noise"),
                );
            }
        }
    }

    pub(in crate::http) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Whether the model has this parameter of the native dialect.
    pub(in crate::http) fn takes(&self, parameter: &str) -> bool {
        self.parameter(parameter).is_some()
    }

    /// Whether the model takes one of two parameters, and never both.
    fn excludes(&self, parameter: &str, other: &str) -> bool {
        let parameter = self.parameter(parameter);
        parameter.is_some_and(|parameter| parameter.excludes.contains(&other))
    }

    /// What the model does where the request doesn't say.
    pub(in crate::http) fn default_of(&self, parameter: &str) -> Option<f64> {
        self.parameter(parameter)?.default.as_ref()?.as_f64()
    }

    /// Whether the model paints in just that size.
    pub(in crate::http) fn paints(&self, width: u64, height: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "sides have few digits")]
        let takes = |side: &Parameter, asked: u64| nearest(side, asked as f64) == asked as f64;
        match (self.parameter("width"), self.parameter("height")) {
            (Some(wide), Some(high)) => takes(wide, width) && takes(high, height),
            _ => false,
        }
    }

    pub(in crate::http) fn warn(&mut self, warning: impl Into<Message>) {
        self.warnings.push(warning.into());
    }

    /// Says of a field that nothing here could honour it.
    pub(in crate::http) fn unused(&mut self, field: &str, why: Message) {
        self.warn(message!("{field} was not used: {why}", field).with("why", why));
    }

    /// A value, if the model has the parameter that it would set.
    pub(in crate::http) fn fitting<T>(&mut self, parameter: &str, value: Option<T>) -> Option<T> {
        let value = value?;
        if self.takes(parameter) {
            return Some(value);
        }
        let field = self.names.of(parameter).to_owned();
        let why = message!(
            "{model} takes no {parameter}",
            model = self.model.id(),
            parameter
        );
        self.unused(&field, why);
        None
    }

    /// A number, or the nearest that the model can honour.
    pub(in crate::http) fn number(&mut self, parameter: &str, value: Option<f32>) -> Option<f32> {
        let value = self.fitting(parameter, value)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within a range of single ones"
        )]
        let nearest = self.nearest(parameter, value.into()) as f32;
        Some(nearest)
    }

    /// A whole number, or the nearest that the model can honour.
    pub(in crate::http) fn whole(&mut self, parameter: &str, value: Option<u64>) -> Option<u64> {
        let value = self.fitting(parameter, value)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "all ranges lie within what both can hold"
        )]
        let nearest = self.nearest(parameter, value as f64) as u64;
        Some(nearest)
    }

    /// The prompt, or nothing where it is blank and would only name a class.
    pub(in crate::http) fn prompt(&mut self, prompt: Option<String>) {
        let says = prompt.filter(|text| self.model.reads_any_prompt() || !text.trim().is_empty());
        self.draft.prompt = self.fitting("prompt", says);
    }

    /// The size in pixels that the field says, or the nearest that the model paints.
    pub(in crate::http) fn size(&mut self, field: &'static str, width: u64, height: u64) {
        self.names.set("width", field);
        self.names.set("height", field);
        self.sides(field, width, height);
    }

    /// Both sides, or the nearest that the model paints; `what` is a name for them together.
    pub(in crate::http) fn sides(&mut self, what: &str, width: u64, height: u64) {
        let sides = (self.parameter("width"), self.parameter("height"));
        let mut one_size = true;
        let (nearest, paints) = match sides {
            (Some(wide), Some(high)) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "sides have few digits once they are within their range"
                )]
                let side = |parameter, asked| nearest(parameter, asked as f64) as u64;
                let nearest = (side(wide, width), side(high, height));
                one_size = wide.minimum == wide.maximum && high.minimum == high.maximum;
                let paints = match one_size {
                    true => message!(
                        "{width}x{height} only",
                        width = nearest.0,
                        height = nearest.1
                    ),
                    false => message!("sides of {range}").with("range", range(wide)),
                };
                self.draft.width = Some(nearest.0);
                self.draft.height = Some(nearest.1);
                (nearest, paints)
            }
            _ => match self.model.size() {
                Some((width, height)) => {
                    let only = message!("{width}x{height} only", width, height);
                    ((width.into(), height.into()), only)
                }
                None => {
                    let why = message!("the model keeps the size of the image that it is given");
                    return self.unused(what, why);
                }
            },
        };
        // What paints in one size alone can be enlarged.
        let asked = Some((width, height)).filter(|_| one_size && self.draft.upscale.is_none());
        let upscaling = asked.and_then(|asked| self.studio.upscaling_to(&self.model, asked));
        if let Some(upscaling) = upscaling {
            self.draft.upscale = Some(UpscaleChoice {
                model: None,
                scale: Some(upscaling.scale),
            });
        }
        let becomes = upscaling.map_or(nearest, |upscaling| upscaling.size);
        if becomes != (width, height) {
            let model = self.model.id();
            let (wide, high) = becomes;
            let became = message!(
                "{what} {width}x{height} became {wide}x{high}: {model} paints {paints}",
                what,
                width,
                height,
                wide,
                high,
                model
            );
            self.warnings.push(became.with("paints", paints));
        }
    }

    fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|known| known.name == name)
    }

    fn nearest(&mut self, parameter: &str, value: f64) -> f64 {
        let Some(known) = self.parameter(parameter) else {
            return value;
        };
        let nearest = nearest(known, value);
        if nearest != value {
            let field = self.names.of(parameter);
            let (model, range) = (self.model.id(), range(known));
            let warning = message!(
                "{field} {value} became {nearest}: {model} takes {range}",
                field,
                value,
                nearest,
                model
            );
            self.warnings.push(warning.with("range", range));
        }
        nearest
    }
}

fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|head| name.starts_with(head))
}
