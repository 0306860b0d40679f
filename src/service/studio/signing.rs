//! What files are signed with, and what others' files say of themselves.

use std::sync::{Arc, PoisonError};

use tokio::time::timeout;

use super::{Studio, blocking};
use crate::fields::InvalidField;
use crate::imaging::signing::{Credentials, Role};
use crate::imaging::verify::{Findings, Trust, examine};
use crate::service::failure::Failure;
use crate::service::request::{Signing, refused};

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

    /// What a file says of where it comes from; `field` is what its sender calls it.
    ///
    /// # Errors
    /// [`Failure::Invalid`] for what is no image file, and whatever [`occupy`](Self::occupy) says.
    pub async fn inspect(&self, field: &str, file: Vec<u8>) -> Result<Findings, Failure> {
        let place = self.occupy()?;
        let trust = &self.inner.trust;
        let trust = trust.read().unwrap_or_else(PoisonError::into_inner).clone();
        let deadline = self.inner.limits.deadline;
        let examining = async {
            // Hashing it takes about as long as unpacking it would.
            let _turn = self.decoder().await;
            blocking(move || examine(&file, &trust)).await
        };
        let examined = timeout(deadline, examining).await;
        drop(place);
        let examined = self.counted(examined.unwrap_or(Err(Failure::Deadline { deadline })))?;
        let unknown = |error: crate::imaging::verify::UnknownKind| {
            refused(InvalidField::new(field, error.message()))
        };
        self.counted(examined.map_err(unknown))
    }
}
