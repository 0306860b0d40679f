//! A draft beside its model: each field checked, and turned into what the order holds.

use std::time::Duration;

use super::Limits;
use crate::fields::Draft;
use crate::language::Message;
use crate::message;
use crate::service::failure::InvalidField;
use crate::service::model::Model;
use crate::service::parameters::{GREATEST_TEMPERATURE, GREATEST_TRUNCATION, LEAST_TRUNCATION};

/// A draft beside its model, checked field by field.
pub(super) struct Check<'c> {
    pub(super) draft: &'c Draft,
    pub(super) model: &'c Model,
    pub(super) limits: &'c Limits,
}

impl Check<'_> {
    pub(super) fn truncation(&self) -> Result<Option<f32>, InvalidField> {
        let given = self.draft.truncation;
        match given {
            Some(value) if !(LEAST_TRUNCATION..=GREATEST_TRUNCATION).contains(&value) => {
                let message =
                    format!("{value}; expected {LEAST_TRUNCATION} to {GREATEST_TRUNCATION}");
                Err(InvalidField::new("truncation", message))
            }
            Some(value) => Ok(Some(value)),
            None => Ok(self.model.manifest().defaults.truncation),
        }
    }

    pub(super) fn temperature(&self) -> Result<f32, InvalidField> {
        let default = self.model.manifest().defaults.temperature.unwrap_or(1.0);
        let value = self.draft.temperature.unwrap_or(default);
        if (0.0..=GREATEST_TEMPERATURE).contains(&value) {
            return Ok(value);
        }
        let message = format!("{value}; expected 0 to {GREATEST_TEMPERATURE}");
        Err(InvalidField::new("temperature", message))
    }

    pub(super) fn preview_every(&self) -> Result<Option<usize>, InvalidField> {
        match self.draft.preview_every {
            Some(0) => Err(InvalidField::new("preview_every", "0; expected at least 1")),
            steps => Ok(steps.map(|steps| usize::try_from(steps).unwrap_or(usize::MAX))),
        }
    }

    pub(super) fn deadline(&self, warnings: &mut Vec<Message>) -> Result<Duration, InvalidField> {
        let longest = self.limits.deadline;
        match self.draft.deadline {
            Some(Duration::ZERO) => Err(InvalidField::new("deadline_ms", "0; expected at least 1")),
            Some(deadline) if deadline > longest => {
                warnings.push(message!(
                    "deadline_ms was cut to this server's longest, {longest} ms",
                    longest = longest.as_millis()
                ));
                Ok(longest)
            }
            Some(deadline) => Ok(deadline),
            None => Ok(longest),
        }
    }
}
