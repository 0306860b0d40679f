//! A draft held against the parameters of its model.

use super::field::Value;
use super::invalid::InvalidField;
use super::parameter::{Parameter, ParameterKind};
use super::table::{Draft, fields};

/// Fields about the request itself, which are taken whatever the model is.
const ABOUT_THE_REQUEST: [&str; 2] = ["model", "include_prompt"];

/// Why a draft is refused, as far as that is the same for all families.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The model does not take the field of that name.
    #[error("{0}: the model does not take it")]
    NotTaken(String),
    /// A field's value is at fault.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
}

/// Holds what a draft says against what a model takes: no other fields, none of which the one
/// excludes another or needs one that is missing, each within its range.
pub(super) fn check(draft: &Draft, parameters: &[Parameter]) -> Result<(), Refusal> {
    let mut present = Vec::new();
    for field in fields() {
        let Some(value) = field.read(draft) else {
            continue;
        };
        let parameter = parameters.iter().find(|known| known.name == field.name());
        match parameter {
            Some(parameter) => present.push((parameter, value)),
            None if ABOUT_THE_REQUEST.contains(&field.name()) => {
                present.push((&field.parameter, value));
            }
            None => return Err(Refusal::NotTaken(field.name().to_owned())),
        }
    }
    let is_there = |name: &str| present.iter().any(|(known, _)| known.name == name);
    for (parameter, value) in &present {
        let name = &parameter.name;
        let other = parameter.excludes.iter().find(|other| is_there(other));
        if let Some(other) = other {
            let message = format!("cannot be combined with {other}; leave one out");
            return Err(InvalidField::new(&**name, message).into());
        }
        if let Some(needed) = parameter.needs.filter(|needed| !is_there(needed)) {
            let message = format!("needs {needed}, and there is no {needed}");
            return Err(InvalidField::new(&**name, message).into());
        }
        within(name, value, parameter)?;
    }
    let missing = parameters
        .iter()
        .find(|known| known.required && !is_there(&known.name));
    match missing {
        Some(missing) => {
            let message = format!(
                "is missing; this model needs it: {}",
                missing.description.en
            );
            Err(InvalidField::new(&*missing.name, message).into())
        }
        None => Ok(()),
    }
}

/// Holds a value against ranges and lengths, and so its items and fields.
fn within(path: &str, value: &Value<'_>, parameter: &Parameter) -> Result<(), InvalidField> {
    let invalid = |message| Err(InvalidField::new(path, message));
    match value {
        Value::Whole(number) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "no bound is as great")]
            if let Some(expected) = outside(*number as f64, parameter) {
                return invalid(format!("{number}; expected {expected}"));
            }
        }
        Value::Number(number) => {
            if let Some(expected) = outside(super::parameter::as_written(*number), parameter) {
                return invalid(format!("{number}; expected {expected}"));
            }
        }
        Value::Text(text) => {
            if let Some(most) = parameter.max_bytes.filter(|most| text.len() > *most) {
                return invalid(format!("{} bytes; expected at most {most}", text.len()));
            }
            if parameter.closed && !parameter.choices.iter().any(|choice| choice == text) {
                return invalid(format!(
                    "there is no {text:?}; expected one of {}",
                    parameter.choices.join(", ")
                ));
            }
        }
        Value::Vector(numbers) => {
            if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
                let path = format!("{path}[{at}]");
                return Err(InvalidField::new(path, "not a finite 32-bit number"));
            }
        }
        Value::List(items) => {
            // Of a list of vectors, the range is that of each vector, which its family knows.
            let of_vectors = parameter.items == Some(ParameterKind::Number);
            #[expect(clippy::cast_precision_loss, reason = "no list is as long")]
            let expected = outside(items.len() as f64, parameter).filter(|_| !of_vectors);
            if let Some(expected) = expected {
                return invalid(format!("{} of them; expected {expected}", items.len()));
            }
            let item = Parameter {
                minimum: None,
                maximum: None,
                step: None,
                ..parameter.clone()
            };
            for (at, value) in items.iter().enumerate() {
                within(&format!("{path}[{at}]"), value, &item)?;
            }
        }
        Value::Object(values) => {
            for (name, value) in values {
                let field = parameter.fields.iter().find(|field| field.name == *name);
                if let Some(field) = field {
                    within(&format!("{path}.{name}"), value, field)?;
                }
            }
        }
        Value::Flag(_) | Value::File(_) => {}
    }
    Ok(())
}

/// What a number should be, if it is not.
fn outside(number: f64, parameter: &Parameter) -> Option<String> {
    let (least, greatest) = (parameter.minimum, parameter.maximum);
    let inside = least.is_none_or(|least| number >= least)
        && greatest.is_none_or(|greatest| number <= greatest);
    let Some(step) = parameter.step else {
        return (!inside).then(|| range(least, greatest));
    };
    let nearest = parameter.nearest(number);
    (!inside || number % step != 0.0).then(|| {
        format!(
            "a multiple of {step} {}; the nearest is {nearest}",
            range_in_words(least, greatest)
        )
    })
}

fn range(least: Option<f64>, greatest: Option<f64>) -> String {
    match (least, greatest) {
        (Some(least), Some(greatest)) if least == greatest => format!("{least}, the only one"),
        (Some(least), Some(greatest)) => format!("{least} to {greatest}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(greatest)) => format!("at most {greatest}"),
        (None, None) => String::new(),
    }
}

fn range_in_words(least: Option<f64>, greatest: Option<f64>) -> String {
    match (least, greatest) {
        (Some(least), Some(greatest)) => format!("from {least} to {greatest}"),
        _ => range(least, greatest),
    }
}
