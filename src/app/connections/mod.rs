//! Accepting connections, with the limits that only the side which accepts can keep.
//!
//! - A head has seconds to arrive, an idle connection a little more than a minute, and whoever
//!   doesn't read its answer half a minute ([`timed`]).
//! - Where places run short, idle connections are closed for new ones, and where all are busy, a
//!   few more are let in for probes ([`places`]).

mod activity;
mod answering;
mod meters;
mod places;
mod timed;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use self::activity::{Activity, Answering, Doing};
use self::answering::Answered;
pub(super) use self::meters::ConnectionMeters;
use self::places::{Bounds, Entry, Place, Places};
use self::timed::Timed;
use super::tls::Tls;
use crate::http::{Crowded, Encrypted};

/// For the next request on an idle connection to begin.
///
/// Longer than the minute after which load balancers give up idle connections: it must be they
/// who close first, or now and then a request is sent into a connection that is just closing.
const IDLE: Duration = Duration::from_secs(75);

/// Bytes of a request's head, with all its headers.
const HEAD_BYTES: usize = 64 << 10;

/// How long to wait for file descriptors to come free when there are none.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// How many connections there may be, and whose are not counted by address.
#[derive(Debug, Clone)]
pub(super) struct ConnectionOptions {
    pub(super) most: usize,
    pub(super) per_address: usize,
    pub(super) trusted: Vec<IpNet>,
    pub(super) tls: Option<Tls>,
}

/// The open connections.
pub(super) struct Connections {
    router: Router,
    places: Places,
    trusted: Vec<IpNet>,
    tls: Option<Tls>,
    protocol: http1::Builder,
    /// All that is to end when the port closes.
    closing: CancellationToken,
    tasks: TaskTracker,
    meters: ConnectionMeters,
    born: Instant,
}

impl Connections {
    pub(super) fn new(
        router: Router,
        options: ConnectionOptions,
        meters: ConnectionMeters,
    ) -> Self {
        let mut protocol = http1::Builder::new();
        protocol
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .max_buf_size(HEAD_BYTES);
        Self {
            router,
            places: Places::new(Bounds {
                most: options.most,
                per_address: options.per_address,
            }),
            trusted: options.trusted,
            tls: options.tls,
            protocol,
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            meters,
            born: Instant::now(),
        }
    }

    /// Accepts until told to close.
    pub(super) async fn accept(self, listener: TcpListener, closing: CancellationToken) -> Self {
        let accepting = async {
            loop {
                match listener.accept().await {
                    Ok((stream, peer)) => self.serve(stream, peer),
                    Err(error) => self.pause(&error).await,
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
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let activity = Activity::begun(self.born);
        let close = self.closing.child_token();
        let address = peer.ip().to_canonical();
        let trusted = self.trusted.iter().any(|net| net.contains(&address));
        let (entry, leaving) = self.places.enter(address, trusted, &activity, &close);
        if let Some(leaving) = leaving {
            self.meters.evicted();
            leaving.cancel();
        }
        let (place, crowded) = match entry {
            Entry::Usual(place) => (place, false),
            Entry::Crowded(place) => (place, true),
            Entry::Refused => return self.meters.refused(),
        };
        self.meters.open(self.places.open());
        // An answer's last packet must not wait for the caller to acknowledge the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        let stream = Timed::new(stream, activity.clone());
        let connection = Connection {
            peer,
            activity,
            close,
            crowded,
            place,
        };
        let (protocol, router) = (self.protocol.clone(), self.router.clone());
        let (places, meters) = (self.places.clone(), self.meters.clone());
        let tls = self.tls.clone();
        self.tasks.spawn(async move {
            match tls {
                None => connection.run(&protocol, router, stream).await,
                Some(tls) => {
                    connection
                        .run_encrypted(&tls, &protocol, router, stream)
                        .await
                }
            }
            meters.open(places.open());
        });
    }

    /// A caller who left before being accepted costs nothing; without file descriptors, accepting
    /// again at once would only spin.
    async fn pause(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset};
        if !matches!(error.kind(), ConnectionAborted | ConnectionReset) {
            self.meters.failed();
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(OUT_OF_FILES).await;
        }
    }
}

/// One connection.
struct Connection {
    peer: SocketAddr,
    activity: Activity,
    close: CancellationToken,
    crowded: bool,
    place: Place,
}

impl Connection {
    /// Shakes hands, and goes on as [`run`](Self::run).
    async fn run_encrypted(
        self,
        tls: &Tls,
        protocol: &http1::Builder,
        router: Router,
        stream: Timed<TcpStream>,
    ) {
        // One that is only shaking hands is as good as idle: whoever needs its place may have it.
        let shaken = tokio::select! {
            shaken = tls.accept(stream) => shaken,
            () = self.close.cancelled() => return,
        };
        match shaken {
            Ok(stream) => {
                self.activity.set(Doing::Idle);
                let router = router.layer(Extension(Encrypted));
                self.run(protocol, router, stream).await;
            }
            Err(error) => tracing::debug!(%error, peer = %self.peer, "no handshake came about"),
        }
    }

    async fn run<S>(self, protocol: &http1::Builder, router: Router, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Self {
            peer,
            activity,
            close,
            crowded,
            place,
        } = self;
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            let answering = Answering::begun(&activity);
            request.extensions_mut().insert(ConnectInfo(peer));
            if crowded {
                request.extensions_mut().insert(Crowded);
            }
            let answer = router.clone().oneshot(request.map(Body::new));
            async move {
                let answer = answer.await.unwrap_or_else(|never| match never {});
                Ok::<_, Infallible>(answer.map(|body| Answered::new(body, answering)))
            }
        });
        let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = close.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // Callers hang up, and send what is no HTTP; neither is for an operator to mend.
            tracing::debug!(%error, %peer, "a connection ended early");
        }
        drop(place);
    }
}
