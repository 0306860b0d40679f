//! What an operator can set about the wire.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method};
use ipnet::IpNet;
use thiserror::Error;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::http::webhooks::WebhookOptions;
use crate::service::{Keys, RateLimits};

/// The wire's settings. How long a request's head may take is the listener's, not the router's.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The most bytes that a request's body may have.
    pub max_body_bytes: usize,
    /// How long a whole body may take to arrive.
    pub body_timeout: Duration,
    /// Who may call from a page of another origin.
    pub cors: Cors,
    /// What the links that are handed out begin with; the request's `Host` where it is absent.
    pub public_url: Option<String>,
    /// The keys that open the service, which is open to everybody where there are none. They may be
    /// replaced while it runs.
    pub keys: Arc<RwLock<Keys>>,
    /// How often those may ask who come without a key of their own.
    pub rates: RateLimits,
    /// The names by which the service is reached; any, where it is absent.
    pub hosts: Option<Vec<String>>,
    /// Networks whose proxies are believed when they say who their callers are.
    pub trusted_proxies: Vec<IpNet>,
    /// How much is kept for callers who fetch images by a link.
    pub keep: Keep,
    /// Whether images can be had by an address alone, `GET /generate/{model}.png`.
    pub public_get: bool,
    /// The model that paints avatars for names.
    pub avatar_model: String,
    /// Where the ends of jobs may be told, and what signs that.
    pub webhooks: WebhookOptions,
    /// What a job may take, and may at most ask for.
    pub job_deadline: Duration,
    /// In dialects where callers set options for their later requests, those of one are everybody's.
    pub shared_options: bool,
}

/// Bounds on the images that are kept until somebody fetches them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// How many.
    pub files: usize,
    /// Their bytes, all together.
    pub bytes: usize,
    /// How long each.
    pub time: Duration,
}

/// Enough for a client to fetch what it asked for; who wants more has it in the answer itself.
impl Default for Keep {
    fn default() -> Self {
        Self {
            files: 1024,
            bytes: 64 << 20,
            time: Duration::from_secs(3600),
        }
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            max_body_bytes: 16 << 20,
            body_timeout: Duration::from_secs(30),
            cors: Cors::Off,
            public_url: None,
            keys: Arc::default(),
            rates: RateLimits::default(),
            hosts: None,
            trusted_proxies: Vec::new(),
            keep: Keep::default(),
            public_get: false,
            avatar_model: "avatars-gan".to_owned(),
            webhooks: WebhookOptions::default(),
            job_deadline: Duration::from_secs(3600),
            shared_options: false,
        }
    }
}

impl HttpOptions {
    /// Whether the service is closed to those who bring no key.
    pub(in crate::http) fn has_keys(&self) -> bool {
        let keys = self.keys.read();
        !keys.unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// The origins whose pages may call this service from a browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cors {
    /// None but its own.
    #[default]
    Off,
    /// All of them.
    Any,
    /// These, as `https://example.org`.
    Origins(Vec<HeaderValue>),
}

/// Something that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no origin; expected * or scheme://host[:port], such as https://example.org")]
pub struct InvalidOrigin(String);

impl Cors {
    /// From the operator's list: none, `*`, or origins.
    ///
    /// # Errors
    /// [`InvalidOrigin`] names the first that is no origin.
    pub fn from_origins<I>(origins: I) -> Result<Self, InvalidOrigin>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut values = Vec::new();
        for origin in origins {
            let origin = origin.as_ref();
            if origin == "*" {
                return Ok(Self::Any);
            }
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            let sound = host.is_some_and(|host| !host.is_empty() && !host.contains('/'));
            match HeaderValue::from_str(origin) {
                Ok(value) if sound => values.push(value),
                _ => return Err(InvalidOrigin(origin.to_owned())),
            }
        }
        if values.is_empty() {
            return Ok(Self::Off);
        }
        Ok(Self::Origins(values))
    }

    pub(in crate::http) fn layer(&self) -> Option<CorsLayer> {
        let origins = match self {
            Self::Off => return None,
            Self::Any => AllowOrigin::any(),
            Self::Origins(origins) => AllowOrigin::list(origins.clone()),
        };
        let exposed = [
            "x-request-id",
            "location",
            "preference-applied",
            "x-should-retry",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "server-timing",
            "x-atelier-id",
            "x-atelier-model",
            "x-atelier-digest",
            "x-atelier-seed",
            "x-atelier-warning",
        ];
        let layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            // The clients of other services send headers of their own, which are harmless here.
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(exposed.map(HeaderName::from_static))
            .max_age(Duration::from_secs(3600));
        Some(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_a_scheme_and_a_host_and_no_path() {
        assert_eq!(Cors::from_origins([""; 0]), Ok(Cors::Off));
        assert_eq!(Cors::from_origins(["*"]), Ok(Cors::Any));
        assert!(matches!(
            Cors::from_origins(["https://example.org", "http://localhost:5173"]),
            Ok(Cors::Origins(origins)) if origins.len() == 2
        ));
        for wrong in [
            "example.org",
            "https://",
            "https://example.org/",
            "ftp://x",
            "",
        ] {
            assert_eq!(
                Cors::from_origins([wrong]),
                Err(InvalidOrigin(wrong.to_owned()))
            );
        }
    }
}
