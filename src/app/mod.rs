//! The running service: a port, its connections, and an orderly end.
//!
//! Models are loaded before the port opens, so the first answer anybody gets is that of a server
//! that is ready. The port is claimed before they are loaded, so that an address which is taken is
//! known at once.
//!
//! # The end
//!
//! 1. On SIGTERM or SIGINT `/readyz` turns 503. For the grace period everything else goes on, so
//!    that load balancers which poll can look elsewhere first.
//! 2. The port closes, idle connections close, and new requests on open ones are refused with 503.
//! 3. Requests in the house finish. Those that are still there at the drain deadline are cancelled
//!    and answered 503.
//! 4. The last answers are written out, and the process leaves with exit code 0.
//!
//! A second signal ends it at once, with another code. SIGHUP ends nothing.
//!
//! Models that still load, and calls that still run, are not waited for: `main` leaves without
//! the library's destructors, which would pull its objects from under those threads.

mod connections;
mod signals;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use self::signals::{Hangups, Signals};

use self::connections::Connections;
use crate::config::{EngineSettings, ServingSettings};
use crate::http::{Cors, HttpOptions, router};
use crate::imaging::DecodeLimits;
use crate::service::{Limits, Studio, StudioOptions};

/// Connections that the system holds for us while none is accepted.
const BACKLOG: u32 = 1024;
/// For answers that are done to reach callers who read slowly, after all requests have ended.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everybody in the house was answered.
    Orderly,
    /// A second signal cut it short.
    Forced,
}

/// Serves until a signal comes, and then drains.
///
/// `give_back` has the process's allocator give freed memory back to the system; workers call it when
/// they have nothing to do. `announce` is called once, when the port is open.
///
/// # Errors
/// The address cannot be had, or no model could ever be served.
pub async fn serve(
    engine: &EngineSettings,
    serving: &ServingSettings,
    mut signals: Signals,
    give_back: fn(),
    announce: impl FnOnce(&Studio, SocketAddr),
) -> anyhow::Result<Ending> {
    let hangups = Hangups::catch()?;
    // Ends with this function, however that returns.
    let _listening = AbortOnDropHandle::new(tokio::spawn(hear(hangups)));
    let socket = claim(&serving.listen).await?;
    let options = StudioOptions {
        give_back,
        ..studio_options(engine, serving)
    };
    let opening = tokio::task::spawn_blocking(move || Studio::open(&options));
    let studio = tokio::select! {
        studio = opening => studio??,
        signal = signals.next() => {
            tracing::info!(signal, "stopped before the models were loaded");
            return Ok(Ending::Orderly);
        }
    };
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    let http = HttpOptions {
        max_body_bytes: serving.max_body,
        cors: Cors::from_origins(&serving.cors)?,
        public_url: serving.public_url.clone(),
        a1111_shared_options: serving.a1111_shared_options,
        ..HttpOptions::default()
    };
    let port = Port::open(
        listener,
        router(studio.clone(), &http),
        serving.max_connections,
    );
    announce(&studio, address);

    let signal = signals.next().await;
    tokio::select! {
        // A second signal that is already there must win over an empty house.
        biased;
        signal = signals.next() => {
            let in_house = studio.in_house();
            tracing::warn!(signal, in_house, "stopping at once");
            Ok(Ending::Forced)
        }
        () = drain(signal, &studio, port, serving) => Ok(Ending::Orderly),
    }
}

/// Says of each SIGHUP that it was heard; the server goes on as it is.
async fn hear(mut hangups: Hangups) {
    loop {
        hangups.next().await;
        tracing::info!(
            "SIGHUP changes nothing; restart the server to read settings and models again"
        );
    }
}

/// What the settings mean to the engine.
#[must_use]
pub fn studio_options(engine: &EngineSettings, serving: &ServingSettings) -> StudioOptions {
    StudioOptions {
        only: None,
        models: engine.models.clone(),
        library: engine.library.clone(),
        provider: engine.provider,
        workers: engine.workers,
        threads: engine.threads,
        queue: serving.queue,
        default_model: engine.default_model.clone(),
        aliases: engine.aliases.clone(),
        limits: Limits {
            images: serving.max_images as u64,
            deadline: serving.deadline,
            decode: DecodeLimits::default(),
        },
        give_back: || {},
    }
}

/// Binds the first address that `listen` stands for and that is free.
async fn claim(listen: &str) -> anyhow::Result<TcpSocket> {
    let refused = |error: io::Error| anyhow::anyhow!("cannot listen on {listen}: {error}");
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in lookup_host(listen).await.map_err(refused)? {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        };
        let bound = socket.and_then(|socket| {
            // A restart must not wait for the last run's connections to be forgotten.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(socket)
        });
        match bound {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(refused(last))
}

async fn drain(signal: &str, studio: &Studio, port: Port, serving: &ServingSettings) {
    tracing::info!(
        signal,
        in_house = studio.in_house(),
        grace_s = serving.grace.as_secs(),
        drain_s = serving.drain.as_secs(),
        "shutting down"
    );
    studio.withdraw();
    tokio::time::sleep(serving.grace).await;
    studio.close();
    let leaving = port.close().await;
    let drained = studio.drain(serving.drain).await;
    let unread = timeout(LAST_BYTES, leaving).await.is_err();
    tracing::info!(
        cancelled = drained.cancelled,
        unread_answers = unread,
        "everybody has left"
    );
}

/// The open port, with a task that accepts.
struct Port {
    closing: CancellationToken,
    accepting: JoinHandle<Connections>,
}

impl Port {
    fn open(listener: TcpListener, router: axum::Router, most: usize) -> Self {
        let closing = CancellationToken::new();
        let connections = Connections::new(router, most);
        let accepting = tokio::spawn(connections.accept(listener, closing.clone()));
        Self { closing, accepting }
    }

    /// Closes the port and all idle connections. The task that comes back is done when the other
    /// connections have written their last answers.
    async fn close(self) -> JoinHandle<()> {
        self.closing.cancel();
        let connections = self.accepting.await.expect("accepting does not panic");
        // As a task, so that connections hear of it now and not when somebody waits for them.
        tokio::spawn(connections.shut_down())
    }
}
