//! What the operator won't have painted.

use std::sync::{Arc, PoisonError};

use super::Studio;
use crate::fields::Draft;
use crate::service::deny::DenyList;
use crate::service::failure::Failure;

impl Studio {
    /// Holds requests against these rules from now on.
    pub fn deny(&self, rules: DenyList) {
        let deny = &self.inner.deny;
        *deny.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Whether no rule denies a request. What is denied is logged by the rule's name and the field's, and
    /// never by its words.
    ///
    /// # Errors
    /// [`Failure::Denied`].
    pub(super) fn permitted(&self, draft: &Draft) -> Result<(), Failure> {
        let rules = Arc::clone(
            &self
                .inner
                .deny
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        );
        match rules.denies(draft) {
            None => Ok(()),
            Some(denial) => {
                tracing::info!(
                    rule = denial.rule,
                    field = denial.field,
                    "a request was denied"
                );
                Err(Failure::Denied(denial))
            }
        }
    }
}
