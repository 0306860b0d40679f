//! A draft that is brought within what its model can honour, with a word to the caller for each change.

use std::sync::Arc;

use super::nearest::{nearest, range};
use super::{FieldNames, UnusedNames};
use crate::families::diffusion::SchedulerName;
use crate::http::dialect::Dialect;
use crate::http::error::Problem;
use crate::language::Message;
use crate::message;
use crate::service::{Draft, Failure, Generation, Model, Parameter, Signed, Studio};

/// Names that the official clients have built in, or send where their user named no model. They mean
/// the default model, unless the operator gave the name to another.
const BUILT_IN: [&str; 3] = ["dall-e-", "gpt-image-", "chatgpt-image-"];

/// A draft in the making, beside the model that it is for.
#[derive(Debug)]
pub(in crate::http) struct DraftBuilder {
    pub(super) studio: Studio,
    model: Arc<Model>,
    parameters: Vec<Parameter>,
    /// What the caller calls the fields.
    pub(in crate::http) names: FieldNames,
    /// What has been made of the request so far.
    pub(in crate::http) draft: Draft,
    /// What the caller should know.
    pub(in crate::http) warnings: Vec<Message>,
    /// Fields that could not be honoured.
    unused: UnusedNames,
    /// When the files are signed, where they are.
    pub(in crate::http) signed: Signed,
    /// The size that an upscaler is asked for, and by which field.
    pub(super) wanted: Option<(String, (u64, u64))>,
    /// Whether what comes out has the size of the image that is given.
    pub(super) keeps_size: bool,
}

impl DraftBuilder {
    /// A draft for the model of that id or alias; without one, for the default model.
    pub(in crate::http) fn new<D: Dialect>(
        studio: &Studio,
        model: Option<&str>,
    ) -> Result<Self, Failure> {
        let named = model.filter(|id| !id.is_empty());
        let built_in = named.filter(|name| is_built_in(studio, name));
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
            unused: UnusedNames::default(),
            signed: Signed::AtOnce,
            wanted: None,
            keeps_size: false,
        })
    }

    /// Holds the draft against its model; a fault names the field as the caller wrote it.
    pub(in crate::http) async fn parse(
        &mut self,
        studio: &Studio,
    ) -> Result<Arc<Generation>, Problem> {
        self.settle();
        self.warnings
            .extend(std::mem::take(&mut self.unused).finish());
        let draft = std::mem::take(&mut self.draft);
        let one = (draft.n > Some(1)).then(|| Draft {
            n: Some(1),
            ..draft.clone()
        });
        let several = draft.n;
        let parsed = match (studio.parse_signed(draft, self.signed).await, one, several) {
            (Err(Failure::Invalid(invalid)), Some(one), Some(count)) if invalid.one_would_do => {
                let field = self.names.of("n").to_owned();
                let became = message!("{field} {count} became 1: {why}", field, count);
                self.warn(became.with("why", invalid.message));
                studio.parse_signed(one, self.signed).await
            }
            (parsed, ..) => parsed,
        };
        parsed.map_err(|failure| self.names.rename(failure.into()))
    }

    /// Leaves out what goes with an image where there is none, and what goes with none where there is.
    pub(in crate::http) fn settle(&mut self) {
        self.enlarge();
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

    /// The draft, for a job.
    pub(in crate::http) fn finished(&mut self) -> Draft {
        self.settle();
        self.warnings
            .extend(std::mem::take(&mut self.unused).finish());
        std::mem::take(&mut self.draft)
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

    pub(in crate::http) fn warn(&mut self, warning: impl Into<Message>) {
        self.warnings.push(warning.into());
    }

    /// Takes over what the caller should know of another draft.
    pub(in crate::http) fn take_warnings(&mut self, other: Self) {
        self.warnings.extend(other.warnings);
        self.warnings.extend(other.unused.finish());
    }

    /// Says of a field that nothing here could honour it.
    pub(in crate::http) fn unused(&mut self, field: &str, why: Message) {
        self.unused.add(field, why);
    }

    /// Says of a field that there is none, and which of the model's it may have meant.
    pub(in crate::http) fn unknown(&mut self, field: &str) {
        let known = self.parameters.iter();
        let known = known.map(|parameter| self.names.of(&parameter.name));
        self.unused.unknown(field, known);
    }

    /// The image that is generated from: the first, where there are several.
    pub(in crate::http) fn first_image<T>(&mut self, field: &str, images: Vec<T>) -> Option<T> {
        if images.len() > 1 {
            let count = images.len();
            let warning = message!(
                "{field}: found {count} images; models here take one, and the first was used",
                field,
                count
            );
            self.warnings.push(warning);
        }
        images.into_iter().next()
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

    /// Whether a choice is one of the model's.
    pub(in crate::http) fn offers(&self, parameter: &str, choice: &str) -> bool {
        let parameter = self.model.parameter(parameter);
        parameter.is_some_and(|own| own.choices.iter().any(|known| known == choice))
    }

    /// The scheduler, unless the model was trained for others.
    pub(in crate::http) fn scheduler(
        &mut self,
        field: &str,
        name: Option<String>,
    ) -> Option<String> {
        let name = self.fitting("scheduler", name)?;
        let name = match SchedulerName::of_class(&name) {
            Some(known) => known.as_str().to_owned(),
            None if name.ends_with("Scheduler") => {
                if let Some(near) = SchedulerName::near_class(&name)
                    && self.offers("scheduler", near.as_str())
                {
                    self.warn(message!(
                        "{sampler} became {scheduler}, the nearest that is here",
                        sampler = name,
                        scheduler = near.as_str()
                    ));
                    return Some(near.as_str().to_owned());
                }
                let why =
                    message!("there is no such scheduler here, and the model's own was taken");
                self.unused(field, why);
                return None;
            }
            None => name,
        };
        if name.parse::<SchedulerName>().is_ok() && !self.offers("scheduler", &name) {
            let why = message!(
                "{model} was trained for another kind of noise, and its own scheduler was taken",
                model = self.model.id()
            );
            self.unused(field, why);
            return None;
        }
        Some(name)
    }

    /// Has what comes out keep the size of the image that is given, whatever size is painted.
    pub(in crate::http) fn keep_size(&mut self) {
        self.keeps_size = true;
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

    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter> {
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

/// Whether a client sends that name by habit, and nothing here is called so.
pub(in crate::http) fn is_built_in(studio: &Studio, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    studio.model(name).is_none() && BUILT_IN.iter().any(|head| lower.starts_with(head))
}
