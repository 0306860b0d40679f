//! A model's parameters within the numbers that its folder finds good.

use thiserror::Error;

use crate::fields::{Parameter, ParameterKind};
use crate::models::Ranges;

/// What is wrong with a range that a folder states.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RangeFault {
    /// No number of that name is asked of the model.
    #[error("ranges.{name}: the model takes no such number; it takes {known}")]
    NotTaken {
        /// As stated.
        name: String,
        /// The numbers that it takes.
        known: String,
    },
    /// None of its numbers is among those that the model takes.
    #[error("ranges.{name}: found {least} to {greatest}, and the model takes {taken}")]
    Outside {
        /// As stated.
        name: String,
        /// As stated.
        least: f64,
        /// As stated.
        greatest: f64,
        /// What is taken, in words.
        taken: String,
    },
    /// What a request gets that doesn't ask is not in it.
    #[error("ranges.{name}: the default {default} is outside {least} to {greatest}")]
    Default {
        /// As stated.
        name: String,
        /// As stated.
        least: f64,
        /// As stated.
        greatest: f64,
        /// The model's.
        default: f64,
    },
}

/// Narrows the parameters that the folder states a range of.
///
/// # Errors
/// A range that says nothing of this model, or against what it does by itself.
pub fn narrow(parameters: &mut [Parameter], ranges: &Ranges) -> Result<(), RangeFault> {
    let counts = |one: &Parameter| {
        matches!(one.kind, ParameterKind::Number | ParameterKind::Integer) && one.choices.is_empty()
    };
    for (name, &[least, greatest]) in ranges {
        let numbers = parameters.iter().filter(|one| counts(one));
        let known: Vec<&str> = numbers.map(|one| &*one.name).collect();
        let known = known.join(", ");
        let mut numbers = parameters.iter_mut().filter(|one| counts(one));
        let name = name.clone();
        let Some(own) = numbers.find(|one| one.name == *name) else {
            return Err(RangeFault::NotTaken { name, known });
        };
        let taken = (
            own.minimum.unwrap_or(f64::NEG_INFINITY),
            own.maximum.unwrap_or(f64::INFINITY),
        );
        let within = (least.max(taken.0), greatest.min(taken.1));
        if within.0 > within.1 {
            return Err(RangeFault::Outside {
                name,
                least,
                greatest,
                taken: format!("{} to {}", taken.0, taken.1),
            });
        }
        let default = own.default.as_ref().and_then(serde_json::Value::as_f64);
        if let Some(default) = default.filter(|own| !(within.0..=within.1).contains(own)) {
            return Err(RangeFault::Default {
                name,
                least,
                greatest,
                default,
            });
        }
        (own.minimum, own.maximum) = (Some(within.0), Some(within.1));
        // What people mostly try lies within it, too.
        own.usual = own
            .usual
            .map(|usual| usual.map(|end| end.clamp(within.0, within.1)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{GUIDANCE, PROMPT};

    fn narrowed(name: &str, range: [f64; 2]) -> Result<Parameter, String> {
        let guidance = GUIDANCE.parameter().from(0).to(100).by_default(2.0);
        let mut all = [PROMPT.parameter(), guidance.mostly(1.0, 15.0)];
        narrow(&mut all, &Ranges::from([(name.to_owned(), range)]))
            .map(|()| all[1].clone())
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_folder_narrows_what_a_request_may_ask() {
        let guidance = narrowed("guidance", [1.0, 5.0]).unwrap();
        assert_eq!((guidance.minimum, guidance.maximum), (Some(1.0), Some(5.0)));
        assert_eq!(guidance.usual, Some([1.0, 5.0]));
    }

    #[test]
    fn a_folder_never_widens_what_the_model_takes() {
        let guidance = narrowed("guidance", [-5.0, 500.0]).unwrap();
        assert_eq!(
            (guidance.minimum, guidance.maximum),
            (Some(0.0), Some(100.0))
        );
    }

    #[test]
    fn a_range_that_says_nothing_true_is_refused_by_its_name() {
        for (name, range, says) in [
            (
                "guidence",
                [0.0, 5.0],
                "ranges.guidence: the model takes no such number; it takes guidance",
            ),
            (
                "prompt",
                [0.0, 5.0],
                "ranges.prompt: the model takes no such number",
            ),
            ("guidance", [200.0, 300.0], "the model takes 0 to 100"),
            ("guidance", [3.0, 5.0], "the default 2 is outside 3 to 5"),
        ] {
            let fault = narrowed(name, range).unwrap_err();
            assert!(fault.contains(says), "{fault}");
        }
    }
}
