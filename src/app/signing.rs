//! The certificate and key that files are signed with, from their files.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::config::{KeyPairFiles, SigningSettings};
use crate::imaging::signing::{Credentials, CredentialsError, NoAuthority, TimeStamps};
use crate::imaging::verify::Trust;

/// A certificate that ends sooner is worth a warning.
const SOON: Duration = Duration::from_secs(30 * 86_400);

/// Why files can't be signed, and which file is at fault.
#[derive(Debug, thiserror::Error)]
pub enum SigningFilesError {
    /// It can't be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It holds something else.
    #[error("{}: {source}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CredentialsError,
    },
    /// They don't go together.
    #[error("{} and {}: {source}", certificate.display(), key.display())]
    Unlike {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        source: CredentialsError,
    },
    /// Stamps that are of no use.
    #[error("sign_timestamp: {url:?}: {source}")]
    Stamps {
        /// What was said.
        url: String,
        /// What is wrong with them.
        source: CredentialsError,
    },
    /// Nobody can be asked for stamps there.
    #[error("sign_timestamp: {url:?} {source}")]
    Authority {
        /// What was said.
        url: String,
        /// What is wrong with it.
        source: NoAuthority,
    },
}

/// Reads both files, signs something for trial, and asks for a time stamp where files get any.
///
/// # Errors
/// [`SigningFilesError`] names what is at fault.
pub fn signer(settings: &SigningSettings) -> Result<Credentials, SigningFilesError> {
    let credentials = credentials(&settings.files)?;
    let Some(url) = &settings.time_stamps else {
        return Ok(credentials);
    };
    let stamps = TimeStamps::at(url).map_err(|source| SigningFilesError::Authority {
        url: url.clone(),
        source,
    })?;
    credentials
        .stamped_by(stamps)
        .map_err(|source| SigningFilesError::Stamps {
            url: url.clone(),
            source,
        })
}

/// Reads both files, and signs something for trial.
///
/// # Errors
/// [`SigningFilesError`] names the file that is at fault.
pub fn credentials(files: &KeyPairFiles) -> Result<Credentials, SigningFilesError> {
    let KeyPairFiles { certificate, key } = files;
    let read = |path: &Path| {
        std::fs::read(path).map_err(|source| SigningFilesError::Unreadable {
            path: path.to_owned(),
            source,
        })
    };
    let credentials = Credentials::read(&read(certificate)?, &read(key)?);
    credentials.map_err(|source| match source {
        CredentialsError::Certificate(_) | CredentialsError::Profile { .. } => {
            let path = certificate.clone();
            SigningFilesError::Unfit { path, source }
        }
        CredentialsError::Mismatch => SigningFilesError::Unlike {
            certificate: certificate.clone(),
            key: key.clone(),
            source,
        },
        // Files aren't stamped yet.
        CredentialsError::Stamps { .. }
        | CredentialsError::NoKey
        | CredentialsError::EncryptedKey
        | CredentialsError::OlderForm
        | CredentialsError::Algorithm => {
            let path = key.clone();
            SigningFilesError::Unfit { path, source }
        }
    })
}

/// Authorities that can't be believed, and which file is at fault.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct TrustFileError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Whose signed files are believed: those of the authorities in a file, and one's own.
///
/// # Errors
/// [`TrustFileError`]: the file can't be read, or holds something else.
pub fn trust(
    authorities: Option<&Path>,
    own: Option<&Credentials>,
) -> Result<Trust, TrustFileError> {
    let path = authorities.unwrap_or(Path::new("")).to_owned();
    let unfit = |source: Box<dyn std::error::Error + Send + Sync>| TrustFileError { path, source };
    let read = authorities.map(std::fs::read_to_string).transpose();
    let read = match read {
        Ok(read) => read,
        Err(error) => return Err(unfit(error.into())),
    };
    Trust::new(read.as_deref(), own.map(Credentials::certificate))
        .map_err(|error| unfit(error.into()))
}

/// Tells the log with whose certificate files are signed, and how long that goes on.
pub(super) fn announce(credentials: &Credentials) {
    let left = credentials.expires().duration_since(SystemTime::now());
    let left = left.unwrap_or_default();
    let (subject, days_left) = (credentials.subject(), left.as_secs() / 86_400);
    if left < SOON {
        tracing::warn!(
            subject,
            days_left,
            "the certificate that files are signed with ends soon"
        );
    } else {
        tracing::info!(subject, days_left, "files are signed");
    }
}
