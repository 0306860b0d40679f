//! The file that holds keys' hashes: TOML, a table for each key.
//!
//! ```toml
//! [[key]]
//! name = "site"
//! sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//! scopes = ["generate"]
//! per_minute = 60
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Key, KeyHash, Keys, Limit, NewKey, RateLimits, Scope};
use crate::runtime::Priority;

/// Keys as a file has them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    #[serde(default)]
    key: Vec<Written>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    sha256: String,
    scopes: Vec<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_minute: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_day: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    background: bool,
}

/// Why a file of keys can't be used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// It can't be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is no file of keys.
    #[error("{}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong with it. The error itself would quote the file, and with it a key.
        message: String,
    },
    /// A key's hash is none.
    #[error("the key {name:?}: sha256 must be 64 hexadecimal digits")]
    Hash {
        /// Whose it is.
        name: String,
    },
    /// A limit of nothing.
    #[error("the key {name:?}: {field} must be at least 1")]
    Limit {
        /// Whose it is.
        name: String,
        /// Which one.
        field: &'static str,
    },
    /// Two keys go by one name, and could not be told apart.
    #[error("there are two keys by the name of {name:?}")]
    Twice {
        /// The name.
        name: String,
    },
}

impl KeyFile {
    /// Reads it.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = std::fs::read_to_string(path).map_err(|source| KeyFileError::Io {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| KeyFileError::Syntax {
            path: path.to_owned(),
            message: source.message().to_owned(),
        })
    }

    /// Adds a key.
    ///
    /// # Errors
    /// There is one by that name.
    pub fn add(&mut self, name: &str, key: &NewKey, scopes: &[Scope]) -> Result<(), KeyFileError> {
        if self.key.iter().any(|known| known.name == name) {
            let name = name.to_owned();
            return Err(KeyFileError::Twice { name });
        }
        self.key.push(Written {
            name: name.to_owned(),
            sha256: key.hash.hex(),
            scopes: scopes.to_vec(),
            per_minute: None,
            per_day: None,
            background: false,
        });
        Ok(())
    }

    /// Writes it, readable for its owner alone, and all of it or nothing: a server may read it at
    /// any moment.
    ///
    /// # Errors
    /// The system's own.
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::Io {
            path: path.to_owned(),
            source,
        };
        let text = toml::to_string(self).expect("keys are plain tables");
        let beside = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&beside, path).map_err(failed)
    }

    /// Checks all of them.
    ///
    /// # Errors
    /// [`KeyFileError`] names the key at fault.
    pub fn keys(self) -> Result<Keys, KeyFileError> {
        let mut keys: Vec<Key> = Vec::new();
        for written in self.key {
            if keys.iter().any(|known| known.name == written.name) {
                let name = written.name;
                return Err(KeyFileError::Twice { name });
            }
            let limit = |field, count: Option<u32>| {
                let limit = count.map(Limit::new);
                match limit {
                    Some(None) => Err(KeyFileError::Limit {
                        name: written.name.clone(),
                        field,
                    }),
                    found => Ok(found.flatten()),
                }
            };
            let hash = KeyHash::from_hex(&written.sha256).ok_or_else(|| KeyFileError::Hash {
                name: written.name.clone(),
            })?;
            keys.push(Key {
                hash,
                limits: RateLimits {
                    per_minute: limit("per_minute", written.per_minute)?,
                    per_day: limit("per_day", written.per_day)?,
                },
                scopes: written.scopes,
                priority: if written.background {
                    Priority::Background
                } else {
                    Priority::Interactive
                },
                name: written.name,
            });
        }
        Ok(Keys::new(keys))
    }
}

impl KeyHash {
    fn hex(&self) -> String {
        hex::encode(self.0)
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_that_was_added_opens_the_server_that_reads_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.toml");
        let key = NewKey::random();
        let mut file = KeyFile::default();
        file.add("site", &key, &[Scope::Generate])
            .expect("the first");
        assert!(file.add("site", &key, &[]).is_err());
        file.write(&path).expect("it is written");
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert!(!text.contains(&key.text), "the key itself is nowhere");
        let mode = std::fs::metadata(&path).expect("it is there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let keys = KeyFile::read(&path).and_then(KeyFile::keys);
        let found = keys.expect("it is sound").find(&key.text);
        assert_eq!(found.expect("it opens").name, "site");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| {
            let file: Result<KeyFile, _> = toml::from_str(text);
            match file.map(KeyFile::keys) {
                Ok(keys) => keys.expect_err("it is at fault").to_string(),
                Err(error) => error.message().to_owned(),
            }
        };
        let key = |rest: &str| {
            let zeros = "0".repeat(64);
            format!("[[key]]\nname = \"a\"\nsha256 = \"{zeros}\"\nscopes = []\n{rest}\n")
        };
        assert!(error(&key("per_minute = 0")).contains("per_minute must be at least 1"));
        assert!(error(&key("").repeat(2)).contains("two keys"));
        assert!(error(&key("colour = 1")).contains("colour"));
        assert!(error(&key("").replace("00", "zz")).contains("64 hexadecimal"));
    }
}
