//! What files are signed with, and whose signatures are believed.

use std::sync::{Arc, PoisonError};

use super::Studio;
use crate::imaging::signing::{Credentials, Role};
use crate::imaging::verify::Trust;
use crate::service::request::Signing;

impl Studio {
    /// The certificate and key that files are signed with now, if they are.
    #[must_use]
    pub fn credentials(&self) -> Option<Arc<Credentials>> {
        let credentials = &self.inner.credentials;
        let credentials = credentials.read().unwrap_or_else(PoisonError::into_inner);
        credentials.clone()
    }

    /// Signs with these from now on, and believes those. Requests that were read before keep to what they
    /// began with.
    pub fn sign_with(&self, new: Option<Arc<Credentials>>, trusted: Trust) {
        let (credentials, trust) = (&self.inner.credentials, &self.inner.trust);
        *credentials.write().unwrap_or_else(PoisonError::into_inner) = new;
        *trust.write().unwrap_or_else(PoisonError::into_inner) = trusted;
    }

    /// What a file is signed with that was made of an image without a generation, if files are signed.
    #[must_use]
    pub fn signing_of(&self, image: &[u8]) -> Option<Signing> {
        let credentials = self.credentials()?;
        Some(Signing::new(
            credentials,
            vec![(Role::Parent, image.to_vec())],
        ))
    }
}
