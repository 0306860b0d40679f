//! A draft that is cut to its model, with a word to the caller for each thing cut off.

use std::sync::Arc;

use crate::language::Message;
use crate::service::{Draft, Failure, Model, Studio};

/// A draft in the making, beside the model that it is for.
#[derive(Debug)]
pub(in crate::http) struct Tailor {
    model: Arc<Model>,
    /// What has been made of the request so far.
    pub(in crate::http) draft: Draft,
    /// What the caller should know.
    pub(in crate::http) warnings: Vec<Message>,
}

impl Tailor {
    /// A draft for the model of that id or alias; without one, for the default model.
    pub(in crate::http) fn new(studio: &Studio, model: Option<&str>) -> Result<Self, Failure> {
        let model = studio.serving(model.filter(|id| !id.is_empty()))?;
        let draft = Draft {
            model: Some(model.id().to_owned()),
            ..Draft::default()
        };
        Ok(Self {
            model,
            draft,
            warnings: Vec::new(),
        })
    }

    pub(in crate::http) fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Whether the model has this parameter of the native dialect.
    pub(in crate::http) fn takes(&self, parameter: &str) -> bool {
        self.model.parameter(parameter).is_some()
    }

    /// What the model does where the request doesn't say.
    pub(in crate::http) fn default_of(&self, parameter: &str) -> Option<f64> {
        self.model.parameter(parameter)?.default.as_ref()?.as_f64()
    }

    pub(in crate::http) fn warn(&mut self, warning: impl Into<Message>) {
        self.warnings.push(warning.into());
    }

    /// The value of `field`, if the model has the parameter that it would set.
    pub(in crate::http) fn fitting<T>(
        &mut self,
        field: &str,
        parameter: &str,
        value: Option<T>,
    ) -> Option<T> {
        let value = value?;
        if self.takes(parameter) {
            return Some(value);
        }
        let model = self.model.id();
        self.warn(format!(
            "{field} was not used: {model} takes no {parameter}"
        ));
        None
    }

    /// Says of a field that nothing here could honour it.
    pub(in crate::http) fn unused(&mut self, field: &str, why: &str) {
        self.warn(format!("{field} was not used: {why}"));
    }

    /// The prompt, or nothing where it is blank and would only name a class.
    pub(in crate::http) fn prompt(&mut self, field: &str, prompt: Option<String>) {
        let says = prompt.filter(|text| self.model.reads_any_prompt() || !text.trim().is_empty());
        self.draft.prompt = self.fitting(field, "prompt", says);
    }

    /// The size in pixels, if the model has more than one.
    pub(in crate::http) fn size(&mut self, field: &str, width: u64, height: u64) {
        if self.takes("width") {
            self.draft.width = Some(width);
            self.draft.height = Some(height);
            return;
        }
        let Some((own_width, own_height)) = self.model.size() else {
            self.unused(
                field,
                "the model keeps the size of the image that it is given",
            );
            return;
        };
        if (width, height) != (own_width.into(), own_height.into()) {
            let model = self.model.id();
            self.warn(format!(
                "{field} {width}x{height} was not used: {model} paints {own_width}x{own_height} only"
            ));
        }
    }
}
