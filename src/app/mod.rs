//! The running service: a port, its connections, and an orderly end.
//!
//! The port opens before the models are loaded: `/livez` is 200 at once, and `/readyz` 503 with what is
//! still to be loaded. A model that is loaded serves while others load.
//!
//! # The end
//!
//! 1. On SIGTERM or SIGINT `/readyz` turns 503. For the grace period everything else goes on, so
//!    that load balancers which poll can look elsewhere first.
//! 2. The port closes, idle connections close, and new requests on open ones are refused with 503.
//! 3. Requests in flight finish. Those that are still there at the drain deadline are cancelled
//!    and answered 503.
//! 4. The last answers are written out, and the process leaves with exit code 0.
//!
//! A second signal ends it at once, with another code. SIGHUP ends nothing: it has keys and models
//! read again (`reload`).
//!
//! Models that still load, and calls that still run, are not waited for: `main` leaves without
//! the library's destructors, which would pull its objects from under those threads.

mod connections;
mod port;
mod reload;
mod signals;
mod signing;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

pub use self::signals::{Hangups, Signals};
pub use self::signing::{SigningFilesError, TrustFileError, credentials, signer, trust};

use self::connections::{ConnectionMeters, ConnectionOptions, Connections};
use self::port::{Port, claim};
use self::reload::Reloading;
use self::tls::Tls;
use crate::config::{EngineSettings, ServingSettings, WatermarkFiles};
use crate::http::{self, Cors, HttpOptions, Routers};
use crate::imaging::DecodeLimits;
use crate::imaging::verify::Trust;
use crate::jobs::{JobOptions, Jobs};
use crate::service::{
    DenyList, JudgeOptions, Key, KeyFile, Keys, Limits, Studio, StudioOptions, WatermarkOptions,
};
use crate::watermark::{WatermarkKeyError, WatermarkKeys};

/// Connections that the system holds for us while none is accepted.
const BACKLOG: u32 = 1024;
/// Connections of the port for administration.
const ADMIN_CONNECTIONS: usize = 64;
/// For answers that are done to reach callers who read slowly, after all requests have ended.
const LAST_BYTES: Duration = Duration::from_secs(5);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Everybody was answered.
    Orderly,
    /// A second signal cut it short.
    Forced,
}

/// Serves until a signal comes, and then drains.
///
/// `give_back` has the process's allocator give freed memory back to the system; workers call it when
/// they have nothing to do. `open` is called when the port is open, and `loaded` once each model serves
/// or can't.
///
/// # Errors
/// The address cannot be had, or no model could ever be served.
pub async fn serve(
    engine: &EngineSettings,
    serving: &ServingSettings,
    mut signals: Signals,
    give_back: fn(),
    open: impl FnOnce(&Studio, SocketAddr),
    loaded: impl FnOnce(&Studio, SocketAddr),
) -> anyhow::Result<Ending> {
    // From here on SIGHUP doesn't end the process; one that comes while models load is answered after.
    let hangups = Hangups::catch()?;
    let socket = claim(&serving.listen).await?;
    let admin = match &serving.admin_listen {
        Some(listen) => Some(claim(listen).await?),
        None => None,
    };
    // Asks an authority for a stamp for trial, maybe.
    let signing = || serving.signing.as_ref().map(signer).transpose();
    let credentials = tokio::task::block_in_place(signing)?;
    if let Some(credentials) = &credentials {
        signing::announce(credentials);
    }
    let deny = serving.deny.as_deref().map(DenyList::read).transpose()?;
    let trusted = trust(serving.trust.as_deref(), credentials.as_ref())?;
    let watermark = serving.watermark.as_ref().map(watermark).transpose()?;
    let options = StudioOptions {
        give_back,
        trust: trusted,
        deny: deny.unwrap_or_default(),
        watermark,
        credentials: credentials.map(Arc::new),
        ..studio_options(engine, serving)
    };
    let (studio, loading) = tokio::task::spawn_blocking(move || Studio::start(&options)).await??;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    let keys = Arc::new(RwLock::new(keys(serving)?));
    let tls = serving.tls.clone().map(Tls::read).transpose()?;
    let reloading = Reloading {
        studio: studio.clone(),
        serving: serving.clone(),
        keys: Arc::clone(&keys),
        tls: tls.clone(),
    };
    // Ends with this function, however that returns.
    let _reloading = AbortOnDropHandle::new(tokio::spawn(reloading.run(hangups)));
    let usual = HttpOptions::default();
    let avatar_model = serving.avatar_model.clone();
    let options = HttpOptions {
        job_deadline: serving.jobs.deadline,
        webhooks: serving.jobs.webhooks.clone(),
        max_body_bytes: serving.max_body,
        cors: Cors::from_origins(&serving.cors)?,
        public_url: serving.public_url.clone(),
        public_get: serving.public_get,
        avatar_model: avatar_model.unwrap_or(usual.avatar_model),
        shared_options: serving.a1111_shared_options,
        trusted_proxies: serving.trusted_proxies.clone(),
        keys,
        rates: serving.rates,
        hosts: serving.hosts.clone(),
        ..HttpOptions::default()
    };
    let connections = ConnectionOptions {
        most: serving.max_connections,
        per_address: serving.max_connections_per_address,
        trusted: serving.trusted_proxies.clone(),
        tls,
    };
    let meters = ConnectionMeters::among(studio.meters());
    let jobs = http::jobs(&studio, &options, job_options(serving, studio.workers()))?;
    let routers = Routers::new(studio.clone(), &options, jobs.clone());
    let port = Port::open(
        listener,
        Connections::new(routers.public, connections, meters),
    );
    let admin_port = match admin {
        Some(socket) => {
            let connections = ConnectionOptions {
                most: ADMIN_CONNECTIONS,
                per_address: ADMIN_CONNECTIONS,
                trusted: Vec::new(),
                tls: None,
            };
            let meters = ConnectionMeters::default();
            let connections = Connections::new(routers.admin, connections, meters);
            Some(Port::open(socket.listen(BACKLOG)?, connections))
        }
        None => None,
    };
    open(&studio, address);

    let mut loading = tokio::task::spawn_blocking(move || loading.run());
    let signal = tokio::select! {
        ended = &mut loading => {
            ended??;
            loaded(&studio, address);
            signals.next().await
        }
        // What still loads is not waited for.
        signal = signals.next() => signal,
    };
    tokio::select! {
        // A second signal that is already there must win over an empty server.
        biased;
        signal = signals.next() => {
            let in_flight = studio.in_flight();
            tracing::warn!(signal, in_flight, "stopping at once");
            Ok(Ending::Forced)
        }
        () = drain(signal, &studio, &jobs, port, serving) => {
            // Open until now, so that whoever watches sees the server drain.
            if let Some(port) = admin_port {
                let leaving = port.close().await;
                let _late = timeout(LAST_BYTES, leaving).await;
            }
            Ok(Ending::Orderly)
        }
    }
}

