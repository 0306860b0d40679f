//! What others' files say of themselves, and what their pixels carry.

use std::pin::pin;
use std::sync::PoisonError;

use super::advice::longer;
use super::{Studio, blocking};
use crate::fields::InvalidField;
use crate::imaging::verify::{Findings, Pixels, UnknownKind, examine};
use crate::service::failure::Failure;
use crate::service::gate::Work;
use crate::service::request::refused;

impl Studio {
    /// What a file says of where it comes from, and where images are marked, what its pixels carry; `field` is
    /// what its sender calls it.
    ///
    /// # Errors
    /// [`Failure::Invalid`] for what is no image file, and [`Failure`] as for
    /// [`generate`](Self::generate).
    pub async fn inspect(&self, field: &str, file: Vec<u8>) -> Result<Findings, Failure> {
        let watermark = self.watermark();
        let work = watermark.as_ref().map_or(Work::NONE, |watermark| {
            Work::one(watermark.pair().reading_cost())
        });
        let deadline = self.longest;
        let active = self.admit(work, deadline, |estimate| longer(estimate, deadline))?;
        let trust = &self.inner.trust;
        let trust = trust.read().unwrap_or_else(PoisonError::into_inner).clone();
        let limits = self.inner.limits.decode.clone();
        let unknown = |error: UnknownKind| refused(InvalidField::new(field, error.message()));
        let inspecting = async {
            // Hashing it takes about as long as unpacking it would.
            let turn = self.verifier().await;
            let unpacks = watermark.clone();
            let examining = move || {
                let findings = examine(&file, &trust)?;
                let pixels = unpacks.map(|watermark| watermark.pair().unpack(&file, &limits));
                Ok((findings, pixels))
            };
            let (mut findings, pixels) = blocking(examining).await?.map_err(unknown)?;
            drop(turn);
            findings.pixels = match (watermark, pixels) {
                (Some(watermark), Some(Ok(image))) => Some(watermark.find(&image).await?),
                (_, Some(Err(error))) => Some(Pixels::Unread(error.message())),
                (_, _) => None,
            };
            Ok(findings)
        };
        active.within(pin!(inspecting)).await
    }
}
