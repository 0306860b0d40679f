//! The judges that a request's images pass before they leave.

use std::sync::Arc;

use super::Generation;
use crate::families::{Chain, Transform};
use crate::message;
use crate::safety::{JudgeAction, Judges};

impl Generation {
    /// The same, whose images pass these judges behind all that paints.
    #[must_use]
    pub(in crate::service) fn judged(mut self, judges: &Arc<Judges>) -> Self {
        // What may be refused is not shown before it is known whether it is.
        if judges.action() == JudgeAction::Refuse && self.preview_every.take().is_some() {
            self.warnings.push(message!(
                "unfinished images are not shown here, since each image is judged before it is given out"
            ));
        }
        let link: Arc<dyn Transform> = Arc::clone(judges) as _;
        Self {
            order: Box::new(Chain::new(self.order, vec![link], Vec::new(), false)),
            ..self
        }
    }
}