/// What the settings mean to the engine.
#[must_use]
pub fn studio_options(engine: &EngineSettings, serving: &ServingSettings) -> StudioOptions {
    StudioOptions {
        only: None,
        models: engine.models.clone(),
        library: engine.library.clone(),
        judges: JudgeOptions {
            folders: engine.judges.clone(),
            action: engine.judge_action,
        },
        provider: engine.provider,
        variant: engine.variant.clone(),
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
        memory: serving.memory,
        credentials: None,
        trust: Trust::nobody(),
        deny: DenyList::default(),
        watermark: None,
    }
}

/// What images are marked with, with its keys read.
///
/// # Errors
/// [`WatermarkKeyError`]: the file can't be read, or holds no keys.
pub fn watermark(files: &WatermarkFiles) -> Result<WatermarkOptions, WatermarkKeyError> {
    Ok(WatermarkOptions {
        folder: files.folder.clone(),
        keys: WatermarkKeys::read(&files.key)?,
    })
}

/// What the settings mean to jobs.
fn job_options(serving: &ServingSettings, workers: usize) -> JobOptions {
    JobOptions {
        state: serving.jobs.state.clone(),
        running: serving.jobs.running.unwrap_or(workers),
        waiting: serving.jobs.waiting,
        keep_bytes: serving.jobs.keep_bytes,
        keep: serving.jobs.keep,
        ..JobOptions::default()
    }
}

/// The keys that open the service, from the file and from the settings themselves.
///
/// # Errors
/// The file can't be read, or is no file of keys.
fn keys(serving: &ServingSettings) -> anyhow::Result<Keys> {
    let mut keys = match &serving.keys {
        Some(path) => KeyFile::read(path)?.keys()?,
        None => Keys::default(),
    };
    if let Some(key) = &serving.api_key {
        keys.add(Key::with_all_scopes("api_key", key));
    }
    // A file without a key would open the service to everybody.
    anyhow::ensure!(
        serving.keys.is_none() || !keys.is_empty(),
        "the file of keys holds none; atelier keys add NAME --keys FILE makes one"
    );
    Ok(keys)
}

async fn drain(signal: &str, studio: &Studio, jobs: &Jobs, port: Port, serving: &ServingSettings) {
    tracing::info!(
        signal,
        in_flight = studio.in_flight(),
        grace_s = serving.grace.as_secs(),
        drain_s = serving.drain.as_secs(),
        "shutting down"
    );
    studio.withdraw();
    tokio::time::sleep(serving.grace).await;
    studio.close();
    jobs.close();
    let leaving = port.close().await;
    let drained = studio.drain(serving.drain).await;
    // Those that were stopped go back into the queue, and the others' results onto the disk.
    let jobs_left = jobs.settle(LAST_BYTES).await;
    if jobs_left > 0 && !jobs.outlive_the_process() {
        tracing::warn!(
            jobs = jobs_left,
            "jobs are lost, since they were in memory; --state DIR keeps them"
        );
    }
    let unread = timeout(LAST_BYTES, leaving).await.is_err();
    tracing::info!(
        cancelled = drained.cancelled,
        jobs_left,
        unread_answers = unread,
        "everybody has left"
    );
}
