//! One field of a request, and how it is read from a [`Draft`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::parameter::Parameter;
use super::table::Draft;
use super::values::{ClassChoice, Endpoint, Grid, MixTerm, Walk};
use crate::imaging::FileFormat;

/// One field of a request.
#[derive(Debug)]
pub struct Field {
    /// How it is described, where no model says more of it.
    pub parameter: Parameter,
    pub(super) read: for<'d> fn(&'d Draft) -> Option<Value<'d>>,
}

impl Field {
    /// Its name in the native dialect.
    pub fn name(&self) -> &str {
        &self.parameter.name
    }

    /// Its description, for a model to narrow.
    pub fn parameter(&self) -> Parameter {
        self.parameter.clone()
    }

    /// What a draft says in it.
    pub fn read<'d>(&self, draft: &'d Draft) -> Option<Value<'d>> {
        (self.read)(draft)
    }
}

/// What a draft says in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'d> {
    Flag(bool),
    Whole(u64),
    Number(f32),
    Text(&'d str),
    File(&'d [u8]),
    Vector(&'d [f32]),
    List(Vec<Self>),
    Object(Vec<(Cow<'d, str>, Self)>),
}

impl Value<'_> {
    /// Bytes of text, file or numbers in it, by which the work is bounded that reading it makes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Flag(_) | Self::Whole(_) | Self::Number(_) => 8,
            Self::Text(text) => text.len(),
            Self::File(file) => file.len(),
            Self::Vector(numbers) => size_of_val(*numbers),
            Self::List(values) => values.iter().map(Self::bytes).sum(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value.bytes()).sum(),
        }
    }
}

/// What a member of a [`Draft`] may be.
pub(super) trait Member {
    fn value(&self) -> Value<'_>;
}

impl Member for bool {
    fn value(&self) -> Value<'_> {
        Value::Flag(*self)
    }
}

impl Member for u64 {
    fn value(&self) -> Value<'_> {
        Value::Whole(*self)
    }
}

impl Member for u8 {
    fn value(&self) -> Value<'_> {
        Value::Whole((*self).into())
    }
}

impl Member for f32 {
    fn value(&self) -> Value<'_> {
        Value::Number(*self)
    }
}

impl Member for Duration {
    fn value(&self) -> Value<'_> {
        Value::Whole(u64::try_from(self.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Member for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Member for FileFormat {
    fn value(&self) -> Value<'_> {
        Value::Text(self.name())
    }
}

impl Member for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::File(self)
    }
}

impl Member for Vec<u64> {
    fn value(&self) -> Value<'_> {
        Value::List(self.iter().map(Member::value).collect())
    }
}

impl Member for Vec<Vec<f32>> {
    fn value(&self) -> Value<'_> {
        Value::List(self.iter().map(|latent| Value::Vector(latent)).collect())
    }
}

impl Member for BTreeMap<String, f32> {
    fn value(&self) -> Value<'_> {
        let fields = self.iter();
        Value::Object(
            fields
                .map(|(name, steps)| (name.into(), Value::Number(*steps)))
                .collect(),
        )
    }
}

impl Member for ClassChoice {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Index(index) => Value::Whole(*index),
            Self::Name(name) => Value::Text(name),
            Self::Answer(answer) => Value::Flag(*answer),
            Self::Axes(axes) => {
                let fields = axes.iter();
                Value::Object(
                    fields
                        .map(|(axis, label)| (axis.into(), label.value()))
                        .collect(),
                )
            }
        }
    }
}

impl Member for Endpoint {
    fn value(&self) -> Value<'_> {
        let object = |name: &'static str, value| Value::Object(vec![(name.into(), value)]);
        match self {
            Self::Latent(latent) => Value::Vector(latent),
            Self::Seed(seed) => object("seed", Value::Whole(*seed)),
            Self::Image(file) => object("image", Value::File(file)),
            Self::Prompt { prompt, seed } => {
                let mut fields = vec![("prompt".into(), Value::Text(prompt))];
                fields.extend(seed.map(|seed| ("seed".into(), Value::Whole(seed))));
                Value::Object(fields)
            }
        }
    }
}

impl Member for Walk {
    fn value(&self) -> Value<'_> {
        Value::Object(vec![
            ("from".into(), self.from.value()),
            ("to".into(), self.to.value()),
            ("steps".into(), Value::Whole(self.steps)),
        ])
    }
}

impl Member for MixTerm {
    fn value(&self) -> Value<'_> {
        let mut fields = match self.of.value() {
            Value::Object(fields) => fields,
            latent => vec![("latent".into(), latent)],
        };
        fields.push(("weight".into(), Value::Number(self.weight)));
        Value::Object(fields)
    }
}

impl Member for Vec<MixTerm> {
    fn value(&self) -> Value<'_> {
        Value::List(self.iter().map(Member::value).collect())
    }
}

impl Member for Grid {
    fn value(&self) -> Value<'_> {
        let columns = self
            .columns
            .map(|columns| ("columns".into(), Value::Whole(columns)));
        Value::Object(columns.into_iter().collect())
    }
}
