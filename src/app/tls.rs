//! TLS: the certificate and its key, read again on SIGHUP, and handshakes within bounds.
//!
//! A handshake is work that a stranger has the server do. So it has seconds to end, and only so many are
//! under way at the same time; the others wait their turn, within the same seconds.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::config::KeyPairFiles;

/// For a handshake, from the connection's first moment.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes that are under way at the same time.
const AT_ONCE: usize = 256;

/// Why there is no TLS.
#[derive(Debug, Error)]
pub(super) enum TlsError {
    #[error("{}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: pem::Error,
    },
    #[error("{}: there is no certificate in it", path.display())]
    Empty { path: PathBuf },
    #[error("{} and {} don't go together: {source}", certificate.display(), key.display())]
    Unfit {
        certificate: PathBuf,
        key: PathBuf,
        #[source]
        source: rustls::Error,
    },
}

/// What turns connections into encrypted ones; cloning it is cheap.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    files: KeyPairFiles,
    config: Arc<RwLock<Arc<ServerConfig>>>,
    turns: Arc<Semaphore>,
}

impl Tls {
    pub(super) fn read(files: KeyPairFiles) -> Result<Self, TlsError> {
        Ok(Self {
            config: Arc::new(RwLock::new(config(&files)?)),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            files,
        })
    }

    /// Reads the files again, for connections that come from now on.
    pub(super) fn read_again(&self) -> Result<(), TlsError> {
        let new = config(&self.files)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Shakes hands.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let shaking = async {
            let turn = self.turns.acquire().await;
            let _turn = turn.expect("the semaphore is never closed");
            let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
            TlsAcceptor::from(config).accept(stream).await
        };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long");
        timeout(HANDSHAKE, shaking).await.map_err(late)?
    }
}

fn config(files: &KeyPairFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let KeyPairFiles { certificate, key } = files;
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |source| TlsError::Unreadable { path, source }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(unreadable(certificate))?;
    if chain.is_empty() {
        let path = certificate.clone();
        return Err(TlsError::Empty { path });
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    let unfit = |source| TlsError::Unfit {
        certificate: certificate.clone(),
        key: key.clone(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
