//! The operator's certificate and key, held against each other before the first file is signed.

use std::io::Cursor;
use std::sync::Arc;
use std::time::SystemTime;

use c2pa::crypto::raw_signature::validator_for_signing_alg;
use c2pa::validation_results::ValidationState;
use c2pa::{BoxedSigner, Reader, Signer, SigningAlg, create_signer};
use moka::sync::Cache;

use super::certificate::{CertificateError, Chain};
use super::sign::{Statement, now};
use super::stamps::TimeStamps;
use super::template::Template;
use crate::imaging::manifests::CONTEXT;
use crate::imaging::{Channels, FileFormat, Image, Provenance, encode};

/// What is signed to see whether a key is that of the certificate.
const TRIAL: &[u8] = b"a trial";

/// Models, and what their images went through, for which templates are kept.
const MOST_TEMPLATES: u64 = 256;

/// A model's id, its digest, and what its images went through.
type Key = (String, String, Vec<String>);

/// Why files can't be signed with a certificate and a key.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The certificate alone is at fault.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The key's file holds none.
    #[error("there is no private key in PEM in it (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// The key is locked.
    #[error(
        "the key is encrypted; atelier asks for no passphrase, so store it decrypted and readable by its user alone"
    )]
    EncryptedKey,
    /// The key is written in an older manner.
    #[error(
        "the key is in an older form; `openssl pkcs8 -topk8 -nodes -in OLD -out NEW` writes it as PKCS #8"
    )]
    OlderForm,
    /// Neither Ed25519 nor ECDSA over P-256.
    #[error(
        "the key is neither an Ed25519 nor an ECDSA key over P-256 (ES256), which files are signed with here"
    )]
    Algorithm,
    /// The key belongs to another certificate.
    #[error("the key is not that of the certificate")]
    Mismatch,
    /// Files with an authority's stamps don't hold.
    #[error(
        "readers would call files with this authority's time stamps broken ({reason}): its certificate must be \
         for time stamps, and not its own authority"
    )]
    Stamps {
        /// What they have against them.
        reason: String,
    },
    /// The certificate may not sign files.
    #[error(
        "readers would refuse what this certificate signs ({reason}): it must be for digital signatures and, by \
         its extended key usage, for documents, e-mail or C2PA; one for TLS won't do"
    )]
    Profile {
        /// What the signing library has against it.
        reason: String,
    },
}

/// A certificate and its key, with which files can be signed.
pub struct Credentials {
    signer: ExactSigner,
    templates: Cache<Key, Arc<Option<Template>>>,
    certificate: String,
    subject: String,
    expires: SystemTime,
}

impl Credentials {
    /// Reads a certificate, with those that lead to its root, and its key, both in PEM. A file is signed
    /// for trial, so that what is refused is refused now.
    ///
    /// # Errors
    /// [`CredentialsError`] says what is wrong, and with which of the two.
    pub fn read(certificate: &[u8], key: &[u8]) -> Result<Self, CredentialsError> {
        let chain = Chain::read(certificate, SystemTime::now())?;
        check_form(key)?;
        let signer = [SigningAlg::Ed25519, SigningAlg::Es256]
            .into_iter()
            .find_map(|algorithm| create_signer::from_keys(certificate, key, algorithm, None).ok())
            .ok_or(CredentialsError::Algorithm)?;
        let validator = validator_for_signing_alg(signer.alg());
        let validator = validator.ok_or(CredentialsError::Algorithm)?;
        let signature = signer
            .sign(TRIAL)
            .map_err(|_| CredentialsError::Algorithm)?;
        let fits = validator.validate(&signature, TRIAL, &chain.public_key);
        fits.map_err(|_| CredentialsError::Mismatch)?;
        let credentials = Self {
            signer: ExactSigner {
                reserve: chain.signature_bytes(),
                signer,
                stamps: None,
            },
            templates: Cache::new(MOST_TEMPLATES),
            certificate: chain.pem,
            subject: chain.subject,
            expires: chain.expires,
        };
        credentials.try_out()?;
        Ok(credentials)
    }

