//! A field as one model takes it, described to people and to programs.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::text::Text;
use crate::language::Language;
use crate::models::Label;

/// A field that a request for a model may have.
///
/// A page can draw its control from this alone, so that it knows nothing of models or families.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Parameter {
    /// The field's name in `POST /generate`, or in the object that it is a field of.
    #[schema(value_type = String, example = "temperature")]
    pub name: Cow<'static, str>,
    /// What people call it.
    #[serde(serialize_with = "in_english")]
    #[schema(value_type = String, example = "Temperature")]
    pub label: Text,
    /// What its value is.
    pub kind: ParameterKind,
    /// What it does, in a sentence.
    #[serde(serialize_with = "in_english")]
    #[schema(value_type = String)]
    pub description: Text,
    /// The least number, or the least length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The greatest number, or the greatest length of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The most bytes of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4096)]
    pub max_bytes: Option<usize>,
    /// The most tokens of a text that the model reads; what goes beyond is left out, with a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 77)]
    pub tokens: Option<usize>,
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
    /// It is not taken together with the parameters of these names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<&'static str>,
    /// A request must have it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false, default = false)]
    pub required: bool,
    /// Most requests do without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false, default = false)]
    pub advanced: bool,
    /// A value that shows what is meant, for the API's description.
    #[serde(skip)]
    pub example: Option<Value>,
    /// Whether a value is refused that is none of `choices`.
    #[serde(skip)]
    pub(super) closed: bool,
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
    /// A field of that name.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        kind: ParameterKind,
        label: Text,
        description: Text,
    ) -> Self {
        Self {
            name: name.into(),
            label,
            kind,
            description,
            minimum: None,
            maximum: None,
            max_bytes: None,
            tokens: None,
            usual: None,
            step: None,
            default: None,
            choices: Vec::new(),
            words: Vec::new(),
            items: None,
            fields: Vec::new(),
            needs: None,
            excludes: Vec::new(),
            required: false,
            advanced: false,
            example: None,
            closed: false,
        }
    }

    /// The same with all its texts, and those of the fields within, in that language alone.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.label = self.label.alone(language);
        self.description = self.description.alone(language);
        let fields = self.fields.into_iter();
        self.fields = fields.map(|field| field.in_language(language)).collect();
        self
    }

    /// The same, described in the words of one family.
    #[must_use]
    pub fn saying(mut self, description: Text) -> Self {
        self.description = description;
        self
    }

    /// From this number, or with at least so many items.
    #[must_use]
    pub fn from(mut self, minimum: impl Into<f64>) -> Self {
        self.minimum = Some(minimum.into());
        self
    }

    /// Up to this number, or with at most so many items.
    #[must_use]
    pub fn to(mut self, maximum: impl Into<f64>) -> Self {
        self.maximum = Some(maximum.into());
        self
    }

    /// A text of at most so many bytes.
    #[must_use]
    pub fn within_bytes(mut self, most: usize) -> Self {
        self.max_bytes = Some(most);
        self
    }

    /// A text of which a model reads so many tokens.
    #[must_use]
    pub fn reading(mut self, tokens: usize) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Mostly between these.
    #[must_use]
    pub fn mostly(mut self, least: f64, greatest: f64) -> Self {
        self.usual = Some([least, greatest]);
        self
    }

    /// Only multiples of this.
    #[must_use]
    pub fn in_steps_of(mut self, step: impl Into<f64>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// What it is when it is left out.
    #[must_use]
    pub fn by_default(mut self, default: impl Into<Value>) -> Self {
        self.default = Some(default.into());
        self
    }

    /// As in this value.
    #[must_use]
    pub fn such_as(mut self, example: impl Into<Value>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// With values to choose from, beside others.
    #[must_use]
    pub fn of<S: Into<String>>(mut self, choices: impl IntoIterator<Item = S>) -> Self {
        self.choices = choices.into_iter().map(Into::into).collect();
        self
    }

    /// One of these values.
    #[must_use]
    pub fn only<S: Into<String>>(mut self, choices: impl IntoIterator<Item = S>) -> Self {
        self.closed = true;
        self.of(choices)
    }

    /// With the words by which a prompt names each choice.
    #[must_use]
    pub fn called(mut self, words: Vec<Label>) -> Self {
        self.words = words;
        self
    }

    /// An array of such.
    #[must_use]
    pub fn holding(mut self, items: ParameterKind) -> Self {
        self.items = Some(items);
        self
    }

    /// With these fields.
    #[must_use]
    pub fn with(mut self, fields: impl IntoIterator<Item = Self>) -> Self {
        self.fields = fields.into_iter().collect();
        self
    }

    /// Only together with another.
    #[must_use]
    pub fn beside(mut self, other: &'static str) -> Self {
        self.needs = Some(other);
        self
    }

    /// The same where that other field is not asked for, since its value is known.
    #[must_use]
    pub fn without_need_of(mut self, other: &str) -> Self {
        self.needs = self.needs.filter(|needed| *needed != other);
        self
    }

    /// Never together with these.
    #[must_use]
    pub fn without(mut self, others: impl IntoIterator<Item = &'static str>) -> Self {
        self.excludes = others.into_iter().collect();
        self
    }

    /// A request must have it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Most requests do without it.
    #[must_use]
    pub fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }

    /// The nearest number to this one that is taken.
    #[must_use]
    pub fn nearest(&self, number: f64) -> f64 {
        let bounded = |number: f64| {
            let least = self.minimum.unwrap_or(number);
            let greatest = self.maximum.unwrap_or(number).max(least);
            number.clamp(least.min(greatest), greatest)
        };
        match self.step {
            Some(step) => bounded((bounded(number) / step).round() * step),
            None => bounded(number),
        }
    }

    /// The same, where the operator allows so many images in a request.
    #[must_use]
    pub fn within_images(mut self, images: u64) -> Self {
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

/// The number that was written, which the nearest single one falls short of now and then: 0.05 is
/// 0.0500000007 in 32 bits, and 0.7 of ten steps are seven, not six.
#[must_use]
pub fn as_written(number: f32) -> f64 {
    let written = number.to_string().parse();
    written.unwrap_or_else(|_error| number.into())
}

/// The English, which is in whatever language the parameter was put into by [`Parameter::in_language`].
fn in_english<S: Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_that_is_taken_is_a_step_within_the_range() {
        let side = crate::fields::WIDTH
            .parameter()
            .from(8)
            .to(96)
            .in_steps_of(8);
        for (asked, nearest) in [(3.0, 8.0), (33.0, 32.0), (500.0, 96.0), (64.0, 64.0)] {
            assert_eq!(side.nearest(asked), nearest);
        }
    }

    #[test]
    fn a_single_number_is_the_one_that_was_written() {
        for hundredths in 1..=100_u8 {
            let written = f64::from(hundredths) / 100.0;
            #[expect(clippy::cast_possible_truncation, reason = "that is the case")]
            let single = written as f32;
            assert_eq!(as_written(single), written);
        }
    }
}
