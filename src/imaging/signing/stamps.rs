//! Time stamps: an authority's word on when a file was signed (RFC 3161).
//!
//! Without one, a signature is worth nothing once its certificate has ended, since nobody can tell whether
//! it was made before. The authority sees a hash and no file. It is somebody else's service: a file
//! leaves without a stamp where it doesn't answer, rather than not at all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use c2pa::crypto::cose::CertificateTrustPolicy;
use c2pa::crypto::time_stamp::{default_rfc3161_message, verify_time_stamp};
use c2pa::status_tracker::StatusTracker;
use rustls_native_certs::load_native_certs;
use tokio::time::Instant;
use tokio_rustls::rustls::crypto::ring;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// For an authority to answer, the connection included.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long an authority that failed isn't asked again: each file would wait for it in vain.
const REST: Duration = Duration::from_secs(30);
/// Files that wait for stamps at the same time: each holds a thread meanwhile.
const MOST_AT_ONCE: usize = 16;
/// What a stamp may take, in bytes.
const LONGEST: u64 = 32 * 1024;
/// What is set aside in a file for the stamp of an authority that hasn't answered yet.
const USUAL: usize = 8 * 1024;
/// By how much one stamp may be longer than another of the same authority, in bytes: serial numbers and
/// parts of a second take a few. The library fills up what is left over, and fails where it is about
/// 24 or 256 bytes, whose CBOR it can't write at each length: so this is well above both.
const SLACK: usize = 512;
/// What is left of it, at least, for the library to fill up.
const LEFT: usize = 320;
const ASKED: &str = "application/timestamp-query";
const ANSWERED: &str = "application/timestamp-reply";

/// An address at which no authority can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an address that begins with http:// or https://, without a name and a password in it"
)]
pub struct NoAuthority;

/// Why there is no stamp.
#[derive(Debug, thiserror::Error)]
enum StampError {
    #[error("it can't be asked: {0}")]
    Unreachable(#[from] ureq::Error),
    #[error("its answer is no time stamp: {0}")]
    Unsound(String),
    #[error("its stamp is longer ({length} bytes) than what is set aside for it ({most})")]
    TooLong { length: usize, most: usize },
}

/// Whoever stamps files with the time.
#[derive(Debug)]
pub struct TimeStamps {
    url: String,
    /// What the log calls it: the rest of the address may hold a customer's token.
    host: String,
    agent: Agent,
    reserve: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Files that ask just now.
    asking: usize,
    /// Whether the last answer was none: then one file at a time asks, so that the others don't all wait
    /// for an authority that is still gone.
    failed: bool,
    /// Until when it isn't asked.
    rests: Option<Instant>,
}

impl TimeStamps {
    /// The authority at an address, `https://tsa.example/rfc3161`, say. It is asked for a stamp for trial, so
    /// that as much room is left in files as its stamps take; where it doesn't answer, the log says so.
    ///
    /// # Errors
    /// [`NoAuthority`]: that is no such address.
    pub fn at(url: &str) -> Result<Arc<Self>, NoAuthority> {
        let address: Uri = url.parse().map_err(|_| NoAuthority)?;
        let authority = address.authority().ok_or(NoAuthority)?;
        let is_web = matches!(address.scheme_str(), Some("http" | "https"));
        if !is_web || authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(NoAuthority);
        }
        let mut stamps = Self {
            url: url.to_owned(),
            host: authority.as_str().to_owned(),
            agent: agent(),
            reserve: USUAL,
            state: Mutex::default(),
        };
        match stamps.ask(b"a trial") {
            Ok(stamp) => stamps.reserve = stamp.len() + SLACK,
            Err(error) => stamps.failed(&error),
        }
        Ok(Arc::new(stamps))
    }

    /// Bytes that a stamp takes in a file.
    pub(super) fn reserve(&self) -> usize {
        self.reserve
    }

    /// A stamp for that message, if there is one to be had.
    pub(super) fn stamp(&self, message: &[u8]) -> Option<Vec<u8>> {
        if !self.may_ask() {
            return None;
        }
        let stamp = self.ask(message).and_then(|stamp| {
            let (length, most) = (stamp.len(), self.reserve - LEFT);
            match length > most {
                true => Err(StampError::TooLong { length, most }),
                false => Ok(stamp),
            }
        });
        self.state().asking -= 1;
        match stamp {
            Ok(stamp) => {
                self.state().failed = false;
                Some(stamp)
            }
            Err(error) => {
                self.failed(&error);
                None
            }
        }
    }

