//! Who may come in, and as whom: the layer that every request passes before its handler.
//!
//! Everything downstream that shares, limits or logs by caller asks `Caller::current`, which is set
//! here and nowhere else.

mod address;
mod host;
mod key;
mod priority;
mod rates;

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

pub(in crate::http) use self::address::Peer;
pub(in crate::http) use self::rates::CallerRates;

use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::message;
use crate::runtime::Priority;
use crate::service::{Caller, Scope};

/// What is answered on any connection.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];
/// When to come back to a server whose connections are all busy.
const AFTER_A_CROWD: Duration = Duration::from_secs(1);

/// Marks the requests of a connection for which there was no place: probes are answered, and others
/// told to come back.
#[derive(Debug, Clone, Copy)]
pub struct Crowded;

/// Marks the requests of a connection that is encrypted.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted;

/// Marks the requests of the port that only the operator reaches.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct OperatorsPort;

/// The layer itself; see [`crate::http::router`] for where it stands.
pub(in crate::http) async fn admit(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let probe = PROBES.contains(&path);
    if request.extensions().get::<Crowded>().is_some() && !probe {
        return crowded();
    }
    if percent_decode_str(path).decode_utf8().is_err() {
        let detail = message!("the address isn't UTF-8 text; GET /docs shows what there is");
        return Problem::new(Kind::UnknownRoute, detail).into_response();
    }
    if let Err(problem) = host::check(&request, app.options()) {
        return problem.into_response();
    }
    let needed = key::scope_of(path, app.dialect(path));
    let key = match key::check(&app, request.headers(), needed) {
        Ok(key) => key,
        Err(problem) => return key::ask(problem),
    };
    let peer = Peer::of(&request, &app.options().trusted_proxies);
    if needed == Some(Scope::Admin) && key.is_none() && !is_operators(&request, &peer) {
        let detail = message!(
            "on a server without keys this is answered on loopback alone; give it keys (atelier keys add), \
             or ask on the port of --admin-listen"
        );
        return Problem::new(Kind::KeyNotEnough, detail).into_response();
    }
    let caller = match &key {
        Some(key) => key.caller(),
        None => peer.address.map(Caller::at).unwrap_or_default(),
    };
    let caller = match priority::of(request.headers()) {
        Priority::Background => caller.with_priority(Priority::Background),
        Priority::Interactive => caller,
    };
    // Reading costs next to nothing; it is work that is rationed.
    let works = needed == Some(Scope::Generate) && works(request.method(), path);
    let left = if works {
        match app.rates().count(caller.id(), key.as_deref()) {
            Ok(left) => left,
            Err(too_many) => return rates::refused(too_many),
        }
    } else {
        None
    };
    request.extensions_mut().insert(peer.clone());
    // Boxed, or the future would hold the request twice.
    let answering = Box::pin(peer.scope(next.run(request)));
    let mut response = caller.scope(answering).await;
    if let Some(left) = left {
        rates::tell(left, response.headers_mut());
    }
    response
}

/// Whether a request without a key may be the operator's: it came to their port, or from this machine.
fn is_operators(request: &Request, peer: &Peer) -> bool {
    let local = peer.address.is_none_or(|address| address.is_loopback());
    local || request.extensions().get::<OperatorsPort>().is_some()
}

/// Whether a request is one for work: those that send something, and images by their address.
fn works(method: &Method, path: &str) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    let is_image = matches!(parts.next(), Some("generate" | "avatars")) && parts.next().is_some();
    method == Method::POST || is_image
}

fn crowded() -> Response {
    let problem = Problem {
        retry_after: Some(AFTER_A_CROWD),
        ..Problem::new(
            Kind::QueueFull,
            message!("all connections are busy; try again in a moment"),
        )
    };
    let mut response = problem.into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}
