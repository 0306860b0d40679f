//! The value that a model can honour, nearest to the one that was asked for.

use crate::service::Parameter;

/// The nearest value within a parameter's range. Between two multiples of its step it is the lower
/// one, as the trade has it for sizes.
pub(super) fn nearest(parameter: &Parameter, value: f64) -> f64 {
    let stepped = |value: f64| match parameter.step {
        Some(step) if step > 0.0 => (value / step).floor() * step,
        _ => value,
    };
    let most = parameter.maximum.map_or(f64::INFINITY, stepped);
    let least = parameter.minimum.unwrap_or(f64::NEG_INFINITY);
    stepped(value).min(most).max(least)
}

/// What a parameter takes, in words.
pub(super) fn range(parameter: &Parameter) -> String {
    let step = match parameter.step {
        Some(step) => format!(", in multiples of {step}"),
        None => String::new(),
    };
    match (parameter.minimum, parameter.maximum) {
        (Some(least), Some(most)) if least == most => format!("{least} only"),
        (Some(least), Some(most)) => format!("{least} to {most}{step}"),
        (Some(least), None) => format!("at least {least}{step}"),
        (None, Some(most)) => format!("at most {most}{step}"),
        (None, None) => format!("any number{step}"),
    }
}