    /// Whether one more file may ask; it is counted then.
    fn may_ask(&self) -> bool {
        let mut state = self.state();
        let rests = state.rests.is_some_and(|until| Instant::now() < until);
        let most = if state.failed { 1 } else { MOST_AT_ONCE };
        let may = !rests && state.asking < most;
        state.asking += usize::from(may);
        may
    }

    fn ask(&self, message: &[u8]) -> Result<Vec<u8>, StampError> {
        let unsound = |error: &dyn std::fmt::Display| StampError::Unsound(error.to_string());
        let question = default_rfc3161_message(message).map_err(|error| unsound(&error))?;
        let request = self.agent.post(&self.url).header("content-type", ASKED);
        let mut answer = request.send(&question[..])?;
        let kind = answer.headers().get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()?.split(';').next());
        if !kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(ANSWERED)) {
            return Err(unsound(&format_args!("it isn't {ANSWERED}")));
        }
        let stamp = answer
            .body_mut()
            .with_config()
            .limit(LONGEST)
            .read_to_vec()?;
        let (anybody, mut log) = (
            CertificateTrustPolicy::passthrough(),
            StatusTracker::default(),
        );
        verify_time_stamp(&stamp, message, &anybody, &mut log, false)
            .map_err(|error| unsound(&error))?;
        Ok(stamp)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &StampError) {
        let mut state = self.state();
        let was_known = std::mem::replace(&mut state.failed, true);
        let rested = state.rests.replace(Instant::now() + REST);
        drop(state);
        // One line for an outage, however many files met it at the same time.
        if !was_known || rested.is_some_and(|until| until <= Instant::now()) {
            let (authority, seconds) = (&*self.host, REST.as_secs());
            tracing::warn!(%error, authority, seconds, "files leave without a time stamp for a while");
        }
    }
}

/// Trusts the authorities that the system trusts, and follows nobody elsewhere.
fn agent() -> Agent {
    let roots: Vec<Certificate<'static>> = load_native_certs()
        .certs
        .iter()
        .map(|root| Certificate::from_der(root).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(roots))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .proxy(None)
        .tls_config(tls)
        .user_agent(concat!("atelier/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// Answers each connection with this; counts them.
    fn answering(answer: String) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                counter.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let _read = stream.read(&mut head);
                let _written = stream.write_all(answer.as_bytes());
            }
        });
        (url, asked)
    }

    #[test]
    fn only_addresses_of_the_web_without_secrets_are_asked() {
        for url in [
            "",
            "tsa.example",
            "ftp://tsa.example/",
            "file:///etc/passwd",
            "https://",
            "https://me:secret@tsa.example/",
        ] {
            assert_eq!(TimeStamps::at(url).err(), Some(NoAuthority), "{url:?}");
        }
    }

    #[test]
    fn an_authority_that_fails_is_left_alone_for_a_while() {
        let (elsewhere, followed) = answering(String::new());
        let head = |kind: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n");
        for answer in [
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n".to_owned(),
            head("text/html") + "content-length: 2\r\n\r\nhi",
            head(ANSWERED) + "content-length: 2\r\n\r\nhi",
            format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n"),
        ] {
            let (url, asked) = answering(answer.clone());
            let stamps = TimeStamps::at(&url).expect("an address");
            assert_eq!(stamps.stamp(b"message"), None, "{answer}");
            assert_eq!(asked.load(Ordering::SeqCst), 1, "{answer}");
            assert_eq!(stamps.reserve(), USUAL);
        }
        assert_eq!(followed.load(Ordering::SeqCst), 0, "it went elsewhere");
    }

    #[test]
    fn after_a_failure_one_file_at_a_time_asks() {
        let (url, _) = answering("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".to_owned());
        let stamps = TimeStamps::at(&url).expect("an address");
        stamps.state().rests = None;
        assert!(stamps.may_ask());
        assert!(!stamps.may_ask(), "a second one would wait as well");
        *stamps.state() = State::default();
        let asking = (0..2 * MOST_AT_ONCE).filter(|_| stamps.may_ask()).count();
        assert_eq!(asking, MOST_AT_ONCE);
    }
}
