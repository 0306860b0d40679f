//! A parameter as it is described, to people and to programs.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::models::Label;

/// A field that a request for a model may have.
///
/// A page can draw its control from this alone, so that it knows nothing of models or families.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Parameter {
    /// The field's name in `POST /generate`, or in the object that it is a field of.
    #[schema(value_type = String, example = "temperature")]
    pub name: Cow<'static, str>,
    /// What its value is.
    pub kind: ParameterKind,
    /// What it does, in a sentence.
    #[schema(value_type = String)]
    pub description: Cow<'static, str>,
    /// The least number, or the least length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The greatest number, or the greatest length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The range in which people mostly look, where what is allowed is much wider; for an array,
    /// that of its numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([0.0, 2.0]))]
    pub usual: Option<[f64; 2]>,
    /// Only multiples of this are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 8)]
    pub step: Option<f64>,
    /// What it is when the request leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Value>)]
    pub default: Option<Value>,
    /// The values to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The words by which a prompt names each of the choices: for yes or no, those of `yes` and
    /// `no`; for a direction, its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Label>,
    /// What an array holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<ParameterKind>,
    /// The fields of an object, or of each object in an array. Those without a default may be left
    /// out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub fields: Vec<Self>,
    /// It is only taken together with the parameter of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "image")]
    pub needs: Option<&'static str>,
    /// Most requests do without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false, default = false)]
    pub advanced: bool,
}

/// What the value of a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A text.
    String,
    /// A list.
    Array,
    /// A table.
    Object,
    /// An image file in base64.
    Image,
    /// An image file in base64, of the size of the one that it `needs`: white where the model
    /// shall paint, black where that image stays.
    Mask,
}

impl Parameter {
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        kind: ParameterKind,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            kind,
            description: description.into(),
            minimum: None,
            maximum: None,
            usual: None,
            step: None,
            default: None,
            choices: Vec::new(),
            words: Vec::new(),
            items: None,
            fields: Vec::new(),
            needs: None,
            advanced: false,
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

    pub(super) fn mostly(mut self, least: f64, greatest: f64) -> Self {
        self.usual = Some([least, greatest]);
        self
    }

    pub(super) fn in_steps_of(mut self, step: impl Into<f64>) -> Self {
        self.step = Some(step.into());
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

    pub(super) fn called(mut self, words: Vec<Label>) -> Self {
        self.words = words;
        self
    }

    pub(super) fn holding(mut self, items: ParameterKind) -> Self {
        self.items = Some(items);
        self
    }

    pub(super) fn with(mut self, fields: impl IntoIterator<Item = Self>) -> Self {
        self.fields = fields.into_iter().collect();
        self
    }

    pub(super) fn beside(mut self, other: &'static str) -> Self {
        self.needs = Some(other);
        self
    }

    pub(super) fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }

    /// The same, where the operator allows so many images in a request.
    pub(super) fn within(mut self, images: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let images = images as f64;
        match &*self.name {
            "n" => self.maximum = Some(images),
            "interpolate" => {
                for steps in self.fields.iter_mut().filter(|field| field.name == "steps") {
                    steps.maximum = Some(images);
                }
            }
            _ => {}
        }
        self
    }
}
