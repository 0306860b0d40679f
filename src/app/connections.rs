//! Accepting connections, with the limits that only the side which accepts can keep.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// For a request's head to arrive, and for the next request on an idle connection to begin.
///
/// Longer than the minute after which load balancers give up idle connections: it must be they
/// who close first, or now and then a request is sent into a connection that is just closing.
const IDLE: Duration = Duration::from_secs(75);

/// Bytes of a request's head, with all its headers.
const HEAD_BYTES: usize = 64 << 10;

/// How long to wait for file descriptors to come free when there are none.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// The open connections.
pub(super) struct Connections {
    router: Router,
    places: Arc<Semaphore>,
    protocol: http1::Builder,
    shutdown: GracefulShutdown,
}

impl Connections {
    pub(super) fn new(router: Router, most: usize) -> Self {
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .max_buf_size(HEAD_BYTES);
        Self {
            router,
            places: Arc::new(Semaphore::new(most)),
            protocol,
            shutdown: GracefulShutdown::new(),
        }
    }

    /// Accepts until told to close. More connections than there are places wait in the system's
    /// own queue, where they cost us nothing.
    pub(super) async fn accept(self, listener: TcpListener, closing: CancellationToken) -> Self {
        let accepting = async {
            loop {
                let place = Arc::clone(&self.places).acquire_owned().await;
                let place = place.expect("the semaphore is never closed");
                match listener.accept().await {
                    Ok((stream, peer)) => self.serve(stream, peer, place),
                    Err(error) => pause(&error).await,
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = closing.cancelled() => {}
        }
        self
    }

    /// Has idle connections close now and the others after their answer; done when all have.
    pub(super) async fn shut_down(self) {
        self.shutdown.shutdown().await;
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        // An answer's last packet must not wait for the caller to acknowledge the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request.map(Body::new));
            async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let connection = self
            .protocol
            .serve_connection(TokioIo::new(stream), service);
        let connection = self.shutdown.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // Callers hang up, and send what is no HTTP; neither is for an operator to mend.
                tracing::debug!(%error, %peer, "a connection ended early");
            }
            drop(place);
        });
    }
}

/// A caller who left before being accepted costs nothing; without file descriptors, accepting
/// again at once would only spin.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset) {
        tracing::warn!(%error, "cannot accept a connection");
        tokio::time::sleep(OUT_OF_FILES).await;
    }
}
