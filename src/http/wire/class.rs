//! Which labels are wanted: `3`, `"three"`, or `{"style": "pixel-art", "glasses": true}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_untagged::UntaggedEnumVisitor;
use utoipa::ToSchema;

use super::Whole;
use crate::service::ClassChoice;

/// A class: a label by index or by name, or one for each class axis.
///
/// The plain forms are for models with one class axis, which most have.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum Class {
    /// The label's index, from 0.
    #[schema(title = "Index")]
    Index(u64),
    /// The label's name, in any case.
    #[schema(title = "Name")]
    Name(String),
    /// `yes` or `no`, on an axis of these two labels.
    #[schema(title = "Answer")]
    Answer(bool),
    /// A label for each axis, by the axis's name.
    #[schema(title = "Axes", example = json!({"style": "pixel-art", "glasses": true}))]
    Axes(BTreeMap<String, Label>),
}

/// A label by index or by name; true or false on an axis whose labels are `yes` and `no`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ClassLabel)]
pub(in crate::http) enum Label {
    /// The label's index, from 0.
    #[schema(title = "Index")]
    Index(u64),
    /// The label's name, in any case.
    #[schema(title = "Name")]
    Name(String),
    /// `yes` or `no`, on an axis of these two labels.
    #[schema(title = "Answer")]
    Answer(bool),
}

impl From<Class> for ClassChoice {
    fn from(class: Class) -> Self {
        match class {
            Class::Index(index) => Self::Index(index),
            Class::Name(name) => Self::Name(name),
            Class::Answer(answer) => Self::Answer(answer),
            Class::Axes(axes) => Self::Axes(
                axes.into_iter()
                    .map(|(axis, label)| (axis, label.into()))
                    .collect(),
            ),
        }
    }
}

impl From<Label> for ClassChoice {
    fn from(label: Label) -> Self {
        match label {
            Label::Index(index) => Self::Index(index),
            Label::Name(name) => Self::Name(name),
            Label::Answer(answer) => Self::Answer(answer),
        }
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("a label's name, its index, true or false, or an object of such by axis")
            .u64(|index| Ok(Self::Index(index)))
            .string(|name| Ok(Self::Name(name.to_owned())))
            .bool(|answer| Ok(Self::Answer(answer)))
            .map(|map| map.deserialize().map(Self::Axes))
            .deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        UntaggedEnumVisitor::new()
            .expecting("a label's name, its index, true or false")
            .u64(|index| Ok(Self::Index(index)))
            .string(|name| Ok(Self::Name(name.to_owned())))
            .bool(|answer| Ok(Self::Answer(answer)))
            .deserialize(deserializer)
    }
}

impl Class {
    /// From the address of a request, where all is text: digits are an index.
    pub(in crate::http) fn from_query(text: &str) -> Self {
        let index: Result<Whole, _> = serde_json::from_str(text);
        match index {
            Ok(Whole(index)) => Self::Index(index),
            Err(_) => Self::Name(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Class, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn each_form() {
        assert_eq!(read("3"), Ok(Class::Index(3)));
        assert_eq!(read("\"trois\""), Ok(Class::Name("trois".to_owned())));
        let axes = BTreeMap::from([
            ("digit".to_owned(), Label::Index(3)),
            ("style".to_owned(), Label::Name("bold".to_owned())),
            ("serif".to_owned(), Label::Answer(false)),
        ]);
        assert_eq!(read("true"), Ok(Class::Answer(true)));
        assert_eq!(
            read(r#"{"digit": 3, "style": "bold", "serif": false}"#),
            Ok(Class::Axes(axes))
        );
    }

    #[test]
    fn others_are_told_the_forms() {
        let error = read("1.5").unwrap_err();
        assert!(
            error.contains("a label's name, its index, true or false, or an object"),
            "{error}"
        );
        let error = read(r#"{"digit": {"digit": 3}}"#).unwrap_err();
        assert!(
            error.contains("expected a label's name, its index, true or false at"),
            "{error}"
        );
    }

    #[test]
    fn digits_in_an_address_are_an_index() {
        assert_eq!(Class::from_query("3"), Class::Index(3));
        assert_eq!(Class::from_query("-3"), Class::Name("-3".to_owned()));
    }
}
