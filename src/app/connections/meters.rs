//! What is counted of connections.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use crate::service::Meters;

/// The figures of one port; cloning them is cheap.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct ConnectionMeters {
    open: Gauge,
    evicted: Counter,
    refused: Counter,
    failed: Counter,
}

impl ConnectionMeters {
    /// Registers the figures beside those of the service.
    pub(in crate::app) fn among(meters: &Meters) -> Self {
        let own = Self::default();
        meters.register(|registry| {
            registry.register("connections", "Connections that are open", own.open.clone());
            registry.register(
                "connections_evicted",
                "Idle connections that were closed to make room",
                own.evicted.clone(),
            );
            registry.register(
                "connections_refused",
                "Connections that were closed at once, since all others were busy",
                own.refused.clone(),
            );
            registry.register(
                "accept_failures",
                "Connections that could not be accepted, for want of file descriptors say",
                own.failed.clone(),
            );
        });
        own
    }

    pub(super) fn open(&self, connections: usize) {
        self.open
            .set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    pub(super) fn evicted(&self) {
        self.evicted.inc();
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }

    pub(super) fn failed(&self) {
        self.failed.inc();
    }
}
