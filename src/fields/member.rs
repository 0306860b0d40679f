//! What the members of a draft may be: how each is looked at, and what it is made of.

use std::collections::BTreeMap;
use std::time::Duration;

use super::field::Value;
use super::values::{
    ClassChoice, Endpoint, Grid, MixTerm, RestyleChoice, StyleChoice, UpscaleChoice, Walk, WalkMode,
};
use crate::imaging::FileFormat;

/// Declares what a field may be made of. Whoever reads requests, in JSON or on a command line, knows
/// these forms, and so every field of the table.
macro_rules! forms {
    ($($(#[$doc:meta])* $form:ident($type:ty))*) => {
        /// What a field is made of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Form {
            $($(#[$doc])* $form,)*
        }

        /// What was read for a field.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Given {
            $($(#[$doc])* $form($type),)*
        }

        $(impl Member for $type {
            const FORM: Form = Form::$form;

            fn of(given: Given) -> Option<Self> {
                match given {
                    Given::$form(value) => Some(value),
                    _ => None,
                }
            }

            fn value(&self) -> Value<'_> {
                self.look()
            }
        })*
    };
}

/// What a member of a [`Draft`](super::Draft) may be.
pub(super) trait Member: Sized {
    const FORM: Form;

    fn of(given: Given) -> Option<Self>;

    fn value(&self) -> Value<'_>;
}

forms! {
    /// Yes or no.
    Flag(bool)
    /// A whole number from 0.
    Whole(u64)
    /// A number.
    Number(f32)
    /// A text.
    Text(String)
    /// A file.
    File(Vec<u8>)
    /// Milliseconds.
    Milliseconds(Duration)
    /// The format of files.
    Format(FileFormat)
    /// Whole numbers.
    Wholes(Vec<u64>)
    /// Names.
    Names(Vec<String>)
    /// Lists of numbers.
    Vectors(Vec<Vec<f32>>)
    /// A number for each name.
    Amounts(BTreeMap<String, f32>)
    /// Labels.
    Class(ClassChoice)
    /// A style, or some of them.
    Style(StyleChoice)
    /// A walk.
    Walk(Walk)
    /// Parts of a mix.
    Mix(Vec<MixTerm>)
    /// How images stand on a sheet.
    Grid(Grid)
    /// How images are enlarged in the end.
    Upscale(UpscaleChoice)
    /// In what manner images are painted over in the end.
    Restyle(RestyleChoice)
}

/// A value as the checks look at it.
trait Look {
    fn look(&self) -> Value<'_>;
}

impl Look for bool {
    fn look(&self) -> Value<'_> {
        Value::Flag(*self)
    }
}

impl Look for u64 {
    fn look(&self) -> Value<'_> {
        Value::Whole(*self)
    }
}

impl Look for f32 {
    fn look(&self) -> Value<'_> {
        Value::Number(*self)
    }
}

impl Look for Duration {
    fn look(&self) -> Value<'_> {
        Value::Whole(u64::try_from(self.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Look for String {
    fn look(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Look for FileFormat {
    fn look(&self) -> Value<'_> {
        Value::Text(self.name())
    }
}

impl Look for Vec<u8> {
    fn look(&self) -> Value<'_> {
        Value::File(self)
    }
}

impl Look for Vec<u64> {
    fn look(&self) -> Value<'_> {
        Value::List(self.iter().map(Look::look).collect())
    }
}

impl Look for Vec<String> {
    fn look(&self) -> Value<'_> {
        match &self[..] {
            // One is mostly written as itself, and told of as that.
            [name] => name.look(),
            names => Value::List(names.iter().map(Look::look).collect()),
        }
    }
}

impl Look for Vec<Vec<f32>> {
    fn look(&self) -> Value<'_> {
        Value::List(self.iter().map(|latent| Value::Vector(latent)).collect())
    }
}

impl Look for BTreeMap<String, f32> {
    fn look(&self) -> Value<'_> {
        let fields = self.iter();
        Value::Object(
            fields
                .map(|(name, steps)| (name.into(), Value::Number(*steps)))
                .collect(),
        )
    }
}

impl Look for ClassChoice {
    fn look(&self) -> Value<'_> {
        match self {
            Self::Index(index) => Value::Whole(*index),
            Self::Name(name) => Value::Text(name),
            Self::Answer(answer) => Value::Flag(*answer),
            Self::Axes(axes) => {
                let fields = axes.iter();
                Value::Object(
                    fields
                        .map(|(axis, label)| (axis.into(), label.look()))
                        .collect(),
                )
            }
        }
    }
}

impl Look for StyleChoice {
    fn look(&self) -> Value<'_> {
        match self {
            Self::Name(name) => Value::Text(name),
            Self::Weights(weights) => weights.look(),
            Self::Image(file) => Value::File(file),
        }
    }
}

impl Look for Endpoint {
    fn look(&self) -> Value<'_> {
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

impl Look for Walk {
    fn look(&self) -> Value<'_> {
        Value::Object(vec![
            ("from".into(), self.from.look()),
            ("to".into(), self.to.look()),
            ("steps".into(), Value::Whole(self.steps)),
            (
                "mode".into(),
                Value::Text(match self.mode {
                    WalkMode::Linear => "linear",
                    WalkMode::Spherical => "spherical",
                }),
            ),
        ])
    }
}

impl Look for MixTerm {
    fn look(&self) -> Value<'_> {
        let mut fields = match self.of.look() {
            Value::Object(fields) => fields,
            latent => vec![("latent".into(), latent)],
        };
        fields.push(("weight".into(), Value::Number(self.weight)));
        Value::Object(fields)
    }
}

impl Look for Vec<MixTerm> {
    fn look(&self) -> Value<'_> {
        Value::List(self.iter().map(Look::look).collect())
    }
}

impl Look for Grid {
    fn look(&self) -> Value<'_> {
        let columns = self
            .columns
            .map(|columns| ("columns".into(), Value::Whole(columns)));
        Value::Object(columns.into_iter().collect())
    }
}

impl Look for UpscaleChoice {
    fn look(&self) -> Value<'_> {
        let model = self.model.iter();
        let model = model.map(|model| ("model".into(), Value::Text(model)));
        let scale = self
            .scale
            .map(|scale| ("scale".into(), Value::Whole(scale)));
        Value::Object(model.chain(scale).collect())
    }
}

impl Look for RestyleChoice {
    fn look(&self) -> Value<'_> {
        let model = self.model.iter();
        let model = model.map(|model| ("model".into(), Value::Text(model)));
        let style = self
            .style
            .iter()
            .map(|style| ("style".into(), style.look()));
        let strength = self.strength;
        let strength = strength.map(|strength| ("strength".into(), Value::Number(strength)));
        Value::Object(model.chain(style).chain(strength).collect())
    }
}
