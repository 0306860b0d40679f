//! A port, from the moment that its address is claimed until its last connection has closed.

use std::io;

use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;

/// The open port, with a task that accepts.
pub(super) struct Port {
    closing: CancellationToken,
    accepting: JoinHandle<Connections>,
}

impl Port {
    pub(super) fn open(listener: TcpListener, connections: Connections) -> Self {
        let closing = CancellationToken::new();
        let accepting = tokio::spawn(connections.accept(listener, closing.clone()));
        Self { closing, accepting }
    }

    /// Closes the port and all idle connections. The task that comes back is done when the other
    /// connections have written their last answers.
    pub(super) async fn close(self) -> JoinHandle<()> {
        self.closing.cancel();
        let connections = self.accepting.await.expect("accepting does not panic");
        // As a task, so that connections hear of it now and not when somebody waits for them.
        tokio::spawn(connections.shut_down())
    }
}

/// Binds the first address that `listen` stands for and that is free.
pub(super) async fn claim(listen: &str) -> anyhow::Result<TcpSocket> {
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
