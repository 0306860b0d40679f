//! What SIGHUP does: reads again what may change while requests run.
//!
//! Whatever can't be read stays as it is, and the log says why: a slip of the pen in a file must not
//! take down what serves.

use std::sync::{Arc, PoisonError, RwLock};

use super::keys;
use super::signals::Hangups;
use super::signing::{announce, signer, trust};
use super::tls::Tls;
use crate::config::ServingSettings;
use crate::service::{DenyList, Keys, Outcome, Studio};
use crate::watermark::WatermarkKeys;

/// What is read again.
pub(super) struct Reloading {
    pub(super) studio: Studio,
    pub(super) serving: ServingSettings,
    pub(super) keys: Arc<RwLock<Keys>>,
    pub(super) tls: Option<Tls>,
}

impl Reloading {
    /// Reads all of it at each signal.
    pub(super) async fn run(self, mut hangups: Hangups) {
        loop {
            hangups.next().await;
            tracing::info!("SIGHUP: reading keys, certificates and models again");
            self.read_keys();
            self.read_certificate();
            self.read_signing();
            self.read_watermark();
            self.read_deny();
            self.read_models().await;
        }
    }

    fn read_keys(&self) {
        match keys(&self.serving) {
            Ok(read) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read,
            Err(error) => tracing::warn!(%error, "the keys stay as they were"),
        }
    }

    fn read_certificate(&self) {
        if let Some(Err(error)) = self.tls.as_ref().map(Tls::read_again) {
            tracing::warn!(%error, "the certificate stays as it was");
        }
    }

    fn read_deny(&self) {
        match self.serving.deny.as_deref().map(DenyList::read) {
            None => {}
            Some(Ok(rules)) => {
                tracing::info!(rules = rules.len(), "what is denied was read again");
                self.studio.deny(rules);
            }
            Some(Err(error)) => tracing::warn!(%error, "what is denied stays as it was"),
        }
    }

    fn read_signing(&self) {
        // Asks an authority for a stamp for trial, maybe.
        let signing = || self.serving.signing.as_ref().map(signer).transpose();
        let read = match tokio::task::block_in_place(signing) {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(%error, "files are signed as they were");
                return;
            }
        };
        match trust(self.serving.trust.as_deref(), read.as_ref()) {
            Ok(trusted) => {
                if let Some(read) = &read {
                    announce(read);
                }
                self.studio.sign_with(read.map(Arc::new), trusted);
            }
            Err(error) => tracing::warn!(%error, "the same are trusted as before"),
        }
    }

    /// The keys alone: other graphs would have to be proved, and that is for a start.
    fn read_watermark(&self) {
        let files = self.serving.watermark.as_ref();
        match files.map(|files| WatermarkKeys::read(&files.key)) {
            None => {}
            Some(Ok(keys)) => self.studio.watermark_with(keys),
            Some(Err(error)) => tracing::warn!(%error, "images are marked as they were"),
        }
    }

    async fn read_models(&self) {
        let changes = match self.studio.reload_all().await {
            Ok(changes) => changes,
            Err(error) => {
                tracing::warn!(%error, "the models stay as they were");
                return;
            }
        };
        let count = |counted: fn(&Outcome) -> bool| {
            let changes = changes.iter();
            changes.filter(|change| counted(&change.outcome)).count()
        };
        tracing::info!(
            loaded = count(|outcome| matches!(outcome, Outcome::Loaded { .. })),
            unchanged = count(|outcome| matches!(outcome, Outcome::Unchanged)),
            gone = count(|outcome| matches!(outcome, Outcome::Unloaded)),
            failed =
                count(|outcome| matches!(outcome, Outcome::Kept { .. } | Outcome::Broken { .. })),
            "the models were read again"
        );
    }
}
