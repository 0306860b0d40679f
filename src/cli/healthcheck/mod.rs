//! `atelier healthcheck`: what a container's health check calls, with nothing else installed.

mod pinned;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper::http::uri::{PathAndQuery, Scheme};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::task::AbortOnDropHandle;

use super::{ConfigFlag, Exit, console};
use crate::config::RawSettings;

#[derive(Debug, Args)]
#[command(after_help = "\
Exits with 0 if the server answers 200, and with 1 otherwise. Without --url, the server's own
settings say where it listens.

  HEALTHCHECK CMD [\"atelier\", \"healthcheck\"]       in a Dockerfile
  atelier healthcheck --url http://10.0.0.7:8080/readyz")]
pub(super) struct Healthcheck {
    /// What to ask [default: /readyz where `ATELIER_LISTEN` or `atelier.toml` says that it listens]
    #[arg(long)]
    url: Option<String>,
    /// How long to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

impl Healthcheck {
    pub(super) async fn run(self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let (url, certificate) = match self.url {
            Some(url) => (url, None),
            None => {
                let settings = config.settings(RawSettings::default())?;
                let certificate = settings.tls()?.map(|files| files.certificate);
                let scheme = certificate.as_ref().map_or("http", |_| "https");
                (readyz(scheme, &settings.listen()?), certificate)
            }
        };
        let timeout = Duration::from_secs(self.timeout);
        let status = ask(&url, certificate.as_deref(), timeout)
            .await
            .with_context(|| format!("{url} does not answer"))?;
        if status == StatusCode::OK {
            return Ok(Exit::Success);
        }
        console::complain(&format!("{url} answered {}", status.as_u16()));
        Ok(Exit::Failure)
    }
}

/// The address to ask for a server that listens there. One that listens everywhere is asked here.
fn readyz(scheme: &str, listen: &str) -> String {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "8080"));
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        host => host,
    };
    format!("{scheme}://{host}:{port}/readyz")
}

/// The status code of a GET, encrypted for the server of that certificate where there is one. The whole
/// of it is bounded by the timeout.
async fn ask(
    url: &str,
    certificate: Option<&Path>,
    timeout: Duration,
) -> anyhow::Result<StatusCode> {
    let url: Uri = url.parse().context("that is no address")?;
    let tls = certificate.map(pinned::connector).transpose()?;
    if tls.is_none() && url.scheme() != Some(&Scheme::HTTP) {
        bail!("only http:// is understood, or the settings of a server with tls_cert");
    }
    let authority = url.authority().context("it names no host")?;
    // Brackets are how a URL tells an IPv6 address from a port.
    let host = authority.host().trim_matches(['[', ']']);
    let asked = async {
        let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
        let path = url.path_and_query().map_or("/", PathAndQuery::as_str);
        let request = Request::get(path).header(HOST, authority.as_str());
        let request = request.body(Empty::new())?;
        match tls {
            None => status(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(host.to_owned())?;
                status(tls.connect(name, stream).await?, request).await
            }
        }
    };
    let answered = tokio::time::timeout(timeout, asked).await;
    answered.context("no answer within the timeout")?
}

async fn status<S>(stream: S, request: Request<Empty<Bytes>>) -> anyhow::Result<StatusCode>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with this function, whatever the server goes on to say.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    Ok(sender.send_request(request).await?.status())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        assert_eq!(readyz("http", "0.0.0.0:80"), "http://127.0.0.1:80/readyz");
        assert_eq!(readyz("https", "[::]:8080"), "https://[::1]:8080/readyz");
        assert_eq!(readyz("http", "localhost:1"), "http://localhost:1/readyz");
    }

    #[tokio::test]
    async fn what_is_no_http_is_told() {
        for (said, answered) in [
            (&b"HTTP/1.1 503 Service Unavailable\r\n\r\n"[..], Some(503)),
            (b"HTTP/1.0 200 OK\r\n\r\n", Some(200)),
            (b"SSH-2.0-OpenSSH_9.2\r\n", None),
            (b"", None),
        ] {
            let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let address = server.local_addr().expect("it is bound");
            let answers = std::thread::spawn(move || {
                let (mut caller, _) = server.accept().expect("it is called");
                let mut question = [0; 1024];
                let _read = caller.read(&mut question).expect("it is asked");
                caller.write_all(said).expect("it can answer");
            });
            let status = ask(
                &format!("http://{address}/readyz"),
                None,
                Duration::from_secs(20),
            )
            .await;
            assert_eq!(status.ok().map(|status| status.as_u16()), answered);
            answers.join().expect("it answers");
        }
        for wrong in ["https://localhost/", "localhost:1", "http://", "ftp://a/"] {
            assert!(
                ask(wrong, None, Duration::from_secs(1)).await.is_err(),
                "{wrong}"
            );
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!(
            "http://{}/readyz",
            silent.local_addr().expect("it is bound")
        );
        let error = ask(&url, None, Duration::from_millis(50)).await;
        let error = error.expect_err("nobody answers").to_string();
        assert!(error.contains("within the timeout"), "{error}");
    }
}
