//! The value that a model can honour, nearest to the one that was asked for.

use crate::language::Message;
use crate::message;
use crate::service::Parameter;

/// The nearest value within a parameter's range. Between two multiples of its step it is the lower
/// one, as the trade has it for sizes.
pub(super) fn nearest(parameter: &Parameter, value: f64) -> f64 {
    let mut choices = choices(parameter);
    if !choices.is_empty() {
        choices.sort_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()));
        return choices[0];
    }
    let stepped = |value: f64| match parameter.step {
        Some(step) if step > 0.0 => (value / step).floor() * step,
        _ => value,
    };
    let most = parameter.maximum.map_or(f64::INFINITY, stepped);
    let least = parameter.minimum.unwrap_or(f64::NEG_INFINITY);
    stepped(value).min(most).max(least)
}

/// The numbers of a parameter that takes a few alone, in ascending order; none where it takes all
/// within a range.
pub(super) fn choices(parameter: &Parameter) -> Vec<f64> {
    let choices = parameter.choices.iter();
    let mut choices: Vec<f64> = choices.filter_map(|choice| choice.parse().ok()).collect();
    choices.sort_by(f64::total_cmp);
    choices
}

/// What a parameter takes, in words.
pub(super) fn range(parameter: &Parameter) -> Message {
    if !choices(parameter).is_empty() {
        return Message::foreign(parameter.choices.join(", "));
    }
    let range = match (parameter.minimum, parameter.maximum) {
        (Some(least), Some(most)) if least == most => return message!("{least} only", least),
        (Some(least), Some(most)) => message!("{least} to {most}", least, most),
        (Some(least), None) => message!("at least {least}", least),
        (None, Some(most)) => message!("at most {most}", most),
        (None, None) => message!("any number"),
    };
    match parameter.step {
        Some(step) => message!("{range}, in multiples of {step}", step).with("range", range),
        None => range,
    }
}
