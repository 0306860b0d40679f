//! Keys: who may ask, for what, and how often.
//!
//! A key is 32 random bytes, given out once as text. What is kept is its SHA-256: with so many
//! random bytes there is nothing to guess, so that a slow hash would protect nobody and cost every
//! request. The file that holds the hashes is written by `atelier keys add` and read by
//! `atelier serve --keys`.

mod file;
mod rate;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub use self::file::{KeyFile, KeyFileError};
pub use self::rate::{Left, Limit, Limits as RateLimits, Rates, TooMany};

use super::caller::Caller;
use crate::runtime::Priority;

/// What every key begins with, so that people and secret scanners know one when they see it.
const PREFIX: &str = "atelier-";

/// What a key is good for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Images, and all that has to do with them.
    Generate,
    /// Loading and unloading models.
    Admin,
    /// Reading the metrics.
    Metrics,
}

/// A name that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope is generate, admin or metrics, not {0:?}")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        match name {
            "generate" => Ok(Self::Generate),
            "admin" => Ok(Self::Admin),
            "metrics" => Ok(Self::Metrics),
            _ => Err(UnknownScope(name.to_owned())),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generate => "generate",
            Self::Admin => "admin",
            Self::Metrics => "metrics",
        })
    }
}

/// The hash of a key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Of what a caller presents.
    #[must_use]
    pub fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).into())
    }
}

/// Not the hash itself: logs are read by more people than key files.
impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// A key that has just been made. It is shown once.
#[derive(Debug)]
pub struct NewKey {
    /// What its holder sends.
    pub text: String,
    /// What is kept of it.
    pub hash: KeyHash,
}

impl NewKey {
    /// From the system's random numbers.
    #[must_use]
    pub fn random() -> Self {
        // 122 random bits each; the hash makes 32 even bytes of them.
        let (one, other) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let bytes = Sha256::new()
            .chain_update(one.as_bytes())
            .chain_update(other.as_bytes())
            .finalize();
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let hash = KeyHash::of(&text);
        Self { text, hash }
    }
}

/// A key as the server knows it.
#[derive(Debug, Clone)]
pub struct Key {
    /// Whoever holds it.
    pub name: String,
    /// Its hash.
    pub hash: KeyHash,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// How often it may be used to paint.
    pub limits: RateLimits,
    /// Whether others go first.
    pub priority: Priority,
}

impl Key {
    /// A key that is good for everything.
    #[must_use]
    pub fn with_all_scopes(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            hash: KeyHash::of(text),
            scopes: vec![Scope::Generate, Scope::Admin, Scope::Metrics],
            limits: RateLimits::default(),
            priority: Priority::Interactive,
        }
    }

    /// Whether it is good for this.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Its holder, as a caller.
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller::named(&self.name).with_priority(self.priority)
    }
}

/// All keys that open this server.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Arc<Key>>);

impl Keys {
    /// These.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys.into_iter().map(Arc::new).collect())
    }

    /// One more.
    pub fn add(&mut self, key: Key) {
        self.0.push(Arc::new(key));
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that was presented. How long that takes tells nothing of how much of it was right,
    /// nor of which key it was.
    #[must_use]
    pub fn find(&self, presented: &str) -> Option<Arc<Key>> {
        // No key is empty, whatever a file holds the hash of.
        if presented.is_empty() {
            return None;
        }
        let KeyHash(hash) = KeyHash::of(presented);
        let mut found = None;
        for key in &self.0 {
            if bool::from(key.hash.0.ct_eq(&hash)) {
                found = Some(key);
            }
        }
        found.map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_text_alone() {
        let (site, other) = (NewKey::random(), NewKey::random());
        assert_ne!(site.text, other.text);
        assert!(site.text.len() > 48, "{}", site.text.len());
        let keys = Keys::new(vec![Key {
            name: "site".into(),
            hash: site.hash,
            scopes: vec![Scope::Generate],
            limits: RateLimits::default(),
            priority: Priority::Interactive,
        }]);
        let found = keys.find(&site.text).expect("it is there");
        assert!(found.allows(Scope::Generate) && !found.allows(Scope::Admin));
        for wrong in [&other.text[..], "", "site", &site.text[1..]] {
            assert!(keys.find(wrong).is_none());
        }
        let empty = Keys::new(vec![Key::with_all_scopes("nothing", "")]);
        assert!(empty.find("").is_none());
    }

    #[test]
    fn a_hash_is_not_printed() {
        assert_eq!(format!("{:?}", KeyHash::of("a")), "KeyHash(…)");
    }
}
