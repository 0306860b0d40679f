//! One POST to one address: the one that was looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::target::{Allowed, Target};
use crate::jobs::Undelivered;

/// For a receiver to answer, the connection included.
const PATIENCE: Duration = Duration::from_secs(15);
/// For a connection.
const CONNECTING: Duration = Duration::from_secs(5);
/// What an answer's head may take, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// What tells that nobody wants to be told any more.
const GONE: u16 = 410;
/// Who asks.
const AGENT: &str = concat!("atelier/", env!("CARGO_PKG_VERSION"));

/// What posts.
#[derive(Clone)]
pub(super) struct Poster(TlsConnector);

impl std::fmt::Debug for Poster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poster").finish_non_exhaustive()
    }
}

impl Poster {
    /// With the certificates that the system trusts.
    pub(super) fn new() -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (usable, unusable) = roots.add_parsable_certificates(found.certs);
        if usable == 0 {
            let errors = found.errors.len();
            tracing::warn!(
                unusable,
                errors,
                "the system has no certificates, so that no webhook goes to https"
            );
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the ciphers of all versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(TlsConnector::from(Arc::new(config)))
    }

    /// Posts it. What is answered counts by its status alone.
    pub(super) async fn post(
        &self,
        target: &Target,
        allowed: &Allowed,
        headers: [(&'static str, String); 3],
        body: String,
    ) -> Result<(), Undelivered> {
        let posting = async {
            let stream = connect(target, allowed).await?;
            if !target.is_encrypted {
                return ask(stream, target, headers, body).await;
            }
            let name = ServerName::try_from(target.host.clone()).map_err(again)?;
            let stream = self.0.connect(name, stream).await.map_err(again)?;
            ask(stream, target, headers, body).await
        };
        let status = timeout(PATIENCE, posting).await;
        match status.unwrap_or_else(|_| Err(again("no answer in time")))? {
            200..=299 => Ok(()),
            status => Err(Undelivered {
                reason: format!("it answered {status}"),
                is_final: status == GONE,
            }),
        }
    }
}

/// A connection to one of the addresses that the host's name leads to, if that may be reached.
async fn connect(target: &Target, allowed: &Allowed) -> Result<TcpStream, Undelivered> {
    let found = lookup_host((&*target.host, target.port))
        .await
        .map_err(again)?;
    // Addresses from here on: a name that is looked up again may lead elsewhere by then.
    let may = |address: &SocketAddr| allowed.reaches(address.ip(), target.is_encrypted);
    let addresses: Vec<SocketAddr> = found.filter(may).collect();
    if addresses.is_empty() {
        return Err(again(
            "its name leads to no public address, and to none of a network that is allowed \
             (http is for the latter alone)",
        ));
    }
    let mut last = None;
    for address in addresses {
        match timeout(CONNECTING, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some(again(error)),
            Err(_) => last = Some(again("no connection in time")),
        }
    }
    Err(last.unwrap_or_else(|| again("no connection")))
}

async fn ask<S>(
    stream: S,
    target: &Target,
    headers: [(&'static str, String); 3],
    body: String,
) -> Result<u16, Undelivered>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(LONGEST_HEAD);
    let handshake = builder.handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(again)?;
    // Ends with this, and with it the connection: the answer's body is not read.
    let _connection = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(connection));
    let mut request = Request::post(&*target.path)
        .header(HOST, &*target.authority)
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(again)?;
    let answer = sender.send_request(request).await.map_err(again)?;
    Ok(answer.status().as_u16())
}

/// What may go better the next time.
fn again(reason: impl std::fmt::Display) -> Undelivered {
    Undelivered {
        reason: reason.to_string(),
        is_final: false,
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    const CERTIFICATE: &str = "tests/fixtures/tls/first.pem";
    const KEY: &str = "tests/fixtures/tls/first.key";

    /// Listens, and answers every connection with these bytes, or never.
    async fn answering(answer: Option<Vec<u8>>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _read = stream.read(&mut head).await;
                match &answer {
                    Some(answer) => drop(stream.write_all(answer).await),
                    None => pending().await,
                }
                // The connection stays open: what is left out is not the end.
                std::mem::drop(tokio::spawn(async move {
                    let _end = stream.read(&mut head).await;
                }));
            }
        });
        port
    }

    async fn post(poster: &Poster, url: &str) -> Result<(), Undelivered> {
        let allowed = Allowed::read(["127.0.0.1", "localhost"]).expect("hosts");
        let target = Target::read(url, &allowed).expect("it is on the list");
        let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let headers = headers.map(|name| (name, "1".to_owned()));
        poster
            .post(&target, &allowed, headers, "{}".to_owned())
            .await
    }

    fn trusting_nobody() -> Poster {
        Poster::trusting(RootCertStore::empty())
    }

    #[tokio::test]
    async fn a_body_without_an_end_is_not_waited_for() {
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n".to_vec();
        answer.resize(100_000, b'x');
        let port = answering(Some(answer)).await;
        let posted = post(&trusting_nobody(), &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(posted, Ok(()));
    }

    #[tokio::test]
    async fn a_head_without_an_end_is_not_kept() {
        let mut answer = b"HTTP/1.1 200 OK\r\nx-long: ".to_vec();
        answer.resize(LONGEST_HEAD * 4, b'x');
        let port = answering(Some(answer)).await;
        let posted = post(&trusting_nobody(), &format!("http://127.0.0.1:{port}/")).await;
        let undelivered = posted.expect_err("it is too long");
        assert!(!undelivered.is_final, "{undelivered:?}");
        assert!(!undelivered.reason.contains("in time"), "{undelivered:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answers_is_left() {
        let port = answering(None).await;
        let posted = post(&trusting_nobody(), &format!("http://127.0.0.1:{port}/")).await;
        let undelivered = posted.expect_err("nothing comes");
        assert!(undelivered.reason.contains("in time"), "{undelivered:?}");
    }

    #[tokio::test]
    async fn an_encrypted_receiver_must_be_who_it_says() {
        let certificate = CertificateDer::from_pem_file(CERTIFICATE).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(KEY).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the ciphers of all versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a pair");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut head = [0; 4096];
                let _read = stream.read(&mut head).await;
                let _written = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _flushed = stream.shutdown().await;
            }
        });
        let mut roots = RootCertStore::empty();
        roots.add(certificate).expect("a root");
        let url = format!("https://localhost:{port}/");
        // The name is on the list; its address is, too.
        assert_eq!(post(&Poster::trusting(roots), &url).await, Ok(()));
        let undelivered = post(&trusting_nobody(), &url).await;
        let undelivered = undelivered.expect_err("nobody vouches for it");
        assert!(
            undelivered.reason.contains("certificate"),
            "{undelivered:?}"
        );
    }
}