    /// The same, with files that an authority stamps with the time. One is stamped for trial and read: an
    /// authority whose own certificate readers refuse would make them call each file broken.
    ///
    /// # Errors
    /// [`CredentialsError::Stamps`], with what readers would say.
    pub fn stamped_by(mut self, stamps: Arc<TimeStamps>) -> Result<Self, CredentialsError> {
        self.signer.stamps = Some(stamps);
        let file = self.try_out()?;
        let reader = Reader::from_shared_context(&CONTEXT);
        let read = reader.with_stream("image/png", Cursor::new(file));
        let faults: Vec<String> = match read {
            Ok(read) if read.validation_state() != ValidationState::Invalid => return Ok(self),
            Ok(read) => {
                let statuses = read.validation_status().unwrap_or_default().iter();
                statuses.map(|status| status.code().to_owned()).collect()
            }
            Err(error) => vec![error.to_string()],
        };
        Err(CredentialsError::Stamps {
            reason: faults.join(", "),
        })
    }

    /// Whether an authority is asked about each file, which takes as long as it likes.
    #[must_use]
    pub fn asks_for_stamps(&self) -> bool {
        self.signer.stamps.is_some()
    }

    /// The certificate without those that lead to its root, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Whom the certificate names.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the certificate ends, and files can't be signed any more.
    #[must_use]
    pub fn expires(&self) -> SystemTime {
        self.expires
    }

    pub(super) fn signer(&self) -> &dyn Signer {
        &self.signer
    }

    pub(super) fn templates(&self) -> &Cache<Key, Arc<Option<Template>>> {
        &self.templates
    }

    fn try_out(&self) -> Result<Vec<u8>, CredentialsError> {
        let profile = |error: &dyn std::error::Error| CredentialsError::Profile {
            reason: error.to_string(),
        };
        let provenance = Provenance::default();
        let dot = Image::new(1, 1, Channels::Grey, vec![0]).map_err(|error| profile(&error))?;
        let file = encode(&dot, FileFormat::Png, &provenance).map_err(|error| profile(&error))?;
        let statement = Statement {
            provenance: &provenance,
            inputs: &[],
        };
        let signed = self.by_library(&file, FileFormat::Png, statement, &now());
        let (signed, _) = signed.map_err(|error| profile(&error))?;
        Ok(signed)
    }
}

impl std::fmt::Debug for Credentials {
    /// The key stays out of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("subject", &self.subject)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

fn check_form(key: &[u8]) -> Result<(), CredentialsError> {
    let text = String::from_utf8_lossy(key);
    let begins = |kind: &str| text.contains(&format!("-----BEGIN {kind}-----"));
    if begins("PRIVATE KEY") {
        Ok(())
    } else if begins("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        Err(CredentialsError::EncryptedKey)
    } else if begins("EC PRIVATE KEY") || begins("RSA PRIVATE KEY") {
        Err(CredentialsError::OlderForm)
    } else {
        Err(CredentialsError::NoKey)
    }
}

/// The library's own signers set aside 11 kB in each file, mostly for a time stamp that isn't asked for. It
/// fills up what is set aside, and can't fill up fewer than some hundred bytes, so none are left over.
struct ExactSigner {
    signer: BoxedSigner,
    reserve: usize,
    stamps: Option<Arc<TimeStamps>>,
}

impl Signer for ExactSigner {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.signer.sign(data)
    }

    fn alg(&self) -> SigningAlg {
        self.signer.alg()
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        self.signer.certs()
    }

    fn reserve_size(&self) -> usize {
        let stamp = self.stamps.as_ref().map_or(0, |stamps| stamps.reserve());
        self.reserve + stamp
    }

    fn send_timestamp_request(&self, message: &[u8]) -> Option<c2pa::Result<Vec<u8>>> {
        self.stamps.as_ref()?.stamp(message).map(Ok)
    }
}
