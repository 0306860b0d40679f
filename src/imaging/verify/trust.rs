//! Whose signatures are believed.

use std::sync::Arc;

use c2pa::Context;
use serde_json::json;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::imaging::manifests::context;

/// Authorities whose certificates are believed, and certificates that are by themselves.
#[derive(Clone)]
pub struct Trust {
    pub(super) context: Arc<Context>,
}

/// A list of authorities that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It holds no certificate.
    #[error("there is no certificate in PEM in it (-----BEGIN CERTIFICATE-----)")]
    Empty,
    /// One of its certificates is none.
    #[error("certificate {place} in it is damaged")]
    Damaged {
        /// Counted from 1.
        place: usize,
    },
    /// The library that reads manifests doesn't take it.
    #[error("it can't be used: {0}")]
    Unusable(String),
}

impl Trust {
    /// Nobody is believed.
    #[must_use]
    pub fn nobody() -> Self {
        let context = context(&json!({})).expect("the settings are sound");
        Self {
            context: context.into_shared(),
        }
    }

    /// These authorities are believed, and signers with one of these certificates.
    ///
    /// # Errors
    /// [`TrustError`]: the first of the two is no list of certificates in PEM.
    pub fn new(authorities: Option<&str>, certificates: Option<&str>) -> Result<Self, TrustError> {
        if let Some(authorities) = authorities {
            check(authorities)?;
        }
        let context = context(&json!({
            "trust": { "user_anchors": authorities, "allowed_list": certificates },
        }));
        let context = context.map_err(|error| TrustError::Unusable(error.to_string()))?;
        Ok(Self {
            context: context.into_shared(),
        })
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self::nobody()
    }
}

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trust").finish_non_exhaustive()
    }
}

fn check(pem: &str) -> Result<(), TrustError> {
    let mut place = 0;
    for block in Pem::iter_from_buffer(pem.as_bytes()) {
        place += 1;
        let block = block.map_err(|_| TrustError::Damaged { place })?;
        let read = X509Certificate::from_der(&block.contents);
        read.map_err(|_| TrustError::Damaged { place })?;
    }
    if place == 0 {
        return Err(TrustError::Empty);
    }
    Ok(())
}
