//! A draft held against the parameters of its model.

use super::field::Value;
use super::invalid::InvalidField;
use super::parameter::{Parameter, ParameterKind};
use super::parts::LONGEST_TEXT;
use super::table::{Draft, fields};
use crate::language::Message;
use crate::message;

/// The largest number of a latent: beyond it, models compute infinities. Noise is a hundred at most.
const LARGEST: f32 = 1e6;

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
            let message = message!("cannot be combined with {other}; leave one out", other);
            return Err(InvalidField::new(&**name, message).into());
        }
        if let Some(needed) = parameter.needs.filter(|needed| !is_there(needed)) {
            let message = message!("needs {needed}, and there is no {needed}", needed);
            return Err(InvalidField::new(&**name, message).into());
        }
        within(name, value, parameter)?;
    }
    let missing = parameters
        .iter()
        .find(|known| known.required && !is_there(&known.name));
    match missing {
        Some(missing) => {
            let message = message!("is missing; this model needs it: {what}")
                .with("what", missing.description.message());
            Err(InvalidField::new(&*missing.name, message).into())
        }
        None => Ok(()),
    }
}

/// Holds a value against ranges and lengths, and so its items and fields.
fn within(path: &str, value: &Value<'_>, parameter: &Parameter) -> Result<(), InvalidField> {
    let invalid = |message: Message| Err(InvalidField::new(path, message));
    match value {
        Value::Whole(number) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "no bound is as great")]
            if let Some(expected) = outside(*number as f64, parameter) {
                return invalid(
                    message!("{number}; expected {expected}", number).with("expected", expected),
                );
            }
        }
        Value::Number(number) => {
            if let Some(expected) = outside(super::parameter::as_written(*number), parameter) {
                return invalid(
                    message!("{number}; expected {expected}", number).with("expected", expected),
                );
            }
        }
        Value::Text(text) => {
            // A field of which nobody said how long it may be is bounded all the same.
            let most = parameter.max_bytes.unwrap_or(LONGEST_TEXT);
            if text.len() > most {
                return invalid(too_long(text, most));
            }
            if parameter.closed && !parameter.choices.iter().any(|choice| choice == text) {
                return invalid(message!(
                    "there is no {found}; expected one of {choices}",
                    found = ?text,
                    choices = parameter.choices.join(", ")
                ));
            }
        }
        Value::Vector(numbers) => {
            let unfit = |number: &f32| !number.is_finite() || number.abs() > LARGEST;
            if let Some(at) = numbers.iter().position(unfit) {
                let message = match numbers[at].is_finite() {
                    true => message!(
                        "{number} is too large; at most {most} is computed with",
                        number = numbers[at],
                        most = LARGEST
                    ),
                    false => message!("not a finite 32-bit number"),
                };
                return Err(InvalidField::new(format!("{path}[{at}]"), message));
            }
        }
        Value::List(items) => {
            // Of a list of vectors, the range is that of each vector, which its family knows.
            let of_vectors = parameter.items == Some(ParameterKind::Number);
            #[expect(clippy::cast_precision_loss, reason = "no list is as long")]
            let expected = outside(items.len() as f64, parameter).filter(|_| !of_vectors);
            if let Some(expected) = expected {
                let message = message!("{count} of them; expected {expected}", count = items.len());
                return invalid(message.with("expected", expected));
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
                if name.len() > LONGEST_TEXT {
                    return invalid(too_long(name, LONGEST_TEXT));
                }
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

fn too_long(text: &str, most: usize) -> Message {
    let count = text.len();
    message!("{count} bytes; expected at most {most}", count, most)
}

/// What a number should be, if it is not.
fn outside(number: f64, parameter: &Parameter) -> Option<Message> {
    let (least, greatest) = (parameter.minimum, parameter.maximum);
    let inside = least.is_none_or(|least| number >= least)
        && greatest.is_none_or(|greatest| number <= greatest);
    let Some(step) = parameter.step else {
        return (!inside).then(|| range(least, greatest));
    };
    let nearest = parameter.nearest(number);
    (!inside || number % step != 0.0).then(|| {
        let multiple = message!(
            "a multiple of {step} {range}; the nearest is {nearest}",
            step,
            nearest
        );
        multiple.with("range", range_in_words(least, greatest))
    })
}

fn range(least: Option<f64>, greatest: Option<f64>) -> Message {
    match (least, greatest) {
        (Some(least), Some(greatest)) if least == greatest => {
            message!("{least}, the only one", least)
        }
        (Some(least), Some(greatest)) => message!("{least} to {greatest}", least, greatest),
        (Some(least), None) => message!("at least {least}", least),
        (None, Some(greatest)) => message!("at most {greatest}", greatest),
        (None, None) => Message::foreign(""),
    }
}

fn range_in_words(least: Option<f64>, greatest: Option<f64>) -> Message {
    match (least, greatest) {
        (Some(least), Some(greatest)) => message!("from {least} to {greatest}", least, greatest),
        _ => range(least, greatest),
    }
}
