//! `atelier healthcheck`: what a container's health check calls, with nothing else installed.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::{ConfigFlag, Exit, console};
use crate::config::RawSettings;

/// Bytes of the answer that are read; the first line is all that counts.
const ANSWER: u64 = 4096;

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
    /// How long to wait, for each of connecting, asking and the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

impl Healthcheck {
    pub(super) fn run(self, config: &ConfigFlag) -> anyhow::Result<Exit> {
        let url = match self.url {
            Some(url) => url,
            None => readyz(&config.settings(RawSettings::default())?.listen()?),
        };
        let status = ask(&url, Duration::from_secs(self.timeout))
            .with_context(|| format!("{url} does not answer"))?;
        if status == 200 {
            return Ok(Exit::Success);
        }
        console::complain(&format!("{url} answered {status}"));
        Ok(Exit::Failure)
    }
}

/// The address to ask for a server that listens there. One that listens everywhere is asked here.
fn readyz(listen: &str) -> String {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "8080"));
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "[::]" => "[::1]",
        host => host,
    };
    format!("http://{host}:{port}/readyz")
}

/// The status code of a GET. Every step is bounded by the timeout.
fn ask(url: &str, timeout: Duration) -> anyhow::Result<u16> {
    let Some(rest) = url.strip_prefix("http://") else {
        bail!("only http:// is understood");
    };
    let (authority, path) = rest
        .find(['/', '?'])
        .map_or((rest, ""), |at| rest.split_at(at));
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let target = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let mut last = None;
    for address in target.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(mut stream) => {
                stream.set_read_timeout(Some(timeout))?;
                stream.set_write_timeout(Some(timeout))?;
                write!(
                    stream,
                    "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
                )?;
                let mut answer = Vec::new();
                stream.take(ANSWER).read_to_end(&mut answer)?;
                return status(&answer).context("what came back is no HTTP");
            }
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(error.into()),
        None => bail!("{target} has no address"),
    }
}

/// The code in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|&byte| byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let code = line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        assert_eq!(readyz("0.0.0.0:80"), "http://127.0.0.1:80/readyz");
        assert_eq!(readyz("[::]:8080"), "http://[::1]:8080/readyz");
        assert_eq!(readyz("localhost:1"), "http://localhost:1/readyz");
    }

    #[test]
    fn the_first_line_holds_the_code() {
        assert_eq!(
            status(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"),
            Some(503)
        );
        assert_eq!(status(b"HTTP/1.0 200\r\n"), Some(200));
        assert_eq!(status(b"SSH-2.0-OpenSSH_9.2\r\n"), None);
        assert_eq!(status(b""), None);
    }

    #[test]
    fn a_server_that_says_nothing_is_given_up() {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!(
            "http://{}/readyz",
            silent.local_addr().expect("it is bound")
        );
        let error = ask(&url, Duration::from_millis(50)).expect_err("nobody answers");
        assert!(error.is::<std::io::Error>(), "{error}");
    }
}
