//! A request's stay in the house.

use super::Studio;
use crate::service::gate::Permit;

/// A permit that keeps the figure of requests in the house true, also when a caller vanishes.
pub(super) struct House<'s> {
    studio: &'s Studio,
    permit: Option<Permit>,
}

impl<'s> House<'s> {
    pub(super) fn enter(studio: &'s Studio, permit: Permit) -> Self {
        studio.inner.meters.house(studio.in_house());
        Self {
            studio,
            permit: Some(permit),
        }
    }
}

impl Drop for House<'_> {
    fn drop(&mut self) {
        self.permit.take();
        self.studio.inner.meters.house(self.studio.in_house());
    }
}
