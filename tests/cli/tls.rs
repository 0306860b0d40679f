//! The service by TLS, asked by a client that believes its certificate alone.

use std::fs;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::program::{Server, fail, fixture, succeed, until};

/// Lays one of the two pairs for localhost into the folder, and answers with the certificate.
fn certify(folder: &TempDir, pair: &str) -> CertificateDer<'static> {
    let lay = |ending: &str, name: &str| {
        let file = fixture("tls").join(format!("{pair}.{ending}"));
        fs::copy(file, folder.path().join(name)).expect("a copy");
    };
    lay("pem", "cert.pem");
    lay("key", "key.pem");
    CertificateDer::from_pem_file(folder.path().join("cert.pem")).expect("a certificate")
}

fn start(folder: &TempDir) -> Server {
    let path = |name: &str| folder.path().join(name).to_str().expect("plain").to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    Server::start(
        &fixture("models"),
        &["--tls-cert", &cert, "--tls-key", &key],
    )
}

/// Asks by a client that believes this certificate alone; nothing if no handshake comes about.
async fn ask(server: &Server, certificate: &CertificateDer<'static>, path: &str) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("it is a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = server.url.rsplit('/').next().expect("an address");
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.ok()?;
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    Some(answer)
}

#[tokio::test]
async fn a_client_that_believes_the_certificate_is_answered() {
    let folder = TempDir::new().expect("a folder");
    let certificate = certify(&folder, "first");
    let server = start(&folder);
    assert!(server.greeting.contains("https://"), "{}", server.greeting);
    // Who says nothing, or nothing that is TLS, keeps nobody out.
    let address = server.url.rsplit('/').next().expect("an address");
    let mut silent = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(b"GET").await.expect("it reads");
        silent.push(stream);
    }
    let answer = ask(&server, &certificate, "/livez").await;
    let answer = answer.expect("a handshake");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_hangup_has_the_certificate_read_again_and_a_slip_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let first = certify(&folder, "first");
    let server = start(&folder);
    assert!(ask(&server, &first, "/livez").await.is_some());
    let second = certify(&folder, "second");
    server.process.signal("HUP");
    until(async || ask(&server, &second, "/livez").await.is_some()).await;
    assert!(ask(&server, &first, "/livez").await.is_none());
    fs::write(folder.path().join("cert.pem"), "no certificate").expect("it is ours");
    server.process.signal("HUP");
    for _ in 0..10 {
        assert!(ask(&server, &second, "/livez").await.is_some());
    }
}

#[test]
fn a_certificate_without_its_key_is_no_setting() {
    let folder = TempDir::new().expect("a folder");
    drop(certify(&folder, "first"));
    let models = fixture("models");
    let models = models.to_str().expect("a plain path");
    let flags = ["serve", "--models", models, "--tls-cert", "cert.pem"];
    let refusal = fail(&folder, 2, flags);
    assert!(refusal.contains("--tls-key"), "{refusal}");
}

#[test]
fn a_health_check_finds_the_server_by_its_settings_and_its_certificate() {
    let folder = TempDir::new().expect("a folder");
    drop(certify(&folder, "first"));
    let server = start(&folder);
    let address = server.url.rsplit('/').next().expect("an address");
    let settings = "tls_cert = \"cert.pem\"\ntls_key = \"key.pem\"\n";
    let settings = format!("listen = \"{address}\"\n{settings}");
    fs::write(folder.path().join("atelier.toml"), settings).expect("it is ours");
    succeed(&folder, ["healthcheck"]);
    // Another server's certificate would be somebody else in its place.
    drop(certify(&folder, "second"));
    let sentence = fail(&folder, 1, ["healthcheck"]);
    assert!(sentence.contains("does not answer"), "{sentence}");
}
