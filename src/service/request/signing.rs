//! What an image's file is signed with, where the operator signs files.

use std::sync::{Arc, OnceLock};

use crate::fields::Draft;
use crate::imaging::signing::{Credentials, Input, Role, SigningError, Statement};
use crate::imaging::{FileFormat, Provenance, read_provenance};

/// When a file is signed: nothing in it may change afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signed {
    /// As soon as it is made.
    #[default]
    AtOnce,
    /// By the caller, with [`Signing::sign`], once all is in it.
    Later,
}

/// A certificate with its key, and the images that were handed in.
#[derive(Debug)]
pub struct Signing {
    credentials: Arc<Credentials>,
    handed_in: Vec<(Role, Vec<u8>)>,
    /// The same, once they were looked at: that takes long enough not to be done where requests are read.
    inputs: OnceLock<Vec<Input>>,
}

impl Signing {
    pub(in crate::service) fn new(
        credentials: Arc<Credentials>,
        handed_in: Vec<(Role, Vec<u8>)>,
    ) -> Self {
        Self {
            credentials,
            handed_in,
            inputs: OnceLock::new(),
        }
    }

    /// For what a draft asks for.
    pub(in crate::service) fn of(draft: &Draft, credentials: Arc<Credentials>) -> Self {
        let parent = draft.image.clone().map(|file| (Role::Parent, file));
        let style = draft
            .style_image
            .clone()
            .map(|file| (Role::Reference, file));
        Self::new(credentials, parent.into_iter().chain(style).collect())
    }

    /// Whether a small file is signed in no time: there is nothing to be read first, and nobody to be asked.
    pub(in crate::service) fn is_quick(&self) -> bool {
        self.handed_in.is_empty() && !self.credentials.asks_for_stamps()
    }

    /// Bytes that are kept for it.
    pub(super) fn bytes(&self) -> u64 {
        self.handed_in
            .iter()
            .map(|(_, file)| file.len() as u64)
            .sum()
    }

    /// The file with a signed manifest in it, which says of its making what the file says itself. It is
    /// quick for small files; it is not for an async thread otherwise.
    ///
    /// # Errors
    /// [`SigningError`]: the certificate has expired, say.
    pub fn sign(&self, file: &[u8], format: FileFormat) -> Result<Vec<u8>, SigningError> {
        let found = read_provenance(file).unwrap_or_default();
        let provenance = Provenance {
            edited: found.is_edit(),
            model: found.model.unwrap_or_default(),
            digest: found.digest.unwrap_or_default(),
            family: found.family.unwrap_or_default(),
            seed: found.seed,
            prompt: found.prompt,
            chain: found.chain,
            sources: found.sources,
        };
        self.state(file, format, &provenance)
    }

    pub(in crate::service) fn state(
        &self,
        file: &[u8],
        format: FileFormat,
        provenance: &Provenance,
    ) -> Result<Vec<u8>, SigningError> {
        let inputs = self.inputs.get_or_init(|| {
            let read = |(role, file): &(Role, Vec<u8>)| Input::read(file, *role);
            self.handed_in.iter().map(read).collect()
        });
        self.credentials
            .sign(file, format, Statement { provenance, inputs })
    }
}
